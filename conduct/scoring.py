"""Detailed review (详细评审): each member scores alone, cell by cell; what is signed is what was read back.

Nobody gets to see another's numbers before all have signed theirs.
"""

from dataclasses import dataclass

from conduct import blinding, pledging, reading
from conduct.ports import Actor, Json, Tx
from conduct.reviewing import StageNotOpen
from evaluation.blinded import awaits_codes
from evaluation.case import BidId, Case, CaseId, MemberId
from evaluation.reevaluation import NotConcerned
from evaluation.sheet import body_of, complete_sheet


class NotYours(Exception):
    """The bid is rejected, or this member's sheet for it is signed and has not been given back."""

    code = "sheet.not_open"


class NoSuchCell(Exception):
    """The tender document has no such item, or a cell has no such field (R-13)."""

    code = "sheet.unknown_item"


@dataclass(frozen=True, slots=True)
class Cell:
    """One typed value: the bid, the item, and whether it is the score or the comment (`score` / `comment`)."""

    bid: BidId
    item: str
    field: str


def may_edit(state: Case, member: MemberId, bid: BidId) -> bool:
    """Whether this member may type into its sheet of this bid now."""
    open_now = state.stage_is_open("detailed") or (member, bid) in state.returned
    unsigned = (member, bid) not in state.sheets or (member, bid) in state.returned
    return open_now and unsigned and bid in state.scored_bids and not awaits_codes(state, member)


def save(tx: Tx, case: CaseId, actor: Actor, cell: Cell, typed: str, revision: int) -> int:
    """Keep one cell as typed and return its revision. Raises `NotYours`, `NoSuchCell`, `StaleRevision`.

    In a re-evaluation also `NotConcerned`.
    """
    state = blinding.seen(tx, case, actor.who)
    pledging.demand_pledged(state, actor)
    if not may_edit(state, MemberId(actor.who), cell.bid):
        raise NotYours
    known = {scored.item.id for scored in blinding.criteria_seen(tx, case, actor.who).items}
    if cell.item not in known or cell.field not in {"score", "comment"}:
        raise NoSuchCell
    if state.reevaluation is not None and not state.reevaluation.touches(cell.bid, cell.item):
        raise NotConcerned
    return tx.shelf(case, "score").put(f"{actor.who}/{cell.bid}/{cell.item}/{cell.field}", {"typed": typed}, revision)


def drafts(tx: Tx, case: CaseId, member: str) -> dict[Cell, tuple[str, int]]:
    """A member's own cells of the bids in hand so far, each with its revision."""
    own, bids = {}, blinding.seen(tx, case, member).bids
    for key, value, revision in tx.shelf(case, "score").under(f"{member}/"):
        _, bid, item, field = key.split("/", 3)
        if bid in bids:
            own[Cell(BidId(bid), item, field)] = (value["typed"], revision)
    return own


def bodies(tx: Tx, case: CaseId, actor: Actor) -> list[Json]:
    """The bodies of the member's sheets that are still to be signed, complete and checked.

    Raises `SheetRefused` with every cell that is wrong, `StageNotOpen` when nothing is left to sign, `ReadTooShort`
    for a bid that was not read as long as the profile demands.
    """
    state = blinding.seen(tx, case, actor.who)
    pledging.demand_pledged(state, actor)
    member = MemberId(actor.who)
    criteria = blinding.criteria_seen(tx, case, actor.who)
    mine = drafts(tx, case, member)
    sheets = []
    open_bids = [bid for bid in state.scored_bids if may_edit(state, member, bid)]
    for bid in open_bids:
        typed = {cell.item: text for cell, (text, _) in mine.items() if cell.bid == bid and cell.field == "score"}
        said = {cell.item: text for cell, (text, _) in mine.items() if cell.bid == bid and cell.field == "comment"}
        sheets.append(body_of(complete_sheet(criteria, member, state.members[member].alias, bid, typed, said)))
    if not sheets:
        raise StageNotOpen
    reading.demand_read(tx, state, member, open_bids)
    return sheets


def saves(tx: Tx, case: CaseId, actor: Actor) -> int:
    """How often cells of this member's open sheets were saved: a page that counts otherwise shows something else."""
    state, member = blinding.seen(tx, case, actor.who), MemberId(actor.who)
    own = drafts(tx, case, member).items()
    return sum(revision for cell, (_, revision) in own if may_edit(state, member, cell.bid))
