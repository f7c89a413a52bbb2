/* 任何有地址的表都能从网格逐级汇总到县：这里是事件，写 'facility'、'residence' 或自己建的视图名就是别的。
   每一级合计相等；只知道上级的在“（不详）”一行。 */
SELECT level, town, community, grid_code, rows
FROM mart.count_by_grid('event')
ORDER BY level, rows DESC, town, community, grid_code;
