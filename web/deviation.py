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
from web.charts import spread

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
    return {"name": name, "max": str(most), "bids": [_bid(state, bid, most, figure) for bid in state.valid_bids]}


def _bid(state: Case, bid: BidId, most: Decimal, figure: Figure) -> Json:
    """A bid's figures by the members' order, "" of who has signed none, and their spread."""
    signed = [state.sheets.get((member, bid)) for member in state.members]
    figures = [figure(one.body) if one else "" for one in signed]
    return {"id": bid, "figures": figures, "spread": spread([Decimal(one) for one in figures if one], most)}
