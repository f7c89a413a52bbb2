/* 各乡镇街道现有多少承租人、住着多少处出租房屋。少于 5 人的不显示人数。
   基准日写在第一行；日常使用时换成 current_date。 */
WITH day AS (SELECT DATE '2025-12-31' AS today),
     current_tenancy AS (
         SELECT tenancy.house_id, tenancy.person_id
         FROM pool.tenancy, day
         WHERE (valid_from IS NULL OR valid_from <= today) AND (valid_to IS NULL OR valid_to > today)
     )
SELECT coalesce(address.town, '（未定位）') AS town,
       count(DISTINCT house.house_id) AS let_houses,
       CASE WHEN count(DISTINCT person_id) >= 5 THEN count(DISTINCT person_id) END AS tenants
FROM current_tenancy
JOIN pool.house USING (house_id)
LEFT JOIN pool.address USING (address_id)
GROUP BY 1
ORDER BY let_houses DESC, town;
