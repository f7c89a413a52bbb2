"""Which files decide how data are judged, matched and joined, and which of them changed since the last run."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from flow.context import Context
from pool.files import file_sha256

CONFIGURATION = "configuration.change"
"""Action in the audit log."""
ROOT = Path(__file__).parents[1]
FOLDERS = ("schemas", "expectations", "address_matching")
KINDS = (".yaml", ".csv", ".tsv", ".sql")


def configuration_files(context: Context) -> dict[str, str]:
    """SHA-256 of every contract, element, code list, rule and word list, and of the city's files, by name."""
    found = {path.relative_to(ROOT).as_posix(): path for folder in FOLDERS for path in _data_files(ROOT / folder)}
    city = context.city.divisions.parent
    found |= {f"cities/{context.city.code}/{path.relative_to(city).as_posix()}": path for path in _data_files(city)}
    return {name: file_sha256(path) for name, path in sorted(found.items())}


def note_configuration(context: Context) -> None:
    """Put on record which of these files are not as in the last run, each with its hash; nothing where all are."""
    files, known = configuration_files(context), _known(context)
    changed = {name: sha256 for name, sha256 in files.items() if known.get(name) != sha256}
    removed = sorted(known.keys() - files.keys())
    if not changed and not removed:
        return
    details = {
        "added": {name: sha256 for name, sha256 in changed.items() if name not in known},
        "changed": {name: sha256 for name, sha256 in changed.items() if name in known},
        "removed": removed,
        "run": context.run,
    }
    digest = hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest()
    context.pool.audit.append(CONFIGURATION, digest[:16], context.actor, "changed" if known else "first", context.now, details)


def _known(context: Context) -> Mapping[str, str]:
    """The files as the log has them."""
    known: dict[str, str] = {}
    for record in context.pool.audit.records(CONFIGURATION):
        known |= {**record.details["added"], **record.details["changed"]}
        for name in record.details["removed"]:
            known.pop(name, None)
    return known


def _data_files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.suffix in KINDS and path.is_file())
