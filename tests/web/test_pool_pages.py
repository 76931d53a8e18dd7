"""The pool owner's page and the page on fairness: what is shown, what is never shown, in both languages."""

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from aiohttp import FormData
from aiohttp.test_utils import TestClient, TestServer

from conduct import sittings
from conduct.directory import DEPLOYMENT
from conduct.pool_looks import LookReason
from demo import pool as demo_pool
from demo.pool import Row
from identity import service
from identity.accounts import Account
from identity.roles import Role
from storage.logs import LogKeys
from storage.store import Store
from storage.transaction import Transaction
from tests.web.conftest import HASH, Caller
from tests.web.fakes import House
from web.app import make_app
from web.pool_words import LOOK_REASONS

ROWS = demo_pool.rows(date(2026, 11, 25))[:5]
Owner = Callable[[str], Awaitable[Caller]]


@pytest.fixture
async def owner(house: House, tmp_path: Path) -> AsyncIterator[Owner]:
    """Somebody of an owner's organisation, signed in at the application on a real store."""
    store = Store(
        f"sqlite:///{tmp_path}/bid.sqlite", tmp_path, os.urandom(32), LogKeys("t.example/log", os.urandom(32))
    )

    def accounts(tx: Transaction) -> None:
        for name in ("north", "south"):
            made = Account(f"{name}-1", Role.POOL_OWNER, HASH, name, organisation=name)
            service.add_account(tx.shelf(DEPLOYMENT, "accounts"), made)

    await store.act(accounts)
    async with TestClient(TestServer(make_app(replace(house.services, store=store)))) as client:

        async def sign_in(name: str) -> Caller:
            caller = Caller(client, json=True)
            assert (await caller.log_in(f"{name}-1")).status == 200
            return caller

        yield sign_in
    store.close()


async def hand_in(caller: Caller, rows: tuple[Row, ...]) -> dict[str, Any]:
    """Upload a file; the edition that waits and what it would change."""
    form = FormData()
    numbered = tuple(replace(row, number=str(n)) for n, row in enumerate(rows, 1))
    form.add_field("file", demo_pool.to_csv(numbered), filename="pool.csv")
    answer = await caller.client.post("/pool", data=form, headers=caller.headers())
    told: dict[str, Any] = await answer.json()
    return told


async def take(caller: Caller, rows: tuple[Row, ...]) -> None:
    edition = (await hand_in(caller, rows))["edition"]
    assert (await caller.post("/pool/take-over", {"edition": edition})).status == 200


async def seen(caller: Caller, path: str = "/pool") -> str:
    """The page as a browser shows it."""
    as_browser = Caller(caller.client, cookies=caller.cookies)
    return await (await as_browser.get(path)).text()


async def test_a_file_is_read_then_taken_over_then_undone(owner: Owner) -> None:
    north = await owner("north")
    assert "现在请您上传专家库文件" in await seen(north)
    await take(north, ROWS)
    waits = await hand_in(north, ROWS[1:])
    assert waits["counts"] == {"new": 0, "changed": 0, "gone": 1, "unchanged": 4}
    page = await seen(north)
    assert "现在请您核对" in page
    assert ROWS[0].expert in page
    assert ROWS[0].name not in page
    stale = await north.post("/pool/take-over", {"edition": 99})
    assert (stale.status, (await stale.json())["code"]) == (409, "pool.not_pending")
    await north.post("/pool/take-over", {"edition": waits["edition"]})
    assert (await (await north.get("/pool")).json())["mine"]["size"] == 4
    assert await (await north.post("/pool/restore", {})).json() == {"accepted": 5}


async def test_a_file_that_waits_can_be_discarded(owner: Owner) -> None:
    north = await owner("north")
    waits = await hand_in(north, ROWS)
    assert (await north.post("/pool/discard", {})).status == 200
    assert (await north.post("/pool/take-over", {"edition": waits["edition"]})).status == 409
    assert (await (await north.post("/pool/restore", {})).json())["code"] == "pool.nothing_to_restore"


