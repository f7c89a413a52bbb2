/* What the grids in use cover on the data date, and how fine each statement is: the finer one counts.
   Names are looked for in the grid's own town, and a whole community is the grid's own, unless the statement names another. */
SELECT coverage_number, layer, grid_code, coverage.kind,
       list_position(['town', 'community', 'natural_village', 'zone', 'road', 'road_range', 'lane', 'compound', 'building', 'address'], coverage.kind) AS fineness,
       coalesce(coverage.town, live_grid.town) AS town,
       CASE WHEN coverage.kind IN ('community', 'natural_village') THEN coalesce(coverage.community, live_grid.community) ELSE coverage.community END AS community,
       natural_village, zone, road, lane, number_from, number_to, coalesce(parity, 'all') AS parity, compound, building, standard_address_id
FROM grid_coverage AS coverage JOIN live_grid USING (network, grid_code) CROSS JOIN scope
WHERE (coverage.valid_from IS NULL OR coverage.valid_from <= data_date) AND (coverage.valid_to IS NULL OR coverage.valid_to > data_date)
