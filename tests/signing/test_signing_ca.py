"""Certificates of the embedded CA: stock openssl accepts each for its own use, and only a signer's may sign."""

import ssl
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID

from signing import cms
from signing.ca import Authority, CertificateRefused, Subject, Term, make_issuing, make_root, make_signer
from signing.cms import Chain
from tests.signing.world import CASE, CENTRE, LATER, SIGNED, START, WORLD, fixed_key, term

DIGEST = sha256(b"content").digest()
MEMBER = WORLD.member.signer


def _pem(folder: Path, name: str, *certificates: x509.Certificate) -> str:
    (folder / name).write_bytes(b"".join(part.public_bytes(Encoding.PEM) for part in certificates))
    return name


def _verified(folder: Path, leaf: x509.Certificate, *options: str) -> bool:
    root = _pem(folder, "root.pem", WORLD.root.certificate)
    issuing = _pem(folder, "issuing.pem", WORLD.issuing.certificate)
    command = ["openssl", "verify", "-x509_strict", "-check_ss_sig", "-attime", str(int(SIGNED.timestamp()))]
    command += [*options, "-CAfile", root, "-untrusted", issuing, _pem(folder, "leaf.pem", leaf)]
    return subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=30).returncode == 0


def test_stock_openssl_accepts_every_certificate_strictly(tmp_path: Path) -> None:
    for leaf in (MEMBER, WORLD.seal.signer, WORLD.issuing.certificate):
        assert _verified(tmp_path, leaf)
    server = WORLD.server("bid.example", "127.0.0.1")
    assert _verified(tmp_path, server, "-purpose", "sslserver", "-verify_hostname", "bid.example")
    assert _verified(tmp_path, server, "-verify_ip", "127.0.0.1")
    assert not _verified(tmp_path, server, "-verify_hostname", "other.example")
    assert not _verified(tmp_path, MEMBER, "-purpose", "sslserver")


def test_a_members_certificate_names_member_case_and_that_it_is_internal() -> None:
    assert [part.value for part in MEMBER.subject] == [CENTRE, CASE, "内部证书", "评委3"]
    for certificate in (WORLD.root.certificate, WORLD.issuing.certificate, WORLD.seal.signer, WORLD.server("a")):
        assert "内部证书" in [part.value for part in certificate.subject]


def test_the_same_values_give_the_same_certificate() -> None:
    again = make_signer(WORLD.issuing, Subject("评委3", CENTRE, CASE), WORLD.member_key.public_key, term(0x1003))
    assert again == MEMBER


def test_a_root_lives_twenty_years_and_bounds_what_is_below() -> None:
    root = WORLD.root.certificate
    assert root.not_valid_after_utc == START.replace(year=2046)
    assert WORLD.issuing.certificate.not_valid_after_utc == root.not_valid_after_utc
    with pytest.raises(CertificateRefused):
        make_signer(WORLD.issuing, Subject("封存", CENTRE), WORLD.seal_key.public_key, term(9, 7306))
    early = Term(9, START - timedelta(seconds=1), LATER)
    with pytest.raises(CertificateRefused):
        make_signer(WORLD.issuing, Subject("封存", CENTRE), WORLD.seal_key.public_key, early)


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: Subject("", CENTRE), "subject"),
        (lambda: Subject("评" * 65, CENTRE), "subject"),
        (lambda: Subject("a\nb", CENTRE), "subject"),
        (lambda: Term(0, START, LATER), "serial"),
        (lambda: Term(1 << 159, START, LATER), "serial"),
        (lambda: Term(1, START, START), "term"),
        (lambda: Term(1, START, SIGNED.replace(microsecond=1)), "term"),
        (WORLD.server, "names"),
        (lambda: WORLD.server("评标.example"), "names"),
        (lambda: WORLD.server(""), "names"),
    ],
)
def test_what_no_certificate_can_say_is_refused_by_field(make: Callable[[], object], field: str) -> None:
    with pytest.raises(CertificateRefused) as refusal:
        make()
    assert refusal.value.field == field


