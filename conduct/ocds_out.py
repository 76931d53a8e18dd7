"""A closed case as an OCDS release (1.1.5): tender, bids with their statistics, the candidates as pending awards.

The mapping and our one extension are in docs/ocds.md. No member and no member's score is in it.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

from conduct.ocds_in import CURRENCY
from conduct.ports import Json, Tx
from conduct.rulebook import criteria_of, opening_document
from evaluation.case import Case, CaseId, Info
from evaluation.criteria import Criteria
from evaluation.tally.model import LowestEvaluated
from evaluation.tally.reading import Reader
from evaluation.tender import Opening, read_opening

VERSION: Final = "1.1"
# Stands for the prefix that whoever publishes the release has registered.
PREFIX: Final = "ocds-000000"
_EXTENSIONS: Final = "https://raw.githubusercontent.com/open-contracting-extensions"
EXTENSIONS: Final = (
    f"{_EXTENSIONS}/ocds_lots_extension/v1.1.5/extension.json",
    f"{_EXTENSIONS}/ocds_bid_extension/v1.1.5/extension.json",
)


class NotClosed(Exception):
    """A release is made of a case that was closed with its result."""

    code = "ocds.not_closed"


class SeveralLots(Exception):
    """A release says one tender's result; of a tender in several lots none is made yet."""

    code = "ocds.several_lots"


def release_package(tx: Tx, case: CaseId, publisher: str) -> Json:
    """A release package of one release. Raises `NotClosed`, `SeveralLots`."""
    state = tx.case(case)
    if state.lots:
        raise SeveralLots
    if state.info is None or not state.closed_at or state.ending is not None:
        raise NotClosed
    opening, criteria = read_opening(Reader(opening_document(tx, case))), criteria_of(tx, case)
    release: Json = {
        "ocid": f"{PREFIX}-{case}",
        "id": f"{case}-closed",
        "date": state.closed_at,
        "tag": ["tender", "award"],
        "initiationType": "tender",
        "language": "zh",
        "parties": [*_parties(state, state.info, opening)],
        "buyer": {"id": "buyer", "name": state.info.tenderer},
        "tender": _tender(state, state.info, criteria, opening),
        "bids": _bids(state, opening),
        "awards": [*_awards(state, opening)],
        "evaluation": _evaluation(state, criteria, opening),
    }
    about: Json = {"uri": f"urn:{PREFIX}-{case}", "version": VERSION, "publishedDate": state.closed_at}
    return about | {"publisher": {"name": publisher}, "extensions": list(EXTENSIONS), "releases": [release]}


def _amount(price: Decimal) -> Json:
    """Amounts are JSON numbers in OCDS; with two decimals and below 10^13 a double spells them exactly."""
    return {"amount": float(price), "currency": CURRENCY}


def _party(bid: str) -> str:
    return f"bidder-{bid}"


def _parties(state: Case, info: Info, opening: Opening) -> Iterator[Json]:
    yield {"id": "buyer", "name": info.tenderer, "roles": ["buyer"]}
    yield {"id": "agent", "name": info.agent, "roles": ["procuringEntity"]}
    for bid in opening.bids:
        roles = ["tenderer", "supplier"] if bid.id in state.candidates else ["tenderer"]
        yield {"id": _party(bid.id), "name": bid.name, "roles": roles}


def _tender(state: Case, info: Info, criteria: Criteria, opening: Opening) -> Json:
    scored = not isinstance(criteria.price, LowestEvaluated)
    told: Json = {
        "id": info.project,
        "title": info.title,
        "status": "unsuccessful" if state.failed else "complete",
        "procuringEntity": {"id": "agent", "name": info.agent},
        "awardCriteria": "ratedCriteria" if scored else "priceOnly",
        "numberOfTenderers": len(opening.bids),
        "tenderers": [{"id": _party(bid.id), "name": bid.name} for bid in opening.bids],
        "lots": [{"id": "1", "title": info.lot}],
    }
    return told | ({"value": _amount(Decimal(info.limit))} if info.limit else {})


def _bids(state: Case, opening: Opening) -> Json:
    details = [
        {
            "id": bid.id,
            "status": "disqualified" if bid.id in state.rejections else "valid",
            "tenderers": [{"id": _party(bid.id), "name": bid.name}],
            "value": _amount(bid.price),
            "relatedLots": ["1"],
        }
        for bid in opening.bids
    ]
    counts = {"bids": len(opening.bids), "validBids": len(opening.bids) - len(state.rejections)}
    statistics = [{"id": name, "measure": name, "value": value} for name, value in counts.items()]
    return {"statistics": statistics, "details": details}


def _awards(state: Case, opening: Opening) -> Iterator[Json]:
    """Candidates are recommended, nothing is awarded yet: the tenderer does that (招标投标法 Art. 40)."""
    names = {bid.id: bid.name for bid in opening.bids}
    contract: dict[str, Any] = {row["bid"]: row["price"] for row in state.rows}
    for bid in state.candidates:
        yield {
            "id": f"candidate-{bid}",
            "status": "pending",
            "date": state.closed_at,
            "value": _amount(Decimal(contract[bid])),
            "suppliers": [{"id": _party(bid), "name": names[bid]}],
            "relatedLots": ["1"],
            "relatedBid": bid,
        }


def _evaluation(state: Case, criteria: Criteria, opening: Opening) -> Json:
    """Our extension: method, coefficient and ranking as the report states them, decimals as strings."""
    rejected = [{"relatedBid": bid, "ground": one.ground} for bid, one in state.rejections.items()]
    ranking = [{"relatedBid": row["bid"]} | {k: v for k, v in row.items() if k != "bid"} for row in state.rows]
    drawn = {name: str(value) for name, value in opening.coefficients}
    return {"method": criteria.method, "coefficients": drawn, "rejections": rejected, "ranking": ranking}
