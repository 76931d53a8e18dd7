"""The store keeps what it acknowledged, refuses what the procedure refuses, rebuilds its indexes."""

import asyncio
from collections.abc import Iterable
from pathlib import Path

import pytest
from sqlalchemy import select

from conduct.ports import Json, StaleRevision, UnknownCase
from evaluation.case import Case, CaseId, State
from evaluation.fold import Logged, fold
from evaluation.life import OutOfOrder
from evaluation.profiles import load_profile
from signing.log_key import is_signed
from signing.merkle import leaf_hash
from signing.note import parse_proof, verify_proof
from storage import index
from storage.logs import DEPLOYMENT, LogKeys
from storage.store import Store
from storage.tables import INDEX_TABLES
from storage.transaction import Transaction

CASE = CaseId("E-TEST-0001")
BY = {"role": "agent", "who": "agent"}


def created(project: str = "P-1") -> Json:
    return {
        "by": BY,
        "project": project,
        "title": "演示项目",
        "tenderer": "演示招标人",
        "agent": "演示代理",
        "region": "000100",
        "lot": "1",
        "limit": "10000000.00",
        "planned_start": "2026-11-23T01:00:00.000Z",
        "profile": {"id": "demo", "digest": load_profile("demo").digest},
        "demo": True,
    }


SUBMITTED: Json = {
    "by": BY,
    "experts": 4,
    "representatives": 1,
    "start": "2026-11-23T01:00:00.000Z",
    "days": 1,
    "overnight": False,
    "avoid_units": [],
}


def create(tx: Transaction) -> None:
    tx.record(CASE, "case.created", created())


async def test_a_case_is_what_its_log_says_after_reopening(
    tmp_path: Path, store: Store, log_keys: LogKeys, storage_key: bytes
) -> None:
    await store.act(create)
    store.close()
    again = Store(f"sqlite:///{tmp_path}/bid.sqlite", tmp_path / "objects", storage_key, log_keys)
    try:
        assert again.case(CASE).state is State.DRAFT
        assert again.case(CASE).info is not None
    finally:
        again.close()


