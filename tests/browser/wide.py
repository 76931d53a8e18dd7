"""A tender with seven bidders and fifteen scored items: as wide as a grid gets for one pair of hands in one sitting."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from demo import case_example_a as example
from demo import documents
from demo import packages as papers
from identity.roles import Role
from identity.sessions import Holder
from tests.browser.site import BEFORE_THE_PLEDGE, WITNESS, Site, prepared, serving

MAIN = Holder(Role.MAIN_STAFF, "main", "V1")

BIDS = {letter: f"演示投标人{letter}" for letter in "ABCDEFG"}
PRICES = {letter: f"{9_100_000 + 50_000 * number}.00" for number, letter in enumerate(BIDS)}
ITEMS = 15
SCORING = (*BEFORE_THE_PLEDGE, "pledge_and_elect", "review_passing")


@asynccontextmanager
async def a_wide_site(folder: Path) -> AsyncIterator[Site]:
    """A server with this tender, its scoring open, nothing scored."""
    with a_wide_tender():
        site = await prepared(folder, SCORING, (WITNESS, MAIN))
    async with serving(site):
        yield site


@contextmanager
def a_wide_tender() -> Iterator[None]:
    """The demo's packages are of this tender: ten subjective and five objective items, bids of the same pages."""
    opening = [{"id": letter, "name": name, "price": PRICES[letter]} for letter, name in BIDS.items()]
    with (
        patch.multiple(example, BIDDERS=BIDS, PRICES=PRICES, CRITERIA=criteria()),
        patch.object(example, "OPENING", {**example.OPENING, "bids": opening}),
        patch.object(papers, "bid", bid),
        patch.object(papers, "opening_record", documents.authorisation_pdf),
    ):
        yield


def bid(ref: str) -> bytes:
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
