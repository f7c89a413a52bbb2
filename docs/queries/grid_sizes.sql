/* 基础网格的规模：户数不足 150 或超过 800 的（限值在 mart.threshold），户数多的在前。人数少于 5 的不显示。 */
SELECT town, community, grid_code, name, households, persons, organisations, size
FROM mart.grid_count
WHERE level = 'grid' AND size IN ('few', 'many')
ORDER BY households DESC, grid_code;
