/* 疑似群租：人均出租面积或每间人数超过城市规定的出租房屋，供上门核查。限值和它的依据在 mart.threshold。 */
SELECT house_id, town, community, address_text, tenants, square_metres, square_metres_each, square_metres_limit, tenants_each_room,
       tenants_each_room_limit
FROM mart.letting_density
WHERE is_crowded
ORDER BY square_metres_each, house_id;
