/* Organisations that exist no more: registration states 3 吊销已注销, 4 注销, 5 撤销; of social organisations 2 注销, 3 撤销. */
SELECT organisation_id, organisation.name, status_code, min(effective_from) AS ended_since
FROM organisation LEFT JOIN organisation_history USING (organisation_id, status_code)
WHERE CASE WHEN kind = 'social_organisation' THEN status_code IN ('2', '3') ELSE status_code IN ('3', '4', '5') END
GROUP BY ALL