def test_a_browser_like_client_trusts_the_server_by_its_root(tmp_path: Path) -> None:
    chain = _pem(tmp_path, "chain.pem", WORLD.server("localhost", "::1"), WORLD.issuing.certificate)
    key = WORLD.seal_key.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "key.pem").write_bytes(key)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(tmp_path / chain, tmp_path / "key.pem")
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.load_verify_locations(tmp_path / _pem(tmp_path, "root.pem", WORLD.root.certificate))
    # The certificates are of a fixed day, which is not this one.
    client.verify_flags |= 0x200000  # X509_V_FLAG_NO_CHECK_TIME
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = (
        client.wrap_bio(back, there, server_hostname="localhost"),
        server.wrap_bio(there, back, server_side=True),
    )
    waiting = list(ends)
    for _ in range(4):
        waiting = [end for end in waiting if not _shakes(end)]
    assert not waiting
    assert ends[0].version() == "TLSv1.3"


def _shakes(end: ssl.SSLObject) -> bool:
    try:
        end.do_handshake()
    except ssl.SSLWantReadError:
        return False
    return True


def _usage(**changes: bool) -> x509.KeyUsage:
    names = ["digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"]
    names += ["key_cert_sign", "crl_sign", "encipher_only", "decipher_only"]
    return x509.KeyUsage(**(dict.fromkeys(names, False) | changes))


def _forged(**changes: object) -> Chain:
    """A certificate like 评委3's, issued in the right way but for the changed extensions (None leaves one out)."""
    builder = (
        x509.CertificateBuilder()
        .issuer_name(WORLD.issuing.certificate.subject)
        .subject_name(MEMBER.subject)
        .public_key(WORLD.member_key.public_key)
        .serial_number(0x2001)
        .not_valid_before(START)
        .not_valid_after(LATER)
    )
    for found in MEMBER.extensions:
        name = type(found.value).__name__
        value = changes.pop(name, found.value)
        if isinstance(value, x509.ExtensionType):
            builder = builder.add_extension(value, found.critical)
    for added in changes.values():
        assert isinstance(added, x509.ExtensionType)
        builder = builder.add_extension(added, critical=True)
    return Chain(builder.sign(WORLD.issuing.key.private, hashes.SHA256()), WORLD.issuing.certificate)


STRANGE = x509.UnrecognizedExtension(x509.ObjectIdentifier("2.25.1"), b"\x05\x00")


def test_the_forgers_own_certificate_is_right_before_anything_is_changed() -> None:
    chain = _forged()
    file = cms.sign_detached(DIGEST, WORLD.member_key, chain, SIGNED)
    assert cms.verify_detached(file, DIGEST, WORLD.roots, LATER).chain == chain


@pytest.mark.parametrize(
    "chain",
    [
        pytest.param(lambda: _forged(BasicConstraints=x509.BasicConstraints(True, None)), id="is a CA"),
        pytest.param(lambda: _forged(BasicConstraints=None), id="says nothing of CAs"),
        pytest.param(lambda: _forged(KeyUsage=_usage(key_encipherment=True)), id="may encipher only"),
        pytest.param(lambda: _forged(KeyUsage=_usage(digital_signature=True)), id="commits to no content"),
        pytest.param(lambda: _forged(KeyUsage=None), id="no key usage"),
        pytest.param(lambda: _forged(ExtendedKeyUsage=None), id="no extended key usage"),
        pytest.param(
            lambda: _forged(ExtendedKeyUsage=x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])),
            id="for time stamps",
        ),
        pytest.param(lambda: _forged(strange=STRANGE), id="unknown critical extension"),
        pytest.param(lambda: Chain(WORLD.server("localhost"), WORLD.issuing.certificate), id="for TLS"),
    ],
)
def test_a_certificate_for_anything_else_signs_nothing(chain: Callable[[], Chain]) -> None:
    made = chain()
    key = WORLD.member_key if made.signer.public_key() == WORLD.member_key.public_key else WORLD.seal_key
    file = cms.sign_detached(DIGEST, key, made, SIGNED)
    with pytest.raises(cms.CmsNoPath):
        cms.verify_detached(file, DIGEST, WORLD.roots, LATER)


