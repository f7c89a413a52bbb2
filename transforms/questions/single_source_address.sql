/* 仅一个部门掌握的地址: standard addresses from the house down that the records of one department alone speak of, from however many of its systems. */
SELECT mention.address_id, address.level AS address_level, full_text, town, community, any_value(department) AS department,
       min(system) AS system,
       count(DISTINCT (table_name, key)) AS records,
       arg_min(table_name, (table_name, key)) AS example_table, min((table_name, key))[2] AS example_key
FROM mention JOIN address USING (address_id)
WHERE address.level IN ('house', 'building', 'unit', 'floor', 'room')
GROUP BY ALL
HAVING count(DISTINCT department) = 1
