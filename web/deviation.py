"""How far the members' figures lie apart, once all have submitted: part by part and item by item, bid by bid.

Shown to whoever may see numbers (`visibility.sees_numbers`), never before. It shows; the member concerned alone was
asked, and decides.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from conduct.ports import Json, Tx
from conduct.rulebook import criteria_of
from evaluation.case import BidId, Case
from web.charts import scale, spread

Figure = Callable[[Mapping[str, Any]], str]


def deviation(tx: Tx, state: Case) -> Json:
    """`spreads`: each part with its items; in each the bids with every member's figure and where it lies."""
    return {
        "spreads": [
            _one(state, group.name, group.group.maximum, _subtotal(group.group.id))
            | {
                "parts": [
                    _one(state, scored.name, scored.item.maximum, _score(scored.item.id)) for scored in group.items
                ]
            }
            for group in criteria_of(tx, state.id).groups
        ],
        "aliases": [member.alias for member in state.members.values()],
    }


def _subtotal(group: str) -> Figure:
    return lambda body: str(body["subtotals"][group])


def _score(item: str) -> Figure:
    return lambda body: str(body["scores"][item])


def _one(state: Case, name: str, most: Decimal, figure: Figure) -> Json:
    figures = {bid: _figures(state, bid, figure) for bid in state.valid_bids}
    known = {bid: [Decimal(one) for one in row if one] for bid, row in figures.items()}
    ends = scale([one for row in known.values() for one in row], most)
    bids = [{"id": bid, "figures": row, "spread": spread(known[bid], ends)} for bid, row in figures.items()]
    return {"name": name, "max": str(most), "ends": [str(end) for end in ends], "bids": bids}


def _figures(state: Case, bid: BidId, figure: Figure) -> list[str]:
    """A bid's figures by the members' order, "" of who has signed none."""
    whole = state.whole_sheets
    return [figure(whole[member, bid]) if (member, bid) in whole else "" for member in state.members]
