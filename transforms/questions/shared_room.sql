/* 一址多照: addresses without anything finer in them at which many living organisations are registered. */
SELECT stay.address_id, stay.level AS address_level, full_text, stay.town, stay.community, count(DISTINCT subject_id) AS organisations,
       (SELECT value FROM threshold WHERE name = 'organisations_per_room') AS organisations_limit
FROM stay JOIN place USING (address_id)
WHERE table_name = 'premises' AND kind = 'registered' AND stay.level IN ('house', 'building', 'unit', 'floor', 'room')
  AND subject_id NOT IN (SELECT organisation_id FROM ended_organisation)
  AND stay.address_id NOT IN (SELECT parent_id FROM address WHERE parent_id IS NOT NULL)
GROUP BY ALL
HAVING count(DISTINCT subject_id) >= (SELECT value FROM threshold WHERE name = 'organisations_per_room')
