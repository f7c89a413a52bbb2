"""A report with everything on it that can be on it, for the tests of the page."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from expectations.report import (
    AddressLevel,
    Anomaly,
    Batch,
    BlockedBatch,
    Change,
    CommunityMatch,
    Count,
    DatasetReport,
    GateReport,
    Problem,
    ReportData,
    ShareChange,
    TableRows,
    UnmetExpectation,
    Versions,
)

CITY = ZoneInfo("Asia/Shanghai")


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
                "人口_202610.csv",
                "2026-10",
                "9f2c41d8a7b0" + "0" * 52,
                datetime(2026, 11, 3, 2, 15, tzinfo=CITY),
                20413,
                id="public_security.resident_population-2026-10-9f2c41d8a7b0",
            )
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
        unmet=[UnmetExpectation("学历代码是学历代码表中的代码", "warn", 17, "17 行不符合")],
        addresses=[
            AddressLevel("room", "matched", 15230),
            AddressLevel("building", "matched", 1840),
            AddressLevel("house", "matched", 921),
            AddressLevel("community", "matched", 402),
            AddressLevel("building", "review", 388),
            AddressLevel("", "unmatched", 1090),
        ],
        outcomes={"published": 18002, "merged": 1610, "superseded": 259, "withdrawn": 0, "quarantined": 542},
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
            [("public_security.resident_population", "1.0.0"), ("market_regulation.market_entity", "1.2.0")],
        ),
        previous=11,
        previous_at=datetime(2026, 11, 2, 2, 40, tzinfo=CITY),
        datasets=[_population(), _enterprises()],
        tables=[
            TableRows("person", "人员", 20880, 20790, is_entity=True),
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
    )
