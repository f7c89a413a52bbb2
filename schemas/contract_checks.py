"""Does a contract agree with itself, with the refused list and with the pool tables?"""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Mapping, Sequence

from schemas.codes import code_list
from schemas.documents import Document, Place, did_you_mean
from schemas.model import Constant, Contract, Fact
from schemas.pull import ApiPull, SqlPull
from schemas.refused import refused_by_name

AUTO_ENCODING = "auto"
"""Stands for the encoding that a file turns out to be in."""
PROPERTIES: Place = ("schema", 0, "properties")
RESERVED = ("batch", "sequence", "snapshot", "previous", "period", "file_key", "sheet", "row", "row_key", "state", "unverified")
"""Names of what the pool itself notes of every row received; a column of that name would be taken for it."""
NUMBERED_TABLES = ("event", "house")
"""Tables whose records are told apart by their number in the source, which another dataset may use too."""


def note_disagreements(
    document: Document, contract: Contract, pool: Mapping[str, Contract], sources: Sequence[str], anywhere: bool
) -> None:
    """Note every contradiction as a fault of the document, that with its place too unless it may lie `anywhere`.

    sources: ids of the datasets whose numbers a fact may use.
    """
    _check_identity(document, contract, anywhere)
    _check_columns(document, contract)
    _check_key(document, contract)
    _check_rules(document, contract)
    if pool:  # not while its own tables are being loaded
        for place, cause, cure in broken_relationships(contract, pool):
            document.fault(place, cause, cure)
    if not contract.is_source:
        if contract.retention:
            document.fault(
                (), f"数据池的表“{contract.dataset}”不能写 retention", "留存期限写在来源数据集的契约里，版本的保留写在城市目录的 retention"
            )
        if contract.approval:
            document.fault((), f"数据池的表“{contract.dataset}”不能写 approval", "须经批准的，写在来源数据集的契约里")
        return
    _check_delivery(document, contract)
    _check_pulls(document, contract)
    _check_addresses(document, contract)
    _check_coordinates(document, contract)
    _check_facts(document, contract, pool)
    _check_numberings(document, contract, sources)


def broken_relationships(contract: Contract, pool: Mapping[str, Contract]) -> Iterator[tuple[Place, str, str]]:
    """Place, cause and cure for every column that points at a table or column of the pool that does not exist."""
    for index, column in enumerate(contract.columns):
        if column.references is None:
            continue
        table, name = column.references
        place = (*PROPERTIES, index, "relationships", 0, "to")
        if table not in pool:
            yield place, f"列“{column.name}”指向数据池没有的表“{table}”", did_you_mean(table, [*pool])
        elif name not in (known := [each.name for each in pool[table].columns]):
            yield place, f"列“{column.name}”指向表“{table}”没有的列“{name}”", did_you_mean(name, known)


def _check_identity(document: Document, contract: Contract, anywhere: bool) -> None:
    expected = f"{document.path.parent.name}.{document.path.stem}"
    if contract.id != expected and not anywhere:
        document.fault(("id",), f"id“{contract.id}”与文件位置不符", f"请写“{expected}”，或移动文件")
    if document.content["schema"][0].get("name") != contract.dataset:
        document.fault(
            (
                "schema",
                0,
                "name",
            ),
            "表名与数据集名不同",
            f"请写“{contract.dataset}”",
        )


def _check_columns(document: Document, contract: Contract) -> None:
    names: set[str] = set()
    headers: set[str] = set()
    for index, column in enumerate(contract.columns):
        place = (*PROPERTIES, index)
        if column.name in names:
            document.fault(place, f"列名“{column.name}”重复", "请改名")
        if contract.is_source and column.name in RESERVED:
            document.fault(place, f"列名“{column.name}”是数据池自己用的", f"请改名，例如“{column.name}_code”")
        names.add(column.name)
        for header in (column.physical_name, *column.synonyms):
            if header in headers:
                document.fault(place, f"表头“{header}”对应了两列", "请只留一处")
            headers.add(header)
            reason = None if column.ignored else refused_by_name(header)
            if reason:
                document.fault(place, f"列“{header}”在拒收清单上（{reason}）", "请删去该列，或写 ignore: true 只认不收")


