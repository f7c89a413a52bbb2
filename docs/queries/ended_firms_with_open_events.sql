/* 已注销、撤销的单位名下还没有办结的隐患等事项，最早到期的在前。 */
SELECT name, organisation_status_code, ended_since, event_kind, category, level_code, occurred_on, due_on, event_status_code, event_id
FROM mart.open_event_of_ended_organisation
ORDER BY due_on, event_id;
