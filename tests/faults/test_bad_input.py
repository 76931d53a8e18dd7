"""What people and machines hand in wrong: each refusal names what is wrong, and nothing of it is kept.

The offices act on a running server over HTTPS; the members at their seats on the application in this process.
"""

import json
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from demo import cast as people
from demo import packages, pool
from demo.client import Person, Refused
from demo.story_before import stamp, until
from tests.faults.deployment import Deployment, deployed
from tests.services.parties import DrawParty

pytestmark = pytest.mark.asyncio(loop_scope="module")
EARLY, LATER = timedelta(minutes=-1), timedelta(hours=1)
DRAW, NO_CONTEXT = "venues", "00" * 32


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Deployment]:
    """A running server with its offices; the parties' key services stand still."""
    async with deployed(tmp_path_factory.mktemp("office")) as made:
        made.dismiss_machines()
        yield made


async def refusal(answer_of: Any) -> Refused:  # noqa: ANN401 - any call
    with pytest.raises(Refused) as caught:
        await answer_of
    return caught.value


def rows_of(office: Deployment, table: str, where: str) -> int:
    """How many rows the server's own database has; a look from outside, on the last committed state."""
    with closing(sqlite3.connect(f"file:{office.server.state / 'db' / 'bid.sqlite'}?mode=ro", uri=True)) as database:
        count: int = database.execute(f"SELECT count(*) FROM {table} WHERE {where}").fetchone()[0]  # noqa: S608
        return count


def stated(office: Deployment, case: str, kind: str) -> list[Any]:
    """The bodies of a case's statements of one kind."""
    with closing(sqlite3.connect(f"file:{office.server.state / 'db' / 'bid.sqlite'}?mode=ro", uri=True)) as database:
        rows = database.execute("SELECT bytes FROM statement WHERE log = ? AND kind = ?", (case, kind)).fetchall()
        return [json.loads(row[0])["body"] for row in rows]


async def new_case(office: Deployment, number: str) -> str:
    """A case with its application and seats; returns its path."""
    cast, early = office.stage.cast, stamp(datetime.now(UTC) + EARLY)
    package = packages.write_tender_package(office.stage.folder, office.stage.trading, number, early)
    await cast["agent"].hand_in("/cases/new", {"package": package.read_bytes()}, profile="demo")
    start = stamp(datetime.now(UTC) + timedelta(minutes=1))
    await cast["agent"].post(f"/cases/{number}/application", experts=4, representatives=1, start=start)
    await cast["main"].post(f"/cases/{number}/seats", seats=people.seat_names(people.MAIN)[:2])
    return f"/cases/{number}"


async def test_a_pool_with_broken_rows_is_named_cell_by_cell_and_not_imported_at_all(office: Deployment) -> None:
    lines, faults = pool.broken(pool.rows(datetime.now(UTC).date()))
    said = await refusal(office.stage.cast["province"].upload("/pool", {"file": pool.to_csv(lines)}))
    assert said.code == "pool.refused"
    assert {(one["line"], one["column"]) for one in said.answer["detail"]} == set(faults)
    assert all(one["reason"] for one in said.answer["detail"])
    assert rows_of(office, "pool_row", "1 = 1") == 0
    assert rows_of(office, "statement", "kind = 'pool.imported'") == 0


Spoil = Callable[[Path], Path]
SPOILT: dict[str, tuple[Spoil, str, str]] = {
    "missing": (lambda whole: packages.without_file(whole, "criteria.json"), "package.file_missing", "criteria.json"),
    "changed": (lambda whole: packages.with_changed_file(whole, "criteria.json"), "package.file_changed", "criteria"),
    "relisted": (packages.with_changed_manifest, "seal.refused", ""),
    "stranger": (lambda whole: packages.signed_by(whole, packages.make_party("别人")), "seal.refused", ""),
    "early": (lambda whole: whole, "package.too_early", ""),
}
"""What is done to a package, the refusal, and what it names."""


@pytest.mark.parametrize("spoil", SPOILT)
async def test_a_package_that_is_not_what_was_signed_makes_no_case(office: Deployment, spoil: str) -> None:
    number, stage, (change, code, named) = f"PACKAGE-{spoil.upper()}", office.stage, SPOILT[spoil]
    opens = stamp(datetime.now(UTC) + (LATER if spoil == "early" else EARLY))
    package = change(packages.write_tender_package(stage.folder, stage.trading, number, opens))
    said = await refusal(stage.cast["agent"].hand_in("/cases/new", {"package": package.read_bytes()}, profile="demo"))
    assert said.code == code
    assert named in str(said.answer["detail"])
    assert (await refusal(stage.cast["agent"].get(f"/cases/{number}"))).status == 404