def _check_key(document: Document, contract: Contract) -> None:
    if not contract.key:
        document.fault(PROPERTIES, "没有主键", "请在能认出一行的列上写 primaryKey: true 和 primaryKeyPosition")
        return
    positions = sorted(column.primary_key_position or 0 for column in contract.columns if column.name in contract.key)
    if positions != list(range(1, len(positions) + 1)):
        document.fault(PROPERTIES, f"主键各列的位置 {positions} 不连续", "请从 1 起依次编号")
    for index, column in enumerate(contract.columns):
        if column.name in contract.key and column.ignored:
            document.fault((*PROPERTIES, index), f"主键列“{column.name}”被忽略", "请去掉 ignore，或换主键")


def _check_rules(document: Document, contract: Contract) -> None:
    known = _readable(contract)
    for index, rule in enumerate(contract.rules):
        for name in rule.columns:
            if name not in known:
                place = ("schema", 0, "quality", index, "implementation")
                document.fault(place, f"规则“{rule.name}”用到没有的列“{name}”", did_you_mean(name, known))


def _check_delivery(document: Document, contract: Contract) -> None:
    if not contract.department:
        document.fault(("team",), "没有写明提供数据的部门", "请写 team: {name: 部门名称}")
    if not contract.path_patterns:
        document.fault(("servers",), "没有写明文件位置", "请在 servers 下写 path 和 format")
    if contract.encoding and not _is_encoding(contract.encoding):
        document.fault(
            (
                "servers",
                0,
                "encoding",
            ),
            f"没有叫“{contract.encoding}”的编码",
            "常用的有 gb18030、utf-8、utf-8-sig",
        )
    if contract.header_rows < 1:
        document.fault(
            (
                "schema",
                0,
            ),
            "headerRows 至少为 1",
            "请写表头所占的行数",
        )


def _check_pulls(document: Document, contract: Contract) -> None:
    formats = {SqlPull: "parquet", ApiPull: "jsonl"}
    for pull in contract.pulls:
        needed = formats.get(type(pull))
        if needed and needed not in contract.formats:
            path = f"{contract.system}/{contract.dataset}/*.{needed}"
            cure = f'请在 servers 下加一条 {{server: inbox, type: local, path: "{path}", format: {needed}}}'
            document.fault(("servers",), f"“{pull.server}”取来的是 {needed} 文件，契约没有写它放在哪里", cure)
        if isinstance(pull, SqlPull) and pull.watermark and contract.delivery != "incremental":
            cure = "请写 {property: delivery, value: incremental}，或去掉 watermark 每次取全量"
            document.fault(("servers",), f"“{pull.server}”按水位只取新的行，契约的 delivery 却是全量：其余的行会被当作撤下", cure)


def _is_encoding(name: str) -> bool:
    if name == AUTO_ENCODING:
        return True
    try:
        codecs.lookup(name)
    except LookupError:
        return False
    return True


def _check_addresses(document: Document, contract: Contract) -> None:
    known = _readable(contract)
    place = _own_place(document, "addresses")
    for index, use in enumerate(contract.addresses):
        for key, name in _named(use.text, use.division_code, use.community, use.source_address_id, use.as_of, use.lon, use.lat):
            if name not in known:
                document.fault((*place, index, key), f"地址说明用到没有的列“{name}”", did_you_mean(name, known))


def _check_coordinates(document: Document, contract: Contract) -> None:
    place = _own_place(document, "coordinates")
    for index, use in enumerate(contract.coordinates):
        for key, name, element in (("lon", use.lon, "longitude"), ("lat", use.lat, "latitude")):
            known = [column.name for column in contract.columns if column.element and column.element.name == element]
            if name not in known:
                document.fault((*place, index, key), f"坐标说明的“{name}”不是数据元 {element} 的列", did_you_mean(name, known))


def _named(*names: str | None) -> Iterator[tuple[str, str]]:
    keys = ("text", "division_code", "community", "source_address_id", "as_of", "lon", "lat")
    return ((key, name) for key, name in zip(keys, names, strict=True) if name is not None)


def _check_facts(document: Document, contract: Contract, pool: Mapping[str, Contract]) -> None:
    place = _own_place(document, "facts")
    if not contract.facts:
        document.fault(
            (
                "schema",
                0,
            ),
            "没有写明数据行说的是数据池的什么",
            "请在表的 customProperties 下写 facts",
        )
    aliases: dict[str, str] = {}
    for index, fact in enumerate(contract.facts):
        if fact.alias in aliases:
            document.fault((*place, index, "as"), f"事实的名字“{fact.alias}”用了两次", "请改名")
        if fact.alias:
            aliases[fact.alias] = fact.table
    for index, fact in enumerate(contract.facts):
        table = pool.get(fact.table)
        if table is None:
            document.fault((*place, index, "table"), f"数据池没有表“{fact.table}”", did_you_mean(fact.table, [*pool]))
        else:
            _check_fact(document, (*place, index, "columns"), fact, table, contract, aliases)


