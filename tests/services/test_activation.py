"""The activation process itself, as a child: what it signs, what it refuses, what it holds on to, and its death."""

import asyncio
import os
import signal
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from conduct.activation import wire
from conduct.activation.keyholder import Keyholder
from conduct.activation.office import ActivationOffice
from conduct.activation.process import Counter
from conduct.activation.questions import Create, Created, Question, Sign
from conduct.activation.refusals import ActivationAway, ActivationBusy, Expired, NotReleased
from conduct.activation.setup import Setup
from conduct.frames import frame, read_frame
from signing.authorisation import parse_authorisation
from signing.ca import Subject, Term, make_signer
from signing.cms import verify_detached
from signing.keys import load_public
from signing.keystore import Cost, EnvelopeKeyStore, PasswordWrong
from signing.password import PasswordWeak
from storage.deployment_keys import DeploymentKeys, open_keys
from tests.services.activation import CHEAP, Direct, roots_of

CASE, CREDENTIAL, PASSWORD = "E-2026-0001", "E-2026-0001/m3/1", b"804517"
SLOW = Cost(memory_kib=65536, passes=6)
LEAVES = (bytes(range(32)), bytes(range(1, 33)))


def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


@dataclass
class Member:
    """A key as the server stores it, and what its owner asks."""

    keys: DeploymentKeys
    made: Created

    def __post_init__(self) -> None:
        term = Term(5, now() - timedelta(minutes=1), now() + timedelta(days=1))
        subject = Subject("评委3", "演示交易中心", CASE)
        signer = make_signer(self.keys.issuing, subject, load_public(self.made.public_key), term)
        self.certificate = signer.public_bytes(Encoding.DER)

    def asks(self, password: bytes = PASSWORD, **other: Any) -> Sign:  # noqa: ANN401 - any field of it
        asked = Sign(
            credential=CREDENTIAL,
            sealed=self.made.sealed,
            password=memoryview(password),
            certificate=self.certificate,
            issuing=self.keys.issuing.certificate.public_bytes(Encoding.DER),
            case=CASE,
            purpose="score-sheet",
            leaves=LEAVES,
            display=bytes(32),
            nonce=os.urandom(16),
            issued_at=now(),
        )
        return replace(asked, **other)


def creation(password: bytes = PASSWORD) -> Create:
    return Create(CREDENTIAL, memoryview(password), os.urandom(32))


@pytest.fixture
def direct(keys: DeploymentKeys) -> Direct:
    keystore = EnvelopeKeyStore(keys.share.read_bytes(), CHEAP)
    return Direct(Keyholder(keystore, roots_of(keys), lambda: datetime.now(UTC)))


@pytest.fixture
async def member(keys: DeploymentKeys, direct: Direct) -> Member:
    return Member(keys, await direct.ask(creation()))


@pytest.fixture
async def office(keys: DeploymentKeys) -> AsyncIterator[ActivationOffice]:
    async with asyncio.TaskGroup() as tasks:
        started = await ActivationOffice.start(Setup(keys.share, *keys.root_certificates, CHEAP), tasks)
        yield started
        await started.close()


async def test_a_release_is_whole_and_every_signature_names_its_record(
    office: ActivationOffice, keys: DeploymentKeys
) -> None:
    member = Member(keys, await office.ask(creation()))
    released = await office.ask(member.asks())
    record = parse_authorisation(released.authorisation)
    assert (record.leaves, record.case, record.credential) == (LEAVES, CASE, CREDENTIAL)
    for leaf, pair in zip(LEAVES, released.signatures, strict=True):
        signature = verify_detached(pair.cms, leaf, [keys.root.certificate], datetime.now(UTC))
        assert signature.authorisation_sha256 == record.sha256


async def test_each_refusal_crosses_under_its_own_name(
    office: ActivationOffice, member: Member, keys: DeploymentKeys, direct: Direct
) -> None:
    other = Member(keys, await direct.ask(creation()))
    refused: list[tuple[Question[Any], type[Exception]]] = [
        (member.asks(b"804518"), PasswordWrong),
        (member.asks(sealed=b"\x01" * 80), NotReleased),
        (member.asks(certificate=other.certificate), NotReleased),
        (member.asks(certificate=b"none"), NotReleased),
        (member.asks(purpose="No Purpose"), NotReleased),
        (member.asks(leaves=LEAVES[:1] * 2), NotReleased),
        (member.asks(issued_at=now() - timedelta(seconds=122)), Expired),
        (member.asks(issued_at=now() + timedelta(seconds=60)), Expired),
        (creation(b"123456"), PasswordWeak),
    ]
    for question, why in refused:
        with pytest.raises(why):
            await office.ask(question)


async def test_a_signature_under_another_root_does_not_leave(direct: Direct, member: Member, tmp_path: Path) -> None:
    stranger = open_keys(tmp_path / "stranger", "另一家", ["localhost"], datetime.now(UTC))
    store = EnvelopeKeyStore(member.keys.share.read_bytes(), CHEAP)
    there = Direct(Keyholder(store, roots_of(stranger), lambda: datetime.now(UTC)))
    await direct.ask(member.asks())
    with pytest.raises(NotReleased):
        await there.ask(member.asks())


async def test_a_death_refuses_what_was_asked_and_the_next_process_signs(
    office: ActivationOffice, member: Member, keys: DeploymentKeys
) -> None:
    slow = Direct(Keyholder(EnvelopeKeyStore(keys.share.read_bytes(), SLOW), roots_of(keys), now))
    dear = Member(keys, await slow.ask(creation()))
    first = office.pid
    assert first is not None
    asyncio.get_running_loop().call_later(0.05, os.kill, first, signal.SIGKILL)
    with pytest.raises(ActivationAway):
        await office.ask(dear.asks())
    with pytest.raises(ActivationAway):
        await office.ask(member.asks())
    await office.wait_ready()
    assert len((await office.ask(member.asks())).signatures) == len(LEAVES)
    assert office.pid != first