async def test_of_another_owner_s_pool_the_size_is_told_and_nothing_else(owner: Owner) -> None:
    north, south = await owner("north"), await owner("south")
    await take(north, ROWS)
    await take(south, (replace(ROWS[0], expert="S1"),))
    told = await (await south.get("/pool")).json()
    assert told["others"] == [{"pool": "north", "size": 5, "shared": 1}]
    page = await seen(south)
    assert not [row for row in ROWS if row.expert in page or row.name in page]
    look = {"expert": ROWS[1].expert, "reason": "contact", "words": "核对手机号"}
    assert (await (await south.post("/pool/look", look)).json())["code"] == "pool.no_such_expert"


async def test_an_expert_is_found_by_the_whole_number_and_seen_for_a_reason(owner: Owner) -> None:
    north = await owner("north")
    await take(north, ROWS)
    found = await (await north.post("/pool/search", {"id_number": ROWS[2].id_number})).json()
    assert found["found"] == ROWS[2].expert
    none = await (await north.post("/pool/search", {"id_number": ROWS[2].name})).json()
    assert none["found"] == ""
    look = {"expert": found["found"], "reason": "contact", "words": ""}
    refused = await north.post("/pool/look", look)
    assert (await refused.json())["code"] == "pool.reason_missing"
    shown = await (await north.post("/pool/look", {**look, "words": "核对手机号"})).json()
    assert shown["person"]["name"] == ROWS[2].name


async def test_a_wrong_file_is_told_in_words_by_line_and_column(owner: Owner) -> None:
    north = await owner("north")
    told = await hand_in(north, (replace(ROWS[0], years="7", id_number="1.10101E+17"),))
    assert [(one["column"], one["reason"]) for one in told["detail"]] == [
        ("身份证号", "cell.id_number_is_a_number"),
        ("从业年限", "cell.years_too_few"),
    ]


def test_a_look_has_the_reasons_that_the_page_offers() -> None:
    assert set(LOOK_REASONS) == {reason.value for reason in LookReason}


def _sat(house: House, case: str, *experts: str, taken: tuple[int, ...] = (0,) * 7 + (1,)) -> None:
    drawn = [["2026Q4", "A08", [0] * 6 + [30, 40], list(taken)]]
    row = {"day": "2026-11-25", "hosts": ["演示招标人"], "experts": list(experts), "drawn": drawn}
    house.store.shelves[DEPLOYMENT, sittings.SITTINGS].put(case, row)


async def test_fairness_says_that_there_is_nothing_yet(script: Caller) -> None:
    await script.log_in("supervisor")
    told = await (await script.get("/fairness")).json()
    assert told == {"committees": 0, "sat": [], "together": [], "trials": []}
    assert "名单公开之后" in await seen(script, "/fairness")


async def test_fairness_shows_counts_and_no_expert(house: House, script: Caller) -> None:
    for number in range(30):
        _sat(house, f"C-{number}", "north:1", f"north:{number + 2}", taken=(0,) * 6 + (4, 0))
    await script.log_in("audit-admin")
    told = await (await script.get("/fairness")).json()
    assert told["committees"] == 30
    assert [(row["label"], row["count"]) for row in told["sat"]] == [(1, 30), (30, 1)]
    assert [(row["label"], row["count"]) for row in told["together"]] == [(1, 30)]
    [trial] = told["trials"]
    assert trial["is_beyond"]
    assert [cell["taken"] for cell in trial["cells"]] == [120, 0]
    html = await seen(script, "/fairness")
    assert "偏离" in html
    assert "north:" not in html


@pytest.mark.parametrize("name", ["agent", "pool-owner", "witness", "system-admin"])
async def test_fairness_is_for_supervisor_and_auditor(script: Caller, name: str) -> None:
    await script.log_in(name)
    assert (await script.get("/fairness")).status == 403
