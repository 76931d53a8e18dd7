"""A tender as other systems know it: the `tender` section of an OCDS release (1.1.5) in place of a package's `data`.

The mapping is in docs/ocds.md. What a release does not say is not guessed, and what it says beside is not read.
"""

from decimal import Decimal
from typing import Any, Final

from evaluation.tally.gathering import load_leniently
from evaluation.tally.reading import DocumentRefused, Reader

CURRENCY: Final = "CNY"
CATEGORIES: Final = ("goods", "works", "services")
_CENT: Final = Decimal("0.01")
_MOST: Final = Decimal(10) ** 15


def load_release(content: bytes) -> object:
    """Parse a release, or a release package of exactly one. Raises `DocumentRefused`."""
    loaded = load_leniently(content)
    if not isinstance(loaded, dict) or "releases" not in loaded:
        return loaded
    releases = loaded["releases"]
    if not isinstance(releases, list) or len(releases) != 1:
        raise DocumentRefused("not_one_release", "$.releases")
    return releases[0]


def read_release(reader: Reader) -> dict[str, Any]:
    """`data` of a tender package, as a release says it. Raises `DocumentRefused`."""
    tender = reader.part("tender")
    agent = tender.part("procuringEntity").text("name")
    lots = tender.optional_rows("lots")
    if len(lots) > 1:
        tender.refuse("several_lots", "lots")
    return {
        "code": tender.text("id"),
        "name": tender.text("title"),
        "lot": lots[0].text("title") if lots else tender.text("id"),
        "tenderer": reader.part("buyer").text("name") if "buyer" in reader else agent,
        "agent": agent,
        "type": tender.choice("mainProcurementCategory", CATEGORIES),
        "limit_price": _amount(tender.part("value")) if "value" in tender else None,
    }


def _amount(value: Reader) -> str:
    """A price in yuan, with two decimals. OCDS writes amounts as JSON numbers: taken by their shortest spelling."""
    value.choice("currency", (CURRENCY,))
    number = value.raw("amount")
    if isinstance(number, bool) or not isinstance(number, int | float):
        value.refuse("not_an_amount", "amount")
    amount = Decimal(str(number))
    if not _CENT <= amount < _MOST or amount != amount.quantize(_CENT):
        value.refuse("not_an_amount", "amount")
    return str(amount.quantize(_CENT))