async def test_a_process_that_hangs_is_noticed_ended_by_name_and_the_next_one_signs(
    member: Member, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("DEAD_S", "STARVED_S"):
        monkeypatch.setattr(f"conduct.activation.office.{name}", 2.0)
    setup = Setup(member.keys.share, *member.keys.root_certificates, CHEAP)
    async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
        office = await ActivationOffice.start(setup, tasks)
        hung = office.pid
        assert hung is not None
        os.kill(hung, signal.SIGSTOP)
        with pytest.raises(ActivationAway):
            await office.ask(member.asks())
        await office.wait_ready()
        assert len((await office.ask(member.asks())).signatures) == len(LEAVES)
        await office.close()
    assert f"process {hung} is ended: the activation process gave no sign of life" in caplog.text


async def test_a_question_that_is_never_answered_is_given_up_though_the_process_lives(
    office: ActivationOffice, keys: DeploymentKeys, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("ANSWER_S", "BEAT_S"):  # shorter than the question takes on any machine
        monkeypatch.setattr(f"conduct.activation.office.{name}", 0.02)
    slow = Direct(Keyholder(EnvelopeKeyStore(keys.share.read_bytes(), SLOW), roots_of(keys), now))
    dear = Member(keys, await slow.ask(creation()))

    async def ask_on() -> None:  # the beat under way at first is as long as they were
        while True:
            await office.ask(dear.asks())

    async with asyncio.timeout(30):
        with pytest.raises(ActivationAway):
            await ask_on()
        await office.wait_ready()
    assert "over one question" in caplog.text


async def test_whoever_waits_is_told_how_many_come_first(
    office: ActivationOffice, keys: DeploymentKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conduct.activation.office.TELL_EVERY_S", 0.02)
    slow = Direct(Keyholder(EnvelopeKeyStore(keys.share.read_bytes(), SLOW), roots_of(keys), now))
    dear = Member(keys, await slow.ask(creation()))
    places: list[int] = []

    async def told(ahead: int) -> None:
        places.append(ahead)

    count = len(os.sched_getaffinity(0)) + 2
    asked = [office.ask(dear.asks(), told if number == count - 1 else None) for number in range(count)]
    await asyncio.gather(*asked)
    assert places[0] in range(1, count)
    assert places == sorted(places, reverse=True)
    assert set(places) <= set(range(count))


def test_a_full_queue_refuses_the_newcomer_and_forgets_its_frame() -> None:
    said: list[bytes] = []
    is_free = threading.Event()

    class Waits:
        def answer(self, _question: Any) -> Created:  # noqa: ANN401
            is_free.wait()
            return Created(b"", b"")

    def frames() -> list[wire.Said]:
        return [wire.read_said(data[4:]) for data in list(said)]

    def waited(is_so: Callable[[], bool]) -> None:
        while not is_so():
            threading.Event().wait(0.001)

    counter = Counter(Waits(), said.append, most=1)
    counter.open(1)
    asked = [bytearray(wire.write_question(number, creation())) for number in (1, 2, 3)]
    counter.take(asked[0])
    waited(lambda: any(one.word == "begun" for one in frames()))
    counter.take(asked[1])
    counter.take(asked[2])
    refused = next(one for one in frames() if one.word == "refused")
    assert refused.number == 3
    with pytest.raises(ActivationBusy):
        wire.read_answer(creation(), refused)
    is_free.set()
    waited(lambda: sum(one.word == "ok" for one in frames()) == 2)
    assert not any(any(one) for one in asked)


async def test_once_it_serves_it_holds_three_pipes_and_can_open_nothing(office: ActivationOffice) -> None:
    await office.ask(creation())
    process = Path(f"/proc/{office.pid}")
    assert sorted(path.name for path in (process / "fd").iterdir()) == ["0", "1", "2"]
    limits = {line[:26].strip(): line[26:].split()[:2] for line in (process / "limits").read_text().splitlines()}
    assert limits["Max open files"] == limits["Max core file size"] == ["0", "0"]


async def test_its_line_and_environment_hold_no_secret(office: ActivationOffice, keys: DeploymentKeys) -> None:
    await office.ask(creation())
    process = Path(f"/proc/{office.pid}")
    told = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
    for secret in (PASSWORD, keys.share.read_bytes(), keys.share.read_bytes().hex().encode(), keys.storage):
        assert secret not in told
    assert str(keys.share).encode() in told


def test_a_question_does_not_show_its_password_and_its_frame_is_zeros_once_answered(keys: DeploymentKeys) -> None:
    question = creation()
    assert PASSWORD.decode() not in repr(question)
    data = bytearray(wire.write_question(7, question))
    assert PASSWORD in data
    keyholder = Keyholder(EnvelopeKeyStore(keys.share.read_bytes(), CHEAP), roots_of(keys), now)
    wire.answered(keyholder, data)
    assert not any(data)


def test_a_frame_that_is_cut_is_the_end_and_a_monstrous_one_is_refused(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    pipe.write_bytes(frame(b"whole") + frame(b"cut")[:-1])
    with pipe.open("rb", buffering=0) as source:
        assert bytes(read_frame(source) or b"") == b"whole"
        assert read_frame(source) is None
    pipe.write_bytes(b"\xff\xff\xff\xff")
    with pipe.open("rb", buffering=0) as source, pytest.raises(ConnectionError):
        read_frame(source)
