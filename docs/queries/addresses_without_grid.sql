/* 没有归到一个网格的地址：不在任何网格的、几个网格相争的，按社区（村）计数，各举一例；补网格范围时从这里补起。 */
SELECT problem, town, community, subject, addresses, example_text
FROM mart.grid_gap
WHERE problem IN ('none', 'several')
ORDER BY addresses DESC, problem, town, community, subject;
