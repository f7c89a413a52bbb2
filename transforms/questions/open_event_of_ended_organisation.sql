/* 已注销单位的未结事项: events that nobody has closed, of organisations that are no more.
   Where `ended_state` names states for its kind, they tell that an event is closed; else its day of closing does. */
SELECT DISTINCT event_id, organisation_id, ended.name, ended.status_code AS organisation_status_code, ended_since,
       event.kind AS event_kind, category, level_code, occurred_on, due_on, event.status_code AS event_status_code
FROM event JOIN event_party USING (event_id) JOIN ended_organisation AS ended USING (organisation_id)
WHERE CASE WHEN event.status_code IS NOT NULL AND event.kind IN (SELECT kind FROM ended_state WHERE table_name = 'event')
           THEN event.status_code NOT IN (SELECT code FROM ended_state WHERE table_name = 'event' AND ended_state.kind = event.kind)
           ELSE closed_on IS NULL END
