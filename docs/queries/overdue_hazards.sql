/* 过了整改期限还没有复查销号的安全隐患，连同责任单位和它的登记状态。 */
WITH day AS (SELECT DATE '2025-12-31' AS today)
SELECT address.town, organisation.name AS organisation, organisation.uscc, organisation.status_code,
       event.category, event.level_code, event.due_on, today - event.due_on AS days_overdue, event.address_text
FROM day, pool.event
JOIN pool.event_party ON event.event_id = event_party.event_id AND event_party.role = 'responsible'
JOIN pool.organisation USING (organisation_id)
LEFT JOIN pool.address ON event.address_id = address.address_id
WHERE event.kind = 'hazard' AND event.closed_on IS NULL AND event.due_on < today
ORDER BY days_overdue DESC, event.source_key;
