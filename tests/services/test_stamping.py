"""Time stamps follow their signatures: over an authority that is away, from the outbox, and whole before a bag."""

import asyncio
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from archive.verifier import authorities, timestamp
from conduct import stamping
from conduct.ports import Tx
from conduct.posting import ALARM_AFTER
from conduct.stamping import Embedded, NotStamped, Stamping
from evaluation.case import CaseId
from signing.cms import Chain
from signing.timestamp import Stamper
from storage.deployment_keys import DeploymentKeys
from storage.store import Store

SIGNATURE = b"the bytes of a signature"
DIGEST = sha256(SIGNATURE).hexdigest()


class Office:
    """The embedded authority behind a door that can be shut."""

    def __init__(self, keys: DeploymentKeys) -> None:
        stamper = Stamper(Chain(keys.stamp.certificate, keys.issuing.certificate), keys.stamp.key)
        self.root = keys.root.certificate.public_bytes(Encoding.DER)
        self.embedded = Embedded(stamper)
        self.is_away = False
        self.asked = 0
        self.asked_again = asyncio.Event()

    async def stamp(self, imprint: bytes) -> bytes:
        self.asked += 1
        if self.asked > 1:
            self.asked_again.set()
        if self.is_away:
            raise NotStamped("away")
        return await self.embedded.stamp(imprint)


@pytest.fixture
def office(keys: DeploymentKeys) -> Office:
    return Office(keys)


async def waiting(store: Store) -> int:
    return await store.read(lambda tx: len(tx.waiting(stamping.CHANNEL)))


async def make_due(store: Store) -> None:
    """Let the wait after a refusal be over."""
    for message in await store.read(lambda tx: tx.waiting(stamping.CHANNEL)):
        await store.later(message.id, "2026-01-01T00:00:00.000+00:00")


async def test_an_authority_that_is_away_delays_the_stamp_and_alarms(store: Store, office: Office) -> None:
    alarms: list[str] = []
    runner = Stamping(store, office, alarms.append)
    await store.act(lambda tx: stamping.want(tx, SIGNATURE))
    office.is_away = True
    for _ in range(ALARM_AFTER):
        await runner.round()
        await make_due(store)
    assert (store.timestamp(DIGEST), await waiting(store), alarms) == (None, 1, ["away"])

    office.is_away = False
    await runner.round()
    assert (await waiting(store), alarms) == (0, ["away", ""])
    response = store.timestamp(DIGEST)
    assert response is not None
    timestamp.verify(response, bytes.fromhex(DIGEST), (authorities.read(office.root),), 2**33)


async def test_of_two_stamps_over_the_same_the_first_stays(store: Store, office: Office) -> None:
    runner = Stamping(store, office, lambda _: None)
    for _ in range(2):
        await store.act(lambda tx: stamping.want(tx, SIGNATURE))
    await runner.round()
    assert (office.asked, await waiting(store)) == (2, 0)
    first = store.timestamp(DIGEST)
    await store.act(lambda tx: tx.keep_timestamp(DIGEST, b"another"))
    assert store.timestamp(DIGEST) == first


async def test_a_seal_waits_for_its_stamp(store: Store, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stamping, "RETRY_S", 0.01)
    office.is_away = True
    async with asyncio.TaskGroup() as tasks:
        stamped = tasks.create_task(Stamping(store, office, lambda _: None).until_stamp_over(SIGNATURE))
        await office.asked_again.wait()
        assert not stamped.done()
        office.is_away = False
    assert timestamp.read(stamped.result()).imprint.hex() == DIGEST


async def test_what_was_signed_before_there_were_stamps_is_stamped_before_the_bag(store: Store, office: Office) -> None:
    case = CaseId("E-2026-0001")

    def signed_before(tx: Tx) -> None:
        tx.shelf(case, "extra").put("m1/00", {"cms": "dGhlIGJ5dGVzIG9mIGEgc2lnbmF0dXJl"})

    await store.act(signed_before)
    await Stamping(store, office, lambda _: None).until_stamped(case)
    assert store.timestamp(DIGEST) is not None
