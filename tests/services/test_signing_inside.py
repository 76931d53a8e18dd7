"""A signature inside the report: the activation process signs the authorised report's file and no other."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from conduct import signing_inside
from conduct.activation.keyholder import Keyholder
from conduct.activation.questions import Sign
from conduct.activation.refusals import NotReleased
from conduct.signing_inside import ReportGrew, Standing
from evaluation.case import CaseId
from signing import pades, pdf
from signing.ca import Subject, Term, make_signer
from signing.cms import Chain
from signing.keystore import EnvelopeKeyStore, OpenedKey, Password, Prf
from signing.statement import Statement
from storage.deployment_keys import DeploymentKeys
from storage.logs import LogKeys
from storage.store import Store
from tests.archive.tiny_report import tiny_base, tiny_picture
from tests.house.tree import ROOT
from tests.services.activation import CHEAP, Direct, office_of, roots_of

CASE, PASSWORD = CaseId("E-2026-0001"), "493817"
BASE = tiny_base(("m1", "m2"))
REPORT = sha256(BASE).hexdigest()


@dataclass(frozen=True)
class Desk:
    """A member with a key, and a process that counts how often it is asked to open one."""

    question: Sign
    process: Direct
    opened: list[str]
    chain: Chain
    at: datetime
    keys: DeploymentKeys

    @property
    def statement(self) -> bytes:
        body = {"member": "m1", "alias": "评委1", "outcome": "signed", "report": REPORT, "opinion": ""}
        return Statement("report.signed", CASE, self.at, b"s" * 16, body).to_bytes()

    def prepared(self, base: bytes = BASE, member: str = "m1", at: datetime | None = None) -> bytes:
        mark = pdf.Mark(member, f"评委{member[1]}", "同意并签署", at or self.at)
        return pdf.prepare(pdf.growth(base, base), mark, tiny_picture())

    async def value(self, paper: bytes) -> bytes:
        return (await self.process.ask(replace(self.question, paper=paper))).inside


class Watched(EnvelopeKeyStore):
    """A key store that notes each opening."""

    __slots__ = ("opened",)

    def __init__(self, share: bytes, opened: list[str]) -> None:
        super().__init__(share, CHEAP)
        self.opened = opened

    def open(self, credential: str, password: Password, sealed: bytes, prf: Prf | None = None) -> OpenedKey:
        """See `KeyStore`."""
        self.opened.append(credential)
        return super().open(credential, password, sealed, prf)


@pytest.fixture
def desk(keys: DeploymentKeys) -> Desk:
    opened: list[str] = []
    store, at = Watched(b"s" * 32, opened), datetime.now(UTC).replace(microsecond=0)
    made = store.create("c1", memoryview(PASSWORD.encode()), b"t" * 32)
    term = Term(7, at - timedelta(seconds=1), at + timedelta(days=1))
    signer = make_signer(keys.issuing, Subject("评委1", "演示交易中心", CASE), made.public_key, term)
    chain = Chain(signer, keys.issuing.certificate)
    question = Sign(
        credential="c1",
        sealed=made.sealed,
        password=memoryview(PASSWORD.encode()),
        certificate=signer.public_bytes(Encoding.DER),
        issuing=keys.issuing.certificate.public_bytes(Encoding.DER),
        case=CASE,
        purpose="report",
        leaves=(b"s" * 32, sha256(BASE).digest()),
        display=b"d" * 32,
        nonce=b"n" * 16,
        issued_at=at,
    )
    process = Direct(Keyholder(store, roots_of(keys), lambda: datetime.now(UTC)))
    return Desk(question, process, opened, chain, at, keys)


async def test_the_process_signs_the_report_it_finds_in_front_by_its_own_digest(desk: Desk) -> None:
    paper = desk.prepared()
    released = await desk.process.ask(replace(desk.question, paper=paper))
    last, named = pdf.growth(BASE, paper).revisions[-1], sha256(released.authorisation).digest()
    pades.check(desk.chain, pades.attributes(last.digest(paper), desk.chain, named), released.inside)
    assert len(released.signatures) == 2


async def test_without_a_paper_nothing_is_signed_inside(desk: Desk) -> None:
    assert await desk.value(b"") == b""


def _another_report(desk: Desk) -> bytes:
    return desk.prepared(tiny_base(("m1",)))


def _something_appended(desk: Desk) -> bytes:
    return desk.prepared() + b"%\n"


def _in_anothers_name(desk: Desk) -> bytes:
    return desk.prepared(member="m2")


def _before_it_was_authorised(desk: Desk) -> bytes:
    return desk.prepared(at=desk.at - timedelta(seconds=1))


def _after_it_expired(desk: Desk) -> bytes:
    return desk.prepared(at=desk.at + timedelta(minutes=3))


def _with_no_open_place(desk: Desk) -> bytes:
    paper = desk.prepared()
    return pdf.finish(paper, pdf.growth(BASE, paper).revisions[-1], b"\x30\x00")


def _the_report_alone(desk: Desk) -> bytes:
    return BASE


def _nonsense(desk: Desk) -> bytes:
    return b"%PDF-1.7 nothing of the kind"


@pytest.mark.parametrize(
    "wrong",
    [
        _another_report, _something_appended, _in_anothers_name, _before_it_was_authorised, _after_it_expired,
        _with_no_open_place, _the_report_alone, _nonsense,
    ],
)  # fmt: skip
async def test_any_other_file_is_refused_before_the_key_is_opened(desk: Desk, wrong: Callable[[Desk], bytes]) -> None:
    with pytest.raises(NotReleased):
        await desk.value(wrong(desk))
    assert desk.opened == []


TAKE_APART = """
import resource, sys
from hashlib import sha256
import conduct.activation.keyholder
from signing import pdf
from signing.pdf_fields import base_of
data, digest = sys.stdin.buffer.read(), bytes.fromhex(sys.argv[1])
resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))
print(pdf.growth(base_of(data, digest), data).marks[0].name.encode().hex())
"""


def test_a_process_that_can_open_nothing_more_takes_a_paper_apart(desk: Desk) -> None:
    command = [sys.executable, "-c", TAKE_APART, REPORT]
    told = subprocess.run(command, input=desk.prepared(), check=True, capture_output=True, cwd=ROOT).stdout
    assert bytes.fromhex(told.decode()).decode() == "评委1"


@pytest.fixture
def kept(tmp_path: Path, keys: DeploymentKeys) -> Iterator[Store]:
    store = Store(f"sqlite:///{tmp_path}/b.sqlite", tmp_path / "o", keys.storage, LogKeys("t/log", keys.log_seed))
    yield store
    store.close()


async def test_a_signature_on_a_file_that_has_grown_meanwhile_is_not_kept(kept: Store, desk: Desk) -> None:
    await kept.act(lambda tx: tx.put_object(BASE))
    stands: Standing = await kept.read(lambda tx: signing_inside.standing(tx, CASE, REPORT))
    assert (stands.data, stands.sha256) == (BASE, REPORT)
    paper = signing_inside.prepare(stands, "m1", desk.statement, desk.at, "")
    named = sha256((await desk.process.ask(replace(desk.question, paper=paper))).authorisation).digest()
    value = await desk.value(paper)
    stamps = office_of(desk.keys).stamps
    grown = signing_inside.fill(stands, paper, value, desk.chain, named, stamps)
    await kept.act(lambda tx: signing_inside.keep(tx, CASE, stands, grown))
    now_stands: Standing = await kept.read(lambda tx: signing_inside.standing(tx, CASE, REPORT))
    assert now_stands.data == grown
    assert [mark.name for mark in pdf.growth(BASE, grown).marks] == ["评委1"]
    with pytest.raises(ReportGrew):
        await kept.act(lambda tx: signing_inside.keep(tx, CASE, stands, grown))
