"""Certificates and detached signatures as docs/cms.md lays them out: openssl agrees, refusals have their names."""

import dataclasses
import datetime
import subprocess
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography import x509 as pyca
from cryptography.hazmat.primitives.serialization import Encoding

from archive.verifier import cms, p256, x509
from tests.archive import authority
from tests.archive.authority import NOW, SIGNER, House, ca, sign

CONTENT = "评分表".encode()
DIGEST = sha256(CONTENT).digest()


@pytest.fixture(scope="module")
def house() -> House:
    return House.found()


def refusal(file: bytes, root: x509.Certificate, digest: bytes = DIGEST, now: int = NOW) -> str:
    """The code a file is refused with; "" if it is accepted."""
    try:
        cms.verify(file, digest, root, now)
    except cms.CmsRefused as refused:
        return refused.code
    return ""


def test_a_signature_verifies_here_and_with_openssl(house: House, tmp_path: Path) -> None:
    file = sign(house.signer, house.issuing, CONTENT, authorisation=bytes(32))
    found = cms.verify(file, DIGEST, house.root.read, NOW)
    assert (found.signer.raw, found.signed_at, found.authorisation) == (house.signer.der, NOW, bytes(32))
    (tmp_path / "s.p7s").write_bytes(file)
    (tmp_path / "content").write_bytes(CONTENT)
    (tmp_path / "root.pem").write_bytes(x509.pem(house.root.der))
    command = "openssl cms -verify -cades -binary -inform DER -in s.p7s -content content -CAfile root.pem -purpose any"
    subprocess.run([*command.split(), "-attime", str(NOW), "-out", "/dev/null"], cwd=tmp_path, check=True)


def test_no_changed_byte_of_a_signature_is_accepted(house: House) -> None:
    file = sign(house.signer, house.issuing, CONTENT)
    accepted = [
        at
        for at in range(len(file))
        if not refusal(file[:at] + bytes((file[at] ^ 1,)) + file[at + 1 :], house.root.read)
    ]
    assert accepted == []


def test_a_byte_more_or_less_is_refused(house: House) -> None:
    file = sign(house.signer, house.issuing, CONTENT)
    assert refusal(file + b"\0", house.root.read) == "cms-malformed"
    assert refusal(file[:-1], house.root.read) == "cms-malformed"
    assert refusal(b"", house.root.read) == "cms-malformed"


def test_other_content_and_a_later_time_are_refused(house: House) -> None:
    file = sign(house.signer, house.issuing, CONTENT)
    assert refusal(file, house.root.read, sha256(b"other").digest()) == "cms-content"
    assert refusal(file, house.root.read, now=NOW - 1) == "cms-time"


def test_the_other_value_of_s_is_refused(house: House) -> None:
    signature = cms.read(sign(house.signer, house.issuing, CONTENT))
    r, s = signature.value
    high = dataclasses.replace(signature, value=(r, p256.N - s))
    assert refusal(cms.encode(high), house.root.read) == "cms-high-s"


def test_another_key_under_the_signers_name_is_refused(house: House) -> None:
    signature = cms.read(sign(house.signer, house.issuing, CONTENT))
    stranger = cms.read(sign(house.issuing.issue("演示签名", SIGNER), house.issuing, CONTENT))
    assert refusal(cms.encode(dataclasses.replace(signature, value=stranger.value)), house.root.read) == "cms-signature"


def test_another_root_of_the_same_name_is_refused(house: House) -> None:
    other = House.found()
    assert refusal(sign(house.signer, house.issuing, CONTENT), other.root.read) == "cms-path"
    assert refusal(sign(other.signer, other.issuing, CONTENT), house.root.read) == "cms-path"


def extended(extension: pyca.ExtensionType, critical: bool) -> list[tuple[pyca.ExtensionType, bool]]:
    return [*SIGNER, (extension, critical)]


UNKNOWN = pyca.UnrecognizedExtension(pyca.ObjectIdentifier("1.2.3.4"), b"\x05\x00")


def test_a_certificate_that_may_not_sign_documents_has_no_path(house: House) -> None:
    cannot = {
        "expired": house.issuing.issue("过期", SIGNER, days=1),
        "an authority": house.issuing.issue("签发者", [*ca(0), SIGNER[2]]),
        "key agreement": house.issuing.issue("密钥", [SIGNER[0], (authority.usage("key_agreement"), True), SIGNER[2]]),
        "no content commitment": house.issuing.issue(
            "网页", [SIGNER[0], (authority.usage("digital_signature"), True), SIGNER[2]]
        ),
        "not for documents": house.issuing.issue("无用途", SIGNER[:2]),
    }
    for why, signer in cannot.items():
        assert refusal(sign(signer, house.issuing, CONTENT), house.root.read) == "cms-path", why


def test_an_unknown_critical_extension_is_refused_and_a_harmless_one_is_not(house: House) -> None:
    good = house.issuing.issue("带扩展", extended(UNKNOWN, False))
    assert refusal(sign(good, house.issuing, CONTENT), house.root.read) == ""
    with pytest.raises(x509.NotACertificate):
        house.issuing.issue("带扩展", extended(UNKNOWN, True)).read  # noqa: B018


def test_a_path_through_what_is_no_authority_or_too_deep_is_refused(house: House) -> None:
    leaf = house.signer.issue("越权", SIGNER)
    assert refusal(sign(leaf, house.signer, CONTENT), house.root.read) == "cms-path"
    short = authority.make("短根", ca(0))
    issuing = short.issue("短签发", ca(0))
    assert refusal(sign(issuing.issue("短签名", SIGNER), issuing, CONTENT), short.read) == "cms-path"
    deeper = house.issuing.issue("下级", ca(None))
    assert refusal(sign(deeper.issue("下级签名", SIGNER), deeper, CONTENT), house.root.read) == "cms-path"


def test_no_changed_byte_of_a_certificate_keeps_its_path(house: House) -> None:
    raw = house.signer.der
    for at in range(len(raw)):
        try:
            changed = x509.read(raw[:at] + bytes((raw[at] ^ 1,)) + raw[at + 1 :])
            with pytest.raises(x509.NoPath):
                x509.check_path(changed, house.issuing.read, house.root.read, NOW)
        except x509.NotACertificate:
            continue


def test_validity_includes_both_ends(house: House) -> None:
    signer = house.signer.read
    x509.check_path(signer, house.issuing.read, house.root.read, signer.not_before)
    x509.check_path(signer, house.issuing.read, house.root.read, signer.not_after)
    for at in (signer.not_before - 1, signer.not_after + 1):
        with pytest.raises(x509.NoPath):
            x509.check_path(signer, house.issuing.read, house.root.read, at)


def test_a_signature_after_2049_is_written_and_read(house: House) -> None:
    assert datetime.datetime.fromtimestamp(2_600_000_000, datetime.UTC).year == 2052
    file = sign(house.signer, house.issuing, CONTENT, at=2_600_000_000)
    assert cms.read(file).signed_at == 2_600_000_000


def test_pem_has_one_spelling(house: House) -> None:
    text = x509.pem(house.root.der)
    assert x509.read_pem(text).raw == house.root.der
    assert text == house.root.certificate.public_bytes(Encoding.PEM)
    spaced = text.replace(b"\n", b"\n ", 2)
    for bad in (text + b"\n", text.replace(b"\n", b"\r\n"), text[:-1], spaced, b"", text + text):
        with pytest.raises(x509.NotACertificate):
            x509.read_pem(bad)
