/* 住户最多的那处地址，历来住过谁：从何时到何时、依据是什么（stated 来源写明；changed、succeeded、withdrawn、death 为推断）。
   known_to 为空的是现在的说法；去掉这一条，还能看到以前各版发布曾经怎样认为。 */
WITH busiest AS (
    SELECT address_id FROM pool.residence_history WHERE known_to IS NULL AND match_status = 'matched'
    GROUP BY address_id ORDER BY count(DISTINCT person_id) DESC, address_id LIMIT 1)
SELECT person_id, kind, effective_from, effective_from_basis, effective_to, effective_to_basis, seen_from, seen_to, dataset
FROM pool.residence_history JOIN busiest USING (address_id)
WHERE known_to IS NULL
ORDER BY effective_from NULLS FIRST, person_id, kind;
