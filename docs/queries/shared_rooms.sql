/* 一址多照：登记单位数达到限值的户室或门牌，连同登记在那里的单位；依据表说明每一处由哪些场所记录得来。 */
SELECT room.town, room.community, room.full_text, room.organisations, organisation.name, organisation.uscc, organisation.status_code
FROM mart.shared_room AS room
JOIN mart.evidence ON evidence.question = 'shared_room' AND evidence.key = room.address_id
JOIN pool.premises ON premises.premises_id = evidence.record_key
JOIN pool.organisation USING (organisation_id)
ORDER BY room.organisations DESC, room.address_id, organisation.name;
