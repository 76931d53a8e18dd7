"""Step 9, blind review: codes made again from the opened salt; every sheet under a code signed before it was opened."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from archive.verifier.context import Context, Found, Line
from archive.verifier.documents import CRITERIA
from archive.verifier.findings import Finding
from archive.verifier.lots import Lot, lots_of
from evaluation.tally.reading import load_json
from signing.canonical import canonical

FORMAT: Final = "bid-blind/1"


def check(context: Context) -> Found:
    """Commitment before any work, salt and codes as committed, sheets by code over the blind part alone and unchanged.

    A newcomer may sign a first sheet under an opened code (实施条例 Art. 48), and anybody one of a bid whose rejection
    fell since; nobody signs a second one.
    """
    for lot in lots_of(context):
        yield from _check_lot(lot)


def _check_lot(lot: Lot) -> Found:
    context = lot.context
    committed, opened = context.log.of("blind.committed"), context.log.of("blind.opened")
    is_scored_blind = any(group.get("blind") for group in _groups(lot)) and not _is_again(context)
    if len(committed) != int(is_scored_blind) or len(opened) > len(committed):
        yield Finding(9, lot.at(*CRITERIA), "blind-not-committed")
        return
    if not committed:
        return
    yield from _check_moment(lot, committed[0])
    if not opened:
        if context.log.of("tally.computed"):
            yield Finding(9, committed[0].name, "codes-not-opened")
        return
    yield from _check_opened(lot, committed[0], opened[0])
    yield from _check_sheets(lot, opened[0])


def mapping(context: Context) -> dict[str, str]:
    """Code → bid as the log opened it; empty where nothing was scored blind."""
    return {code: bid for line in context.log.of("blind.opened") for code, bid in line.body["codes"].items()}


def commitment(case: str, salt: str, bids: Sequence[str]) -> str:
    """SHA-256 (hex) over the canonical bytes that docs/records-evaluation.md gives."""
    return hashlib.sha256(canonical({"bids": list(bids), "case": case, "format": FORMAT, "salt": salt})).hexdigest()


def codes(case: str, lot: str, salt: str, bids: Sequence[str]) -> dict[str, str]:
    """Code → bid: numbered in the order of the bids' own salted digests, after the lot where there are several."""

    def digest(bid: str) -> bytes:
        return hashlib.sha256(canonical({"bid": bid, "case": case, "format": FORMAT, "salt": salt})).digest()

    of_lot = f"{lot}-" if lot else ""
    return {f"暗{of_lot}{place:02d}": bid for place, bid in enumerate(sorted(bids, key=digest), 1)}


def _is_again(context: Context) -> bool:
    """Whether the original committee evaluates again, by name: it has known whose each code was."""
    return any(line.body.get("follows", {}).get("reason") == "reevaluated" for line in context.log.of("case.created"))


def _groups(lot: Lot) -> list[Mapping[str, Any]]:
    criteria: Any = load_json(lot.context.bag.read(lot.at(*CRITERIA)))
    return list(criteria["groups"])


def _bids(lot: Lot) -> list[str]:
    received = [line for line in lot.context.log.of("package.received") if line.body["type"] == "opening"][-1]
    return [str(bid["id"]) for bid in received.body["bids"] if str(bid.get("lot", "")) == lot.id]


def _check_moment(lot: Lot, committed: Line) -> Iterator[Finding]:
    """Committed to before the committee's first act in the lot, about the groups that the tender document names."""
    first = lot.context.log.of("stage.opened", "sheet.signed")[:1]
    if any(line.index < committed.index for line in first):
        yield Finding(9, committed.name, "blind-not-committed")
    for key, is_blind in (("groups", True), ("named", False)):
        wanted = [group["id"] for group in _groups(lot) if bool(group.get("blind")) is is_blind]
        if list(committed.body[key]) != wanted:
            yield Finding(9, committed.name, "blind-groups-differ", key)


def _check_opened(lot: Lot, committed: Line, opened: Line) -> Iterator[Finding]:
    case, salt, bids = lot.context.log.case, str(opened.body["salt"]), _bids(lot)
    if commitment(case, salt, bids) != committed.body["commitment"]:
        yield Finding(9, opened.name, "salt-not-committed")
    if codes(case, lot.id, salt, bids) != dict(opened.body["codes"]):
        yield Finding(9, opened.name, "codes-differ")
    yield from _check_listed(lot, opened.body["codes"])


def _check_listed(lot: Lot, known: Mapping[str, str]) -> Iterator[Finding]:
    """Scoring opens for the codes of all bids not rejected then: one kept back would be scored with its name known.

    What the preliminary review rejects falls as it is open again: by a rollback to it, or for a newcomer.
    """
    rejected: set[str] = set()
    for line in lot.context.log.of("rejection.decided", "member.replaced", "rollback.decided", "stage.opened"):
        if line.body.get("codes") is not None:
            standing = {code for code, bid in known.items() if bid not in rejected}
            if set(line.body["codes"]) != standing:
                yield Finding(9, line.name, "codes-not-of-standing-bids")
        elif "clause" in line.body:
            rejected.add(str(line.body["bid"]))
        elif line.body.get("stage", "prelim") == "prelim" and line.body.get("approved", True):
            rejected.clear()


def _check_sheets(lot: Lot, opened: Line) -> Iterator[Finding]:
    """Each sheet has the items of its part alone, and is signed in its own time."""
    known = opened.body["codes"]
    parts = {
        is_blind: {item["id"] for group in _groups(lot) if bool(group.get("blind")) is is_blind
                   for item in group["items"]}
        for is_blind in (True, False)
    }  # fmt: skip
    final = _due(lot, opened)
    for line in lot.context.log.of("sheet.signed"):
        key = (str(line.body["member"]), str(line.body["bid"]))
        is_blind, is_late = key[1] in known, line.index > opened.index
        if set(line.body["scores"]) != parts[is_blind]:
            yield Finding(9, line.name, "wrong-part")
        if is_blind and is_late and key in final:
            yield Finding(9, line.name, "sheet-after-codes")
        if not is_blind and not is_late:
            yield Finding(9, line.name, "sheet-before-codes")
        final.add(key)


def _due(lot: Lot, opened: Line) -> set[tuple[str, str]]:
    """The sheets that had to be signed before the codes were opened: of whoever sat then, under the codes told then."""
    before = [line for line in lot.context.log.of("committee.opened", "stage.opened") if line.index < opened.index]
    told = [line.body["codes"] for line in before if "codes" in line.body]
    seated = [line.body["members"] for line in before if "members" in line.body]
    codes_then = told[-1] if told else list(opened.body["codes"])
    return {(str(row["member"]), str(code)) for rows in seated for row in rows for code in codes_then}
