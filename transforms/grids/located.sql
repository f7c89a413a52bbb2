/* Addresses of the library below the towns, each with the spot it lies at: what a statement of coverage can tell apart, which all rooms of a building share.
   The number on the road is that of the lane where there is one. is_area: coarser than a door. */
SELECT address_id, parent_id, level, level IN ('community', 'natural_village', 'zone', 'road', 'lane') AS is_area,
       county, town, community, natural_village, zone, road, lane, compound, building,
       TRY_CAST(regexp_extract(coalesce(lane, house_number), '^[0-9]+') AS BIGINT) AS number,
       md5_number(concat_ws(chr(31), coalesce(town, ''), coalesce(community, ''), coalesce(natural_village, ''), coalesce(zone, ''), coalesce(road, ''),
                            coalesce(lane, ''), coalesce(house_number, ''), coalesce(compound, ''), coalesce(building, ''))) AS spot
FROM address WHERE level NOT IN ('province', 'city', 'county', 'town')
