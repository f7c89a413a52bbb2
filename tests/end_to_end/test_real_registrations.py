"""Real registrations, their addresses as really written, with no library but towns and villages."""

from collections import Counter
from pathlib import Path

import duckdb
import pytest

from flow.run import run
from tests.small_exports import context_at

REAL = Path(__file__).parents[3] / "shared" / "data" / "enterprises" / "ruian.tsv"
FINEST = {"zone", "natural_village", "community", "town", "county"}


@pytest.mark.skipif(not REAL.is_file(), reason="../shared/data is not here")
def test_real_registrations_end_in_a_release_and_no_room_is_invented(tmp_path: Path) -> None:
    context = context_at(tmp_path / "home")
    assert run(context, REAL.parent) == 1
    premises = context.pool.releases.folder(1) / "pool" / "premises.parquet"
    rows = duckdb.sql(f"SELECT address_level, match_status FROM read_parquet('{premises}')").fetchall()
    assert len(rows) == 1724
    assert {level for level, _ in rows if level} <= FINEST
    statuses = Counter(status for _, status in rows)
    assert statuses["matched"] / len(rows) > 0.9
    assert context.pool.ledger.problems()[0].file == "ruian_autolabel.tsv", "a file nobody has a contract for is named"
