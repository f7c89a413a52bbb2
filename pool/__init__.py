"""Where data rests: raw files, receipts, batches, ledger, releases, shares, audit log. Only this package writes under the data home."""

from pool.approvals import Approval, ApprovalState
from pool.corrections import CorrectionAnswer, CorrectionChoice, CorrectionItem, CorrectionKind, CorrectionSheet, Standing
from pool.decisions import ReviewUndo
from pool.drift import DriftAcceptance, DriftNote
from pool.erasures import ErasedDigest, Erasure
from pool.errors import AlreadySealed, PoolBusy, PoolError
from pool.inbox import InboxPart
from pool.ledger import Ledger
from pool.ledger_tables import Batch, BatchStatus, Counts, Gate, LibraryEdit, Outcome, Problem, Release, Run, RunStatus, Stage
from pool.matches import Layer
from pool.pair_review import PairChoice, PairDecision
from pool.pool import Pool
from pool.pulls import Contact, PulledFile
from pool.raw import RawFile
from pool.receipts import Receipt, Redaction, batch_id
from pool.release_build import ReleaseBuild
from pool.review import ReviewChoice, ReviewDecision
from pool.upkeep import Retirement, Rollback, SpaceNote

__all__ = [
    "AlreadySealed",
    "Approval",
    "ApprovalState",
    "Batch",
    "BatchStatus",
    "Contact",
    "CorrectionAnswer",
    "CorrectionChoice",
    "CorrectionItem",
    "CorrectionKind",
    "CorrectionSheet",
    "Counts",
    "DriftAcceptance",
    "DriftNote",
    "ErasedDigest",
    "Erasure",
    "Gate",
    "InboxPart",
    "Layer",
    "Ledger",
    "LibraryEdit",
    "Outcome",
    "PairChoice",
    "PairDecision",
    "Pool",
    "PoolBusy",
    "PoolError",
    "Problem",
    "PulledFile",
    "RawFile",
    "Receipt",
    "Redaction",
    "Release",
    "ReleaseBuild",
    "Retirement",
    "ReviewChoice",
    "ReviewDecision",
    "ReviewUndo",
    "Rollback",
    "Run",
    "RunStatus",
    "SpaceNote",
    "Stage",
    "Standing",
    "batch_id",
]
