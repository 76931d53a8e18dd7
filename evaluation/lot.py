"""Lots (标段) of one case: evaluated one after another by one committee, each with its own bids and criteria.

A statement belongs to the lot that was opened last, by its place in the log; so none of them names its lot.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from evaluation.ids import BidId

OF_A_LOT: Final = (
    *("bids", "k", "criteria_sha256", "precheck", "motions", "stages", "prelims", "first_findings", "disputed"),
    *("rejections", "rejecting", "failed", "proposals", "clarifications", "corrections", "sheets", "returned"),
    *("unlocks", "tally_input", "tally_result", "rows", "flags", "questioned", "rollbacks", "candidates", "report"),
)
"""The fields of a `Case` that begin anew with a lot; all others are the committee's and go on."""


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


def bids_of(rows: list[Mapping[str, Any]]) -> dict[BidId, Bid]:
    """Rows of a `package.received` statement as bids, in the order of opening."""
    return {BidId(row["id"]): Bid(BidId(row["id"]), row["name"], row["price"]) for row in rows}
