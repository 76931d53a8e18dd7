"""Pledge and recusal (承诺与回避): the bidders are shown on the same page, so that each can decide."""

from conduct.ports import Actor, Json, Tx
from evaluation.case import CaseId, MemberId


def body(tx: Tx, case: CaseId, actor: Actor, text: str) -> Json:
    """The body of a member's pledge over the text that the page showed; the text is kept as a document."""
    state = tx.case(case)
    return {
        "member": actor.who,
        "alias": state.members[MemberId(actor.who)].alias,
        "text": tx.put_object(text.encode()),
        "bidders": [bid.name for bid in state.bids.values()],
        "recusal": "none",
    }


def recuse(tx: Tx, case: CaseId, actor: Actor, reason: str) -> None:
    """A member declares a reason to stand aside (12号令 Art. 12)."""
    tx.record(case, "recusal.declared", {"member": actor.who, "reason": reason})
