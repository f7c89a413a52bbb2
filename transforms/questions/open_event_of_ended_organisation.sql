/* 已注销单位的未结事项: events that nobody has closed, of organisations that are no more. A hazard is closed when its state is 4 整改完成. */
SELECT DISTINCT event_id, organisation_id, ended.name, ended.status_code AS organisation_status_code, ended_since,
       event.kind AS event_kind, category, level_code, occurred_on, due_on, event.status_code AS event_status_code
FROM event JOIN event_party USING (event_id) JOIN ended_organisation AS ended USING (organisation_id)
WHERE CASE WHEN event.kind = 'hazard' AND event.status_code IS NOT NULL THEN event.status_code <> '4' ELSE closed_on IS NULL END
