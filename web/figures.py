"""Members' subtotals side by side, where the profile has the committee judge them (R-19), and nowhere else."""

from conduct.ports import Actor, Json, Tx
from conduct.rulebook import criteria_of, profile_of
from evaluation.case import Case, CaseId, State


def names_of(state: Case) -> dict[str, str]:
    """Bid → bidder's name."""
    return {bid.id: bid.name for bid in state.bids.values()}


def abnormal(tx: Tx, case: CaseId, who: Actor) -> Json | None:
    """The figures the committee may question in the recheck, and those it has; None under every other profile."""
    state = tx.case(case)
    is_due = state.state is State.RECHECK and state.all_sheets_in and not state.candidates
    if profile_of(tx, case).rules.scoring.abnormal_scores != "replaced_by_vote" or not is_due:
        return None
    groups = [one.group for one in criteria_of(tx, case).groups if one.group.is_by_subtotal and not one.is_objective]
    names = {one.group.id: one.name for one in criteria_of(tx, case).groups}
    rows = [
        {"bid": bid, "group": group.id, "name": names[group.id],
         "figures": [_figure(state, (member, bid, group.id), who) for member in state.members]}
        for group in groups
        for bid in state.valid_bids
    ]  # fmt: skip
    return {"aliases": [member.alias for member in state.members.values()], "rows": rows}


def _figure(state: Case, key: tuple[str, str, str], who: Actor) -> Json:
    """One subtotal with what may be done about it."""
    member = next(one for one in state.members if one == key[0])
    bid = next(one for one in state.bids if one == key[1])
    questioned = state.questioned.get((member, bid, key[2]))
    return {
        "member": member,
        "alias": state.members[member].alias,
        "value": state.whole_sheets[member, bid]["subtotals"][key[2]],
        "mine": member == who.who,
        "questioned": questioned is not None,
        "reason": questioned.reason if questioned else "",
        "insufficient": questioned is not None and questioned.is_insufficient,
        "replaced": questioned is not None and questioned.is_replaced,
        "settled": questioned is None or questioned.is_settled,
    }
