/* 多网合一：部门网格和综治网格实际有重叠而对照里没有的，以及对照里有而没有重叠的，重叠多的在前。 */
SELECT network, grid_code, name, unified_code, unified_name, addresses, round(share_of_grid, 3) AS share_of_grid, finding
FROM mart.grid_overlap
WHERE finding <> 'agreed'
ORDER BY addresses DESC, network, grid_code, unified_code;
