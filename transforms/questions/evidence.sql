/* 依据: the records on which every row of the other questions rests, to be traced on. */
SELECT 'separated_residence' AS question, person_id AS key, '户籍地' AS role, 'residence' AS table_name, registered_residence_id AS record_key
FROM separated_residence
UNION ALL
SELECT 'separated_residence', person_id, '现住地', 'residence', staying_residence_id FROM separated_residence
UNION ALL
SELECT 'letting_density', house_id, '房屋', 'house', house_id FROM letting_density
UNION ALL
SELECT DISTINCT 'letting_density', house_id, '租赁', 'tenancy', tenancy_id FROM letting_density JOIN running_lease USING (house_id)
UNION ALL
SELECT 'separated_premises', premises_id, '登记住所', 'premises', registered_premises_id FROM separated_premises
UNION ALL
SELECT 'separated_premises', premises_id, '经营场所', 'premises', premises_id FROM separated_premises
UNION ALL
SELECT DISTINCT 'shared_room', shared_room.address_id, '登记住所', 'premises', stay.id
FROM shared_room JOIN stay ON stay.address_id = shared_room.address_id AND stay.table_name = 'premises' AND stay.kind = 'registered'
WHERE stay.subject_id NOT IN (SELECT organisation_id FROM ended_organisation)
UNION ALL
SELECT 'open_event_of_ended_organisation', event_id || '/' || organisation_id, '事件', 'event', event_id FROM open_event_of_ended_organisation
UNION ALL
SELECT 'open_event_of_ended_organisation', event_id || '/' || organisation_id, '单位', 'organisation', organisation_id
FROM open_event_of_ended_organisation
UNION ALL
SELECT 'doubtful_benefit', benefit_id || '/' || doubt, '待遇', 'benefit', benefit_id FROM doubtful_benefit
UNION ALL
SELECT 'doubtful_benefit', benefit_id || '/' || doubt, '死亡', 'person', person_id FROM doubtful_benefit WHERE doubt = 'deceased'
UNION ALL
SELECT 'doubtful_benefit', benefit_id || '/' || doubt, '迁出', residence_table, residence_id FROM doubtful_benefit WHERE doubt = 'moved_out'
UNION ALL
SELECT 'unconfirmed_record', table_name || '/' || key, '记录', table_name, key FROM unconfirmed_record
UNION ALL
SELECT 'single_source_address', address_id, '提到它的一条记录', example_table, example_key FROM single_source_address