async def test_a_case_that_is_only_looked_at_is_folded_once_after_reopening(
    tmp_path: Path, store: Store, log_keys: LogKeys, storage_key: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    await store.act(create)
    store.close()
    again = Store(f"sqlite:///{tmp_path}/bid.sqlite", tmp_path / "objects", storage_key, log_keys)
    folded: list[CaseId] = []

    def counting(case: CaseId, statements: Iterable[Logged]) -> Case:
        folded.append(case)
        return fold(case, statements)

    monkeypatch.setattr("storage.transaction.fold", counting)
    try:
        assert {again.case(CASE).state for _ in range(3)} == {State.DRAFT}
        await again.read(lambda tx: tx.case(CASE))
        await again.act(lambda tx: tx.record(CASE, "application.submitted", SUBMITTED))
        assert again.case(CASE).state is State.APPLIED
        assert folded == [CASE]
    finally:
        again.close()


async def test_values_under_a_beginning_come_with_their_revisions(store: Store) -> None:
    def write(tx: Transaction) -> None:
        for key in ("m1/A", "m1/B", "m10/A", "m2/A", "m1/B"):
            tx.shelf(CASE, "finding").put(key, {"of": key})

    await store.act(write)
    found = store.look(lambda tx: list(tx.shelf(CASE, "finding").under("m1/")))
    assert found == [("m1/A", {"of": "m1/A"}, 1), ("m1/B", {"of": "m1/B"}, 2)]


async def test_a_refused_act_leaves_nothing_and_its_neighbours_stay(store: Store) -> None:
    await store.act(create)

    def refused(tx: Transaction) -> None:
        tx.shelf(CASE, "draft").put("a", {"score": "1.0"})
        tx.record(CASE, "case.closed", {"by": BY, "stages": []})

    def kept(tx: Transaction) -> None:
        tx.shelf(CASE, "draft").put("b", {"score": "2.0"})

    outcomes = await asyncio.gather(store.act(refused), store.act(kept), return_exceptions=True)
    assert isinstance(outcomes[0], OutOfOrder)
    assert await store.read(lambda tx: dict(tx.shelf(CASE, "draft").items())) == {"b": {"score": "2.0"}}
    assert store.case(CASE).size == 1


async def test_somebody_who_goes_away_stops_nobody_else(store: Store) -> None:
    for _ in range(200):
        store.writer.submit(lambda tx: tx.shelf(CASE, "draft").put("a", {"score": "1.0"})).cancel()
    await store.act(lambda tx: tx.shelf(CASE, "draft").put("b", {"score": "2.0"}))
    assert await store.read(lambda tx: tx.shelf(CASE, "draft").get("b")) == {"score": "2.0"}


async def test_a_stale_revision_is_refused_and_tells_the_current_one(store: Store) -> None:
    await store.act(lambda tx: tx.shelf(CASE, "draft").put("cell", {"v": "1"}, expected=0))
    with pytest.raises(StaleRevision) as refusal:
        await store.act(lambda tx: tx.shelf(CASE, "draft").put("cell", {"v": "2"}, expected=0))
    assert refusal.value.current == 1


async def test_a_value_sent_twice_because_an_answer_was_lost_is_no_conflict(store: Store) -> None:
    written = [await store.act(lambda tx: tx.shelf(CASE, "draft").put("cell", {"v": "1"}, expected=0)) for _ in "12"]
    assert written == [1, 1]
    assert await store.read(lambda tx: tx.shelf(CASE, "draft").revision("cell")) == 1


async def test_an_unknown_case_is_refused_by_name(store: Store) -> None:
    with pytest.raises(UnknownCase):
        await store.read(lambda tx: tx.case(CaseId("E-NONE")))


async def test_r_31_a_receipt_proves_its_entry_in_a_signed_checkpoint(store: Store, log_keys: LogKeys) -> None:
    await store.act(create)
    assert store.receipt(CASE, 0) is None
    await store.checkpoint(CASE)
    receipt = store.receipt(CASE, 0)
    assert receipt is not None

    proof = parse_proof(receipt.proof.encode())
    checkpoint = verify_proof(proof, leaf_hash(bytes.fromhex(receipt.entry)), log_keys.of(CASE).verifier_key, is_signed)
    assert (checkpoint.origin, checkpoint.size) == (f"test.example/log/{CASE}", 1)
    stated = await store.read(lambda tx: [data for _, data in tx.statements(DEPLOYMENT, "case.checkpoint")])
    assert len(stated) == 1


async def test_index_tables_are_rebuilt_from_statements_alone(store: Store) -> None:
    await store.act(create)
    await store.act(lambda tx: tx.record(CASE, "application.submitted", SUBMITTED))

    def rows(tx: Transaction) -> list[object]:
        return [tuple(row) for table in INDEX_TABLES for row in tx.connection.execute(select(table)).all()]

    before = await store.read(rows)

    def drop_and_rebuild(tx: Transaction) -> list[object]:
        for table in INDEX_TABLES:
            table.drop(tx.connection)
            table.create(tx.connection)
        assert rows(tx) == []
        index.rebuild(tx.connection)
        return rows(tx)

    assert before
    assert await store.act(drop_and_rebuild) == before


def hits(folder: Path, canary: bytes) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and canary in path.read_bytes()]


async def test_private_values_lie_encrypted(tmp_path: Path, store: Store) -> None:
    await store.act(lambda tx: tx.shelf(CASE, "draft").put("cell", {"v": "canary-48.5"}))
    store.close()
    assert hits(tmp_path, b"canary-48.5") == []


async def test_a_message_waits_sealed_and_leaves_as_it_was(tmp_path: Path, store: Store) -> None:
    payload = {"phone": "13900000042", "link": "/b/secret-of-the-link"}
    await store.act(lambda tx: tx.send("notice", payload))
    for secret in (b"13900000042", b"secret-of-the-link"):
        assert hits(tmp_path, secret) == []
    assert [message.payload for message in await store.due(("notice",))] == [payload]
