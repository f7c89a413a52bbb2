/* Which statements of coverage hold for which spots: everything that a statement names must be so there. */
WITH spots AS (SELECT DISTINCT spot, town, community, natural_village, zone, road, lane, number, compound, building FROM located),
found AS (
    SELECT said, spots FROM live_coverage AS said JOIN spots ON said.kind = 'town' AND spots.town = said.town
    UNION ALL
    SELECT said, spots FROM live_coverage AS said JOIN spots ON said.kind = 'community' AND spots.town = said.town AND spots.community = said.community
    UNION ALL
    SELECT said, spots FROM live_coverage AS said JOIN spots
    ON said.kind = 'natural_village' AND spots.town = said.town AND spots.natural_village = said.natural_village
    UNION ALL
    SELECT said, spots FROM live_coverage AS said JOIN spots ON said.kind = 'zone' AND spots.town = said.town AND spots.zone = said.zone
    UNION ALL
    SELECT said, spots FROM live_coverage AS said JOIN spots
    ON said.kind IN ('road', 'road_range', 'lane') AND spots.town = said.town AND spots.road = said.road
    UNION ALL
    SELECT said, spots FROM live_coverage AS said JOIN spots ON said.kind = 'compound' AND spots.town = said.town AND spots.compound = said.compound
    UNION ALL
    SELECT said, spots FROM live_coverage AS said JOIN spots ON said.kind = 'building' AND spots.town = said.town AND spots.building = said.building)
SELECT said.coverage_number, said.layer, said.grid_code, said.kind, said.fineness, spots.spot
FROM found
WHERE (said.community IS NULL OR spots.community = said.community)
  AND (said.natural_village IS NULL OR spots.natural_village = said.natural_village)
  AND (said.zone IS NULL OR spots.zone = said.zone)
  AND (said.road IS NULL OR spots.road = said.road)
  AND (said.lane IS NULL OR spots.lane = said.lane)
  AND (said.number_from IS NULL OR spots.number >= said.number_from)
  AND (said.number_to IS NULL OR spots.number <= said.number_to)
  AND (said.parity = 'all' OR spots.number % 2 = (said.parity = 'odd')::INTEGER)
  AND (said.compound IS NULL OR spots.compound = said.compound)
  AND (said.building IS NULL OR spots.building = said.building)
