"""The score grid as its page needs it: one state for each bid's column, every cell with what is typed in it."""

from conduct import blinding, scoring
from conduct.ports import Actor, Json, Tx
from evaluation.blinded import awaits_codes
from evaluation.case import BidId, Case, CaseId, MemberId
from evaluation.sheet import SheetRefused, body_of, complete_sheet
from web.papers import digest_of
from web.read_back import prepared_sheets

Drafts = dict[scoring.Cell, tuple[str, int]]


def grid(tx: Tx, case: CaseId, actor: Actor) -> Json:
    """Columns of valid bids, or codes: `state` is signed, submitted, draft or blank; `open` whether it takes typing.

    `again`: in a re-evaluation the items that alone may change.
    """
    state, member = blinding.seen(tx, case, actor.who), MemberId(actor.who)
    drafts, prepared = scoring.drafts(tx, case, actor.who), prepared_sheets(tx, case, actor.who)
    columns, again = [], state.reevaluation
    takes_typing = state.pause is None and not state.members[member].left_at and not awaits_codes(state, member)
    for bid in state.scored_bids:
        is_open = (member, bid) not in state.sheets or (member, bid) in state.returned
        columns.append(
            {
                "id": bid,
                "name": state.bids[bid].name,
                "file": digest_of(state, f"bids/{bid}.pdf"),
                "open": is_open and takes_typing,
                "again": None if again is None else [one.item for one in again.concerns if one.bid == bid],
                "returned": (member, bid) in state.returned,
                "asked": (member, bid) in state.unlocks,
                "state": _state(tx, state, (member, bid), drafts, prepared) if is_open else "signed",
            }
        )
    return {"columns": columns}


def _state(tx: Tx, state: Case, sheet: tuple[MemberId, BidId], drafts: Drafts, prepared: dict[str, Json]) -> str:
    """How far an unsigned sheet is: submitted once read back, and as long as nothing was typed since."""
    member, bid = sheet
    own = {cell: typed for cell, (typed, _) in drafts.items() if cell.bid == bid}
    if not any(typed.strip() for typed in own.values()):
        return "blank"
    if bid in prepared:
        scores = {cell.item: typed for cell, typed in own.items() if cell.field == "score"}
        comments = {cell.item: typed for cell, typed in own.items() if cell.field == "comment"}
        alias = state.members[member].alias
        try:
            sheet_now = complete_sheet(
                blinding.criteria_seen(tx, state.id, member), member, alias, bid, scores, comments
            )
        except SheetRefused:
            return "draft"
        if body_of(sheet_now) == prepared[bid]:
            return "submitted"
    return "draft"
