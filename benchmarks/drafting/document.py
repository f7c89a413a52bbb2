"""The page docs/benchmarks/drafting.md from the figures."""

from collections import Counter
from collections.abc import Sequence

from benchmarks.drafting.score import ALIKE, Judged, Judgement, share

HEAD = """# 契约起草的准确率

`datapool contracts new` 只看导出文件，起草契约；这里把它认出的数据元与人写的契约逐列比较。重算：

```sh
.venv/bin/python -m benchmarks.drafting --document docs/benchmarks/drafting.md
```

起草时看不到任何契约：程序不从契约里学表头，认表头靠 `schemas/headers/` 里的通用词表（行业用词、公安和市场监管的代码、角色），
认内容靠 `schemas/elements/` 里各数据元自己的解析和校验。词表是人写的，写的时候见过的数据集和没见过的，准确率分开说（见文末）。

- **严格**：数据元与契约相同。**宽松**：解析结果相同的也算，共 {alike} 组：{groups}。
- **标识号**：公民身份号码、证件号码、统一社会信用代码、注册号、许可证编号、号牌，是否都认出来了。
- **藏起表头**：同样的数据，表头换成 field0、field1……，只凭内容。
- 契约里写明忽略的列不计；起草时拒收的列单独计。主键：与契约的主键完全相同。
"""

FIRST_SIGHT = """
## 没见过的数据集

词表写成时只看过其中 11 个数据集。此后别处新写的 19 个数据集，用当时的词表原样起草，第一次的结果（之后才按它们补过几个词）：

| 数据集 | 列 | 严格 | 标识号 |
| --- | ---: | ---: | ---: |
| 民政、应急新增 9 个（养老机构、死亡、残疾人补贴、婚姻、地名、火灾、消防重点单位、事故、检查） | 117 | 106（90.6%） | 10/10 |
| 公安、市场监管新增 10 个（实有房屋、流动人口、接警、处警、反馈、交通事故、公共摄像头、特种设备、登记变更、经营异常名录） | 205 | 187（91.2%） | 15/15 |
| 合计 | 322 | 293（91.0%） | 25/25 |

新部门的新导出，以这个数为准：十列里约有一列要改，多是“这段文字涉不涉及个人”“这个编号算哪一种”。
"""
"""How the glossary did on datasets nobody had in mind when it was written; that can be measured but once."""


def document(judged: Sequence[Judged], persons: int) -> str:
    """The page in Markdown."""
    columns = [column for each in judged for column in each.columns]
    groups = "；".join("、".join(sorted(alike)) for alike in ALIKE)
    lines = [HEAD.format(alike=len(ALIKE), groups=groups), f"## 结果（{persons:,} 人的样例）\n", *_table(judged, columns)]
    wrong = Counter((column.expected, column.found) for column in columns if not column.is_right)
    lines += ["\n## 认错的\n", "| 契约 | 起草 | 列数 | 例 |", "| --- | --- | ---: | --- |"]
    for (expected, found), times in wrong.most_common():
        example = next(each for each in columns if (each.expected, each.found) == (expected, found))
        lines.append(f"| {expected} | {found} | {times} | {example.dataset} {example.header} |")
    return "\n".join(lines) + "\n" + FIRST_SIGHT


def _table(judged: Sequence[Judged], columns: Sequence[Judgement]) -> list[str]:
    lines = [
        "| 数据集 | 行 | 列 | 严格 | 宽松 | 标识号 | 藏起表头 | 版式 | 主键 | 拒收 |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | --- | --- | --- |",
    ]
    for each in judged:
        marks = f"{_mark(each.layout_is_right)} | {_mark(each.key_is_right)} | {each.refused_found}/{each.refused}"
        lines.append(f"| {each.dataset} | {each.rows:,} | {_figures(each.columns)} | {marks} |")
    layouts, keys = sum(each.layout_is_right for each in judged), sum(each.key_is_right for each in judged)
    refused = f"{sum(each.refused_found for each in judged)}/{sum(each.refused for each in judged)}"
    rows = sum(each.rows for each in judged)
    return [*lines, f"| **合计** | {rows:,} | {_figures(columns)} | {layouts}/{len(judged)} | {keys}/{len(judged)} | {refused} |"]


def _figures(columns: Sequence[Judgement]) -> str:
    identifiers = [column for column in columns if column.is_identifier]
    strict = share(columns, (column.is_right for column in columns))
    lenient = share(columns, (column.is_alike for column in columns))
    blind = share(columns, (column.without_header == column.expected for column in columns))
    found = f"{sum(column.is_alike for column in identifiers)}/{len(identifiers)}"
    return f"{len(columns)} | {strict:.1%} | {lenient:.1%} | {found} | {blind:.1%}"


def _mark(is_right: bool) -> str:
    return "对" if is_right else "不同"