def _check_fact(document: Document, place: Place, fact: Fact, table: Contract, contract: Contract, aliases: Mapping[str, str]) -> None:
    fillable = _fillable(table)
    readable = _readable(contract)
    _check_references(document, place, fact, table)
    for key, value in fact.columns.items():
        here = (*place, key)
        if key not in fillable:
            document.fault(here, f"表“{fact.table}”没有可填的列“{key}”", did_you_mean(key, fillable))
        elif isinstance(value, Constant):
            _check_constant(document, here, table, key, value)
        elif key in fact.references:
            wanted = _target(table, key)
            if aliases.get(value) != wanted:
                known = [alias for alias, named in aliases.items() if named == wanted]
                document.fault(here, f"“{key}”应指向一条关于“{wanted}”的事实，没有叫“{value}”的", did_you_mean(value, known))
        elif key == "address" and value not in {use.text for use in contract.addresses}:
            document.fault(here, f"地址列“{value}”没有列在 addresses 下", "请在表的 customProperties 下的 addresses 补上")
        elif value not in readable:
            document.fault(here, f"合同没有列“{value}”", did_you_mean(value, readable))


def _check_references(document: Document, place: Place, fact: Fact, table: Contract) -> None:
    """A fact names the facts it points at by their aliases, and none that its table requires is left out."""
    for column in table.columns:
        if column.references is None or column.references[0] in ("address", table.dataset):
            continue
        key, wanted = column.name.removesuffix("_id"), column.references[0]
        cure = f"请写 {key}: 一条关于“{wanted}”的事实的名字（as）"
        if column.name in fact.columns:
            document.fault((*place, column.name), f"“{column.name}”是数据池自己编的号，不能由来源填写", cure)
        elif isinstance(fact.columns.get(key), Constant):
            document.fault((*place, key), f"“{key}”应指向一条关于“{wanted}”的事实，不能是固定值", cure)
        elif column.required and key not in fact.columns:
            document.fault(place, f"关于“{fact.table}”的事实没有说是哪个“{wanted}”（缺少 {key}）", cure)


def _check_numberings(document: Document, contract: Contract, sources: Sequence[str]) -> None:
    place = _own_place(document, "facts")
    for index, fact in enumerate(contract.facts):
        here = (*place, index, "of")
        if fact.of is None:
            continue
        if fact.table not in NUMBERED_TABLES:
            document.fault(here, f"表“{fact.table}”的事实不能写 of", f"of 只用于凭来源编号认出的表：{'、'.join(NUMBERED_TABLES)}")
        elif fact.of not in sources:
            document.fault(here, f"没有数据集“{fact.of}”", did_you_mean(fact.of, sources))
        elif "source_key" not in fact.columns:
            document.fault(here, f"写了 of: {fact.of}，却没有 source_key", "请在 columns 写明哪一列是那个数据集的编号")


def _check_constant(document: Document, place: Place, table: Contract, key: str, value: Constant) -> None:
    """A constant of a column with a code list is one of its codes."""
    element = next((column.element for column in table.columns if column.name == key), None)
    if element is not None and element.code_list and value.value not in (codes := [*code_list(element.code_list)]):
        document.fault(
            place,
            f"“{value.value}”不在代码表“{element.label}”（schemas/codes/{element.code_list}.csv）内",
            did_you_mean(str(value.value), codes),
        )


def _target(table: Contract, key: str) -> str:
    """The pool table that a reference of a fact points at: ``person`` for the key ``owner`` of house. Raises KeyError."""
    references = table.column(f"{key}_id").references
    if references is None:
        raise KeyError(key)
    return references[0]


def _fillable(table: Contract) -> list[str]:
    """What a fact may fill in a pool table: its columns, references by their short name too."""
    short = [column.name.removesuffix("_id") for column in table.columns if column.references]
    return [*short, *(column.name for column in table.columns)]


def _readable(contract: Contract) -> list[str]:
    return [column.name for column in contract.columns if not column.ignored]


def _own_place(document: Document, name: str) -> Place:
    for index, entry in enumerate(document.content["schema"][0].get("customProperties", [])):
        if entry.get("property") == name:
            return ("schema", 0, "customProperties", index, "value")
    return ("schema", 0)
