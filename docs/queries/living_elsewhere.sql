/* 人户分离：户籍地和现住地不在同一乡镇街道的人，按去向合计，其中已满半年的。少于 5 人的去向不列。
   mart.separated_residence 每人一行，写明分离到哪一级（kind）、依据哪两条居住记录、自何时起；日期是发布的数据日期。 */
SELECT registered_town, coalesce(staying_town, '（本地以外）') AS staying_town, count(*) AS persons, count(*) FILTER (is_long) AS over_half_a_year
FROM mart.separated_residence
WHERE kind NOT IN ('within_community', 'within_town')
GROUP BY ALL
HAVING count(*) >= 5
ORDER BY persons DESC, registered_town, staying_town;
