/* Of addresses coarser than a door, what the doors below them are in: `in_one` if all are in the same grid. */
WITH RECURSIVE under AS (
    SELECT door.address_id, door.parent_id AS area_id FROM located AS door JOIN located AS area ON area.address_id = door.parent_id
    WHERE area.is_area AND NOT door.is_area
    UNION ALL
    SELECT inside.address_id, area_id FROM under JOIN located AS inside ON inside.parent_id = under.address_id),
direct AS (
    SELECT area_id, min(grids[1]) FILTER (len(grids) = 1) AS least, max(grids[1]) FILTER (len(grids) = 1) AS greatest,
           count(*) FILTER (grids IS NULL) AS nowhere, count(*) FILTER (len(grids) > 1) AS contested
    FROM under LEFT JOIN placed ON placed.layer = 'unified' AND placed.address_id = under.address_id
    GROUP BY area_id),
upwards AS (
    SELECT address_id AS area_id, address_id AS above_id FROM located WHERE is_area
    UNION ALL
    SELECT area_id, located.parent_id FROM upwards JOIN located ON located.address_id = above_id WHERE located.parent_id IS NOT NULL),
joined AS (
    SELECT above_id AS address_id, min(least) AS least, max(greatest) AS greatest, sum(nowhere) AS nowhere, sum(contested) AS contested
    FROM direct JOIN upwards USING (area_id) GROUP BY above_id)
SELECT address_id,
       CASE WHEN least = greatest AND nowhere = 0 AND contested = 0 THEN 'in_one'
            WHEN least IS NULL AND contested = 0 THEN 'none' WHEN least IS NULL AND nowhere = 0 THEN 'several' ELSE 'spans' END AS placement,
       CASE WHEN least = greatest AND nowhere = 0 AND contested = 0 THEN least END AS grid_code
FROM joined JOIN located USING (address_id) WHERE located.is_area
