"""After scoring: tally, self-check, answers to flags, candidates. Every figure comes from signed sheets."""

from hashlib import sha256

from conduct import pledging, reading, tie_draw
from conduct.clarifying import NotTheLeader
from conduct.ports import SERVER, Actor, Json, Tx
from conduct.reviewing import StageNotOpen
from conduct.rulebook import criteria_document, criteria_of, opening_document, profile_of
from evaluation import selfcheck
from evaluation.blind import BlindUnderWay, CodesOpen
from evaluation.case import BidId, CaseId, State
from evaluation.sheet import read_sheet
from evaluation.tally import TieUnresolved, compute, parse_case
from evaluation.tally.records import Records, case_from_records, document_from_records
from evaluation.tally.records import low_priced as records_low_priced
from evaluation.tally.written import result_document
from signing.canonical import canonical


class SheetsMissing(Exception):
    """Somebody has not signed all sheets yet."""

    code = "stage.sheets_missing"


class SelfCheckBlocks(Exception):
    """Errors that must be mended before the summary closes (R-22): which, where, whose."""

    code = "selfcheck.blocks"

    def __init__(self, blocks: tuple[selfcheck.Block, ...]) -> None:
        super().__init__(", ".join(block.code for block in blocks))
        self.blocks = blocks


class FlagsUnanswered(Exception):
    """A member has not yet said whether a flagged score is kept."""

    code = "selfcheck.unanswered"


class TieWaits(Exception):
    """Bids are equal, and the public draw that decides between them is not drawn yet."""

    code = "tie.waits"


class AbnormalOpen(Exception):
    """A vote is open, or a figure found abnormal waits for its member's reason or for the leader's note (R-19)."""

    code = "abnormal.open"


class NoSuchFlag(Exception):
    """This member has no open flag on this bid."""

    code = "selfcheck.no_flag"


def records(tx: Tx, case: CaseId) -> Records:
    """Everything the tally is made of, from the case's log and packages."""
    state = tx.case(case)
    return Records(
        criteria=criteria_document(tx, case),
        opening=opening_document(tx, case),
        members=list(state.members),
        sheets=list(state.whole_sheets.values()),
        rejections=[{"bid": rejected.bid, "ground": rejected.ground} for rejected in state.rejections.values()],
        corrections={bid: rows for bid, rows in state.corrections.items() if rows},
        replacements=[
            {"member": member, "bid": bid, "group": group}
            for (member, bid, group), one in state.questioned.items()
            if one.is_replaced
        ],
        drawn=tie_draw.orders(state),
        ties_left=profile_of(tx, case).rules.method.ties_left,
    )


def low_priced(tx: Tx, case: CaseId) -> list[Json]:
    """The bids whose prices are below a line of the tender document, and whether the bidder was asked (P7, R-14)."""
    state = tx.case(case)
    if not state.valid_bids:
        return []
    asked = {one.bid for one in state.clarifications.values()}
    return [{"bid": bid, "asked": bid in asked} for bid in records_low_priced(records(tx, case))]


def close_scoring(tx: Tx, case: CaseId, actor: Actor) -> None:
    """The leader closes the detailed review; the system reckons and checks at once, or waits for a lot over equal bids.

    Raises `NotTheLeader`, `CommitteeIncomplete`, `SheetsMissing`, `BlindUnderWay`, `SelfCheckBlocks`.
    """
    state = tx.case(case)
    if actor.who != state.leader:
        raise NotTheLeader
    pledging.demand_complete(state)
    if not state.stage_is_open("detailed") or state.stage_is_open("prelim"):
        raise StageNotOpen
    if not state.all_sheets_in:
        raise SheetsMissing
    if state.blind is not None and not state.blind.is_open:
        raise BlindUnderWay
    _demand_sound(tx, case)
    reading.state_times(tx, case)
    tx.record(case, "stage.closed", {"by": actor.as_by(), "stage": "detailed"})
    tx.record(case, "stage.opened", {"by": SERVER.as_by(), "stage": "price"})
    _reckon_first(tx, case)


def again(tx: Tx, case: CaseId) -> None:
    """Reckon again once the sheets given back are signed anew; where an error is left, that is mended first."""
    state = tx.case(case)
    if state.stage_is_open("recheck") and state.all_sheets_in and not check(tx, case).is_blocking:
        _reckon(tx, case)


