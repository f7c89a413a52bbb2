"""What a run needs from outside: the data home, the city, the contracts, the clock, who runs it and the pseudonym key."""

import getpass
import importlib.metadata
import os
import secrets
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from flow.home import open_pool
from pool import Pool, PoolError
from pool.files import flush_file, flush_folder
from pool.stage_cost import StageNote
from schemas.city import City, city_of_environment
from schemas.contract import Contract, contracts_of, pool_contracts
from transforms.pseudonym import SHORTEST_KEY

KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Context:
    """One run's surroundings. `now` is an instant with time zone, `run` its id, `key` the secret of the pseudonyms."""

    pool: Pool
    city: City
    contracts: Mapping[str, Contract]
    tables: Mapping[str, Contract]
    now: datetime
    run: str
    actor: str
    software: str
    key: bytes

    def stage(self, name: str, batch: str = "") -> AbstractContextManager[StageNote]:
        """Keep account in the ledger of a step of this run: a verb of the path, or `<verb>.<part>` of one."""
        return self.pool.ledger.stage(self.run, name, batch, now=self.now)

    def local_time(self, instant: datetime) -> datetime:
        """An instant on the city's clock."""
        return instant.astimezone(self.city.time_zone)

    def local_date(self, instant: datetime) -> date:
        """The business date of an instant."""
        return self.local_time(instant).date()


def open_context(home: Path | None = None, *, now: datetime | None = None, run: str | None = None, existing: bool = False) -> Context:
    """Open the pool that the environment names; one that must be `existing` is not made.

    DATAPOOL_HOME (default ./var), DATAPOOL_CITY, DATAPOOL_LEDGER (database URL), DATAPOOL_SHARES, DATAPOOL_KEY_FILE, DATAPOOL_ACTOR.
    Raises PoolError, ContractError.
    """
    now = now or datetime.now(UTC)
    pool = open_pool(home, existing=existing)
    # Where releases stand, a lost key is not made anew: reading needs none, and the next release is refused until it is restored.
    is_lost = pool.releases.current() is not None and not key_file().is_file()
    city = city_of_environment()
    return Context(
        pool=pool,
        city=city,
        contracts=contracts_of(city),
        tables=pool_contracts(),
        now=now,
        run=run or f"run-{now:%Y%m%dT%H%M%S%fZ}",
        actor=os.environ.get("DATAPOOL_ACTOR") or getpass.getuser(),
        software=importlib.metadata.version("datapool"),
        key=b"" if is_lost else pseudonym_key(),
    )


def key_file() -> Path:
    """Where the secret of the pseudonyms rests: outside the pool, so that who has the one has not the other."""
    configured = os.environ.get("DATAPOOL_KEY_FILE")
    base = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return Path(configured) if configured else base / "datapool" / "pseudonym.key"


def pseudonym_key() -> bytes:
    """The secret of the pseudonyms, made on first use; whoever loses it gets new ids for every person.

    Raises PoolError when the file holds something else.
    """
    path = key_file()
    if not path.is_file():
        _make_key(path)
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except ValueError:
        key = b""
    if len(key) < SHORTEST_KEY:
        raise PoolError(
            f"假名密钥文件 {path} 已损坏：应为 {2 * KEY_BYTES} 位十六进制数。请从备份恢复；换用新的密钥会改变所有人员和单位的编号。"
        )
    return key


def _make_key(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    fresh.touch(mode=0o600)
    fresh.write_text(secrets.token_hex(KEY_BYTES) + "\n", encoding="ascii")
    flush_file(fresh)
    try:
        os.link(fresh, path)
        flush_folder(path.parent)
    except FileExistsError:
        pass  # another process made the key first: that one holds
    finally:
        fresh.unlink()
