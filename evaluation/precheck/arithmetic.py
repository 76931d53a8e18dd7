"""Arithmetic of a priced bill (已标价工程量清单): products, sum, amount in words, with the corrections they suggest.

Nothing is corrected here: the committee decides, the bidder confirms (12号令 Art. 19), then the tally reckons with it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from evaluation.bill import BillItem
from evaluation.precheck.capital import NotAnAmount, amount_of
from evaluation.tally.figures import half_up

MONEY: Final = 2
_ZERO: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class Slip:
    """One thing that does not add up.

    `kind`: `product` (quantity × unit price is not the amount), `sum` (amounts are not the price), `capital` (the
    amount in words is not the price), `unreadable_words`, `unpriced` (a figure is missing), `quantity`, `left_out`,
    `added` (the template says otherwise). `line` of the bill's file, 0 where none. `written` and `reckoned` are figures
    as spelled; `correction`, where there is one, is one of `docs/tally.md`, and `price` the bid's price after it.
    """

    kind: str
    line: int
    number: str
    name: str
    written: str
    reckoned: str
    correction: tuple[tuple[str, str], ...] = ()
    price: str = ""

    def as_json(self) -> dict[str, Any]:
        """For the findings."""
        told: dict[str, Any] = {"kind": self.kind, "line": self.line, "number": self.number, "name": self.name}
        told |= {"written": self.written, "reckoned": self.reckoned}
        return told | ({"correction": dict(self.correction), "price": self.price} if self.correction else {})


def check(
    price: Decimal, in_words: str, bill: Sequence[BillItem], template: Sequence[BillItem] = ()
) -> tuple[Slip, ...]:
    """Everything that does not add up in one bid: price in yuan, amount in words, bill against the template.

    A bill or a template that is not there has no items.
    """
    found = [*_words(price, in_words)]
    if bill:
        found += [slip for item in bill for slip in _product(price, item)]
        found += [*_sum(price, bill), *_against(bill, template)]
    return tuple(found)


def _words(price: Decimal, in_words: str) -> Iterator[Slip]:
    """The amount in words beats the figure."""
    if not in_words:
        return
    try:
        amount = amount_of(in_words)
    except NotAnAmount:
        yield Slip("unreadable_words", 0, "", "", in_words, str(price))
        return
    if amount != price:
        correction = (("kind", "capital_amount"), ("amount", str(amount)))
        yield Slip("capital", 0, "", in_words, str(price), str(amount), correction, str(amount))


def _product(price: Decimal, item: BillItem) -> Iterator[Slip]:
    """Quantity times unit price beats the amount written."""
    if item.quantity is None or item.unit_price is None or item.amount is None:
        yield Slip("unpriced", item.line, item.number, item.name, "", "")
        return
    product = half_up(Fraction(item.quantity) * Fraction(item.unit_price), MONEY)
    if product != item.amount:
        correction = (
            ("kind", "unit_price"),
            ("quantity", str(item.quantity)),
            ("unit_price", str(item.unit_price)),
            ("written", str(item.amount)),
        )
        mended = str(price + product - item.amount)
        yield Slip("product", item.line, item.number, item.name, str(item.amount), str(product), correction, mended)


def _sum(price: Decimal, bill: Sequence[BillItem]) -> Iterator[Slip]:
    total = sum((item.amount or _ZERO for item in bill), _ZERO)
    if total != price:
        yield Slip("sum", 0, "", "", str(price), str(half_up(Fraction(total), MONEY)))


def _against(bill: Sequence[BillItem], template: Sequence[BillItem]) -> Iterator[Slip]:
    """Items and quantities are the tender document's; only prices are the bidder's."""
    if not template:
        return
    asked, offered = {item.number: item for item in template}, {item.number: item for item in bill}
    for number, item in offered.items():
        if number not in asked:
            yield Slip("added", item.line, number, item.name, str(item.quantity or ""), "")
        elif asked[number].quantity is not None and item.quantity != asked[number].quantity:
            yield Slip("quantity", item.line, number, item.name, str(item.quantity or ""), str(asked[number].quantity))
    for number, item in asked.items():
        if number not in offered:
            yield Slip("left_out", 0, number, item.name, "", str(item.quantity or ""))
