"""The stored twins: made the same way today, and judged alike by the house and by the archive's own verifier."""

import json
from base64 import b64decode
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.x509 import load_der_x509_certificate

from archive.verifier import authorities, der, revoked, suites, timestamp
from archive.verifier import cms as stranger
from archive.verifier import x509 as stranger_x509
from signing import cms
from signing.authorisation import parse_authorisation
from signing.dialects import SM2
from tests.signing.sm2_vectors import ENDED, MEMBER, STAMPED, SUPERSEDED, made
from tests.signing.vectors import FOLDER

REJECTED = sorted(FOLDER.glob("reject/sm2-*.json"))


@dataclass(frozen=True, slots=True)
class Vector:
    """A stored file; `parts` by name, `at` the time of the check in Unix seconds."""

    content: bytes
    at: int
    parts: dict[str, bytes]

    @classmethod
    def read(cls, path: Path) -> "Vector":
        value = json.loads(path.read_text(encoding="utf-8"))
        content, at = value.pop("content").encode(), value.pop("at")
        return cls(content, at, {name: b64decode(text) for name, text in value.items()})

    def by_the_house(self) -> cms.Signature:
        roots = [load_der_x509_certificate(self.parts["root"])]
        at = datetime.fromtimestamp(self.at, UTC)
        return cms.verify_detached(self.parts["twin"], SM2.digest(self.content), roots, at)

    def by_the_stranger(self) -> stranger.Signature:
        root = stranger_x509.read(self.parts["root"])
        return stranger.verify(self.parts["twin"], suites.SM2.digest(self.content), root, self.at)


GOLDEN = Vector.read(FOLDER / "accept/sm2-member.json")


def test_the_stored_twins_are_those_that_are_made_today() -> None:
    stored = {f"{path.parent.name}/{path.name}": path.read_bytes() for path in FOLDER.glob("*/sm2-*.json")}
    assert stored == made()


def test_the_accepted_twin_says_the_same_to_both_judges() -> None:
    ours, theirs = GOLDEN.by_the_house(), GOLDEN.by_the_stranger()
    assert ours.signed_at.timestamp() == theirs.signed_at
    assert ours.authorisation_sha256 == theirs.authorisation
    record = parse_authorisation((FOLDER / "accept/signing-authorisation-of-five.txt").read_bytes())
    assert ours.authorisation_sha256 == record.sha256
    assert sha256(GOLDEN.content).digest() in record.leaves


def test_its_stamp_is_over_the_twin_and_over_nothing_else() -> None:
    trusted = (authorities.read(GOLDEN.parts["stamp_root"]),)
    stamp, imprint = GOLDEN.parts["stamp"], sha256(GOLDEN.parts["twin"]).digest()
    assert timestamp.verify(stamp, imprint, trusted, GOLDEN.at).at == STAMPED.timestamp()
    with pytest.raises(timestamp.StampRefused):
        timestamp.verify(stamp, sha256(GOLDEN.content).digest(), trusted, GOLDEN.at)


def test_its_certificate_stands_on_the_list_since_the_end_of_the_case_and_signed_before() -> None:
    found, twin = revoked.read(GOLDEN.parts["crl"], suites.SM2), GOLDEN.by_the_stranger()
    issuing = twin.issuing
    assert issuing.suite.verify(issuing.point, found.tbs, *found.signature)
    assert not issuing.suite.verify(issuing.point, found.tbs + b"\x00", *found.signature)
    assert found.since.keys() == {der.integer(MEMBER), der.integer(SUPERSEDED)}
    assert twin.signed_at < found.since[twin.signer.serial] == ENDED.timestamp()


@pytest.mark.parametrize("path", REJECTED, ids=lambda path: path.name)
def test_a_rejected_twin_is_refused_by_both_judges_for_the_reason_in_its_name(path: Path) -> None:
    vector, code = Vector.read(path), path.name.split(".")[0].removeprefix("sm2-")
    with pytest.raises(cms.CmsRefused) as ours:
        vector.by_the_house()
    with pytest.raises(stranger.CmsRefused) as theirs:
        vector.by_the_stranger()
    assert (ours.value.code, theirs.value.code) == (code, code)
