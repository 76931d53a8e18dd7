"""Rows of the pools: whole editions or nothing, no person in the clear, other owners' rows untouched, undo by row."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import insert

from conduct import directory, pool_looks, pooling
from conduct.directory import DEPLOYMENT, POOL
from conduct.pool_looks import LookReason
from conduct.ports import Actor, Tx
from demo import pool as demo_pool
from demo.pool import Row
from storage.store import Store
from storage.tables import index_case
from storage.transaction import Transaction

ROWS = demo_pool.rows(date(2026, 11, 25))[:6]
OWNER = Actor("pool_owner", "wang")


def checked(rows: tuple[Row, ...]) -> pooling.File:
    numbered = tuple(replace(row, number=str(n)) for n, row in enumerate(rows, 1))
    return pooling.check(demo_pool.to_csv(numbered))


def take(owner: str, rows: tuple[Row, ...]) -> Callable[[Transaction], int]:
    def act(tx: Transaction) -> int:
        return pooling.take_over(tx, OWNER, owner, pooling.hand_in_at_once(tx, owner, checked(rows)))

    return act


def codes(store: Store, case: str = DEPLOYMENT) -> list[str]:
    return [str(expert.id) for expert in store.look(lambda tx: directory.experts(tx, case))]


def logged(store: Store, kind: str) -> list[dict[str, object]]:
    return [json.loads(data)["body"] for _, data in store.look(lambda tx: list(tx.statements(DEPLOYMENT, kind)))]


def an_open_case(tx: Transaction) -> None:
    """The line of the index that makes the store list a case."""
    row = {column.name: "" for column in index_case.columns} | {"case": "case-1"}
    tx.connection.execute(insert(index_case).values(row))


async def test_an_edition_is_invisible_until_it_is_taken_over(store: Store) -> None:
    edition = await pooling.hand_in(store, "north", checked(ROWS))
    with pytest.raises(directory.NoPool):
        codes(store)
    await store.act(lambda tx: pooling.take_over(tx, OWNER, "north", edition))
    assert codes(store) == [f"north:{row.expert}" for row in ROWS]
    [told] = logged(store, "pool.imported")
    assert (told["pool"], told["accepted"], told["new"], told["gone"]) == ("north", 6, 6, 0)


async def test_a_later_file_is_told_by_row_and_column_and_never_by_personal_content(store: Store) -> None:
    await store.act(take("north", ROWS))
    changed = replace(ROWS[1], phone="10099999999", unit="另一演示单位")
    edition = await pooling.hand_in(store, "north", checked((ROWS[0], changed, *ROWS[3:])))
    row = store.look(lambda tx: tx.shelf(DEPLOYMENT, directory.OWNERS).get("north"))
    assert row is not None
    assert row["pending"]["counts"] == {"new": 0, "changed": 1, "gone": 1, "unchanged": 4}
    assert row["pending"]["changed"] == [[changed.expert, ["手机号", "工作单位"]]]
    assert "10099999999" not in json.dumps(row)
    assert len(codes(store)) == 6
    await store.act(lambda tx: pooling.take_over(tx, OWNER, "north", edition))
    assert len(codes(store)) == 5


async def test_a_second_file_discards_the_first_that_waits(store: Store) -> None:
    await store.act(take("north", ROWS[:3]))
    first = await pooling.hand_in(store, "north", checked(ROWS[3:]))
    second = await pooling.hand_in(store, "north", checked(ROWS))
    with pytest.raises(pooling.NotPending):
        await store.act(lambda tx: pooling.take_over(tx, OWNER, "north", first))
    await store.act(lambda tx: pooling.take_over(tx, OWNER, "north", second))
    assert len(codes(store)) == 6


async def test_half_an_edition_cannot_be_taken_over_and_leaves_nothing_when_discarded(store: Store) -> None:
    await store.act(take("north", ROWS))
    file = checked(ROWS[:2])
    edition = await store.act(lambda tx: pooling.begin(tx, "north", file.sha256))
    made = store.look(lambda tx: pooling.plan(tx, "north", file.enrolments))
    await store.act(partial(pooling.write, owner="north", edition=edition, batch=made.batches[0]))
    with pytest.raises(pooling.NotPending):
        await store.act(lambda tx: pooling.take_over(tx, OWNER, "north", edition))
    await store.act(lambda tx: pooling.discard(tx, "north"))
    assert len(codes(store)) == 6


async def test_the_edition_before_comes_back_row_by_row_and_again(store: Store) -> None:
    changed = (replace(ROWS[0], years="30"), *ROWS[2:])
    await store.act(take("north", ROWS))
    await store.act(take("north", changed))
    await store.act(lambda tx: pooling.restore(tx, OWNER, "north"))
    assert codes(store) == [f"north:{row.expert}" for row in ROWS]
    assert store.look(directory.experts)[0].years == int(ROWS[0].years)
    await store.act(lambda tx: pooling.restore(tx, OWNER, "north"))
    assert store.look(directory.experts)[0].years == 30
    assert len(codes(store)) == 5
    with pytest.raises(pooling.NothingToRestore):
        await store.act(lambda tx: pooling.restore(tx, OWNER, "south"))


async def test_owners_touch_their_own_rows_and_one_person_in_two_pools_is_one(store: Store) -> None:
    await store.act(take("north", ROWS[:4]))
    await store.act(take("south", (replace(ROWS[0], expert="S1"), *ROWS[4:])))
    experts = store.look(directory.experts)
    assert len(experts) == 6
    assert [str(row.id) for row in experts[0].rows] == [f"north:{ROWS[0].expert}", "south:S1"]
    await store.act(take("south", ROWS[4:]))
    assert [str(row.id) for row in store.look(directory.experts)[0].rows] == [f"north:{ROWS[0].expert}"]


async def test_a_frozen_pool_stays_whatever_is_imported_later_and_says_what_it_was_made_of(store: Store) -> None:
    await store.act(take("north", ROWS))
    await store.act(an_open_case)
    await store.act(lambda tx: directory.freeze_pool(tx, "case-1"))
    for _ in range(3):
        await store.act(take("north", ROWS[:1]))
    assert codes(store, "case-1") == [f"north:{row.expert}" for row in ROWS]
    [made_of] = store.look(lambda tx: directory.frozen_from(tx, "case-1"))
    assert (made_of["pool"], made_of["edition"], made_of["size"]) == ("north", 1, 6)
    [found] = store.look(lambda tx: directory.enrolled(tx, "case-1", {f"north:{ROWS[5].expert}"}))
    assert found.person.phone == ROWS[5].phone


async def test_no_person_lies_in_the_clear_in_the_database(store: Store, tmp_path: Path) -> None:
    await store.act(take("north", ROWS))
    await store.act(lambda tx: pool_looks.look(tx, OWNER, "north", ROWS[0].expert, LookReason.CONTACT, "核对手机号"))
    data = _files(tmp_path)
    assert ROWS[0].expert.encode() in data
    for row in ROWS:
        for personal in (row.name, row.id_number, row.phone, row.unit):
            assert personal.encode() not in data


def _files(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.glob("bid.sqlite*"))


async def test_a_look_is_logged_without_a_name_and_needs_words(store: Store) -> None:
    await store.act(take("north", ROWS))
    await store.act(take("south", (replace(ROWS[5], expert="S9"),)))
    code = ROWS[0].expert

    def look(words: str, owner: str = "north") -> Callable[[Tx], str]:
        return lambda tx: pool_looks.look(tx, OWNER, owner, code, LookReason.DATA_CHECK, words).person.name

    with pytest.raises(pool_looks.ReasonMissing):
        await store.act(look("  ?  "))
    with pytest.raises(pool_looks.NoSuchExpert):
        await store.act(look("核对手机号", "south"))
    assert logged(store, "pool.looked") == []
    assert await store.act(look("核对手机号")) == ROWS[0].name
    [told] = logged(store, "pool.looked")
    assert (told["by"], told["pool"], told["expert"]) == ({"role": "pool_owner", "who": "wang"}, "north", code)
    assert ROWS[0].name not in json.dumps(told, ensure_ascii=False)
    assert "核对" not in json.dumps(told, ensure_ascii=False)


async def test_a_search_finds_an_exact_number_in_the_owner_s_rows_only(store: Store) -> None:
    await store.act(take("north", ROWS[:3]))
    await store.act(take("south", ROWS[3:]))
    mine, theirs = ROWS[0], ROWS[4]
    assert await store.act(lambda tx: pool_looks.search(tx, OWNER, "north", mine.id_number)) == mine.expert
    assert await store.act(lambda tx: pool_looks.search(tx, OWNER, "north", theirs.id_number)) == ""
    assert await store.act(lambda tx: pool_looks.search(tx, OWNER, "north", mine.id_number[:17])) == ""
    assert [row["expert"] for row in logged(store, "pool.searched")] == [mine.expert, "", ""]


async def test_a_pool_of_the_first_schema_is_moved_into_rows_with_the_pools_frozen_from_it(store: Store) -> None:
    old, new = demo_pool.to_csv(ROWS[:3]).decode("utf-8-sig"), demo_pool.to_csv(ROWS[:5]).decode("utf-8-sig")

    def as_before(tx: Transaction) -> None:
        an_open_case(tx)
        tx.shelf("case-1", POOL).put("current", {"csv": old, "sha256": "a" * 64})
        body = {"by": OWNER.as_by(), "pool": "wang", "file": "0" * 64, "accepted": 5, "root": "0" * 64}
        tx.record(DEPLOYMENT, "pool.imported", body)
        tx.shelf(DEPLOYMENT, POOL).put("current", {"csv": new, "sha256": "b" * 64})

    await store.act(as_before)
    await store.act(pooling.move_old_pools)
    assert codes(store) == [f"wang:{row.expert}" for row in ROWS[:5]]
    assert store.look(lambda tx: tx.shelf(DEPLOYMENT, POOL).get("current")) is None
    await store.act(pooling.move_old_pools)
    assert codes(store, "case-1") == [f"wang:{row.expert}" for row in ROWS[:3]]
    assert len(logged(store, "pool.imported")) == 3
