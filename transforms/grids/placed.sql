/* The grids of every layer that claim an address by the finest statement that holds for it. */
WITH finest AS (
    SELECT layer, spot, any_value(kind) AS kind, list_sort(list(DISTINCT grid_code)) AS grids
    FROM stated
    GROUP BY layer, spot, fineness
    QUALIFY fineness = max(fineness) OVER (PARTITION BY layer, spot))
SELECT coalesce(appointed.layer, spotted.layer) AS layer, address_id, coalesce(appointed.grids, spotted.grids) AS grids,
       CASE WHEN appointed.grids IS NULL THEN spotted.kind ELSE 'address' END AS kind
FROM (SELECT layer, address_id, grids, kind FROM finest JOIN located USING (spot)) AS spotted FULL JOIN appointed USING (layer, address_id)
