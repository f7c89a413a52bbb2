"""The ledger a clerk reads."""

from datetime import date

from address_matching import explain
from tests.address_matching.support import build


def test_the_ledger_names_components_faults_and_the_decision() -> None:
    library = build(["house 莘塍街道莘塍东街88号"], ["town 莘塍街道 莘塍镇 ..2011-05-27"])
    lines = explain(library.index, "瑞安市莘塍镇莘塍东街88號", date(2009, 3, 1)).splitlines()
    assert lines == [
        "原文:瑞安市莘塍镇莘塍东街88號",
        "规范写法:瑞安市莘塍镇莘塍东街88号",
        "日期:2009-03-01",
        "读出:镇街 莘塍镇;道路 莘塍东街;号码 88",
        "  · 旧区划名(扣 1 分)",
        "标准地址:浙江省温州市瑞安市莘塍街道莘塍东街88号(门牌,编号 莘塍街道莘塍东街88号)",
        "结论:匹配 — 旧区划名,经更名对应,把握 99.95%",
    ]


def test_each_part_and_every_candidate_is_told() -> None:
    library = build(["house 塘下镇中心街36号", "house 莘塍街道中心街36号", "house 塘下镇塘川街210号"])
    told = explain(library.index, "中心街36号;塘川街210号")
    assert "第 1 处:" in told
    assert "第 2 处:" in told
    assert "候选:浙江省温州市瑞安市塘下镇中心街36号;浙江省温州市瑞安市莘塍街道中心街36号" in told
