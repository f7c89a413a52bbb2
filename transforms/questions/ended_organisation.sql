/* Organisations that exist no more, by the states of `ended_state`, and since when: the day on which the last unbroken run of such states began,
   unknown where it was ended when it was first seen. A row that tells no state breaks no run. */
WITH listed AS (
    SELECT organisation_id, name, status_code,
           CASE WHEN kind IN (SELECT kind FROM ended_state WHERE table_name = 'organisation') THEN kind ELSE '' END AS kind
    FROM organisation),
state AS (SELECT kind, code FROM ended_state WHERE table_name = 'organisation'),
told AS (
    SELECT history.organisation_id, history.effective_from, state.code IS NOT NULL AS is_ended
    FROM organisation_history AS history JOIN listed USING (organisation_id)
    LEFT JOIN state ON state.kind = listed.kind AND state.code = history.status_code
    WHERE history.status_code IS NOT NULL),
run AS (
    SELECT organisation_id, effective_from,
           bool_and(is_ended) OVER (
               PARTITION BY organisation_id ORDER BY effective_from NULLS FIRST RANGE BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS is_last
    FROM told),
begun AS (
    SELECT organisation_id, CASE WHEN bool_and(effective_from IS NOT NULL) THEN min(effective_from) END AS ended_since
    FROM run WHERE is_last GROUP BY organisation_id)
SELECT organisation_id, listed.name, status_code, ended_since
FROM listed JOIN state ON state.kind = listed.kind AND state.code = status_code LEFT JOIN begun USING (organisation_id)
