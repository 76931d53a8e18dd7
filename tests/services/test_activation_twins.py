"""The activation process and SM2: it signs over contents that were authorised, with the key of that certificate."""

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from conduct.activation.keyholder import Keyholder
from conduct.activation.questions import Create, Sign, TwinPapers
from conduct.activation.refusals import NotReleased
from signing.ca import Subject, Term, make_signer
from signing.cms import verify_detached
from signing.dialects import SM2
from signing.keys import load_public
from signing.keystore import EnvelopeKeyStore, PasswordWrong
from signing.sm2 import new_sm2_key, parse_sm2_public
from signing.sm2_ca import make_sm2_issuing, make_sm2_root, make_sm2_signer
from storage.deployment_keys import DeploymentKeys
from tests.services.activation import CHEAP, roots_of

PASSWORD, NOW = b"804517", datetime.now(UTC).replace(microsecond=0)
SHEETS = (b'{"bid":"A"}', b'{"bid":"B"}')
SUBJECT, TERM = Subject("评委1", "演示交易中心", "E-1"), Term(7, NOW - timedelta(minutes=1), NOW + timedelta(days=1))


@pytest.fixture
def keyholder(keys: DeploymentKeys) -> Keyholder:
    return Keyholder(EnvelopeKeyStore(bytes(32), CHEAP), roots_of(keys), lambda: NOW)


@pytest.fixture
def asked(keyholder: Keyholder, keys: DeploymentKeys) -> Sign:
    """What releases two sheets by both keys of one envelope."""
    made = keyholder.create(Create("c1", memoryview(PASSWORD), os.urandom(32), algorithms="both"))
    signer = make_signer(keys.issuing, SUBJECT, load_public(made.public_key), TERM)
    twin = make_sm2_signer(keys.sm2_issuing, SUBJECT, parse_sm2_public(made.twin), TERM)
    certificates = (signer, keys.issuing.certificate, twin, keys.sm2_issuing.certificate)
    own, issuing, second, sm2_issuing = (one.public_bytes(Encoding.DER) for one in certificates)
    return Sign(
        credential="c1",
        sealed=made.sealed,
        password=memoryview(PASSWORD),
        certificate=own,
        issuing=issuing,
        case="E-1",
        purpose="score-sheet",
        leaves=tuple(sha256(sheet).digest() for sheet in SHEETS),
        display=bytes(32),
        nonce=bytes(16),
        issued_at=NOW,
        algorithms="both",
        twin=TwinPapers(second, sm2_issuing, SHEETS),
    )


def papers(asked: Sign) -> TwinPapers:
    """The twin's part of a question."""
    assert asked.twin is not None
    return asked.twin


def test_one_password_releases_both_signatures_over_each_sheet(
    keyholder: Keyholder, keys: DeploymentKeys, asked: Sign
) -> None:
    released = keyholder.sign(asked)
    named = sha256(released.authorisation).digest()
    for sheet, pair in zip(SHEETS, released.signatures, strict=True):
        cms = verify_detached(pair.cms, sha256(sheet).digest(), [keys.root.certificate], NOW)
        twin = verify_detached(pair.twin, SM2.digest(sheet), [keys.sm2_root.certificate], NOW)
        assert (cms.authorisation_sha256, twin.authorisation_sha256) == (named, named)


def test_under_sm2_alone_no_p256_signature_leaves_the_process(keyholder: Keyholder, asked: Sign) -> None:
    released = keyholder.sign(replace(asked, algorithms="sm2"))
    assert [bool(pair.cms) for pair in released.signatures] == [False, False]
    assert all(pair.twin for pair in released.signatures)


def test_contents_that_were_not_authorised_are_signed_with_neither_key(keyholder: Keyholder, asked: Sign) -> None:
    for contents in ((SHEETS[1], SHEETS[0]), SHEETS[:1], (*SHEETS, b"more"), (SHEETS[0], b"another")):
        with pytest.raises(NotReleased):
            keyholder.sign(replace(asked, twin=replace(papers(asked), contents=contents)))
    with pytest.raises(NotReleased):
        keyholder.sign(replace(asked, twin=None))


def test_a_certificate_of_another_key_root_or_kind_releases_nothing(
    keyholder: Keyholder, keys: DeploymentKeys, asked: Sign
) -> None:
    other = make_sm2_signer(keys.sm2_issuing, SUBJECT, new_sm2_key().public_key, TERM).public_bytes(Encoding.DER)
    root = make_sm2_root(SUBJECT, new_sm2_key(), 1, TERM.not_before)
    stranger = make_sm2_issuing(root, SUBJECT, new_sm2_key(), 2, TERM.not_before)
    opened = EnvelopeKeyStore(bytes(32), CHEAP).open("c1", PASSWORD, asked.sealed)
    assert opened.twin is not None
    by_a_stranger = make_sm2_signer(stranger, SUBJECT, opened.twin.public_key, TERM).public_bytes(Encoding.DER)
    theirs = stranger.certificate.public_bytes(Encoding.DER)
    for pair in ((other, papers(asked).issuing), (by_a_stranger, theirs), (asked.certificate, asked.issuing)):
        with pytest.raises(NotReleased):
            keyholder.sign(replace(asked, twin=TwinPapers(*pair, SHEETS)))


def test_an_envelope_without_an_sm2_key_signs_no_twin_and_a_wrong_password_opens_neither(
    keyholder: Keyholder, keys: DeploymentKeys, asked: Sign
) -> None:
    with pytest.raises(PasswordWrong):
        keyholder.sign(replace(asked, password=memoryview(b"804518")))
    made = keyholder.create(Create("c1", memoryview(PASSWORD), os.urandom(32)))
    assert made.twin == b""
    signer = make_signer(keys.issuing, SUBJECT, load_public(made.public_key), TERM).public_bytes(Encoding.DER)
    with pytest.raises(NotReleased):
        keyholder.sign(replace(asked, sealed=made.sealed, certificate=signer))
