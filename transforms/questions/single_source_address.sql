/* 仅一个部门掌握的地址: standard addresses from the house down that the records of one department alone speak of, from however many of its systems.
   A record is one text here, which sorts as its table and key do. */
WITH record AS (
    SELECT address_id, table_name || chr(31) || key AS record, min(department) AS department, max(department) AS other, min(system) AS system
    FROM mention GROUP BY ALL),
alone AS (
    SELECT address_id, min(department) AS department, min(system) AS system, count(*) AS records, string_split(min(record), chr(31)) AS example
    FROM record GROUP BY address_id HAVING min(department) = max(other))
SELECT address_id, address.level AS address_level, full_text, town, community, department, system, records,
       example[1] AS example_table, example[2] AS example_key
FROM alone JOIN address USING (address_id)
WHERE address.level IN ('house', 'building', 'unit', 'floor', 'room')
