/* 只有一个部门的数据提到的门牌、户室，各部门各有多少：交换数据时先补哪里。 */
SELECT department, address_level, count(*) AS addresses, sum(records) AS records
FROM mart.single_source_address
GROUP BY ALL
ORDER BY addresses DESC, department, address_level;
