"""One city's world, its exports and their truth."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

from samples.exports.abnormal_operation import abnormal_operation
from samples.exports.actual_house import actual_house
from samples.exports.alarm import alarm, alarm_dispatch, alarm_feedback
from samples.exports.appeals import grassroots_event, petition, ticket
from samples.exports.care_home import care_home
from samples.exports.death import death
from samples.exports.desk import Desk
from samples.exports.disability_subsidy import disability_subsidy
from samples.exports.disputes import dispute, mediation
from samples.exports.fire import fire
from samples.exports.fire_key_unit import fire_key_unit
from samples.exports.floating_population import floating_population
from samples.exports.food_licence import food_licence
from samples.exports.grids import grid, grid_coverage, grid_crosswalk, grid_staff
from samples.exports.hazard_inspection import hazard_inspection
from samples.exports.hazardous_chemical_enterprise import hazardous_chemical_enterprise
from samples.exports.law_enforcement import city_component, enforcement_case, urban_management_case
from samples.exports.market_entity import market_entity
from samples.exports.marriage import marriage
from samples.exports.place_name import place_name
from samples.exports.public_camera import public_camera
from samples.exports.reference import address_alias, division, standard_address
from samples.exports.registration_change import registration_change
from samples.exports.rental_house import rental_house
from samples.exports.resident_population import resident_population
from samples.exports.social_organisation import social_organisation
from samples.exports.special_equipment import special_equipment
from samples.exports.subsistence_allowance import subsistence_allowance
from samples.exports.table import Table
from samples.exports.traffic_accident import traffic_accident
from samples.exports.work_accident import work_accident
from samples.exports.work_safety_inspection import work_safety_inspection
from samples.truth import Truth
from samples.world.city import read_city
from samples.world.world import build_world
from samples.writers import ExportFile
from schemas.contract import source_contracts

Export = Callable[[Desk], Iterator[Table]]
EXPORTS: dict[str, Export] = {
    "reference.division": division,
    "reference.standard_address": standard_address,
    "reference.address_alias": address_alias,
    "public_security.resident_population": resident_population,
    "public_security.rental_house": rental_house,
    "market_regulation.market_entity": market_entity,
    "market_regulation.food_licence": food_licence,
    "emergency_management.hazardous_chemical_enterprise": hazardous_chemical_enterprise,
    "emergency_management.hazard_inspection": hazard_inspection,
    "civil_affairs.subsistence_allowance": subsistence_allowance,
    "civil_affairs.social_organisation": social_organisation,
    "public_security.floating_population": floating_population,
    "public_security.actual_house": actual_house,
    "public_security.alarm": alarm,
    "public_security.alarm_dispatch": alarm_dispatch,
    "public_security.alarm_feedback": alarm_feedback,
    "public_security.traffic_accident": traffic_accident,
    "public_security.public_camera": public_camera,
    "market_regulation.registration_change": registration_change,
    "market_regulation.special_equipment": special_equipment,
    "market_regulation.abnormal_operation": abnormal_operation,
    "emergency_management.work_safety_inspection": work_safety_inspection,
    "emergency_management.work_accident": work_accident,
    "emergency_management.fire": fire,
    "emergency_management.fire_key_unit": fire_key_unit,
    "civil_affairs.disability_subsidy": disability_subsidy,
    "civil_affairs.care_home": care_home,
    "civil_affairs.marriage": marriage,
    "civil_affairs.death": death,
    "civil_affairs.place_name": place_name,
    "law_enforcement.enforcement_case": enforcement_case,
    "law_enforcement.urban_management_case": urban_management_case,
    "law_enforcement.city_component": city_component,
    "justice.mediation": mediation,
    "social_governance.dispute": dispute,
    "petition.petition": petition,
    "hotline.ticket": ticket,
    "social_governance.grassroots_event": grassroots_event,
    "social_governance.grid": grid,
    "social_governance.grid_coverage": grid_coverage,
    "social_governance.grid_crosswalk": grid_crosswalk,
    "social_governance.grid_staff": grid_staff,
}


def generate(city: Path, out: Path, truth: Path, persons: int, seed: int, today: date, said: Callable[[str], None]) -> dict[Path, int]:
    """Write all exports under `out` and the truth under `truth`; answers the rows of each file.

    `said` is told, in Chinese, what is being made. The same arguments give the same bytes.
    """
    said("生成标准地址、人口、单位")
    desk = Desk(build_world(read_city(city), persons, seed, today))
    contracts = source_contracts()
    known = Truth(truth, desk.library)
    rows: dict[Path, int] = {}
    for dataset, export in EXPORTS.items():
        contract = contracts[dataset]
        said(f"写出 {contract.name}")
        file = ExportFile(contract, out, today)
        rows[file.path] = 0
        for table in export(desk):
            known.add(contract, file.path.relative_to(out).as_posix(), file.row, table)
            file.write(table)
            rows[file.path] += len(table)
        file.close()
    said("写出真值")
    known.close(desk)
    return rows
