"""A case ends without a report (中止, 终止): asked, decided, sealed as it stands; its sealed draws are opened with it.

A draw that is thrown away is shown like one that was used, or a committee could be drawn again until it pleases.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from conduct import asking, closing, drawing, opening, pausing, replacing, roll, sittings
from conduct.expert_draw import RESCREENED
from conduct.expert_form import EXPERTS
from conduct.ports import Actor, Json, Store, Tx
from conduct.sealed_draw.questions import DrawProcess, Open, Opened
from evaluation import ending as rules
from evaluation import incident, life
from evaluation.case import Case, CaseId, State
from evaluation.ending import Ground
from expert_pool.committee import Answer

AGENT, MAIN, SUPERVISOR = "agent", "main_staff", "supervisor"


@dataclass(frozen=True, slots=True)
class Stated:
    """On what ground a case is to end, and why."""

    ground: Ground
    reason: str


def needs_approval(state: Case) -> bool:
    """Whether the supervisor must agree: once experts are being drawn, an end would let them be drawn anew."""
    return state.state.rank >= State.DRAW_SET.rank


def grounds_for(tx: Tx, case: CaseId, role: str) -> tuple[Ground, ...]:
    """The grounds on which this role may end the case now, at once or by asking for it."""
    state = tx.case(case)
    if incident.is_over(state, tx.now):
        if incident.has_started(state):
            return ("incident",) if role in {AGENT, MAIN} else ()
        return ("postponed",) if role == AGENT else ()
    if state.pause is not None or role != AGENT:
        return ()
    if is_beyond_recall(tx, case):
        return ("incomplete",)
    experts = state.draws.get(EXPERTS)
    if experts is not None and experts.short and (state.all_bids or not experts.is_without_result):
        return ("exhausted",)  # with bids still sealed a draw without result is asked for anew, or the case cancelled
    return ("cancelled",) if life.may_end_at_will(state) else ()


def is_beyond_recall(tx: Tx, case: CaseId) -> bool:
    """Whether a committee that was to evaluate again cannot: a member stands aside, or has not come in time."""
    state = tx.case(case)
    if state.reevaluation is None or state.state.rank < State.RESCREENED.rank:
        return False
    return bool(state.recused) or (state.is_incomplete and tx.now > replacing.latest(tx, case))


def ask(tx: Tx, case: CaseId, actor: Actor, reason: str) -> None:
    """The agent asks the supervisor to let the case end before its bids are opened.

    Raises `NotEndedSo`, `EndingAsked`, `EndingReasonMissing`.
    """
    state = tx.case(case)
    if "cancelled" not in grounds_for(tx, case, actor.role) or not needs_approval(state):
        raise rules.NotEndedSo
    if state.ending_asked is not None:
        raise rules.EndingAsked
    if not reason.strip():
        raise rules.EndingReasonMissing
    tx.record(case, "abort.requested", {"by": actor.as_by(), "reason": reason.strip()})


def decline(tx: Tx, case: CaseId, actor: Actor) -> None:
    """The supervisor does not let the case end. Raises `NoEndingAsked`."""
    if tx.case(case).ending_asked is None:
        raise rules.NoEndingAsked
    tx.record(case, "abort.declined", {"by": actor.as_by()})


async def end(store: Store, process: DrawProcess, case: CaseId, actor: Actor, stated: Stated) -> None:
    """End the case and seal it as it stands. The room is shut before, as for a close.

    Raises `NotEndedSo`, `NoEndingAsked`, `EndingReasonMissing`; `LinksMissing`, `ProcessAway` while a draw that was
    never opened waits for its parties.
    """
    while True:
        questions = await store.read(lambda tx: _to_open(tx, case, actor, stated))
        opened = {question.ref.draw: await asking.ask(store, process, question) for question in questions}
        asked = questions
        if await store.act(lambda tx, asked=asked, opened=opened: state_end(tx, case, actor, stated, asked, opened)):  # type: ignore[misc]
            return


def check(tx: Tx, case: CaseId, actor: Actor, stated: Stated) -> str:
    """The reason as it will be stated; the supervisor agrees to the agent's.

    Raises `NotEndedSo`, `NoEndingAsked`, `EndingReasonMissing` and what the procedure refuses.
    """
    state = tx.case(case)
    life.check(state, "case.aborted")
    if actor.role == SUPERVISOR:
        if state.ending_asked is None or stated.ground != "cancelled":
            raise rules.NoEndingAsked
        return state.ending_asked.reason
    if stated.ground not in grounds_for(tx, case, actor.role):
        raise rules.NotEndedSo
    if stated.ground == "cancelled" and needs_approval(state):
        raise rules.NotEndedSo
    if not stated.reason.strip():
        raise rules.EndingReasonMissing
    return stated.reason.strip()


def _to_open(tx: Tx, case: CaseId, actor: Actor, stated: Stated) -> tuple[Open, ...]:
    """One question for each own draw of which a round is sealed that nobody can replay yet."""
    check(tx, case, actor, stated)
    return tuple(_question(tx, case, name) for name in tx.case(case).draws if _is_closed(tx, case, name))


def _question(tx: Tx, case: CaseId, name: str) -> Open:
    ref, called = drawing.ref_of(tx, case, name), roll.roll_of(tx, case)
    if name != EXPERTS:
        return Open(ref)
    coming = tuple(one.handle for one in called.called if one.answer == Answer.ATTEND)
    return Open(ref, roll.kept_roll(tx, case, RESCREENED) if _is_rescreened(tx.case(case)) else called, coming)


def _is_rescreened(state: Case) -> bool:
    return state.state.rank >= State.RESCREENED.rank


def _is_closed(tx: Tx, case: CaseId, name: str) -> bool:
    draw, shelf = tx.case(case).draws[name], tx.shelf(case, "draw")
    drawn = (asking.round_name(name, number) for number, one in enumerate(draw.rounds) if one.order)
    return any(shelf.get(f"{told}/transcript") is None for told in drawn)


def state_end(
    tx: Tx,
    case: CaseId,
    actor: Actor,
    stated: Stated,
    asked: tuple[Open, ...],
    opened: Mapping[str, Opened],
) -> bool:
    """State the end with what was `opened` for these questions; False when a round was drawn in between."""
    if _to_open(tx, case, actor, stated) != asked:
        return False
    reason = check(tx, case, actor, stated)
    if incident.is_over(tx.case(case), tx.now):
        pausing.expire(tx, case)
    transcripts: Json = {}
    for name, draw in opened.items():
        # Before the second screening no standing list is logged, so there is none to open.
        shown = draw if _is_rescreened(tx.case(case)) else replace(draw, standing_salt=b"")
        transcripts |= opening.keep_opened(tx, case, name, shown)
    sittings.dissolve(tx, case, (one.expert for one in opened[EXPERTS].people) if EXPERTS in opened else ())
    for message in tx.waiting("notice"):
        if message.payload["case"] == case:
            tx.taken(message.id)  # nobody is called any more
    body = {"by": actor.as_by(), "ground": stated.ground, "reason": reason, "transcripts": transcripts}
    tx.record(case, "case.aborted", body)
    closing.seal(tx, case, actor)
    return True
