"""Abnormal scores (畸高畸低) where the profile lets the committee replace them (R-19). Never automatic.

By 重庆条例 Art. 32 more than half find a figure abnormal, its member gives a written reason or none, more than half
find that insufficient, and the leader signs the note by which the mean of the others stands for it in the tally.
"""

from conduct import deciding, pledging
from conduct.clarifying import NotTheLeader
from conduct.ports import Actor, Json, Tx
from conduct.rulebook import criteria_of, profile_of
from conduct.words import WORDS
from evaluation import motion as rules
from evaluation.case import BidId, CaseId, MemberId, Questioned, State
from evaluation.selfcheck import ReasonMissing

Figure = tuple[str, str, str]


class NotReplaceable(Exception):
    """The profile only shows a deviation, or there is no such figure: members score these items one by one."""

    code = "abnormal.not_replaceable"


class NotQuestioned(Exception):
    """The committee has not found this figure abnormal, or that is settled."""

    code = "abnormal.not_questioned"


def question(tx: Tx, case: CaseId, actor: Actor, figure: Figure) -> str:
    """A member has the committee vote whether a colleague's figure (member, bid, group) is abnormal.

    Raises `MotionOutOfPlace` outside the recheck or about the own figure, `NotReplaceable`, the refusals of motions.
    """
    state = tx.case(case)
    if state.state is not State.RECHECK or not state.all_sheets_in or actor.who == figure[0]:
        raise rules.MotionOutOfPlace
    key = _key(tx, case, figure)
    if key in state.questioned:
        raise rules.MotionOutOfPlace
    return deciding.put(tx, case, actor, "abnormal_score", _words(tx, case, key, "abnormal"), about=_about(key))


def explain(tx: Tx, case: CaseId, actor: Actor, bid: str, group: str, reason: str) -> None:
    """The member gives the written reason for a figure found abnormal. Raises `NotQuestioned`, `ReasonMissing`."""
    state = tx.case(case)
    pledging.demand_pledged(state, actor)
    questioned = state.questioned.get((MemberId(actor.who), BidId(bid), group))
    if questioned is None or questioned.reason or questioned.is_insufficient:
        raise NotQuestioned
    if not reason.strip():
        raise ReasonMissing
    stated = {"member": actor.who, "bid": bid, "group": group, "reason": reason.strip()}
    tx.record(case, "abnormal.explained", stated)


def question_reason(tx: Tx, case: CaseId, actor: Actor, figure: Figure) -> str:
    """The leader has the committee vote whether the reason given, or its absence, is insufficient.

    Raises `NotQuestioned`, the refusals of motions.
    """
    key = (MemberId(figure[0]), BidId(figure[1]), figure[2])
    questioned = tx.case(case).questioned.get(key)
    if questioned is None or questioned.is_insufficient:
        raise NotQuestioned
    return deciding.put(
        tx, case, actor, "reason_insufficient", _words(tx, case, key, "insufficient"), about=_about(key)
    )


def note_body(tx: Tx, case: CaseId, actor: Actor, figure: Figure) -> Json:
    """The body of the leader's `score.replaced`: the written note by which the mean of the others stands.

    Raises `NotTheLeader`, `NotQuestioned`.
    """
    state = tx.case(case)
    if actor.who != state.leader:
        raise NotTheLeader
    key = (MemberId(figure[0]), BidId(figure[1]), figure[2])
    questioned = state.questioned.get(key)
    if questioned is None or not questioned.is_insufficient or questioned.is_replaced:
        raise NotQuestioned
    about = {"member": key[0], "bid": key[1], "group": key[2], "motion": questioned.motion}
    return {"by": actor.as_by(), **about, "text": _words(tx, case, key, "replaced")}


def _key(tx: Tx, case: CaseId, figure: Figure) -> tuple[MemberId, BidId, str]:
    """The figure, if there is one and the profile lets it be replaced: a subtotal of a group trimmed as a whole."""
    if profile_of(tx, case).rules.scoring.abnormal_scores != "replaced_by_vote":
        raise NotReplaceable
    key = (MemberId(figure[0]), BidId(figure[1]), figure[2])
    groups = {scored.group.id for scored in criteria_of(tx, case).groups if scored.group.is_by_subtotal}
    if key[2] not in groups or key[:2] not in tx.case(case).whole_sheets:
        raise NotReplaceable
    return key


def _about(key: tuple[MemberId, BidId, str]) -> dict[str, str]:
    return {"member": key[0], "bid": key[1], "group": key[2]}


def _words(tx: Tx, case: CaseId, key: tuple[MemberId, BidId, str], kind: str) -> str:
    """The question or note with the names in it."""
    state = tx.case(case)
    group = next(scored.name for scored in criteria_of(tx, case).groups if scored.group.id == key[2])
    questioned = state.questioned.get(key, Questioned(""))
    text: str = WORDS["abnormal"][kind].format(
        alias=state.members[key[0]].alias,
        bid=f"{key[1]} {state.bids[key[1]].name}",
        group=group,
        value=state.whole_sheets[key[0], key[1]]["subtotals"][key[2]],
        reason=questioned.reason or WORDS["abnormal"]["no_reason"],
    )
    return text
