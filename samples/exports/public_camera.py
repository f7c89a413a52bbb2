"""Export of the police: the register of public cameras, places only."""

from collections.abc import Iterator

import numpy as np

from samples.exports.alarm import station
from samples.exports.desk import Desk, firm_id
from samples.exports.table import Clerk, Table, draws, repeat_some
from samples.noise import values
from samples.noise.dates import iso_dates, write_dates
from samples.words import words
from samples.world.policing import Camera


def public_camera(desk: Desk) -> Iterator[Table]:
    """All cameras, in one table."""
    cameras, library, firms = desk.world.cameras, desk.library, desk.world.firms
    count, nodes = len(cameras), [camera.node for camera in cameras]
    rng = draws(desk.seed, "public_camera")
    table_of = words("policing")["cameras"]
    installed = np.array([camera.installed for camera in cameras])
    dates, forms = write_dates(installed, "dotted", rng, 0.1)
    table = Table(
        key="camera_number",
        columns={
            "camera_number": [camera.number for camera in cameras],
            "name": [f"{library.value('road', node) or library.value('community', node)}{camera.number[-4:]}号点位" for camera, node in zip(cameras, nodes, strict=True)],
            "category": [camera.kind for camera in cameras],
            "division_code": [desk.division(node, True) for node in nodes],
            "longitude": [f"{library.lon[node]:.6f}" for node in nodes],
            "latitude": [f"{library.lat[node]:.6f}" for node in nodes],
            "builder_name": [_builder(desk, camera) for camera in cameras],
            "builder_uscc": [firms[camera.firm].uscc if camera.firm >= 0 else "" for camera in cameras],
            "manager_name": [station(desk, node) for node in nodes],
            "device_kind": rng.choice(table_of["devices"], count).tolist(),
            "is_connected": rng.choice(["是", "是", "是", "否"], count).tolist(),
            "installed_on": dates,
            "status": rng.choice(list(table_of["states"]), count, p=[share / 100 for share in table_of["states"].values()]).tolist(),
        },
        about={"organisation": [firm_id(camera.firm) if camera.firm >= 0 else None for camera in cameras]},
    )  # fmt: skip
    table.note("installed_on", forms)
    Clerk(table, desk.scribes, desk.seed, "public_camera").write("place_text", "hazard", nodes, iso_dates(installed))
    plant = table.plant
    plant("missing_value", "builder_uscc", 0.2, values.blank, rng)
    plant("missing_required", "name", 0.01, values.blank, rng)
    plant("missing_required", "place_text", 0.01, values.blank, rng)
    plant("impossible_coordinate", "longitude", 0.02, values.swapped_coordinate, rng)
    plant("flag_otherwise", "is_connected", 0.1, values.yes_or_no, rng)
    repeat_some(table, rng, "device_kind", 0.01, "云台")
    yield table


def _builder(desk: Desk, camera: Camera) -> str:
    if camera.firm >= 0:
        return desk.world.firms[camera.firm].name
    if camera.kind == "一类":
        return desk.world.city.departments["public_security"]
    town = desk.library.value("town", camera.node)
    return f"{desk.world.city.county}{town}{'办事处' if town.endswith('街道') else '人民政府'}"
