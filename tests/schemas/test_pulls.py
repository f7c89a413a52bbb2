"""Where a contract says its files are pulled from, and what it must not say."""

import pytest

from schemas.contract import ContractError
from schemas.pull import ApiPull, Completeness, FilePull, Paging, SqlPull, Watermark
from schemas.snapshot import snapshot

HERE = '  - {server: inbox, type: local, path: "public_security/rental_house/*.csv", format: csv, encoding: gb18030}\n'
PARQUET = '  - {server: inbox2, type: local, path: "public_security/rental_house/*.parquet", format: parquet}\n'
JSONL = '  - {server: inbox2, type: local, path: "public_security/rental_house/*.jsonl", format: jsonl}\n'


def server(kind: str, fields: str, **own: str) -> str:
    properties = "".join(f"\n      - {{property: {name}, value: {value}}}" for name, value in own.items())
    return f"  - server: source\n    type: {kind}\n    {fields}\n" + (f"    customProperties:{properties}\n" if own else "")


SFTP = server("sftp", "location: sftp://police.example/out/*.csv", connection="police", hostKey=f'"SHA256:{"a" * 43}"', marker=".ok")
DATABASE = "host: db.example\n    port: 5432\n    database: registry\n    schema: public"
SQL = server("postgresql", DATABASE, connection="registry", query='"SELECT * FROM t;"')
API = server(
    "api",
    "location: https://open.example/records",
    connection="open",
    records="data.list",
    paging="{style: page, at: page, size: size, rows: 100}",
)


def test_every_kind_of_source_is_read(edited):
    contract = edited(HERE, HERE + PARQUET + SFTP)
    assert contract.pulls == (
        FilePull("source", "sftp", "sftp://police.example/out/*.csv", "police", Completeness(".ok", 0), (f"SHA256:{'a' * 43}",)),
    )
    assert contract.path_patterns == ("public_security/rental_house/*.csv", "public_security/rental_house/*.parquet")
    (sql,) = edited(HERE, HERE + PARQUET + SQL).pulls
    assert sql == SqlPull("source", "postgresql+psycopg", "db.example", 5432, "registry", "registry", "SELECT * FROM t", None, "public")
    (api,) = edited(HERE, HERE + JSONL + API).pulls
    assert isinstance(api, ApiPull)
    assert api.paging == Paging("page", "page", "size", 100)
    (folder,) = edited(HERE, HERE + server("local", 'path: "/mnt/share/*.csv"\n    format: csv')).pulls
    assert (folder.kind, folder.completeness) == ("folder", Completeness("", 60))
    (dameng,) = edited(HERE, HERE + PARQUET + server("custom", DATABASE, driver="dm+dmPython", connection="dm", query="SELECT 1")).pulls
    assert dameng.driver == "dm+dmPython"


def test_the_inbox_may_ask_for_a_marker(edited):
    changed = HERE.replace("gb18030}", "gb18030, customProperties: [{property: marker, value: .done}]}")
    assert edited(HERE, changed).completeness == Completeness(".done", 0)


def test_how_files_come_does_not_change_what_they_mean(edited):
    assert snapshot(edited(HERE, HERE + SFTP)) == snapshot(edited(HERE, HERE))


def test_new_rows_alone_are_for_incremental_datasets(edited):
    watermarked = SQL + "      - {property: watermark, value: {column: updated, overlap: 600}}\n"
    with pytest.raises(ContractError, match="会被当作撤下"):
        edited(HERE, HERE + PARQUET + watermarked)
    assert Watermark("updated", 600) == Watermark("updated", overlap=600)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (SFTP.replace("sftp://", "sftp://reader:secret99@"), "地址里有账号、密码或令牌"),
        (SFTP.replace("police.example", ""), "地址的写法不对"),
        (SFTP.replace("value: police}", "value: Police SFTP}"), "没有写明连接的名称"),
        (SFTP.replace("SHA256:", "MD5:"), "主机密钥"),
        (SFTP.replace("marker", "markr"), "自定义属性“markr”不能用在这里"),
        (PARQUET + SQL.replace("SELECT", "DELETE"), "不是查询语句"),
        (SQL, "取来的是 parquet 文件"),
        (
            JSONL + API.replace("records}", "records?access_token=x}").replace("/records\n", "/records?access_token=x\n"),
            "地址里有账号、密码或令牌",
        ),
        (JSONL + API + "      - {property: parameters, value: {appKey: abc}}\n", "像是密钥"),
        (JSONL + API.replace("style: page", "style: pages"), "分页方式“pages”不认识"),
        (JSONL + API.replace("at: page, ", ""), "缺少“at”"),
        (server("snowflake", "account: a\n    database: d\n    schema: s"), "还不能从“snowflake”取数"),
        (SFTP + SFTP, "有两处 server 都叫“source”"),
    ],
)
def test_what_cannot_be_pulled_or_holds_a_secret_is_a_fault(edited, text, said):
    with pytest.raises(ContractError) as told:
        edited(HERE, HERE + text)
    assert said in str(told.value)
    assert "secret99" not in str(told.value)
