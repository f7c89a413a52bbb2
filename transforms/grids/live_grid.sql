/* Grids in use on the data date. A layer is what an address may be in once: of the unified grids the micro ones lie within the others. */
SELECT network, grid_code, CASE WHEN network = 'unified' AND kind = 'micro' THEN 'micro' ELSE network END AS layer, name, kind, town, community
FROM grid CROSS JOIN scope
WHERE (valid_from IS NULL OR valid_from <= data_date) AND (valid_to IS NULL OR valid_to > data_date)
