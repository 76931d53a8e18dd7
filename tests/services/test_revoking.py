"""The list of certificates that sign no longer, for a case that is older than the list or than what the list keeps."""

import asyncio
from base64 import b64encode
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from conduct import revoking, whole_files
from conduct.bagging import Sealer
from conduct.ports import Tx
from evaluation.case import Case, CaseId
from evaluation.fold import Logged
from signing.ca import Subject, Term, make_signer
from signing.crl import Revoked
from signing.keys import new_key
from storage.deployment_keys import DeploymentKeys
from tests.services.memory import Memory

CASE = CaseId("E-2026-0001")
LONG_AGO = timedelta(days=400)


class Past:
    """A case's log, statement by statement, and the certificates that it enrols."""

    def __init__(self, keys: DeploymentKeys) -> None:
        self.keys = keys
        self.tx = Memory(Case(CASE))
        self.begin = keys.issuing.certificate.not_valid_before_utc
        self.tx.now = self.begin + LONG_AGO
        self.serials: dict[str, int] = {}

    def state(self, kind: str, minute: int, **body: str) -> None:
        at = (self.begin + timedelta(minutes=minute)).isoformat()
        self.tx.log.append(Logged(len(self.tx.log), "", kind, at, body))

    def enrol(self, kind: str, minute: int, name: str, **body: str) -> None:
        """Of a certificate that lived for a day."""
        self.serials[name] = len(self.serials) + 1000
        term = Term(self.serials[name], self.begin, self.begin + timedelta(days=1))
        made = make_signer(self.keys.issuing, Subject(name, "演示交易中心", CASE), new_key().public_key, term)
        self.state(kind, minute, certificate=b64encode(made.public_bytes(Encoding.DER)).decode(), **body)

    def listed(self) -> dict[int, tuple[datetime, str]]:
        revoking.complete(cast(Tx, self.tx), CASE)
        return {one.serial: (one.at, one.reason) for one in revoking.standing(cast(Tx, self.tx), CASE)}


@pytest.fixture
def past(keys: DeploymentKeys) -> Past:
    made = Past(keys)
    made.enrol("seat.enrolled", 1, "m1", member="m1")
    made.enrol("seat.enrolled", 2, "m2", member="m2")
    made.enrol("software.enrolled", 2, "m1's software", member="m1")
    made.enrol("software.enrolled", 2, "m2's software", member="m2")
    made.enrol("person.enrolled", 3, "witness", who="witness-1")
    made.enrol("certificate.reissued", 4, "m1 again", member="m1")
    made.state("member.replaced", 5, member="m2")
    made.state("case.closed", 9)
    return made


def test_every_certificate_of_the_case_is_listed_as_of_what_ended_it(past: Past) -> None:
    def at(minute: int) -> datetime:
        return past.begin + timedelta(minutes=minute)

    assert past.listed() == {
        past.serials["m1"]: (at(4), "superseded"),
        past.serials["m2"]: (at(5), "ended"),
        past.serials["m1's software"]: (at(4), "superseded"),
        past.serials["m2's software"]: (at(5), "ended"),
        past.serials["witness"]: (at(9), "ended"),
        past.serials["m1 again"]: (at(9), "ended"),
    }


def test_what_is_listed_already_keeps_its_time_and_other_cases_expired_certificates_leave(past: Past) -> None:
    earlier = (past.begin + timedelta(minutes=3)).isoformat()
    for serial, until in ((past.serials["m1"], past.begin), (7, past.begin), (8, past.tx.now)):
        row = {"at": earlier, "reason": "superseded", "until": until.isoformat()}
        past.tx.shelf("deployment", revoking.SHELF).put(f"{serial:x}", row)
    listed = past.listed()
    assert listed[past.serials["m1"]][0].isoformat() == earlier
    assert {7, 8} & listed.keys() == {8}


def test_a_certificate_that_ends_twice_keeps_its_first_time_and_reason(past: Past) -> None:
    body, listed = dict(past.tx.log[0].body), past.tx.shelf("deployment", revoking.SHELF)
    revoking.revoke(cast(Tx, past.tx), body, "superseded")
    first = list(listed.items())
    past.tx.now += timedelta(hours=1)
    revoking.revoke(cast(Tx, past.tx), body, "ended")
    assert list(listed.items()) == first


def test_a_serial_number_is_spent_once_the_case_enrolled_it_or_it_is_on_the_list(past: Past) -> None:
    row = {"at": past.begin.isoformat(), "reason": "ended", "until": past.begin.isoformat()}
    past.tx.shelf("deployment", revoking.SHELF).put("7", row)
    assert revoking.spent(cast(Tx, past.tx), CASE) == {7, *past.serials.values()}


async def test_two_cases_that_are_sealed_at_once_publish_their_lists_one_after_the_other(
    keys: DeploymentKeys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or the list that was read first lands last, and two threads write one file."""
    order: list[str] = []

    class Slow:
        async def read(self, _look: object) -> list[Revoked]:
            order.append("read")
            await asyncio.sleep(0)
            return [Revoked(order.count("read"), keys.issuing.certificate.not_valid_before_utc, "ended")]

    def replace(path: Path, _content: bytes) -> None:
        order.append(path.name)

    monkeypatch.setattr(whole_files, "replace", replace)
    unused = cast(Any, None)
    authorities = (keys.seal, keys.issuing, keys.sm2_issuing)
    sealer = Sealer(cast(Any, Slow()), unused, *authorities, tmp_path, tmp_path, unused, unused, unused)
    await asyncio.gather(*(sealer.publish_revoked(CaseId(f"E-2026-000{number}")) for number in (1, 2)))
    assert order == ["read", "issuing.crl", "sm2-issuing.crl"] * 2


def test_a_file_that_others_read_is_the_old_or_the_new_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "issuing.crl"
    whole_files.replace(file, b"old")

    def dies(_descriptor: int) -> None:
        assert file.read_bytes() == b"old"
        raise OSError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr("conduct.whole_files.os.fsync", dies)
        with pytest.raises(OSError, match="the disk is full"):
            whole_files.replace(file, b"new and longer")
    assert file.read_bytes() == b"old"
    whole_files.replace(file, b"new")
    assert file.read_bytes() == b"new"
