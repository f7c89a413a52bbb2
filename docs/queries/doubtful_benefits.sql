/* 已故或迁出人员的待遇：死亡或迁出之后的月份仍在发放的，按疑点和月份合计。逐条清单去掉 GROUP BY 即可，
   需要知道是谁，请由有权限的审计人员用 datapool trace doubtful_benefit 编号 查到两边的原始数据行。 */
SELECT doubt, benefit_kind, month, count(DISTINCT person_id) AS persons, sum(amount) AS amount
FROM mart.doubtful_benefit
GROUP BY ALL
ORDER BY ALL;
