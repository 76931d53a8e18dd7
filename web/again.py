"""A re-evaluation as pages tell it: of which case, on which ground, and what alone is scored again."""

from conduct.ports import Json, Tx
from conduct.rulebook import criteria_of
from evaluation.case import Case, CaseId


def told_of(tx: Tx, state: Case) -> Json | None:
    """What a page shows of a re-evaluation: its case, ground, reason, and the items by bid; None of a first one."""
    asked = state.reevaluation
    if asked is None or state.info is None:
        return None
    names = {one.item.id: one.name for one in criteria_of(tx, state.id).items}
    old = tx.case(CaseId(state.info.follows))
    scope = [{"bid": old.bids[one.bid].name, "item": names[one.item]} for one in asked.concerns]
    told = {"case": state.info.follows, "occasion": asked.occasion, "ground": asked.ground, "reason": asked.reason}
    return told | {"scope": scope, "paper": asked.paper, "asked_at": asked.asked_at, "agreed_at": asked.authorised_at}
