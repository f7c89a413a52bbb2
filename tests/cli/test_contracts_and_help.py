"""datapool contracts, and what --help says."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer import Context
from typer.core import TyperCommand as Command, TyperGroup as Group
from typer.main import get_command

from cli.app import commands
from schemas.contract import source_contracts
from tests.cli.command import datapool

ROOT = Path(__file__).parents[2]
COMMANDS = {
    "run": ["EXPORTS_DIR", "datapool run", "--date", "--after-rollback", "--home", "退出码"],
    "pull": ["--dry-run", "--json", "--home"],
    "status": ["--json", "--home"],
    "query": ["SQL", "--share", "--release", "--format", "--output", "datapool query"],
    "trace record": ["TABLE", "KEY", "--release", "--unmasked", "--reason", "--json", "标准输入", "datapool trace person"],
    "trace row": ["FILE", "ROW", "--sheet", "--release", "--unmasked", "--reason", "--json", "datapool trace row"],
    "trace report": ["FIGURE", "--release", "--limit", "--output", "--check", "--json", "退出码", "datapool trace report"],
    "audit list": ["--who", "--action", "--object", "--from", "--to", "--limit", "--output", "--json", "datapool audit list"],
    "audit digest": ["--date", "--output", "--json", "datapool audit digest"],
    "verify": ["--json", "退出码"],
    "releases": ["--json", "--home"],
    "release show": ["RELEASE", "--json", "退出码", "datapool release show"],
    "release approve": ["RELEASE", "--reason", "--seen", "--who", "datapool release approve"],
    "release refuse": ["RELEASE", "--reason", "--seen", "--who", "datapool release refuse"],
    "space": ["--json", "--home"],
    "retire": ["--dry-run", "--yes", "--json", "退出码", "datapool retire"],
    "rollback": ["RELEASE", "--reason", "--home"],
    "report": ["--release", "--home"],
    "withdraw": ["BATCH", "--reason", "--home", "datapool withdraw"],
    "replay": ["BATCH", "--dataset", "--period", "--all", "--into", "--reason", "退出码"],
    "erase": ["--person", "--reason", "--yes", "--json", "标准输入", "退出码", "datapool erase"],
    "match": ["--library", "--aliases", "--records", "--address-column", "--explain", "--output"],
    "doctor": ["--json", "退出码"],
    "address import": ["FILE", "--full", "--date", "--rejected", "--why", "--dry-run", "--json"],
    "address add": ["TEXT", "--ticked", "--from", "--why", "--who", "--dry-run", "datapool address add"],
    "address retire": ["ID|TEXT", "--on", "--why", "--dry-run", "datapool address retire"],
    "address rename": ["ID|TEXT", "NAME", "--on", "--all", "--why", "datapool address rename"],
    "address alias": ["ID|TEXT", "ALIAS", "--from", "--until", "--why", "datapool address alias"],
    "address undo": ["NUMBER|BATCH", "--why", "--who"],
    "address history": ["ID|TEXT", "--json"],
    "address suggest": ["--min-departments", "--most", "--output", "--json"],
    "review list": ["--decided", "--unmatched", "--town", "--dataset", "--limit", "--unmasked", "--json"],
    "review export": ["FILE.xlsx", "--unmatched", "--town", "--dataset", "--limit", "datapool review export"],
    "review import": ["FILE.xlsx", "--dry-run", "--json", "退出码"],
    "review undo": ["DECISION", "--reason", "--by", "datapool review undo"],
    "review check": ["--output", "--json", "退出码"],
    "corrections issue": ["--department", "--out", "--due", "--again", "--json", "datapool corrections issue"],
    "corrections list": ["--department", "--json", "退出码"],
    "corrections show": ["RECEIPT", "--json", "datapool corrections show"],
    "corrections take": ["FILE.xlsx", "--dry-run", "--json", "退出码", "datapool corrections take"],
    "contracts check": ["FILE"],
    "contracts new": ["FILE", "--system", "--dataset", "--name", "--output", "--sheet", "--encoding", "--force"],
    "contracts show": ["DATASET"],
    "contracts diff": ["OLD", "NEW", "--json", "退出码"],
}


def test_every_command_is_listed_with_a_chinese_line() -> None:
    answer = datapool("--help")
    assert answer.code == 0
    for name in {command.split()[0] for command in COMMANDS}:
        assert re.search(rf"{name}\s+[^\n]*[一-鿿]", answer.output), name
    assert "退出码：0 正常，1 发现问题，2 无法执行" in answer.output


def _all_commands(group: Group, prefix: str = "") -> Iterator[tuple[str, Command]]:
    context = Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, Group):
            yield from _all_commands(command, f"{name} ")
        else:
            yield prefix + name, command


def test_every_command_and_option_is_explained_in_chinese() -> None:
    group = get_command(commands)
    assert isinstance(group, Group)
    found = dict(_all_commands(group))
    assert found.keys() == COMMANDS.keys()
    for name, command in found.items():
        assert re.search("[一-鿿]", command.help or ""), name
        for parameter in command.params:
            assert re.search("[一-鿿]", getattr(parameter, "help", None) or ""), (name, parameter.name)


@pytest.mark.parametrize("command", COMMANDS)
def test_help_is_chinese_and_names_every_option(command: str) -> None:
    answer = datapool(*command.split(), "--help")
    assert "Show this message" not in answer.output
    assert "completion" not in answer.output
    assert answer.code == 0
    for word in COMMANDS[command]:
        assert word in answer.output, word


@pytest.mark.parametrize("command", [(), ("trace",), ("audit",)])
def test_command_of_commands_shows_its_help(command: tuple[str, ...]) -> None:
    answer = datapool(*command)
    assert answer.code == 2
    assert "命令" in answer.errors + answer.output
    assert "用法有误" not in answer.errors


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("trace person", "缺少参数 KEY。"),
        ("nothing", "没有命令 nothing。"),
        ("status x", "多了参数：x"),
        ("run --wrong", "没有选项 --wrong。"),
        ("status --home", "选项 --home 后面缺少值。"),
        ("status --json=1", "选项 --json 不带值。"),
        ("trace row a b", "'ROW' 的值应为整数。"),
        ("trace row a 0", "'ROW' 的值不能小于 1"),
        ("query x --format y", "'--format' 的值 'y' 无效，应为其中之一：'table', 'csv', 'json', 'parquet'。"),
        ("query --file /none", "'--file' / '-f'：'/none' 不存在。"),
        ("trace report one --check", "│ --check 核对全部数字，不能同时指明一个数字"),
        ("query --file /", "'--file' / '-f'：'/' 是目录，应为文件。"),
    ],
)
def test_wrong_usage_is_code_2_and_told_in_chinese(command: str, told: str) -> None:
    answer = datapool(*command.split())
    assert answer.code == 2
    assert "用法有误" in answer.errors
    assert told in answer.errors


def test_contracts_of_the_repository_are_fine() -> None:
    answer = datapool("contracts", "check")
    assert answer.code == 0
    assert "没有错误" in answer.output


def test_fault_in_a_contract_is_named_with_file_and_line(tmp_path: Path) -> None:
    path = tmp_path / "rental_house.yaml"
    good = ROOT / "schemas" / "sources" / "public_security" / "rental_house.yaml"
    shutil.copy(good, path)
    text = path.read_text(encoding="utf-8").replace("value: source_key}", "value: source_kee}", 1)
    path.write_text(text, encoding="utf-8")
    line = next(number for number, each in enumerate(text.splitlines(), 1) if "source_kee" in each)
    answer = datapool("contracts", "check", path, good)
    assert answer.code == 1
    assert str(path) in answer.output
    assert str(line) in answer.output
    assert "source_key" in answer.output, "what was meant"


@pytest.mark.parametrize("wrong", ["lease_end IS NULL OR OR", "lease_end >= owner_name + 1"])
def test_a_rule_that_cannot_run_is_named_with_its_line(tmp_path: Path, wrong: str) -> None:
    good = ROOT / "schemas" / "sources" / "public_security" / "rental_house.yaml"
    path = tmp_path / "public_security" / "rental_house.yaml"
    path.parent.mkdir()
    text = good.read_text(encoding="utf-8").replace("lease_end IS NULL OR lease_start IS NULL OR lease_end >= lease_start", wrong)
    path.write_text(text, encoding="utf-8")
    line = next(number for number, each in enumerate(text.splitlines(), 1) if wrong in each)
    answer = datapool("contracts", "check", path)
    assert answer.code == 1
    assert f"第 {line} 行：规则“lease_dates_in_order”的条件不能执行" in answer.output


def test_a_contract_is_drafted_and_then_checked(tmp_path: Path) -> None:
    export = tmp_path / "养老机构_20251231.csv"
    homes = "\n".join(f"YL{number:04d},安阳第{number}养老院,安阳街道中心街{number}号,{number + 20}" for number in range(1, 31))
    export.write_text(f"机构编号,机构名称,机构地址,核定床位数\n{homes}\n", encoding="gb18030")
    contract = tmp_path / "civil_affairs" / "care_home.yaml"
    options = ("--system", "civil_affairs", "--dataset", "care_home", "-o", contract)
    answer = datapool("contracts", "new", export, *options)
    assert answer.code == 0
    assert str(contract) in answer.output
    assert datapool("contracts", "check", contract).code == 0
    again = datapool("contracts", "new", export, *options)
    assert again.code == 2
    assert "--force" in again.errors
    assert datapool("contracts", "new", export, *options, "--force").code == 0
    assert datapool("contracts", "new", tmp_path / "none.csv", *options, "--force").code == 2


def test_datasets_and_columns_are_shown() -> None:
    listed = datapool("contracts", "show").output
    for contract in source_contracts().values():
        assert contract.id in listed
    shown = datapool("contracts", "show", "public_security.rental_house").output
    for word in ("出租房屋", "gb18030", "房主证件号码", "owner_number", "必填"):
        assert word in shown
    answer = datapool("contracts", "show", "nothing")
    assert answer.code == 2
    assert "没有数据集 nothing" in answer.errors


def _edited(folder: Path, old: str, new: str) -> Path:
    text = (ROOT / "schemas" / "sources" / "public_security" / "rental_house.yaml").read_text(encoding="utf-8")
    assert old in text
    path = folder / "old.yaml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    return path


def test_changes_of_a_contract_are_told_with_reason_and_remedy(tmp_path: Path) -> None:
    old = _edited(tmp_path, "physicalName: 房主姓名", "physicalName: 产权人姓名")
    now = ROOT / "schemas" / "sources" / "public_security" / "rental_house.yaml"
    for files in ((old,), (old, now)):
        answer = datapool("contracts", "diff", *files)
        assert answer.code == 1
        for word in ("不兼容", "不再认得表头“产权人姓名”", "synonyms", "1.0.0 → 1.0.0"):
            assert word in re.sub(r"\s+", "", answer.output) or word in answer.output, word
    [evolution] = json.loads(datapool("contracts", "diff", old, "--json").output)
    assert (evolution["id"], evolution["is_compatible"]) == ("public_security.rental_house", False)
    assert {"subject", "what", "is_compatible", "why", "remedy"} == evolution["changes"][0].keys()


def test_compatible_change_is_code_0_and_no_file_code_2(tmp_path: Path) -> None:
    answer = datapool("contracts", "diff", _edited(tmp_path, "physicalName: 房屋ID, ", "physicalName: 房屋ID, description: 编号, "))
    assert (answer.code, "只影响显示" in answer.output) == (0, True)
    assert "没有改动" in datapool("contracts", "diff", ROOT / "schemas" / "sources" / "public_security" / "rental_house.yaml").output
    broken = _edited(tmp_path, "value: source_key}", "value: source_kee}")
    answer = datapool("contracts", "diff", broken)
    assert (answer.code, "source_kee" in answer.errors) == (2, True)


def test_contracts_of_the_batches_in_a_pool_are_compared_with_those_of_now(home: Path) -> None:
    answer = datapool("contracts", "diff", "--home", home)
    assert (answer.code, "没有改动" in answer.output) == (0, True)
    answer = datapool("contracts", "diff", "nothing", "--home", home)
    assert (answer.code, "没有数据集 nothing" in answer.errors) == (2, True)
