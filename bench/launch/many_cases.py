"""`many_cases.py FOLDER CASES MEMBERS PAGES`: a server's state in which so many committees are scoring at once.

One case is brought to its opening by the people of the tests; its statements are stated again for each case. From the
check-in on every member of every case is its own: key, certificate, signed pledge and preliminary sheet, all cells
typed but none signed. Passwords cost next to nothing here. Prints who sits where, as JSON.
"""

import asyncio
import json
import os
import secrets
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

from conduct import authorising, electing, enrolling, pledging, prechecking, reviewing, scoring
from conduct.ports import SERVER, Actor, Json
from demo import documents
from demo import packages as papers
from demo.example import Example
from evaluation.case import BidId, CaseId
from house import open_house
from identity.roles import Role
from identity.sessions import Holder
from settings import Settings
from storage.store import Store
from storage.transaction import Transaction
from tests.browser.site import pair, session
from tests.browser.wide import BIDS, wide
from tests.services.activation import office_of
from tests.services.evaluation import CASE, Evaluation
from web.cookies import SEAT, SESSION

TO_THE_OPENING = ("prepare_deployment", "apply", "draw_venues", "draw_experts", "open_bids")
PASSWORD = "618392"  # noqa: S105 - of a throw-away server
EACH_VENUE = 3
LEADER = "m1"


@dataclass(frozen=True, slots=True)
class Committee:
    """One case and whoever sits in it: m1, m2, …, the last of them the tenderer's representative."""

    case: CaseId
    size: int

    @property
    def members(self) -> list[str]:
        """Ids in the order of the seats."""
        return [f"m{number}" for number in range(1, self.size + 1)]

    def rows(self) -> list[Json]:
        """The members as the committee's opening states them."""
        return [
            {"member": member, "alias": f"评委{number}", "name": f"专家{number:04d}", "categories": ["A08"],
             "kind": "representative" if number == self.size else "expert", "venue": self._venue(number),
             "seat": f"{self._venue(number)}-{self.case[-2:]}{number}"}
            for number, member in enumerate(self.members, start=1)
        ]  # fmt: skip

    def _venue(self, number: int) -> str:
        return f"V{1 + (number - 1) // EACH_VENUE}"


@dataclass(frozen=True, slots=True)
class Desk:
    """Where committees are made: the store, and an office of cheap passwords."""

    store: Store
    office: authorising.Office


async def main(folder: Path, cases: int, members: int, pages: int) -> None:
    """Make the state and print the cases with their seats."""
    house = open_house(Settings(state=folder / "server"))
    office = office_of(house.keys, organisation=house.settings.organisation, share=house.keys.share.read_bytes())
    try:
        evaluation = Evaluation(house.store, office, folder, wide())
        with patch.multiple(papers, bid=long_bid(pages), opening_record=documents.authorisation_pdf):
            for part in TO_THE_OPENING:
                await getattr(evaluation, part)()
        # Stated once, so that no committee scores beside the reading of twenty cases' bids.
        await prechecking.run(house.store, CASE, asyncio.Semaphore())
        stated = house.store.look(lambda tx: [json.loads(data) for _, data in tx.statements(CASE)])
        made = [Committee(CaseId(f"E-LOAD-{number:04d}"), members) for number in range(1, cases + 1)]
        told = [await bring_to_scoring(Desk(house.store, office), one, stated) for one in made]
    finally:
        house.store.close()
    print(json.dumps({"cases": told, "items": [row["id"] for row in items()], "bids": list(BIDS)}))


async def bring_to_scoring(house: Desk, one: Committee, stated: list[Json]) -> Json:
    """State everything up to the scoring, type every cell, sign everybody in."""
    keys = {
        member: await enrolling.make_key(house.office, f"{one.case}/{member}/1", PASSWORD, os.urandom(32))
        for member in one.members
    }
    await house.store.act(lambda tx: seat(tx, house, one, stated, keys))
    for member in one.members:
        await sign(house, one, member, "pledge")
    await house.store.act(lambda tx: elect_and_review(tx, one))
    for member in one.members:
        await sign(house, one, member, "prelim")
    return await house.store.act(lambda tx: score(tx, one))


