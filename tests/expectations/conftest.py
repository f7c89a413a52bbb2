"""A report with everything on it that can be on it, for the tests of the page."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from expectations.report import (
    AddressLevel,
    Anomaly,
    Batch,
    BlockedBatch,
    BrokenRecord,
    Change,
    CommunityMatch,
    Conflict,
    Count,
    DatasetReport,
    DeliveryFault,
    DepartmentReport,
    DimensionScore,
    Example,
    ExpectationReport,
    GateReport,
    GridReport,
    IndicatorScore,
    MatchReason,
    Problem,
    QualityReport,
    ReportData,
    RuleReport,
    ScopeScore,
    ShareChange,
    Stop,
    TableRows,
    Versions,
    Worst,
    score_figure,
)

CITY = ZoneInfo("Asia/Shanghai")
POPULATION = "public_security.resident_population"
ENTERPRISES = "market_regulation.market_entity"


def _population() -> DatasetReport:
    return DatasetReport(
        id="public_security.resident_population",
        name="常住人口",
        department="市公安局",
        received=20413,
        accepted=19871,
        quarantined=542,
        batches=[
            Batch(
                "人口_202609.csv",
                "2026-09",
                "4d" * 32,
                datetime(2026, 10, 3, 2, 15, tzinfo=CITY),
                10100,
                230,
                id="public_security.resident_population-2026-09-4d4d4d4d4d4d",
            ),
            Batch(
                "人口_202610.csv",
                "2026-10",
                "9f2c41d8a7b0" + "0" * 52,
                datetime(2026, 11, 3, 2, 15, tzinfo=CITY),
                10313,
                312,
                id="public_security.resident_population-2026-10-9f2c41d8a7b0",
            ),
        ],
        quarantined_by=[
            Count("公民身份号码校验码不对", 311, "字段 公民身份号码", key="citizen_number.check_digit"),
            Count("缺少必填字段 姓名", 118, key="name.required"),
            Count("出生日期在将来", 74, key="birth_date.in_future"),
            Count("迁出日期早于迁入日期", 52, key="dates_in_order"),
        ],
        warnings=[Count("联系电话是占位写法", 903, "按空值处理", key="phone.placeholder")],
        drift=["未知字段“备注2”，已另存，不入池", "敏感字段“宗教信仰”，按规定拒收，未保存"],
        anomalies=[
            Anomaly(
                "人口_202610.csv",
                "写法",
                "block",
                "人口_202610.csv：列“出生日期”写法变了：这次五位数字 100%，以往 6 批通常日期 98%",
                "请与部门核实这一列的含义和导出设置",
                "日期 98%",
                "五位数字 100%",
                [ShareChange("日期（2025-06-30）", 0.98, 0.0), ShareChange("五位数字", 0.0, 1.0)],
            )
        ],
        expectations_met=31,
        expectations_total=32,
        expectations=[
            ExpectationReport("name.required", "“姓名”不为空", "完整性", "reject", True),
            ExpectationReport("education.code", "学历代码是学历代码表中的代码", "规范性", "warn", False, 17, "17 行不符合"),
            ExpectationReport("age", "年龄算得出", "准确性", "warn", None, cause="规则的 SQL 不能执行"),
        ],
        addresses=[
            AddressLevel("room", "matched", 15230),
            AddressLevel("building", "matched", 1840),
            AddressLevel("house", "matched", 921),
            AddressLevel("community", "matched", 402),
            AddressLevel("building", "review", 388),
            AddressLevel("", "unmatched", 1090),
        ],
        outcomes={"published": 18002, "merged": 1610, "superseded": 259, "withdrawn": 0, "quarantined": 542},
        examples=[
            Example("人口_202610.csv", "", 17, "公民身份号码", "33**************5", "公民身份号码校验码不对"),
            Example("人口_202610.csv", "Sheet1", 31, "姓名", "", "缺少必填字段 姓名"),
        ],
        broken=[BrokenRecord("person_names_agree", "person", "0529c9d923efb0c81391fd6d6bd90af2", "姓名不同", "人口_202610.csv", "", 88)],
    )


def _enterprises() -> DatasetReport:
    return DatasetReport(
        id="market_regulation.market_entity",
        name="市场主体",
        department="市市场监督管理局",
        received=3120,
        accepted=3102,
        quarantined=18,
        batches=[
            Batch(
                "market_entity.jsonl",
                "2026-11-02",
                "0b" * 32,
                datetime(2026, 11, 3, 2, 17, tzinfo=CITY),
                3120,
                id="market_regulation.market_entity-2026-11-02-0b0b0b0b0b0b",
            )
        ],
        quarantined_by=[Count("统一社会信用代码与注册号至少有一个", 18, key="has_code")],
        expectations_met=24,
        expectations_total=24,
        addresses=[
            AddressLevel("room", "matched", 800),
            AddressLevel("house", "matched", 1450),
            AddressLevel("zone", "matched", 260),
            AddressLevel("town", "review", 170),
            AddressLevel("", "unmatched", 422),
        ],
        outcomes={"published": 3000, "merged": 100, "superseded": 2, "quarantined": 18},
    )


WORST_ROWS = {POPULATION: 293}
"""How many rows an indicator counts as bad in a dataset, elsewhere 311."""


def _scope(kind: str, scope: str, label: str, score: float) -> ScopeScore:
    good = 23533 - WORST_ROWS.get(scope, 311)
    indicators = [
        IndicatorScore(
            "准确性", "内容正确、不重复的行", good, 23533, 98.68, 0.41, "quarantine", score_figure(kind, scope, "accuracy", "rows")
        ),
        IndicatorScore("完整性", "必填齐全的行", 23533, 23533, 100.0, 0.0, "quarantine"),
    ]
    trend = [(10, score - 2.5), (11, score + 1.2), (12, score)]
    before = {"accuracy": score, "completeness": 99.0}
    return ScopeScore(label, score, "良", {"accuracy": score - 4, "completeness": 100.0}, kind, scope, indicators, trend, before)


def _quality() -> QualityReport:
    return QualityReport(
        pool=_scope("pool", "", "数据池", 92.4),
        dimensions=[
            DimensionScore("accuracy", "准确性", 0.25, "内容正确、不重复的行（38%）= …", 88.4),
            DimensionScore("completeness", "完整性", 0.2, "必填齐全的行（50%）= …", 100.0),
        ],
        scopes=[
            _scope("department", "市公安局", "市公安局", 91.0),
            _scope("department", "市市场监督管理局", "市市场监督管理局", 73.0),
            _scope("dataset", POPULATION, "常住人口", 90.5),
            _scope("dataset", ENTERPRISES, "市场主体", 97.0),
            _scope("town", "安阳街道", "安阳街道", 93.0),
        ],
        rules=[
            RuleReport("cannot", "跨列", "算不出来的规则", "准确性", "block", 9, None, "除数为零"),
            RuleReport(
                "person_names_agree",
                "跨来源",
                "同一证件号码在各来源的姓名一致",
                "一致性",
                "warn",
                20880,
                44,
                "",
                {POPULATION: 44},
            ),
            RuleReport("keys", "跨表", "编号不重复", "准确性", "block", 20880, 0),
        ],
        worst=[
            Worst(
                "准确性",
                "内容正确、不重复的行",
                311,
                23533,
                0.41,
                POPULATION,
                WORST_ROWS[POPULATION],
                score_figure("pool", "", "accuracy", "rows"),
                score_figure("dataset", POPULATION, "accuracy", "rows"),
            )
        ],
    )


def _departments() -> list[DepartmentReport]:
    conflict = Conflict(ENTERPRISES, POPULATION, "人员", "联系电话", 77, table="person", column="phone")
    inside = Conflict(POPULATION, POPULATION, "人员", "学历", 5, table="person", column="education_code")
    unknown = Conflict(POPULATION, "", "人员", "民族", 1, table="person", column="nation_code")
    late = DeliveryFault(POPULATION, "人口_202610.csv", "2026-10", "每次报送都在约定的时限内到达", "迟 26 小时")
    gap = DeliveryFault(POPULATION, "", "", "报送没有缺期", "中间缺期")
    return [
        DepartmentReport("market_regulation", "市市场监督管理局", [ENTERPRISES], [conflict]),
        DepartmentReport("public_security", "市公安局", [POPULATION], [conflict, inside, unknown], [late, gap]),
    ]


@pytest.fixture
def report() -> ReportData:
    return ReportData(
        release=12,
        published_at=datetime(2026, 11, 3, 2, 41, tzinfo=CITY),
        city="瑞安市",
        run="run-20261103T0215",
        by="airflow（定时任务）",
        versions=Versions(
            "datapool 0.1.0",
            "2026.10.31",
            "rules 1",
            [("常住人口", "1.0.0"), ("市场主体", "1.2.0")],
            [("DuckDB", "1.5.5")],
        ),
        previous=11,
        previous_at=datetime(2026, 11, 2, 2, 40, tzinfo=CITY),
        datasets=[_population(), _enterprises()],
        departments=_departments(),
        tables=[
            TableRows("person", "人员", 20880, 20790, is_entity=True, content="77aa"),
            TableRows("organisation", "单位", 3410, 3410, is_entity=True),
            TableRows("house", "房屋", 9120, 9135, is_entity=True),
            TableRows("address", "地址", 31877, None, is_entity=True),
            TableRows("residence", "居住关系", 24771, 24700),
        ],
        changes=[Change("人员", 120, 30, 611, table="person"), Change("单位", 8, 8, 44, table="organisation")],
        gates=[
            GateReport("发布关卡", True, ["主键与引用完整", "行去向合计 23,533 等于接收 23,533", "人员较上一版 +0.4%，未超过下降上限 5%"]),
        ],
        blocked=[BlockedBatch("出租房屋", "出租房屋_1103.csv", ["缺少必填字段 房屋详址"])],
        problems=[Problem("inbox/杂项.zip", "不可读", "压缩包不完整：意外的文件结尾", "请重新导出并上传")],
        communities=[CommunityMatch("安阳街道", "滨江社区", 1200, 34, 51), CommunityMatch("塘下镇", "鲍田村", 740, 12, 160)],
        reasons=[
            MatchReason("matched", "exact", "逐级完全一致", 20903, 9000),
            MatchReason("review", "ambiguous", "有多个同样可能的地址，须人工确定", 558, 120),
            MatchReason("unmatched", "not_in_library", "标准地址库中没有这个地址", 1512, 700),
        ],
        stops=[Stop("330381000000872", "浙江省温州市瑞安市塘下镇鲍田路", "道路", "塘下镇", 63, 41)],
        decisions=7,
        quality=_quality(),
        grids=GridReport(
            [150, 300, 500, 800],
            [("安阳街道", {"usual": 3, "many": 1}, 2300), ("塘下镇", {"few": 1}, 90)],
            [90, 310, 420, 450, 1120],
            [("警务网格", {"agreed": 4, "undeclared": 1})],
            [("不在任何网格的地址", 2, 31)],
        ),
    )
