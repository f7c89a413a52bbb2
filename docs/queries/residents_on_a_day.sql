/* 2025-06-30 那天，各社区（村）户籍在册、实际居住、租住的各有多少人：按今天所知，含后来已搬走、来源已不再报送的人。
   换一天只改日期；要看按第 12 版发布所知的那一天，写 residence_as_of(DATE '2025-06-30', seen := 12)。少于 5 人的不显示。
   没有对上地址的、所对地址后来已从地址库撤下的，乡镇、社区为空，列出地址原文。 */
SELECT address.town, address.community, CASE WHEN address.address_id IS NULL THEN stay.address_text END AS address_text, stay.kind,
       CASE WHEN count(DISTINCT person_id) >= 5 THEN count(DISTINCT person_id) END AS persons
FROM pool.residence_as_of(DATE '2025-06-30') AS stay
LEFT JOIN pool.address ON address.address_id = stay.address_id
GROUP BY ALL
ORDER BY ALL;