def go_on(tx: Tx, case: CaseId) -> None:
    """A lot was drawn: make the tally that waits for it. One that has come to need none stands as it is."""
    state = tx.case(case)
    if state.state is State.PRICE and not state.is_incomplete:
        _reckon_first(tx, case)
    elif state.state is State.RECHECK and _is_stale(tx, case):
        again(tx, case)


def decide(tx: Tx, case: CaseId, actor: Actor, bid: str, choice: str, reason: str) -> None:
    """A member keeps a flagged score with a reason, or asks for its sheet back to change it (R-20, R-22).

    Raises `NoSuchFlag`, what an answer may lack, and `CodesOpen` where every figure was given under a code.
    """
    state = tx.case(case)
    shown = next((one for one in state.flags if (one.member, one.bid) == (actor.who, bid)), None)
    if shown is None or shown.decision:
        raise NoSuchFlag
    if choice != "kept" and BidId(bid) not in state.scored_bids:
        raise CodesOpen
    answer = selfcheck.answer_flag(shown, actor.who, "kept" if choice == "kept" else "change", reason)
    stated = {"member": actor.who, "bid": bid, "decision": answer.choice, "reason": answer.reason}
    tx.record(case, "selfcheck.decided", stated)
    if answer.choice == "change":
        returned = {"by": SERVER.as_by(), "member": actor.who, "bid": bid, "reason": "abnormal_score"}
        tx.record(case, "sheet.returned", returned)


def recommend(tx: Tx, case: CaseId, actor: Actor) -> None:
    """The leader closes the recheck: nothing blocks, every flag is answered, the candidates are named (R-16).

    Raises `NotTheLeader`, `SheetsMissing`, `SelfCheckBlocks`, `FlagsUnanswered`, `AbnormalOpen`, `TieWaits`.
    """
    state = tx.case(case)
    if actor.who != state.leader:
        raise NotTheLeader
    if not state.stage_is_open("recheck"):
        raise StageNotOpen
    if not state.all_sheets_in:
        raise SheetsMissing
    _demand_sound(tx, case)
    if any(not flag.decision for flag in state.flags):
        raise FlagsUnanswered
    if state.motion is not None or any(not one.is_settled for one in state.questioned.values()):
        raise AbnormalOpen
    try:
        candidates = list(compute(case_from_records(records(tx, case))).candidates)
    except TieUnresolved as tied:
        raise TieWaits from tied
    tx.record(case, "candidates.recommended", {"by": actor.as_by(), "candidates": candidates})
    tx.record(case, "stage.closed", {"by": actor.as_by(), "stage": "recheck"})


def check(tx: Tx, case: CaseId) -> selfcheck.SelfCheck:
    """The self-check over the signed sheets of the valid bids."""
    state = tx.case(case)
    sheets = [read_sheet(body) for body in state.whole_sheets.values()]
    rules = profile_of(tx, case).rules.scoring
    return selfcheck.check(criteria_of(tx, case), list(state.members), list(state.valid_bids), sheets, rules)


def _demand_sound(tx: Tx, case: CaseId) -> None:
    checked = check(tx, case)
    if checked.is_blocking:
        raise SelfCheckBlocks(checked.blocks)


def _is_stale(tx: Tx, case: CaseId) -> bool:
    """Whether the tally in the log is not the one that the records give now."""
    try:
        result = result_document(compute(case_from_records(records(tx, case))))
    except TieUnresolved:
        return True
    return sha256(canonical(result)).hexdigest() != tx.case(case).tally_result


def _reckon_first(tx: Tx, case: CaseId) -> None:
    """The first tally, and with it the recheck; where bids are equal both wait for the lot."""
    if _reckon(tx, case):
        tx.record(case, "stage.opened", {"by": SERVER.as_by(), "stage": "recheck"})


def _reckon(tx: Tx, case: CaseId) -> bool:
    """State the tally and what the self-check notices; False where a lot over equal bids is asked for instead."""
    document = document_from_records(records(tx, case))
    try:
        result = result_document(compute(parse_case(document)))
    except TieUnresolved as tied:
        tie_draw.ask(tx, case, canonical(document), tied.groups)
        return False
    stated = {
        "input": tx.put_object(canonical(document)),
        "result": tx.put_object(canonical(result)),
        "rows": result["rows"],
    }
    tx.record(case, "tally.computed", stated)
    for flag in check(tx, case).flags:
        body = {"code": flag.code, "member": flag.member, "bid": flag.bid, "value": str(flag.value)}
        tx.record(case, "selfcheck.flagged", body | {"mean": str(flag.mean), "deviation": flag.shown})
    return True
