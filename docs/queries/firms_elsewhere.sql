/* 注册经营异址：经营场所和登记住所不在同一社区（村）的单位，按登记地所在乡镇街道列出。 */
SELECT registered_town, registered_community, name, kind, operating_town, operating_community, since, organisation_id
FROM mart.separated_premises
WHERE kind NOT IN ('within_building', 'within_community')
ORDER BY registered_town, registered_community, name, premises_id;
