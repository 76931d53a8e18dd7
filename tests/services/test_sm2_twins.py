"""A whole case under `demo_sm2`: everybody signs with P-256 and SM2 at once, and the bag is judged with both."""

import json
import os
import shutil
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography import x509

from archive.verifier.verify import verify
from conduct import reporting
from signing.ca import Subject, Term
from signing.cms import Chain, read, sign_detached, verify_detached
from signing.dialects import SM2
from signing.sm2 import new_sm2_key
from signing.sm2_ca import Sm2Authority, make_sm2_crl, make_sm2_issuing, make_sm2_root, make_sm2_signer
from storage.deployment_keys import DeploymentKeys
from storage.store import Store
from tests.archive.test_bag_writing import by_hand, instructions
from tests.services.evaluation import CASE, Evaluation
from tests.services.profiles import judge_by
from tests.services.test_reporting import answer, seal, to_summary

ALIASES = ("评委1", "评委2", "评委3", "评委4", "评委5")


async def sealed(evaluation: Evaluation, keys: DeploymentKeys, folder: Path) -> Path:
    """The bag of a whole case, judged right by the stranger's program."""
    await to_summary(evaluation)
    await evaluation.sum_up()
    await reporting.render(evaluation.store, CASE)
    for alias in ALIASES:
        await answer(evaluation, alias, "signed")
    verdict = await seal(evaluation, keys, folder)
    assert (verdict.status, verdict.findings, verdict.unchecked) == (0, (), ())
    return folder / CASE


@dataclass(frozen=True, slots=True)
class Found:
    """A signature in a bag: its file, what it is over, and whether a time stamp lies beside it."""

    file: bytes
    content: bytes
    is_stamped: bool


def signatures(bag: Path, ending: str) -> dict[str, Found]:
    """The signatures of one kind, by their path without the ending."""
    found = {}
    for path in (*bag.glob(f"data/records/*{ending}"), *bag.glob(f"data/report/signatures/*{ending}")):
        stem = str(path).removesuffix(ending)
        content = bag / "data/report/report.pdf" if "signatures" in path.parts else Path(f"{stem}.json")
        found[stem] = Found(path.read_bytes(), content.read_bytes(), path.with_suffix(".tsr").is_file())
    return found


Tamper = Callable[[Path], None]


def tampers(keys: DeploymentKeys, twins: dict[str, Found]) -> list[tuple[str, Tamper, tuple[int, str, str]]]:
    """What a forger does to two twins of a bag, and the finding (step, what, detail) that names it."""
    records = sorted(stem for stem in twins if "records" in stem)
    one = f"data/records/{Path(records[0]).name}.sm2.cms"
    found, content = read(twins[records[0]].file), twins[records[0]].content
    since, key = found.signed_at - timedelta(hours=1), new_sm2_key()
    root = make_sm2_root(Subject("假根", "别处"), new_sm2_key(), 1, since)
    stranger = make_sm2_issuing(root, Subject("假签发", "别处"), new_sm2_key(), 2, since)

    def forged(by: Sm2Authority, later_s: int = 0) -> bytes:
        term = Term(3, found.signed_at - timedelta(minutes=1), found.signed_at + timedelta(days=1))
        chain = Chain(make_sm2_signer(by, Subject("评委1", "别处", CASE), key.public_key, term), by.certificate)
        at = found.signed_at + timedelta(seconds=later_s)
        return sign_detached(SM2.digest(content), key, chain, at, found.authorisation_sha256)

    def put(path: str, data: bytes) -> Tamper:
        return lambda bag: replaced(bag / path, data)

    flipped = twins[records[0]].file[:-1] + bytes([twins[records[0]].file[-1] ^ 1])
    their_list = make_sm2_crl(stranger, [], found.signed_at)
    return [
        ("missing", lambda bag: (bag / one).unlink(), (5, "missing", "")),
        ("swapped", put(one, twins[records[1]].file), (5, "signature", "cms-content")),
        ("flipped", put(one, flipped), (5, "signature", "cms-signature")),
        ("other root", put(one, forged(stranger)), (5, "signature", "cms-path")),
        ("not enrolled", put(one, forged(keys.sm2_issuing)), (5, "not-the-enrolled-certificate", "")),
        ("another second", put(one, forged(keys.sm2_issuing, 1)), (6, "twin-differs", "")),
        ("P-256 in its place", put(one, read_beside(records[0])), (5, "signature", "cms-content")),
        ("no list", lambda bag: (bag / "data/revoked.sm2.crl").unlink(), (13, "not-a-revocation-list", "")),
        ("their list", put("data/revoked.sm2.crl", their_list), (13, "signature", "")),
        ("no root", lambda bag: (bag / "trust/sm2-root.pem").unlink(), (1, "missing", "")),
    ]


