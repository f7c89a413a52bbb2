/* 疑似群租：现有承租人不少于 5 人，且人均出租面积不足 10 平方米的房屋，供上门核查。 */
WITH day AS (SELECT DATE '2025-12-31' AS today),
     tenants AS (
         SELECT house_id, count(DISTINCT person_id) AS tenants
         FROM pool.tenancy, day
         WHERE (valid_from IS NULL OR valid_from <= today) AND (valid_to IS NULL OR valid_to > today)
         GROUP BY house_id
     )
SELECT house.house_id, address.town, address.community, house.address_text, tenants.tenants,
       coalesce(house.let_area, house.area) AS square_metres,
       round(coalesce(house.let_area, house.area) / tenants.tenants, 1) AS square_metres_each
FROM tenants
JOIN pool.house USING (house_id)
LEFT JOIN pool.address USING (address_id)
WHERE tenants.tenants >= 5 AND coalesce(house.let_area, house.area) / tenants.tenants < 10
ORDER BY square_metres_each, house.house_id;
