/* 一年未核实的人和房: persons and houses of whom the last delivery that speaks is older than the limit, counted back from the data date. */
SELECT table_name, key, max(period_end) AS last_confirmed_on, arg_max(dataset, (period_end, dataset)) AS dataset
FROM confirmation CROSS JOIN scope
WHERE NOT (table_name = 'person' AND key IN (SELECT person_id FROM deceased))
GROUP BY table_name, key, data_date
HAVING max(period_end) < data_date - (SELECT value FROM threshold WHERE name = 'unconfirmed_days')::INTEGER
