/* 已故或迁出人员的待遇: paid for a month that began after the person died, or moved their registration out and has none here any more.
   Of 0 yuan, as lists have for who gets nothing more, nothing was paid.
   A register drops whoever has moved out, so what it said of that stands; the last registration that ended must have ended so. */
WITH registration AS (
    SELECT person_id, residence_id, effective_to, coalesce(effective_to_basis = 'stated', FALSE) AS is_moved,
           CASE WHEN seen_to IS NULL THEN 'residence' ELSE 'residence_history' END AS told_in
    FROM residence_history WHERE kind = 'registered'),
moved AS (
    SELECT person_id, max(effective_to) FILTER (is_moved) AS moved_out_on,
           max({day: effective_to, id: residence_id, told_in: told_in}) FILTER (is_moved) AS last_move
    FROM registration GROUP BY person_id
    HAVING moved_out_on > coalesce(max(coalesce(effective_to, 'infinity')) FILTER (NOT is_moved), '-infinity'))
SELECT benefit_id, 'deceased' AS doubt, person_id, kind AS benefit_kind, certificate_number, month, amount, death_date AS died_on,
       NULL::DATE AS moved_out_on, NULL::VARCHAR AS residence_id, NULL::VARCHAR AS residence_table
FROM benefit JOIN deceased USING (person_id) WHERE death_date < month AND amount IS DISTINCT FROM 0
UNION ALL
SELECT benefit_id, 'moved_out', person_id, kind, certificate_number, month, amount, NULL, moved_out_on, last_move.id, last_move.told_in
FROM benefit JOIN moved USING (person_id) WHERE moved_out_on <= month AND amount IS DISTINCT FROM 0