def seat(tx: Transaction, house: Desk, one: Committee, stated: list[Json], keys: dict[str, enrolling.NewKey]) -> None:
    """Everything up to the open committee."""
    for said in stated:
        body = said["body"]
        if said["kind"] == "application.submitted":
            body = {**body, "experts": one.size - 1}
        tx.record(one.case, said["kind"], body)
    tx.record(one.case, "checkin.opened", {"by": SERVER.as_by()})
    for row in one.rows():
        matched = {name: row[name] for name in ("member", "kind", "venue", "seat")}
        desk = {"by": SERVER.as_by(), "second": "colleague", "method": "manual", "locker": "12"}
        tx.record(one.case, "checkin.matched", matched | desk)
        enrolling.enrol(tx, one.case, house.office, row["member"], keys[row["member"]])
        tx.record(one.case, "device.checked", {"seat": row["seat"], "member": row["member"], "result": {}})
    tx.record(one.case, "committee.opened", {"members": one.rows(), "transcripts": {}})
    tx.record(one.case, "case.ready", {"recorder": "green", "seated": one.size})


def elect_and_review(tx: Transaction, one: Committee) -> None:
    """The leader is elected at once; every finding of every member is a pass."""
    for member in one.members:
        electing.vote(tx, one.case, Actor("member", member), LEADER)
    reviewing.begin(tx, one.case, Actor("leader", LEADER))
    clauses = [row["id"] for row in wide().CRITERIA["clauses"]]
    for member in one.members:
        for bid in BIDS:
            for clause in clauses:
                reviewing.save(tx, one.case, Actor("member", member), (bid, clause), {"pass": True}, 0)


def score(tx: Transaction, one: Committee) -> Json:
    """Scoring opens, all cells are typed, everybody has a session at a seat; who that is, for the load."""
    reviewing.close(tx, one.case, Actor("leader", LEADER))
    for who in one.members:
        for bid in BIDS:
            for row in items():
                cell = scoring.Cell(BidId(bid), row["id"], "score")
                scoring.save(tx, one.case, Actor("member", who), cell, row["max"], 0)
    state = tx.case(one.case)
    seats = []
    for member in state.members.values():
        cookie = secrets.token_urlsafe(32)
        digest = pair(tx, cookie, member.venue, member.seat)
        opened, csrf = session(tx, Holder(Role.MEMBER, member.id, member.venue, one.case, digest, member.seat))
        seats.append({"member": member.id, "cookies": {SEAT: cookie, SESSION: opened}, "csrf": csrf})
    bids = [document.sha256 for document in state.documents if document.role == "bid"]
    return {"case": one.case, "seats": seats, "bids": bids}


async def sign(house: Desk, one: Committee, member: str, purpose: str) -> None:
    """Prepare and sign one batch."""
    actor = Actor("member", member)

    def prepare(tx: Transaction) -> authorising.Try:
        if purpose == "pledge":
            stated = ("pledge.signed", pledging.body(tx, one.case, actor, "承诺书"))
        else:
            stated = ("prelim.signed", reviewing.body(tx, one.case, actor))
        batch = authorising.prepare(tx, one.case, member, purpose, [stated])
        return authorising.begin(tx, one.case, member, purpose, batch.id)

    tried = await house.store.act(prepare)
    signed = await authorising.sign(house.office, tried, PASSWORD, datetime.now(UTC))
    await house.store.act(lambda tx: authorising.finish(tx, signed))


def items() -> list[Json]:
    """Every scored item of the tender."""
    return [dict(row) for group in wide().CRITERIA["groups"] for row in group["items"]]


def long_bid(pages: int) -> object:
    """How a bid is made: as many pages as wanted, its bytes different from every other's."""
    content, own = b"", getattr(documents, "_pages")  # noqa: B009 - a part of the paper, stretched

    def bid(ref: str, _case: Example) -> bytes:
        nonlocal content
        if not content:
            # The bids' own pages again and again: five stand before them.
            with patch.object(documents, "_pages", lambda ref, words: (own(ref, words) * pages)[: pages - 5]):
                content = documents.bid("A")
        return content + f"\n% {ref}\n".encode()

    return bid


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), *(int(argument) for argument in sys.argv[2:])))