def read_beside(stem: str) -> bytes:
    """The P-256 signature beside a twin."""
    return Path(f"{stem}.p7s").read_bytes()


def replaced(path: Path, data: bytes) -> None:
    """Other bytes under the same name; the bag's files are read-only, and its copies linked."""
    path.unlink()
    path.write_bytes(data)


def faults(bag: Path, folder: Path, name: str, tamper: Tamper) -> set[tuple[int, str, str]]:
    """What is found in a copy of the bag after a change, without the details that are no refusal's code."""
    copy = folder / "tampered" / name
    shutil.copytree(bag, copy, copy_function=os.link)
    tamper(copy)
    verdict = verify(copy, folder / "trust", lambda *_: None)
    details = {"cms-content", "cms-signature", "cms-path"}
    return {(one.step, one.what, one.detail if one.detail in details else "") for one in verdict.findings}


async def test_a_case_signed_by_both_goes_through_to_a_verified_bag(
    evaluation: Evaluation, store: Store, keys: DeploymentKeys, tmp_path: Path
) -> None:
    evaluation.profile = "demo_sm2"
    bag = await sealed(evaluation, keys, tmp_path)
    twins, others, now = signatures(bag, ".sm2.cms"), signatures(bag, ".p7s"), evaluation.clock()
    assert len(twins) > 2 * len(ALIASES)
    assert twins.keys() == others.keys()
    for stem, one in twins.items():
        assert one.is_stamped
        twin = verify_detached(one.file, SM2.digest(one.content), [keys.sm2_root.certificate], now)
        other = verify_detached(others[stem].file, sha256(one.content).digest(), [keys.root.certificate], now)
        assert (twin.signed_at, twin.authorisation_sha256) == (other.signed_at, other.authorisation_sha256)
        assert twin.chain.signer.subject == other.chain.signer.subject
        assert twin.chain.signer.serial_number == other.chain.signer.serial_number
    enrolled = store.look(lambda tx: [json.loads(data)["body"] for _, data in tx.statements(CASE, "seat.enrolled")])
    named = {x509.load_der_x509_certificate(b64decode(one["sm2_certificate"])) for one in enrolled}
    assert {cert.issuer for cert in named} == {keys.sm2_issuing.certificate.subject}
    commands = [line for line in instructions(bag) if "sm2" in line]
    assert len(commands) == 5
    assert [by_hand(command, bag) for command in commands] == [0] * len(commands)
    for name, tamper, fault in tampers(keys, twins):
        assert fault in faults(bag, tmp_path, name, tamper), name


@pytest.mark.full
async def test_a_case_signed_by_sm2_alone_keeps_p256_inside_the_report_only(
    evaluation: Evaluation, keys: DeploymentKeys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge_by(monkeypatch, {"signature": {"algorithms": "sm2"}})
    bag = await sealed(evaluation, keys, tmp_path)
    assert len(signatures(bag, ".sm2.cms")) > 2 * len(ALIASES)
    assert not signatures(bag, ".p7s")
    assert (bag / "data/report/signed.pdf").read_bytes().count(b"/ByteRange") == len(ALIASES) + 1