async def test_a_committee_of_four_is_refused_and_one_of_five_is_taken(office: Deployment) -> None:
    stage, number = office.stage, "EVEN-0001"
    early = stamp(datetime.now(UTC) + EARLY)
    package = packages.write_tender_package(stage.folder, stage.trading, number, early)
    await stage.cast["agent"].hand_in("/cases/new", {"package": package.read_bytes()}, profile="demo")
    form = {"representatives": 1, "start": stamp(datetime.now(UTC) + LATER)}
    for experts in (3, 5):
        said = await refusal(stage.cast["agent"].post(f"/cases/{number}/application", experts=experts, **form))
        assert said.code.startswith("committee.")
    await stage.cast["agent"].post(f"/cases/{number}/application", experts=4, **form)


class Parties:
    """The three organisations by hand: each commits to a chain and shows its link sealed, or shows another."""

    def __init__(self, office: Deployment, case: str) -> None:
        cast = office.stage.cast
        self.lines = {party: Person(cast.site, party, token) for party, token in cast.tokens.items()}
        self.hands = {party: DrawParty(party) for party in self.lines}
        self.case, self.path = case.removeprefix("/cases/"), f"{case}/draws/{DRAW}"

    async def commit(self, *parties: str) -> None:
        for party in parties:
            commit, share_key = self.hands[party].committed(DRAW)
            await self.lines[party].post(f"{self.path}/commit", commit=commit, share_key=share_key)

    async def reveal(self, party: str, link: bytes | None = None) -> bool:
        rows: Any = await self.lines[party].get("/draws")
        (row,) = (row for row in rows if row["case"] == self.case)
        box = self.hands[party].box(DRAW, row["digest"] or NO_CONTEXT, row["key"], link=link)
        body = {"round": box.round_no, "key": box.key, "sealed": box.sealed.hex()}
        return bool((await self.lines[party].post(f"{self.path}/reveal", **body))["accepted"])

    async def close(self) -> None:
        for line in self.lines.values():
            await line.close()


async def test_a_false_reveal_voids_the_attempt_by_name_and_the_next_one_draws(office: Deployment) -> None:
    case, cast = await new_case(office, "LIAR-0001"), office.stage.cast
    at = stamp(datetime.now(UTC))
    await cast["main"].post(f"{case}/draws/venues", count=2, seats=2, at=at)
    await cast["supervisor"].post(f"{case}/draws/venues/confirm")
    parties = Parties(office, case)
    try:
        await play_false(office, parties)
    finally:
        await parties.close()
    await until(cast["main"], case, "state", {"venue_drawn"})


async def play_false(office: Deployment, parties: Parties) -> None:
    """One party shows another link than it committed to; then the two others draw without it."""
    await parties.commit("centre", "agency", "supervision")
    assert await parties.reveal("centre")
    assert not await parties.reveal("agency", sha256(b"another chain").digest())
    [voided] = stated(office, "LIAR-0001", "draw.voided")
    assert (voided["party"], voided["attempt"]) == ("agency", 1)
    assert (await refusal(parties.reveal("supervision"))).code == "draw.not_open"
    await parties.commit("centre", "supervision")
    for party in ("centre", "supervision"):
        assert await parties.reveal(party)


async def test_too_few_eligible_experts_are_refused_with_the_quota_and_how_many_are_short(office: Deployment) -> None:
    cast, case = office.stage.cast, "/cases/LIAR-0001"  # whose sub venues the test before drew
    file = pool.to_csv(pool.rows(datetime.now(UTC).date()))
    handed_in = await cast["province"].upload("/pool", {"file": file})
    await cast["province"].post("/pool/take-over", edition=handed_in["edition"])
    quotas = [
        {"category": "A08", "count": 2, "alternates": 0, "place": "main"},
        {"category": "Z99", "count": 1, "alternates": 2, "place": "sub-1"},  # nobody's
        {"category": "A02", "count": 1, "alternates": 0, "place": "sub-2"},
    ]
    form = {"quotas": quotas, "region_reason": "副场席位所在地区", "at": stamp(datetime.now(UTC))}
    await cast["agent"].post(f"{case}/draws/experts", **form)
    said = await refusal(cast["supervisor"].post(f"{case}/draws/experts/confirm"))
    assert said.code == "draw.too_few_eligible"
    assert said.answer["detail"] == "quotas[1] 3"
    assert rows_of(office, "statement", "kind = 'draw.frozen' AND log = 'LIAR-0001'") == 1, "the venues' only"
