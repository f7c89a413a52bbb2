/* 地址所在网格: every address of the library in the one live grid that claims it, or why there is none. */
WITH told AS (
    SELECT address.address_id, address.county, address.town, address.community,
           CASE WHEN address.level IN ('province', 'city', 'county', 'town') THEN 'spans'
                WHEN area_grid.address_id IS NOT NULL THEN area_grid.placement
                WHEN claim.grids IS NULL AND address.valid_to <= data_date THEN 'ended'
                WHEN claim.grids IS NULL THEN 'none' WHEN len(claim.grids) = 1 THEN 'in_one' ELSE 'several' END AS placement,
           coalesce(area_grid.grid_code, CASE WHEN area_grid.address_id IS NULL AND len(claim.grids) = 1 THEN claim.grids[1] END) AS grid_code,
           CASE WHEN len(micro.grids) = 1 THEN micro.grids[1] END AS micro_grid_code,
           claim.kind, CASE WHEN len(claim.grids) > 1 THEN array_to_string(claim.grids, ' ') END AS candidates
    FROM address CROSS JOIN scope
    LEFT JOIN placed AS claim ON claim.layer = 'unified' AND claim.address_id = address.address_id
    LEFT JOIN placed AS micro ON micro.layer = 'micro' AND micro.address_id = address.address_id
    LEFT JOIN area_grid ON area_grid.address_id = address.address_id)
SELECT address_id, placement, told.grid_code, CASE WHEN told.grid_code IS NOT NULL THEN micro_grid_code END AS micro_grid_code,
       CASE WHEN placement IN ('in_one', 'several') THEN told.kind END AS coverage_kind, CASE WHEN placement = 'several' THEN candidates END AS candidates,
       county, coalesce(live_grid.town, told.town) AS town, coalesce(live_grid.community, told.community) AS community
FROM told LEFT JOIN live_grid ON live_grid.layer = 'unified' AND live_grid.grid_code = told.grid_code
