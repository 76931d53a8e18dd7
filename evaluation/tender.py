"""What a trading system says in its packages, `data` of the tender package and of the opening package: read strictly.

Formats: docs/tender-package.md. What is read here is what the tender document and the opening say; nothing is judged.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from evaluation.criteria import Criteria
from evaluation.tally.model import LowestEvaluated
from evaluation.tally.reading import DocumentRefused, Reader, different
from evaluation.tally.records import OPENING_FORMAT

CASE_NUMBER: Final = re.compile(r"[A-Z0-9][A-Z0-9-]{2,39}", re.ASCII)
LOT_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}", re.ASCII)
BID_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}", re.ASCII)
_CENT: Final = Decimal("0.01")
_ALL: Final = Decimal(100)
MACHINE_PARTS: Final = ("mac", "disk", "board", "cpu")
"""What a bidder's tool may report of the machine that made a bid; each an opaque text."""


@dataclass(frozen=True, slots=True)
class TenderLot:
    """A lot (标段) as applied for. `limit`: highest price allowed in yuan, None where the document sets none.

    `id` is empty where the tender is not divided.
    """

    id: str
    name: str
    limit: Decimal | None


@dataclass(frozen=True, slots=True)
class Tender:
    """The tender as applied for, with its lots in the order in which they are evaluated; at least one."""

    code: str
    name: str
    lots: tuple[TenderLot, ...]
    tenderer: str
    agent: str
    type: str
    region: str


@dataclass(frozen=True, slots=True)
class OpenedBid:
    """A bid as read out. `in_words`: the price in capital figures as written, empty where the bid states none."""

    id: str
    name: str
    price: Decimal
    in_words: str
    deduction_percent: Decimal | None
    facts: tuple[tuple[str, Decimal], ...]
    machine: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Opening:
    """The bids in the order of opening, the coefficients drawn there, and when it was (None in `opening.json`)."""

    bids: tuple[OpenedBid, ...]
    coefficients: tuple[tuple[str, Decimal], ...]
    opened: datetime | None


@dataclass(frozen=True, slots=True)
class Openings:
    """What was opened of each lot, by its id ("" where the tender is not divided), and when."""

    lots: Mapping[str, Opening]
    opened: datetime | None


def read_tender(reader: Reader) -> Tender:
    """`data` of a tender package. Raises `DocumentRefused`."""
    tender = Tender(
        code=reader.text("code"),
        name=reader.text("name"),
        lots=_lots(reader),
        tenderer=reader.text("tenderer"),
        agent=reader.text("agent"),
        type=reader.text("type"),
        region=reader.optional_text("region"),
    )
    reader.end()
    return tender


def _lots(reader: Reader) -> tuple[TenderLot, ...]:
    if "lots" not in reader:
        return (TenderLot("", reader.text("lot"), _limit(reader)),)
    lots = tuple(_lot(row) for row in reader.rows("lots"))
    if not lots:
        reader.refuse("no_lot", "lots")
    different((lot.id for lot in lots), f"{reader.path}.lots")
    return lots


def _lot(reader: Reader) -> TenderLot:
    lot = TenderLot(reader.spelled("id", LOT_ID), reader.text("name"), _limit(reader))
    reader.end()
    return lot


def _limit(reader: Reader) -> Decimal | None:
    return None if reader.raw("limit_price") is None else reader.number("limit_price", _CENT)


def read_openings(reader: Reader) -> Openings:
    """`data` of an opening package, divided into lots or not. Raises `DocumentRefused`."""
    if "lots" not in reader:
        alone = read_opening(reader)
        return Openings({"": alone}, alone.opened)
    reader.choice("format", (OPENING_FORMAT,))
    rows = reader.rows("lots")
    found = [(row.spelled("id", LOT_ID), _opened(row)) for row in rows]
    openings = Openings(dict(found), reader.instant("opened") if "opened" in reader else None)
    reader.end()
    if not found:
        reader.refuse("no_lot", "lots")
    different((lot for lot, _ in found), f"{reader.path}.lots")
    different((bid.id for _, one in found for bid in one.bids), f"{reader.path}.lots.bids")
    return openings


def read_opening(reader: Reader) -> Opening:
    """What was opened of a lot: its file in the opening package, or undivided `data`. Raises `DocumentRefused`."""
    reader.choice("format", (OPENING_FORMAT,))
    return _opened(reader)


def _opened(reader: Reader) -> Opening:
    bids = tuple(_bid(row) for row in reader.rows("bids"))
    opening = Opening(
        bids=bids,
        coefficients=reader.decimals("coefficients") if "coefficients" in reader else (),
        opened=reader.instant("opened") if "opened" in reader else None,
    )
    reader.end()
    if not bids:
        reader.refuse("no_bid", "bids")
    different((bid.id for bid in bids), f"{reader.path}.bids")
    return opening


def _bid(reader: Reader) -> OpenedBid:
    bid = OpenedBid(
        id=reader.spelled("id", BID_ID),
        name=reader.text("name"),
        price=reader.number("price", _CENT),
        in_words=reader.optional_text("price_in_words"),
        deduction_percent=reader.number("deduction_percent", Decimal(0), _ALL)
        if "deduction_percent" in reader
        else None,
        facts=reader.decimals("facts") if "facts" in reader else (),
        machine=reader.texts("machine") if "machine" in reader else (),
    )
    reader.end()
    for part, _ in bid.machine:
        if part not in MACHINE_PARTS:
            reader.refuse("unknown_key", f"machine.{part}")
    return bid


def check_limit(lot: TenderLot, criteria: Criteria) -> None:
    """The price limit of a lot and of its criteria are one. Raises `DocumentRefused`."""
    if lot.limit != criteria.limit:
        raise DocumentRefused("limits_differ", "$.limit_price")


def check_against(opening: Opening, criteria: Criteria) -> None:
    """What was opened is what the tender document asks for: its coefficients, deductions it grants, facts of its rules.

    Raises `DocumentRefused`.
    """
    coefficients = {name: str(drawn) for name, drawn in opening.coefficients}
    for name in coefficients.keys() | criteria.choices.keys():
        if name not in coefficients:
            raise DocumentRefused("missing", f"$.coefficients.{name}")
        if coefficients[name] not in criteria.choices.get(name, ()):
            raise DocumentRefused("coefficient_not_a_choice", f"$.coefficients.{name}")
    rules = {one.id for one in criteria.price.adjustments} if isinstance(criteria.price, LowestEvaluated) else set()
    for index, bid in enumerate(opening.bids):
        if bid.deduction_percent is not None and str(bid.deduction_percent) not in criteria.deduction_percents:
            raise DocumentRefused("deduction_not_granted", f"$.bids[{index}].deduction_percent")
        for name, _ in bid.facts:
            if name not in rules:
                raise DocumentRefused("unknown_fact", f"$.bids[{index}].facts.{name}")
