"""Detached signatures: believed by stock openssl and by us, and by neither once anything is changed."""

import subprocess
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding

from signing import cms
from tests.signing.world import AUTHORISATION, LATER, SHEETS, SIGNED, START, WORLD, signed

CONTENT = SHEETS[0]
DIGEST = sha256(CONTENT).digest()
FILE = signed(CONTENT)


def _openssl(folder: Path, file: bytes, content: bytes, *options: str) -> subprocess.CompletedProcess[bytes]:
    (folder / "s.p7s").write_bytes(file)
    (folder / "s.json").write_bytes(content)
    (folder / "root.pem").write_bytes(WORLD.root.certificate.public_bytes(Encoding.PEM))
    command = "openssl cms -verify -binary -inform DER -in s.p7s -content s.json -CAfile root.pem -purpose any -out out"
    moment = str(int(SIGNED.timestamp()))
    return subprocess.run(
        [*command.split(), "-attime", moment, *options], cwd=folder, capture_output=True, check=False, timeout=30
    )


def test_stock_openssl_accepts_a_members_signature_and_its_signed_certificates(tmp_path: Path) -> None:
    for options in ((), ("-cades",)):
        judged = _openssl(tmp_path, FILE, CONTENT, *options)
        assert judged.returncode == 0, judged.stderr
        assert (tmp_path / "out").read_bytes() == CONTENT


def test_stock_openssl_accepts_a_seal(tmp_path: Path) -> None:
    file = cms.sign_detached(DIGEST, WORLD.seal_key, WORLD.seal, SIGNED)
    assert _openssl(tmp_path, file, CONTENT, "-cades").returncode == 0


def test_stock_openssl_refuses_one_changed_byte_of_the_content(tmp_path: Path) -> None:
    changed = CONTENT.replace(b"91.50", b"91.51")
    judged = _openssl(tmp_path, FILE, changed)
    assert judged.returncode != 0
    assert b"verification failure" in judged.stderr


def test_openssl_prints_the_authorisation_under_its_number(tmp_path: Path) -> None:
    (tmp_path / "s.p7s").write_bytes(FILE)
    command = ["openssl", "cms", "-cmsout", "-print", "-inform", "DER", "-in", "s.p7s"]
    printed = subprocess.run(command, cwd=tmp_path, capture_output=True, check=True, timeout=30).stdout
    assert b"2.25.185672799979071685208814835671083791962" in printed
    assert b"signedAttrs:" in printed
    assert b"unsignedAttrs:\n          <ABSENT>" in printed


def test_a_signature_says_who_signed_what_when_and_released_by_which_record() -> None:
    found = cms.verify_detached(FILE, DIGEST, WORLD.roots, LATER)
    assert found.chain == WORLD.member
    assert (found.content_digest, found.signed_at) == (DIGEST, SIGNED)
    assert found.authorisation_sha256 == AUTHORISATION.sha256
    assert found.to_bytes() == FILE


def test_a_seal_has_no_authorisation() -> None:
    file = cms.sign_detached(DIGEST, WORLD.seal_key, WORLD.seal, SIGNED)
    assert cms.verify_detached(file, DIGEST, WORLD.roots, LATER).authorisation_sha256 is None


def test_the_same_values_give_the_same_file_and_time_is_cut_to_seconds() -> None:
    again = cms.sign_detached(
        DIGEST, WORLD.member_key, WORLD.member, SIGNED + timedelta(milliseconds=999), AUTHORISATION.sha256
    )
    assert again == FILE == signed(CONTENT)


def test_the_encoding_is_the_one_of_the_manual() -> None:
    """The table of signed attributes in docs/cms.md, byte for byte, in its order."""
    attributes = cms.read(FILE).signed_bytes()
    expected = "".join(
        (
            "31820107",
            "301806092a864886f70d010903310b06092a864886f70d010701",
            "301c06092a864886f70d010905310f170d" + b"261123013000Z".hex(),
            "302f06092a864886f70d01090431220420" + DIGEST.hex(),
            "303f0614698297afa3f4a280a2b3eb93b381dcf1bd90ec5a312730250201010420" + AUTHORISATION.sha256.hex(),
            "305b060b2a864886f70d010910022f314c304a3048",
            *("30220420" + sha256(_der(part)).hexdigest() for part in (WORLD.member.signer, WORLD.member.issuing)),
        )
    )
    assert attributes.hex() == expected


def _der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.DER)


def test_no_flipped_bit_anywhere_in_the_file_is_believed() -> None:
    for place in range(len(FILE)):
        for mask in (0x01, 0x80):
            changed = bytearray(FILE)
            changed[place] ^= mask
            with pytest.raises(cms.CmsRefused):
                cms.verify_detached(bytes(changed), DIGEST, WORLD.roots, LATER)


def test_a_file_with_the_same_certificate_twice_is_refused() -> None:
    twice = replace(cms.read(FILE), chain=cms.Chain(WORLD.member.signer, WORLD.member.signer))
    with pytest.raises(cms.CmsOtherCertificate):
        cms.read(twice.to_bytes())


def test_no_shortened_or_lengthened_file_is_read() -> None:
    for changed in (b"", FILE[:-1], FILE + b"\x00", FILE[1:], FILE * 2):
        with pytest.raises(cms.CmsMalformed):
            cms.read(changed)


def test_a_signature_is_checked_at_its_own_time_not_at_the_time_of_checking() -> None:
    assert WORLD.member.signer.not_valid_after_utc < LATER
    cms.verify_detached(FILE, DIGEST, WORLD.roots, LATER)


@pytest.mark.parametrize("moment", [START - timedelta(seconds=1), START + timedelta(days=3, seconds=1)])
def test_a_signature_outside_the_certificates_life_has_no_path(moment: datetime) -> None:
    file = cms.sign_detached(DIGEST, WORLD.member_key, WORLD.member, moment)
    with pytest.raises(cms.CmsNoPath):
        cms.verify_detached(file, DIGEST, WORLD.roots, LATER)


@pytest.mark.parametrize("moment", [START, START + timedelta(days=3)])
def test_both_ends_of_a_certificates_life_are_inside(moment: datetime) -> None:
    file = cms.sign_detached(DIGEST, WORLD.member_key, WORLD.member, moment)
    assert cms.verify_detached(file, DIGEST, WORLD.roots, LATER).signed_at == moment


def test_a_signature_from_the_future_is_refused() -> None:
    cms.verify_detached(FILE, DIGEST, WORLD.roots, SIGNED)
    with pytest.raises(cms.CmsFromTheFuture):
        cms.verify_detached(FILE, DIGEST, WORLD.roots, SIGNED - timedelta(seconds=1))


def test_times_from_2050_on_are_written_with_four_digits() -> None:
    late = replace(cms.read(FILE), signed_at=SIGNED.replace(year=2050))
    assert b"\x18\x0f20501123013000Z" in late.to_bytes()
    assert cms.read(late.to_bytes()) == late


def test_a_key_that_answers_with_the_larger_s_is_brought_to_the_smaller_one() -> None:
    class OtherS:
        public_key = WORLD.member_key.public_key

        def sign_digest(self, digest: bytes) -> bytes:
            r, s = decode_dss_signature(WORLD.member_key.sign_digest(digest))
            return encode_dss_signature(r, cms.P256_ORDER - s)

    assert cms.sign_detached(DIGEST, OtherS(), WORLD.member, SIGNED, AUTHORISATION.sha256) == FILE
