"""A tender with seven bidders and fifteen scored items: as wide as a grid gets for one pair of hands in one sitting."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from unittest.mock import patch

from demo import case_example_a as example
from demo import documents
from demo import packages as papers
from demo.example import Example
from identity.roles import Role
from identity.sessions import Holder
from tests.browser.site import BEFORE_THE_PLEDGE, WITNESS, Site, prepared, serving

MAIN = Holder(Role.MAIN_STAFF, "main", "V1")
BIDS = {letter: f"演示投标人{letter}" for letter in "ABCDEFG"}
LIKE_A = "G"
"""Who bids as A does, but for the first line of the bill."""
ITEMS = 15
SCORING = (*BEFORE_THE_PLEDGE, "pledge_and_elect", "review_passing")


@asynccontextmanager
async def a_wide_site(folder: Path) -> AsyncIterator[Site]:
    """A server with this tender, its scoring open, nothing scored."""
    with patch.multiple(papers, bid=bid, opening_record=documents.authorisation_pdf):
        site = await prepared(folder, SCORING, (WITNESS, MAIN), wide())
    async with serving(site):
        yield site


def wide() -> Example:
    """The demo's works with these bidders, ten subjective and five objective items."""
    first, *others = example.UNIT_PRICES["A"]
    units = {**example.UNIT_PRICES, LIKE_A: (f"{Decimal(first) + 1000:.2f}", *others)}
    bill = zip(example.QUANTITIES, units[LIKE_A], strict=True)
    prices = {**example.PRICES, LIKE_A: f"{sum(Decimal(row[3]) * Decimal(price) for row, price in bill):.2f}"}
    opening = [{"id": letter, "name": name, "price": prices[letter]} for letter, name in BIDS.items()]
    changed = {
        "BIDDERS": BIDS,
        "PRICES": prices,
        "UNIT_PRICES": units,
        "CRITERIA": criteria(),
        "OPENING": {**example.OPENING, "bids": opening},
    }
    return cast(Example, SimpleNamespace(**vars(example) | changed))


def bid(ref: str, _case: Example) -> bytes:
    """A bid of 120 pages, its bytes different from every other's."""
    return documents.bid("A") + f"\n% {ref}\n".encode()


def criteria() -> dict[str, Any]:
    """The demo's criteria with ten technical and five commercial items; too low a technical score wants a comment."""
    technical, commercial = example.CRITERIA["groups"]
    return {
        **example.CRITERIA,
        "groups": [
            {**technical, "items": [item(f"T{n}", "5", below="2") for n in range(1, 11)]},
            {**commercial, "items": [item(f"B{n}", "4") for n in range(1, 6)]},
        ],
    }


def item(name: str, most: str, below: str | None = None) -> dict[str, Any]:
    """One scored item in steps of a half."""
    limits = {"min": "0", "max": most, "step": "0.5"} | ({"comment_below": below} if below else {})
    clause = f"第三章 2.2.4({1 if name.startswith('T') else 2})-{name[1:]}"
    return {"id": name, "name": f"评审因素{name}", "clause": clause, "objective": name.startswith("B"), **limits}
