"""Which grid an address is in, and what follows from it; a SQL file each, over the pool tables and what `transforms.questions` makes.

Needs `address`, the tables of grids, `scope`, `threshold`, `deceased`, `ended_organisation`. See docs/decisions/0060-grids.md.
"""

from collections.abc import Mapping

from transforms.as_of import Macro

HELPERS = ("live_grid", "live_coverage", "located", "stated", "appointed", "placed", "area_grid")
"""Tables made one from the other; none of them is published. After `address_grid` comes `counted`, for `grid_count`."""
GRIDS = ("address_grid", "grid_gap", "grid_overlap", "grid_count")
STEPS = (*HELPERS, "address_grid", "grid_gap", "grid_overlap", "counted", "grid_count")

FIGURES: Mapping[str, str] = {
    "grids": "SELECT count(*) FROM live_grid WHERE layer = 'unified'",
    "in_one": "SELECT count(*) FROM address_grid WHERE placement = 'in_one'",
    "spans": "SELECT count(*) FROM address_grid WHERE placement = 'spans'",
    "none": "SELECT count(*) FROM address_grid WHERE placement = 'none'",
    "several": "SELECT count(*) FROM address_grid WHERE placement = 'several'",
    "few": "SELECT count(*) FROM grid_count WHERE size = 'few'",
    "many": "SELECT count(*) FROM grid_count WHERE size = 'many'",
    "conflicts": "SELECT count(*) FROM grid_overlap WHERE finding <> 'agreed'",
}
"""What a reader wants to know of the grids first, each as SQL of one number."""


def count_by_grid() -> Macro:
    """The macro of a share that counts the rows of any table with `address_id` by grid, community, town and county."""
    unknown = ", ".join(f"coalesce(place.{name}, '（不详）') AS {name}" for name in ("county", "town", "community", "grid_code"))
    body = f"""
        SELECT CASE GROUPING(town, community, grid_code) WHEN 7 THEN 'county' WHEN 3 THEN 'town' WHEN 1 THEN 'community' ELSE 'grid' END AS level,
               county, town, community, grid_code, count(*) AS rows
        FROM (SELECT {unknown} FROM query_table(source) AS counted LEFT JOIN mart.address_grid AS place ON place.address_id = counted.address_id)
        GROUP BY GROUPING SETS ((county), (county, town), (county, town, community), (county, town, community, grid_code))"""
    return Macro("mart.count_by_grid", "source", body, "任何有 address_id 的表或视图，按网格、社区、乡镇街道、县市区逐级计数")
