"""Reading time (阅读时长): how long each member had each paper before its eyes; stated once scoring or the case ends.

A page counts only while it is seen and used. What it tells is held against the server's own clock, so nobody reads
two papers at once, or for longer than the time there was. It judges nobody: a short time may have good reasons.
"""

from collections.abc import Mapping
from datetime import datetime

from conduct.ports import SERVER, Actor, Json, Tx
from conduct.rulebook import frozen_profile
from evaluation.case import BidId, Case, CaseId, MemberId
from evaluation.lot import owner_of
from evaluation.sheet import check_reading

SHELF = "reading"
OF_BIDS = ("bids/", "blind/")
FIRST_MS = 30_000
"""What a member's first word may claim: nothing was heard before that it could be held against."""


class NoSuchPaper(Exception):
    """No package of this case brought such a document."""

    code = "document.unknown"


def note(tx: Tx, case: CaseId, actor: Actor, sha256: str, seconds: int) -> None:
    """Add seconds that a paper was read, at most those since this member's last word. Raises `NoSuchPaper`."""
    state = tx.case(case)
    if all(one.sha256 != sha256 for one in state.documents):
        raise NoSuchPaper
    shelf, key = tx.shelf(case, SHELF), f"{_lot(state)}{actor.who}"
    row = shelf.get(key) or {"at": "", "ms": {}}
    passed = FIRST_MS
    if row["at"]:
        passed = max(0, int((tx.now - datetime.fromisoformat(row["at"])).total_seconds() * 1000))
    spent: Json = row["ms"] | {sha256: row["ms"].get(sha256, 0) + min(seconds * 1000, passed)}
    shelf.put(key, {"at": tx.now.isoformat(), "ms": spent})


def times(tx: Tx, case: CaseId) -> dict[MemberId, dict[str, int]]:
    """Whole seconds by member and by path of the document (`bids/A.pdf`), those read at all for the lot in hand."""
    return _times(tx, tx.case(case))


def _times(tx: Tx, state: Case) -> dict[MemberId, dict[str, int]]:
    beginning = _lot(state)
    return {
        MemberId(key.removeprefix(beginning)): {
            one.path: row["ms"][one.sha256] // 1000 for one in state.documents if one.sha256 in row["ms"]
        }
        for key, row in tx.shelf(state.id, SHELF).items()
        if key.startswith(beginning)
    }


def demand_read(tx: Tx, state: Case, member: MemberId, bids: list[BidId]) -> None:
    """Refuse sheets on bids that were not read as long as the profile demands (R-39). Raises `ReadTooShort`.

    `state` is the case as the member sees it: by code the anonymised files are what must be read.
    """
    own: Mapping[str, int] = _times(tx, state).get(member, {})
    rules = frozen_profile(tx, state).rules.reading
    for bid in bids:
        check_reading(of_bid(own, bid), rules)


def state_times(tx: Tx, case: CaseId) -> None:
    """Put the times into the log as scoring closes, or a case ends half-way: afterwards only the log keeps them."""
    tx.record(case, "reading.stated", {"by": SERVER.as_by(), "seconds": dict(times(tx, case))})


def _lot(state: Case) -> str:
    """How the keys of the lot in hand begin: what was read for one lot counts for no other."""
    return f"{state.lot}/" if state.lot else ""


def of_bid(read: Mapping[str, int], bid: str) -> int:
    """The seconds among these that were spent on a bid, in whatever files it came, its anonymised part among them."""
    return sum(seconds for path, seconds in read.items() if path.startswith(OF_BIDS) and owner_of(path) == bid)
