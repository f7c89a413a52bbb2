/* 低保核对：正在享受待遇的人，名下有出租房屋，或是企业、个体工商户的法定代表人。只是线索，须人工核实。
   人员以编号表示；需要知道是谁，请由有权限的审计人员用 datapool trace person 编号 查。 */
WITH day AS (SELECT DATE '2025-12-31' AS today),
     recipient AS (
         SELECT person_id, max(category) AS category, max(month) AS last_paid
         FROM pool.benefit, day
         WHERE kind = 'subsistence_allowance' AND (valid_to IS NULL OR valid_to > today)
         GROUP BY person_id
     ),
     letting AS (SELECT owner_id AS person_id, count(*) AS let_houses FROM pool.house WHERE is_let GROUP BY owner_id),
     firm AS (
         SELECT representative_id AS person_id, count(*) AS firms
         FROM pool.organisation
         WHERE cancelled_on IS NULL AND kind IS DISTINCT FROM 'social_organisation'
         GROUP BY representative_id
     )
SELECT recipient.person_id, recipient.category, recipient.last_paid,
       coalesce(let_houses, 0) AS let_houses, coalesce(firms, 0) AS firms
FROM recipient
LEFT JOIN letting USING (person_id)
LEFT JOIN firm USING (person_id)
WHERE let_houses > 0 OR firms > 0
ORDER BY let_houses DESC, firms DESC, recipient.person_id;
