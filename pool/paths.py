"""The layout of the data home: this page is the specification of the storage.

Everything below `home` (environment variable DATAPOOL_HOME) has mode 0700 and is written by the package `pool` alone.

    inbox/<system>/<dataset>/     exports dropped or pulled, not yet received; `.<name>.part` is one that is being pulled, `.<name>.part.json`
                                  says of what and how much of it rests on disk: the next pull goes on from there
    raw/<sha256>                  bytes as received, once, whoever sent them how often; they go with the last batch that came as they
    raw/<sha256>.parquet          takes the place of raw/<sha256> after a redaction: its rows as text, without what may not rest here
    receipts/<batch>.json         one per delivery, for ever; a redaction is noted here, the original hash stays
    batches/<batch>/              accepted.parquet, quarantine.parquet, profile.json, manifest.json: written once, never changed;
                                  unchanged.parquet (sheet, row, holder, position): accepted rows that stand in the accepted.parquet of the batch
                                  `holder`, as its row `position` (from 0), because an earlier file brought them with the same text;
                                  digests.parquet: by what later files tell that they bring the same; contract.json: by what it was judged
    matches/<library>/<rules>/    <name>.parquet: address results by library version and rule version, append-only
    library/<version>/            standard addresses, aliases, divisions, index, manifest.json: written once, never changed
    releases/<n>/                 pool/*.parquet or pool/<table>/*.parquet, quality/ (rules.parquet, broken.parquet, scores.parquet, validation.json),
                                  report/, manifest.json: written once, never changed
    releases/<n>.waiting/         a release that passed its gate and waits for a person's approval; it has no shares yet, and no reader sees it. It goes
                                  when it is approved (then <n>/ is there), refused or superseded
    releases/current              the number of the release that counts, as text
    shares/<share>/<n>/           what a group of readers gets of release n, manifest.json; may lie elsewhere (DATAPOOL_SHARES)
    shares/<share>/current        the number of the release these readers see, as text
    ledger.sqlite                 which files count: batches, runs, stages, outcomes, gates, releases, problems; what people decided on address
                                  texts, library edits, what was retired and rolled back, what was pulled, the space taken, what departments were asked to correct and answered, erasures with keyed digests of what
                                  must not come back (or a PostgreSQL database)
    audit/<year>-<month>.jsonl    append-only log, each record chained by SM3 to the one before
    parts/                        files being written and scratch space of running steps; what nobody holds locked is the rest of a killed
                                  process and is removed
    locks/                        locks held by living processes; the kernel releases them on death
    exports/                      sample exports

Rules that make every step safe to repeat after a kill at any moment:

1. A file is written under another name (parts/, or `<name>.part` beside its place), flushed, then renamed, then its folder is flushed.
   A folder is filled as `<name>.part`, flushed with all it holds, then renamed. Names ending in `.part` never count.
2. A file or folder that has its final name is never changed. Exceptions, each replaced as a whole: `current`, a redacted raw file with its receipts, and
   what an erased person stood in: the folder of a release or share is built as `<n>.fresh.part` and exchanged with the one that has the name (see
   pool/replacing.py), a file of address results is written anew, a batch folder is removed and made again from its raw file as by a replay.
3. `manifest.json` of a sealed folder lists its other files: `{"files": {"<path>": {"sha256": ..., "size": ...}}}`, a release's manifest more (see `releases`).
4. Of release n the shares are renamed first, then `releases/<n>`: from this moment the release exists, and whoever publishes next completes what
   is missing: the `current` of each share, `releases/current`, the ledger's row. Before this moment whoever publishes next removes it.
5. What is kept no longer is noted in the ledger first and counts as gone from then on; a folder is renamed to `<name>.removed.part` and then removed.
   Whoever reads a release or a share by path holds a shared flock on its manifest.json, whoever reads batches, raw files, matches or libraries one on
   batches/; who removes takes it alone and never waits.
6. One publisher at a time (locks/publisher.lock). Receiving, checking and matching need no lock but that of the batch they build.

`profile.json` of a batch holds at least `{"rows": {"received": r, "accepted": a, "quarantined": q}}` with r = a + q; a missing Parquet file
means no rows, and unchanged.parquet counts as accepted. Of a release's manifest `verify` reads `files`, `shares`, `audit` (written by `releases.commit`) and, where the publisher gave them,
`tables` (`{"<table>": {"rows": n, ...}}`) and `inputs` (`{"batches": [...]}`).
"""

from dataclasses import dataclass
from pathlib import Path

PART = ".part"
WAITING = ".waiting"
CURRENT = "current"
MANIFEST = "manifest.json"
PROFILE = "profile.json"
PRIVATE_FOLDER_MODE = 0o700
SHARED_FOLDER_MODE = 0o750
PRIVATE_FILE_MODE = 0o400
SHARED_FILE_MODE = 0o440


@dataclass(frozen=True, slots=True)
class PoolPaths:
    """Where each kind of file rests; `shares` may lie outside `home`."""

    home: Path
    shares: Path

    @property
    def inbox(self) -> Path:
        return self.home / "inbox"

    @property
    def raw(self) -> Path:
        return self.home / "raw"

    @property
    def receipts(self) -> Path:
        return self.home / "receipts"

    @property
    def batches(self) -> Path:
        return self.home / "batches"

    @property
    def matches(self) -> Path:
        return self.home / "matches"

    @property
    def library(self) -> Path:
        return self.home / "library"

    @property
    def releases(self) -> Path:
        return self.home / "releases"

    @property
    def audit(self) -> Path:
        return self.home / "audit"

    @property
    def parts(self) -> Path:
        return self.home / "parts"

    @property
    def locks(self) -> Path:
        return self.home / "locks"

    @property
    def exports(self) -> Path:
        return self.home / "exports"

    @property
    def ledger_file(self) -> Path:
        return self.home / "ledger.sqlite"

    def private_folders(self) -> tuple[Path, ...]:
        """All folders below home that a pool has, those of the shares apart."""
        return (
            self.inbox,
            self.raw,
            self.receipts,
            self.batches,
            self.matches,
            self.library,
            self.releases,
            self.audit,
            self.parts,
            self.locks,
            self.exports,
        )
