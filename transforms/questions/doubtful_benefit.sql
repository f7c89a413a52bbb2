/* 已故或迁出人员的待遇: paid for a month that began after the person died, or moved their registration out and has none here any more. */
WITH registration AS (
    SELECT person_id, residence_id, effective_to, effective_to_basis = 'stated' AS is_moved
    FROM residence_history WHERE kind = 'registered' AND seen_to IS NULL),
moved AS (
    SELECT person_id, max(effective_to) AS moved_out_on, arg_max(residence_id, effective_to) AS residence_id
    FROM registration GROUP BY person_id HAVING bool_and(is_moved IS TRUE))
SELECT benefit_id, 'deceased' AS doubt, person_id, kind AS benefit_kind, certificate_number, month, amount, death_date AS died_on,
       NULL::DATE AS moved_out_on, NULL::VARCHAR AS residence_id
FROM benefit JOIN deceased USING (person_id) WHERE death_date < month
UNION ALL
SELECT benefit_id, 'moved_out', person_id, kind, certificate_number, month, amount, NULL, moved_out_on, residence_id
FROM benefit JOIN moved USING (person_id) WHERE moved_out_on <= month