def test_a_ca_signs_no_documents_itself() -> None:
    chain = Chain(WORLD.issuing.certificate, WORLD.root.certificate)
    file = cms.sign_detached(DIGEST, WORLD.issuing.key, chain, SIGNED)
    with pytest.raises(cms.CmsNoPath):
        cms.verify_detached(file, DIGEST, WORLD.roots, LATER)


@pytest.mark.parametrize("named", [WORLD.issuing.certificate, WORLD.root.certificate], ids=["issuing", "root"])
def test_a_signer_straight_below_the_root_has_no_path(named: x509.Certificate) -> None:
    forged = make_signer(WORLD.root, Subject("评委4", CENTRE, CASE), fixed_key(7).public_key, term(8))
    file = cms.sign_detached(DIGEST, fixed_key(7), Chain(forged, named), SIGNED)
    with pytest.raises(cms.CmsNoPath):
        cms.verify_detached(file, DIGEST, WORLD.roots, LATER)


def _half_a_ca(levels_below: int | None, usage: x509.KeyUsage) -> Authority:
    """An issuing CA under the root with another path length or key usage."""
    key = fixed_key(9)
    builder = (
        x509.CertificateBuilder()
        .issuer_name(WORLD.root.certificate.subject)
        .subject_name(Subject("另一签发", CENTRE).to_name())
        .public_key(key.public_key)
        .serial_number(0x3001)
        .not_valid_before(START)
        .not_valid_after(LATER)
        .add_extension(x509.BasicConstraints(ca=True, path_length=levels_below), critical=True)
        .add_extension(usage, critical=True)
    )
    return Authority(builder.sign(WORLD.root.key.private, hashes.SHA256()), key)


@pytest.mark.parametrize(
    ("levels_below", "usage", "is_right"),
    [
        (0, _usage(key_cert_sign=True, crl_sign=True), True),
        (None, _usage(key_cert_sign=True, crl_sign=True), False),
        (0, _usage(digital_signature=True), False),
    ],
)
def test_half_a_ca_issues_nothing(levels_below: int | None, usage: x509.KeyUsage, is_right: bool) -> None:
    half = _half_a_ca(levels_below, usage)
    forged = make_signer(half, Subject("评委4", CENTRE, CASE), fixed_key(7).public_key, term(8))
    file = cms.sign_detached(DIGEST, fixed_key(7), Chain(forged, half.certificate), SIGNED)
    if is_right:
        assert cms.verify_detached(file, DIGEST, WORLD.roots, LATER).chain.signer == forged
        return
    with pytest.raises(cms.CmsNoPath):
        cms.verify_detached(file, DIGEST, WORLD.roots, LATER)


def test_a_member_issues_nothing() -> None:
    member = replace(WORLD.issuing, certificate=MEMBER, key=WORLD.member_key)
    forged = make_signer(member, Subject("评委4", CENTRE, CASE), fixed_key(7).public_key, term(8))
    file = cms.sign_detached(DIGEST, fixed_key(7), Chain(forged, MEMBER), SIGNED)
    with pytest.raises(cms.CmsNoPath):
        cms.verify_detached(file, DIGEST, WORLD.roots, LATER)


def test_a_second_deployment_with_the_same_names_is_a_stranger() -> None:
    root = make_root(Subject("演示根", CENTRE), fixed_key(11), 0x1001, START)
    issuing = make_issuing(root, Subject("演示签发", CENTRE), fixed_key(12), 0x1002, START)
    forged = make_signer(issuing, Subject("评委3", CENTRE, CASE), WORLD.member_key.public_key, term(0x1003))
    file = cms.sign_detached(DIGEST, WORLD.member_key, Chain(forged, issuing.certificate), SIGNED)
    assert cms.verify_detached(file, DIGEST, [root.certificate], LATER).chain.signer == forged
    with pytest.raises(cms.CmsNoPath):
        cms.verify_detached(file, DIGEST, WORLD.roots, LATER)


def test_a_signature_by_another_key_than_the_certificates_is_refused() -> None:
    file = cms.sign_detached(DIGEST, fixed_key(7), WORLD.member, SIGNED)
    with pytest.raises(cms.CmsSignatureWrong):
        cms.verify_detached(file, DIGEST, WORLD.roots, LATER)
