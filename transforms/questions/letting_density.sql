/* 出租房屋人均面积: every let house with tenants on the data date, against the limits of the city. */
WITH housed AS (SELECT house_id, count(DISTINCT person_id) AS tenants FROM running_lease GROUP BY house_id),
measured AS (
    SELECT housed.*, house.address_id, house.address_text, coalesce(house.let_area, house.area) AS square_metres,
           CASE WHEN house.let_area IS NOT NULL THEN 'let_area' WHEN house.area IS NOT NULL THEN 'area' END AS area_basis,
           nullif(coalesce(house.let_room_count, house.room_count), 0) AS rooms,
           (SELECT value FROM threshold WHERE name = 'square_metres_per_tenant') AS square_metres_limit,
           (SELECT value FROM threshold WHERE name = 'tenants_per_room') AS tenants_each_room_limit
    FROM housed JOIN house USING (house_id))
SELECT house_id, measured.address_id, address_text, town, community, tenants, square_metres, area_basis,
       square_metres / tenants AS square_metres_each, square_metres_limit,
       rooms, tenants / rooms AS tenants_each_room, tenants_each_room_limit,
       square_metres / tenants < square_metres_limit OR tenants / rooms > tenants_each_room_limit AS is_crowded
FROM measured LEFT JOIN place USING (address_id)
