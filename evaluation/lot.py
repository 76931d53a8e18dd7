"""Lots (标段) of one case: evaluated one after another by one committee, each with its own bids and criteria.

A statement belongs to the lot that was opened last, by its place in the log; so none of them names its lot.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from evaluation.ids import BidId

OF_A_LOT: Final = (
    *(
        "bids",
        "k",
        "documents",
        "criteria_sha256",
        "precheck",
        "motions",
        "stages",
        "prelims",
        "first_findings",
        "disputed",
    ),
    *("rejections", "rejecting", "failed", "proposals", "clarifications", "corrections", "blind", "sheets", "returned"),
    *("unlocks", "tally_input", "tally_result", "rows", "flags", "questioned", "rollbacks", "candidates", "report"),
)
"""The fields of a `Case` that begin anew with a lot; all others are the committee's and go on."""


SUBJECTS_OF_A_LOT: Final = frozenset(
    (
        *("precheck", "motion", "vote", "stage", "prelim", "revote", "rejection", "tender", "clarification", "sheet"),
        *("correction", "reading", "unlock", "tally", "selfcheck", "abnormal", "score", "rollback", "candidates"),
        *("report", "consent", "blind"),
    )
)
"""The first word of each kind of statement that speaks of one lot."""

ROLES_OF_BIDS: Final = frozenset({"bid", "technical_blind", "certificate", "bill"})
ROLES_OF_LOTS: Final = frozenset({"criteria", "opening", "item_table"})


class LotsLeft(Exception):
    """A lot has not been evaluated yet: the case cannot close."""

    code = "lot.left"


class NoLotLeft(Exception):
    """There is no further lot to open."""

    code = "lot.none_left"


@dataclass(frozen=True, slots=True)
class Bid:
    """A bid as the opening package names it; `price` is a decimal string in yuan."""

    id: BidId
    name: str
    price: str


@dataclass(frozen=True, slots=True)
class Lot:
    """One of several lots as the packages tell of it; `limit` in yuan or "", `criteria` and `opening` digests.

    `opening`, `k` and `bids` are empty until bids are opened. A bid's id is its own in the whole case.
    """

    id: str
    name: str
    limit: str
    method: str
    criteria: str = ""
    opening: str = ""
    k: str = ""
    bids: Mapping[BidId, Bid] = field(default_factory=dict)


def is_of_a_lot(kind: str) -> bool:
    """Whether a statement of this kind belongs to the lot that was opened last, rather than to the whole case."""
    return kind.partition(".")[0] in SUBJECTS_OF_A_LOT


def owner_of(path: str) -> str:
    """Whose a package's file is, by its path: `bids/A.pdf`, `bids/A/1.pdf` are bid A's, `criteria/1.json` lot 1's."""
    _, *parts = path.split("/")
    if len(parts) != 1:
        return next(iter(parts), "")
    stem, dot, _ = parts[0].rpartition(".")
    return stem if stem and dot else parts[0]


def is_of_another(lot: Lot, role: str, path: str) -> bool:
    """Whether a package's file is another lot's: a member of two lots' committee has the papers of one before it."""
    if role in ROLES_OF_BIDS:
        return owner_of(path) not in lot.bids
    return role in ROLES_OF_LOTS and owner_of(path) != lot.id


def bids_of(rows: list[Mapping[str, Any]]) -> dict[BidId, Bid]:
    """Rows of a `package.received` statement as bids, in the order of opening."""
    return {BidId(row["id"]): Bid(BidId(row["id"]), row["name"], row["price"]) for row in rows}
