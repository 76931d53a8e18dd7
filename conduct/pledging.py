"""Pledge and recusal (承诺与回避): the bidders are shown on the same page, so that each can decide."""

from conduct import pending
from conduct.ports import Actor, Json, Tx
from evaluation.case import Case, CaseId, MemberId
from evaluation.life import demand_running


class Recused(Exception):
    """This member has declared a reason to stand aside and takes no further part (12号令 Art. 12; R-07)."""

    code = "recusal.declared"


class LeftCommittee(Exception):
    """Another has taken this member's place; what it concluded is void (实施条例 Art. 48; R-11)."""

    code = "member.replaced"


class PledgeMissing(Exception):
    """Nobody reviews, votes or scores before the own pledge."""

    code = "pledge.missing"


class CommitteeIncomplete(Exception):
    """Somebody stands aside or a place is empty: no stage closes before it is filled (实施条例 Art. 48; R-11)."""

    code = "committee.incomplete"


def body(tx: Tx, case: CaseId, actor: Actor, text: str) -> Json:
    """The body of a member's pledge over the text that the page showed; the text is kept as a document."""
    state = tx.case(case)
    demand_part(state, actor)
    return {
        "member": actor.who,
        "alias": state.members[MemberId(actor.who)].alias,
        "text": tx.put_object(text.encode()),
        "bidders": list(dict.fromkeys(bid.name for bid in state.all_bids)),
        "recusal": "none",
    }


def recuse(tx: Tx, case: CaseId, actor: Actor, reason: str) -> None:
    """A member declares, once, a reason to stand aside (12号令 Art. 12); what it was about to sign is dropped."""
    demand_part(tx.case(case), actor)
    pending.drop(tx, case, actor.who)
    tx.record(case, "recusal.declared", {"member": actor.who, "reason": reason})


def demand_part(state: Case, actor: Actor) -> None:
    """Refuse whoever stands aside or has left. Raises `Recused`, `LeftCommittee`."""
    demand_member(state, actor.who)
    if actor.who in state.recused:
        raise Recused


def demand_member(state: Case, who: str) -> None:
    """Refuse whoever has left, also where who stands aside is let in. Raises `LeftCommittee`."""
    if who in state.replaced:
        raise LeftCommittee


def demand_pledged(state: Case, actor: Actor) -> None:
    """Refuse also who has not pledged, for a newcomer begins with the pledge, and everybody while work is paused.

    Raises `PledgeMissing`, `Paused` and the above.
    """
    demand_running(state)
    demand_part(state, actor)
    if not state.members[MemberId(actor.who)].pledged:
        raise PledgeMissing


def demand_complete(state: Case) -> None:
    """Refuse to go on without one of the committee. Raises `CommitteeIncomplete`."""
    if state.is_incomplete:
        raise CommitteeIncomplete
