"""The examples of docs/connections.md are contracts that load."""

import re
from pathlib import Path

import pytest

from schemas.contract import load_contract

PROJECT = Path(__file__).resolve().parents[2]
GUIDE = (PROJECT / "docs" / "connections.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(servers:.*?)```", GUIDE, flags=re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES, ids=["sftp", "postgresql", "api"])
def test_an_example_loads_as_it_stands(example, tmp_path):
    shipped = (PROJECT / "schemas" / "sources" / "public_security" / "rental_house.yaml").read_text(encoding="utf-8")
    text = re.sub(r"^servers:\n.*?(?=^schema:)", lambda _: example, shipped, flags=re.DOTALL | re.MULTILINE)
    text = text.replace("SHA256:2uVqJ0x…", "SHA256:" + "a" * 43)
    if "watermark" in example:
        text = text.replace("property: delivery, value: full", "property: delivery, value: incremental")
    path = tmp_path / "rental_house.yaml"
    path.write_text(text, encoding="utf-8")
    assert len(load_contract(path, anywhere=True).pulls) == 1
