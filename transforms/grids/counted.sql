/* What is counted, at the address where it counts, once each: so sums are the same at every level. */
WITH stays AS (
    SELECT residence.person_id, address_id, residence.kind, valid_from, residence_id
    FROM residence CROSS JOIN scope
    WHERE (valid_from IS NULL OR valid_from <= data_date) AND (valid_to IS NULL OR valid_to > data_date)
      AND person_id NOT IN (SELECT person_id FROM deceased)),
person_place AS (
    SELECT person_id, address_id FROM stays
    QUALIFY row_number() OVER (PARTITION BY person_id ORDER BY address_id IS NULL, kind = 'registered', valid_from DESC NULLS LAST, residence_id) = 1),
organisation_place AS (
    SELECT organisation_id, address_id FROM premises CROSS JOIN scope
    WHERE (valid_from IS NULL OR valid_from <= data_date) AND (valid_to IS NULL OR valid_to > data_date)
      AND organisation_id NOT IN (SELECT organisation_id FROM ended_organisation)
    QUALIFY row_number() OVER (
        PARTITION BY organisation_id ORDER BY address_id IS NULL, kind = 'registered', valid_from DESC NULLS LAST, premises_id) = 1)
SELECT 'households' AS measure, address_id
FROM (SELECT DISTINCT address_id FROM stays WHERE kind <> 'registered') JOIN located USING (address_id) WHERE NOT is_area
UNION ALL SELECT 'persons', address_id FROM person_place
UNION ALL SELECT 'organisations', address_id FROM organisation_place
UNION ALL SELECT 'houses', address_id FROM house
UNION ALL SELECT 'let_houses', address_id FROM house WHERE is_let
UNION ALL SELECT 'events', address_id FROM event
UNION ALL SELECT 'facilities', address_id FROM facility
