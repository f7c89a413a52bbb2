/* 部门网格与综治网格的重叠: addresses (doors and finer) that a department's grid shares with a unified grid, against the crosswalk. */
WITH theirs AS (
    SELECT layer AS network, grids[1] AS grid_code, placed.address_id
    FROM placed JOIN located USING (address_id) WHERE layer NOT IN ('unified', 'micro') AND len(grids) = 1 AND NOT is_area),
ours AS (SELECT grid_code AS unified_code, address_id FROM address_grid JOIN located USING (address_id) WHERE placement = 'in_one' AND NOT is_area),
shared AS (SELECT network, grid_code, unified_code, count(*) AS addresses FROM theirs JOIN ours USING (address_id) GROUP BY ALL),
declared AS (
    SELECT network, grid_code, unified_code FROM grid_crosswalk CROSS JOIN scope
    WHERE (valid_from IS NULL OR valid_from <= data_date) AND (valid_to IS NULL OR valid_to > data_date)),
paired AS (
    SELECT network, grid_code, unified_code, coalesce(shared.addresses, 0) AS addresses, declared.network IS NOT NULL AS is_declared
    FROM shared FULL JOIN declared USING (network, grid_code, unified_code)),
their_size AS (SELECT network, grid_code, count(*) AS size FROM theirs GROUP BY ALL),
our_size AS (SELECT unified_code, count(*) AS size FROM ours GROUP BY ALL)
SELECT network, grid_code, unified_code, grid.name, unified.name AS unified_name, addresses, is_declared,
       addresses / their_size.size AS share_of_grid, addresses / our_size.size AS share_of_unified,
       CASE WHEN addresses = 0 THEN 'empty' WHEN is_declared THEN 'agreed' ELSE 'undeclared' END AS finding
FROM paired LEFT JOIN their_size USING (network, grid_code) LEFT JOIN our_size USING (unified_code)
LEFT JOIN live_grid AS grid USING (network, grid_code) LEFT JOIN live_grid AS unified ON unified.network = 'unified' AND unified.grid_code = unified_code
