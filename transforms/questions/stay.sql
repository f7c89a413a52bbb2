/* Residences and premises on the data date that a source still speaks of, with their place; outside: the text names a place outside the area.
   Places that are not safe are left out. */
WITH said AS (
    SELECT 'residence' AS table_name, residence_id AS id, person_id AS subject_id, kind, address_id, address_text, match_status,
           effective_from, effective_from_basis, effective_to, seen_from, seen_to, dataset
    FROM residence_history
    UNION ALL
    SELECT 'premises', premises_id, organisation_id, kind, address_id, address_text, match_status,
           effective_from, effective_from_basis, effective_to, seen_from, seen_to, dataset
    FROM premises_history),
now AS (
    SELECT table_name, id, subject_id, kind, address_text, effective_from, effective_from_basis, seen_from, dataset,
           CASE match_status WHEN 'matched' THEN address_id END AS safe_address_id,
           CASE match_status WHEN 'unmatched' THEN address_text END AS unmatched_text
    FROM said CROSS JOIN scope
    WHERE seen_to IS NULL
      AND (effective_from IS NULL OR effective_from <= data_date) AND (effective_to IS NULL OR effective_to > data_date)),
outside AS (
    SELECT address_text,
           CASE WHEN starts_with(address_text, any_value(scope.province)) AND contains(address_text, any_value(scope.city)) THEN 'within_city'
                WHEN starts_with(address_text, any_value(scope.city)) THEN 'within_city'
                WHEN starts_with(address_text, any_value(scope.province)) THEN 'within_province'
                WHEN bool_or(starts_with(address_text, province.name)) THEN 'between_provinces'
                ELSE 'outside' END AS distance
    FROM outside_text CROSS JOIN province CROSS JOIN scope
    GROUP BY address_text)
SELECT now.* EXCLUDE (safe_address_id, unmatched_text), place.* EXCLUDE (full_text), outside.distance AS outside
FROM now LEFT JOIN place ON place.address_id = safe_address_id LEFT JOIN outside ON outside.address_text = unmatched_text
WHERE place.address_id IS NOT NULL OR outside.distance IS NOT NULL
