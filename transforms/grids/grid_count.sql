/* 网格到县的逐级统计: the same things by grid, community, town and county. Every live grid has a row, also where there is nothing in it.
   What is not known to a level stands at that level in a row of its own. */
WITH everything AS (
    SELECT measure, coalesce(address_grid.county, '（不详）') AS county, coalesce(address_grid.town, '（不详）') AS town,
           coalesce(address_grid.community, '（不详）') AS community, coalesce(grid_code, '（不详）') AS grid_code
    FROM counted LEFT JOIN address_grid USING (address_id)
    UNION ALL
    SELECT NULL, scope.county, coalesce(town, '（不详）'), coalesce(community, '（不详）'), grid_code FROM live_grid CROSS JOIN scope WHERE layer = 'unified'),
summed AS (
    SELECT CASE GROUPING(town, community, grid_code) WHEN 7 THEN 'county' WHEN 3 THEN 'town' WHEN 1 THEN 'community' ELSE 'grid' END AS level,
           county, coalesce(town, '') AS town, coalesce(community, '') AS community, coalesce(grid_code, '') AS grid_code,
           count(*) FILTER (measure = 'households') AS households, count(*) FILTER (measure = 'persons') AS persons,
           count(*) FILTER (measure = 'organisations') AS organisations, count(*) FILTER (measure = 'houses') AS houses,
           count(*) FILTER (measure = 'let_houses') AS let_houses, count(*) FILTER (measure = 'events') AS events,
           count(*) FILTER (measure = 'facilities') AS facilities
    FROM everything
    GROUP BY GROUPING SETS ((county), (county, town), (county, town, community), (county, town, community, grid_code))),
bound AS (
    SELECT max(value) FILTER (name = 'grid_households_few') AS few, max(value) FILTER (name = 'grid_households_from') AS usual_from,
           max(value) FILTER (name = 'grid_households_to') AS usual_to, max(value) FILTER (name = 'grid_households_many') AS many
    FROM threshold)
SELECT summed.*, live_grid.name, live_grid.kind,
       CASE WHEN live_grid.kind IS DISTINCT FROM 'base' THEN NULL WHEN households < few THEN 'few' WHEN households < usual_from THEN 'below'
            WHEN households <= usual_to THEN 'usual' WHEN households <= many THEN 'above' ELSE 'many' END AS size
FROM summed CROSS JOIN bound LEFT JOIN live_grid ON live_grid.layer = 'unified' AND live_grid.grid_code = summed.grid_code AND level = 'grid'
