/* 网格问题: addresses in no grid or claimed by several, those in the grid of another community, and statements that lead nowhere. */
WITH misplaced AS (
    SELECT placement AS problem, coalesce(address.town, '') AS town, coalesce(address.community, '') AS community, coalesce(candidates, '') AS subject,
           address_id, full_text
    FROM address_grid JOIN address USING (address_id) WHERE placement IN ('none', 'several')
    UNION ALL
    SELECT 'other_community', coalesce(address.town, ''), address.community, grid_code, address_id, full_text
    FROM address_grid JOIN address USING (address_id)
    WHERE placement = 'in_one' AND address.community <> address_grid.community),
named AS (
    SELECT network, grid_code, '范围 ' || coverage_number AS subject, town, community, valid_from, valid_to FROM grid_coverage
    UNION ALL SELECT network, grid_code, '对照 ' || network || ' ' || grid_code || ' → ' || unified_code, NULL, NULL, valid_from, valid_to FROM grid_crosswalk
    UNION ALL SELECT 'unified', unified_code, '对照 ' || network || ' ' || grid_code || ' → ' || unified_code, NULL, NULL, valid_from, valid_to FROM grid_crosswalk
    UNION ALL SELECT network, grid_code, '任职 ' || grid_staff_id, NULL, NULL, valid_from, valid_to FROM grid_staff),
astray AS (
    SELECT DISTINCT CASE WHEN grid.grid_code IS NULL THEN 'unknown_grid' ELSE 'retired_grid' END AS problem, coalesce(named.town, grid.town, '') AS town,
           coalesce(named.community, grid.community, '') AS community, subject
    FROM named CROSS JOIN scope LEFT JOIN live_grid USING (network, grid_code) LEFT JOIN grid USING (network, grid_code)
    WHERE live_grid.grid_code IS NULL AND (named.valid_from IS NULL OR named.valid_from <= data_date) AND (named.valid_to IS NULL OR named.valid_to > data_date)),
unused AS (
    SELECT 'unused_coverage' AS problem, coalesce(town, '') AS town, coalesce(community, '') AS community, '范围 ' || coverage_number AS subject
    FROM live_coverage
    WHERE CASE WHEN kind = 'address' THEN standard_address_id NOT IN (SELECT address_id FROM located)
               ELSE coverage_number NOT IN (SELECT coverage_number FROM stated) END)
SELECT problem, town, community, subject, count(*) AS addresses, min(address_id) AS example_address_id, arg_min(full_text, address_id) AS example_text
FROM misplaced GROUP BY ALL
UNION ALL BY NAME SELECT *, 0 AS addresses FROM astray
UNION ALL BY NAME SELECT *, 0 AS addresses FROM unused
