/* 人户分离：户籍地和实际居住地（含租住）不在同一乡镇街道的人，按去向合计。少于 5 人的去向不列。
   只用两处都有把握定位到乡镇街道的记录；已离开的居住记录（valid_to 不晚于基准日）不算。 */
WITH day AS (SELECT DATE '2025-12-31' AS today),
     place AS (
         SELECT DISTINCT residence.person_id, residence.kind = 'registered' AS is_registered, address.town
         FROM day, pool.residence
         JOIN pool.address USING (address_id)
         WHERE residence.match_status = 'matched' AND address.town IS NOT NULL
           AND (residence.valid_to IS NULL OR residence.valid_to > today)
     )
SELECT home.town AS registered_town, stay.town AS actual_town, count(*) AS persons
FROM place AS home
JOIN place AS stay ON home.person_id = stay.person_id AND home.is_registered AND NOT stay.is_registered
WHERE home.town <> stay.town
GROUP BY ALL
HAVING count(*) >= 5
ORDER BY persons DESC, registered_town, actual_town;
