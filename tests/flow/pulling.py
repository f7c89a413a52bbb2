"""What the tests of pulling share: contracts with a source, a patience that never sleeps, and what a pull came to."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from flow.context import Context
from flow.pull import pull
from flow.pull_job import Pulled
from flow.receive import receive
from schemas.pull import Pull
from sources.connection import Connection, from_environment
from sources.pull.patience import Patience
from tests.small_exports import ORGANISATIONS, context_at

PASSWORD = "Zq7#絶対/秘密:x"
FOLDER = "civil_affairs/social_organisation"


@dataclass
class Waits:
    """A clock that moves when somebody sleeps."""

    slept: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    @property
    def patience(self) -> Patience:
        return Patience(self.sleep, lambda: sum(self.slept))


def pulling(home: Path, *pulls: Pull, formats: tuple[str, ...] = ("csv",), **changes: object) -> Context:
    """A pool whose organisations are pulled from somewhere."""
    context = context_at(home)
    patterns = tuple(f"{FOLDER}/*.{each}" for each in formats)
    contract = replace(context.contracts[ORGANISATIONS], pulls=pulls, path_patterns=patterns, formats=formats, **changes)
    return replace(context, contracts={**context.contracts, ORGANISATIONS: contract})


def pull_once(
    context: Context, *, environment: Mapping[str, str] | None = None, waits: Waits | None = None, dry_run: bool = False
) -> Pulled:
    """Pull the organisations from their one source."""
    account = from_environment(environment) if environment is not None else (lambda name: Connection(name, "reader", PASSWORD))
    (outcome,) = pull(context, resolve=account, patience=(waits or Waits()).patience, dry_run=dry_run)
    return outcome


def inbox(context: Context) -> dict[str, bytes]:
    """What a reader of the inbox sees of the dataset: hidden names apart."""
    folder = context.pool.paths.inbox / FOLDER
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*")) if not path.name.startswith(".")} if folder.exists() else {}


def take_in(context: Context) -> list[str]:
    """Receive; the batches that are new."""
    return [each.batch for each in receive(context, context.pool.paths.inbox, contract=ORGANISATIONS) if not each.known]
