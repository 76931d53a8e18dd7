"""The signed report before programs that are not ours: poppler, MuPDF, OpenSSL, pyHanko; veraPDF stands elsewhere."""

import asyncio
import io
import re
import subprocess
from pathlib import Path

import pytest
from asn1crypto import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import async_validate_pdf_signature, async_validate_pdf_timestamp
from pyhanko_certvalidator import ValidationContext

from archive.report.render import render_report
from signing import der, pdf
from tests.archive.report_example import example_a
from tests.signing.signed_report import CLOSED, SIGNED, member, signed_report
from tests.signing.world import WORLD

MEMBERS = tuple(map(member, range(1, 6)))


@pytest.fixture(scope="module")
def base() -> bytes:
    return asyncio.run(render_report(example_a()))


@pytest.fixture(scope="module")
def whole(base: bytes) -> bytes:
    return signed_report(base, MEMBERS)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    path = tmp_path / "root.pem"
    path.write_bytes(WORLD.root.certificate.public_bytes(Encoding.PEM))
    return path


def _flipped(data: bytes, place: int) -> bytes:
    return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]


def _told(*command: str) -> str:
    return subprocess.run(command, check=False, capture_output=True).stdout.decode(errors="replace")


def test_poppler_finds_every_members_signature_valid(whole: bytes, tmp_path: Path) -> None:
    path = tmp_path / "signed.pdf"
    path.write_bytes(whole)
    told = _told("pdfsig", "-nocert", str(path))
    assert told.count("Signature is Valid.") == len(MEMBERS)
    assert re.findall(r"Common Name: (.*)", told)[: len(MEMBERS)] == [one.name for one in MEMBERS]
    path.write_bytes(_flipped(whole, 1000))
    assert _told("pdfsig", "-nocert", str(path)).count("Digest Mismatch") == len(MEMBERS)


def test_mupdf_finds_every_members_signature_valid(whole: bytes, tmp_path: Path) -> None:
    path = tmp_path / "signed.pdf"
    path.write_bytes(whole)
    assert _told("mutool", "sign", "-v", str(path)).count("The signature is valid") == len(MEMBERS)
    path.write_bytes(_flipped(whole, 1000))
    assert "The signature is valid" not in _told("mutool", "sign", "-v", str(path))


def test_openssl_verifies_what_lies_in_the_holes(base: bytes, whole: bytes, root: Path, tmp_path: Path) -> None:
    content, held = tmp_path / "content", tmp_path / "held"
    at = str(int(SIGNED.timestamp()) + 2)
    for one in pdf.growth(base, whole).revisions:
        content.write_bytes(whole[: one.hole[0]] + whole[one.hole[1] : one.end])
        held.write_bytes(one.content)
        if one.mark:
            given = ("-inform", "DER", "-in", str(held), "-content", str(content), "-out", "/dev/null")
            command = ["openssl", "cms", "-verify", "-cades", "-binary", *given, "-CAfile", str(root)]
            command += ["-purpose", "any", "-attime", at]
        else:
            command = ["openssl", "ts", "-verify", "-in", str(held), "-token_in", "-data", str(content)]
            command += ["-CAfile", str(root), "-attime", str(int(CLOSED.timestamp()))]
        assert subprocess.run(command, check=False, capture_output=True).returncode == 0, one.mark
        content.write_bytes(b"%PDF-1.7 another")
        assert subprocess.run(command, check=False, capture_output=True).returncode != 0, one.mark


def test_openssl_verifies_the_time_stamp_inside_a_signature(
    base: bytes, whole: bytes, root: Path, tmp_path: Path
) -> None:
    cms = der.read(pdf.growth(base, whole).revisions[0].content)
    info = cms.members(der.SEQUENCE)[1].members(der.CONTEXT_0)[0].members(der.SEQUENCE)[-1].members(der.SET)[0]
    *_, value, unsigned = info.members(der.SEQUENCE)
    (attribute,) = unsigned.members(der.CONTEXT_1)
    (tmp_path / "token").write_bytes(attribute.members(der.SEQUENCE)[1].members(der.SET)[0].raw)
    (tmp_path / "value").write_bytes(value.content)
    given = ("-in", str(tmp_path / "token"), "-token_in", "-data", str(tmp_path / "value"), "-CAfile", str(root))
    at = ("-attime", str(int(SIGNED.timestamp()) + 2))
    subprocess.run(["openssl", "ts", "-verify", *given, *at], check=True, capture_output=True)


@pytest.mark.full
async def test_pyhanko_finds_signatures_stamps_and_every_change_acceptable(whole: bytes) -> None:
    trusted = [x509.Certificate.load(WORLD.root.certificate.public_bytes(Encoding.DER))]
    reader = PdfFileReader(io.BytesIO(whole))
    signatures = reader.embedded_regular_signatures
    assert len(signatures) == len(MEMBERS)
    for one in signatures:
        context = ValidationContext(trust_roots=trusted, moment=SIGNED, allow_fetching=False)
        status = await async_validate_pdf_signature(one, context, context)
        assert status.bottom_line, status.summary()
        assert status.timestamp_validity
        assert status.timestamp_validity.trusted
    (stamp,) = reader.embedded_timestamp_signatures
    believed = await async_validate_pdf_timestamp(stamp, ValidationContext(trust_roots=trusted, allow_fetching=False))
    assert believed.intact
    assert believed.valid
    assert believed.trusted
