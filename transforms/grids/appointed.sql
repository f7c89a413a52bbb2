/* Addresses that statements name by their id, with everything below them: the nearest one named counts. */
WITH RECURSIVE below AS (
    SELECT layer, coverage_number, grid_code, address_id, 0 AS steps
    FROM live_coverage JOIN located ON located.address_id = standard_address_id WHERE kind = 'address'
    UNION ALL
    SELECT layer, coverage_number, grid_code, located.address_id, steps + 1
    FROM below JOIN located ON located.parent_id = below.address_id)
SELECT layer, address_id, list_sort(list(DISTINCT grid_code)) AS grids
FROM below
GROUP BY layer, address_id, steps
QUALIFY steps = min(steps) OVER (PARTITION BY layer, address_id)
