"""Time stamps of the embedded authority: openssl and the stranger's check believe them, and each wrong one is named."""

import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from archive.verifier import authorities, timestamp
from archive.verifier.authorities import Authority, NotKnown
from signing.ca import Subject, make_root, make_signer, make_stamper
from signing.cms import Chain
from signing.timestamp import POLICY, Stamper, request
from tests.signing.world import CENTRE, SIGNED, START, WORLD, fixed_key, signed, term

DATA = signed(b"sheet")
IMPRINT = sha256(DATA).digest()
CHECKED = int((SIGNED + timedelta(days=900)).timestamp())


def stamper(make: Callable[..., x509.Certificate] = make_stamper, number: int = 1020, days: int = 3650) -> Stamper:
    key = fixed_key(number)
    certificate = make(WORLD.issuing, Subject("时间戳", CENTRE), key.public_key, term(number, days))
    return Stamper(Chain(certificate, WORLD.issuing.certificate), key)


def trusted(*certificates: x509.Certificate) -> tuple[Authority, ...]:
    return tuple(authorities.read(one.public_bytes(Encoding.DER)) for one in certificates or WORLD.roots)


RESPONSE = stamper().stamp(IMPRINT, SIGNED, 77)


def refusal(response: bytes, imprint: bytes = IMPRINT, now: int = CHECKED) -> str:
    try:
        timestamp.verify(response, imprint, trusted(), now)
    except timestamp.StampRefused as refused:
        return refused.code
    return ""


def openssl(folder: Path, response: bytes, *about: str) -> bool:
    (folder / "a.tsr").write_bytes(response)
    (folder / "a.p7s").write_bytes(DATA)
    (folder / "root.pem").write_bytes(WORLD.root.certificate.public_bytes(Encoding.PEM))
    command = ["openssl", "ts", "-verify", "-in", "a.tsr", "-CAfile", "root.pem", "-attime", str(CHECKED), *about]
    return subprocess.run(command, cwd=folder, check=False, capture_output=True).returncode == 0


def test_openssl_and_the_strangers_check_believe_a_stamp(tmp_path: Path) -> None:
    assert openssl(tmp_path, RESPONSE, "-data", "a.p7s")
    found = timestamp.verify(RESPONSE, IMPRINT, trusted(), CHECKED)
    assert found.at == int(SIGNED.timestamp())
    (tmp_path / "shown.tsr").write_bytes(RESPONSE)
    command = ["openssl", "ts", "-reply", "-in", "shown.tsr", "-text"]
    shown = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True).stdout
    assert f"Policy OID: {POLICY}" in shown
    assert "Serial number: 0x4D" in shown
    assert "Time stamp: Nov 23 01:30:00 2026 GMT" in shown


def test_the_same_stamp_has_the_same_bytes() -> None:
    assert stamper().stamp(IMPRINT, SIGNED + timedelta(milliseconds=999), 77) == RESPONSE


@pytest.mark.parametrize("policy", ["", POLICY])
def test_openssl_reads_our_request(tmp_path: Path, policy: str) -> None:
    (tmp_path / "a.tsq").write_bytes(request(IMPRINT, 0xFEDCBA9876543210, policy))
    command = ["openssl", "ts", "-query", "-in", "a.tsq", "-text"]
    shown = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True).stdout
    for line in ("Hash Algorithm: sha256", "Nonce: 0xFEDCBA9876543210", "Certificate required: yes"):
        assert line in shown
    assert f"Policy OID: {policy or 'unspecified'}" in shown


@pytest.mark.parametrize(
    ("response", "code"),
    [
        pytest.param(stamper().stamp(sha256(b"other").digest(), SIGNED, 1), "stamp-imprint", id="over other bytes"),
        pytest.param(stamper().stamp(IMPRINT, SIGNED + timedelta(days=901), 1), "stamp-time", id="from the future"),
        pytest.param(stamper(make_signer).stamp(IMPRINT, SIGNED, 1), "stamp-path", id="by a member's certificate"),
        pytest.param(stamper(days=3).stamp(IMPRINT, SIGNED + timedelta(days=5), 1), "stamp-path", id="expired"),
        pytest.param(RESPONSE[:-1], "stamp-malformed", id="cut"),
        pytest.param(RESPONSE + b"\0", "stamp-malformed", id="longer"),
        pytest.param(DATA, "stamp-malformed", id="a signature in place of a stamp"),
        pytest.param(b"", "stamp-malformed", id="nothing"),
    ],
)
def test_a_wrong_stamp_is_refused_by_name_and_by_openssl(tmp_path: Path, response: bytes, code: str) -> None:
    assert refusal(response) == code
    # openssl asks no clock for the time in a stamp, and reads no further than the stamp's end.
    if code != "stamp-time" and not response.startswith(RESPONSE):
        assert not openssl(tmp_path, response, "-data", "a.p7s")


def test_a_stamp_by_another_authority_is_refused() -> None:
    stranger = make_root(Subject("别人", CENTRE), fixed_key(1040), 1040, START)
    with pytest.raises(timestamp.StampRefused) as refused:
        timestamp.verify(RESPONSE, IMPRINT, trusted(stranger.certificate), CHECKED)
    assert refused.value.code == "stamp-path"


def test_a_stamp_whose_certificate_is_trusted_itself_needs_no_more() -> None:
    timestamp.verify(RESPONSE, IMPRINT, trusted(stamper().chain.signer), CHECKED)


@pytest.mark.parametrize("step", [29, pytest.param(1, marks=pytest.mark.full)])
def test_no_changed_byte_of_a_stamp_is_accepted(step: int) -> None:
    accepted = []
    for place in range(0, len(RESPONSE), step):
        changed = bytearray(RESPONSE)
        changed[place] ^= 1
        try:
            found = timestamp.verify(bytes(changed), IMPRINT, trusted(), CHECKED)
        except (timestamp.StampRefused, NotKnown):
            continue
        accepted.append((place, found))
    assert accepted == []


def test_a_stamp_with_another_algorithm_is_neither_right_nor_wrong() -> None:
    changed = RESPONSE.replace(bytes.fromhex("06082a8648ce3d040302"), bytes.fromhex("06082a8648ce3d040303"))
    with pytest.raises((NotKnown, timestamp.StampRefused)):
        timestamp.verify(changed, IMPRINT, trusted(), CHECKED)


def test_stamps_are_in_utc() -> None:
    east = SIGNED.astimezone(datetime.now(UTC).astimezone().tzinfo)
    assert stamper().stamp(IMPRINT, east, 77) == RESPONSE
