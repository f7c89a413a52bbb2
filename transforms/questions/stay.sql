/* Residences and premises on the data date that a source still speaks of, with their place; outside: the text names a place outside the area.
   Places that are not safe are left out. */
WITH said AS (
    SELECT 'residence' AS table_name, residence_id AS id, person_id AS subject_id, kind, address_id, address_text, match_status,
           effective_from, effective_from_basis, effective_to, seen_to, dataset
    FROM residence_history
    UNION ALL
    SELECT 'premises', premises_id, organisation_id, kind, address_id, address_text, match_status,
           effective_from, effective_from_basis, effective_to, seen_to, dataset
    FROM premises_history),
outside AS (
    SELECT address_text,
           CASE WHEN starts_with(address_text, scope.province) AND contains(address_text, scope.city) THEN 'within_city'
                WHEN starts_with(address_text, scope.city) THEN 'within_city'
                WHEN starts_with(address_text, scope.province) THEN 'within_province'
                WHEN EXISTS (FROM province WHERE starts_with(address_text, province.name)) THEN 'between_provinces'
                ELSE 'outside' END AS distance
    FROM outside_text, scope)
SELECT table_name, id, subject_id, kind, effective_from, effective_from_basis, dataset, place.*, outside.distance AS outside
FROM said CROSS JOIN scope
LEFT JOIN place ON match_status = 'matched' AND place.address_id = said.address_id
LEFT JOIN outside ON match_status = 'unmatched' AND outside.address_text = said.address_text
WHERE seen_to IS NULL
  AND (effective_from IS NULL OR effective_from <= data_date) AND (effective_to IS NULL OR effective_to > data_date)
  AND (place.address_id IS NOT NULL OR outside.distance IS NOT NULL)
