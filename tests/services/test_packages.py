"""What calls itself a package and is none: refused by name before it fills the memory."""

import hashlib
import io
import json
import zipfile
from datetime import UTC, datetime

import pytest

from conduct import packages


def zipped(**files: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("_", "."), content)
    return made.getvalue()


def test_a_list_that_swells_beyond_any_list_is_not_read() -> None:
    with pytest.raises(packages.NotAPackage, match="size"):
        packages.manifest_and_signature(zipped(package_json=bytes(8 * 1024**2), package_json_p7s=b"1"))


def test_a_damaged_file_is_refused_by_name() -> None:
    listed = b'{"type":"tender","case":"E-1","not_before":"2026-01-01T00:00:00Z","data":{},'
    listed += b'"files":[{"path":"a.pdf","role":"bid","sha256":"","size":1000}]}'
    data = bytearray(zipped(package_json=listed, package_json_p7s=b"1", a_pdf=bytes(1000)))
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as archive:
        entry = archive.getinfo("a.pdf")
    start = entry.header_offset + 30 + len("a.pdf")
    data[start : start + entry.compress_size] = b"\xff" * entry.compress_size
    with pytest.raises(packages.NotAPackage, match=r"a\.pdf"):
        packages.read(bytes(data), "tender", datetime.now(UTC))


@pytest.mark.parametrize("path", ["../a.pdf", "/a.pdf", "a//b.pdf", "a\\b.pdf", "", "a.招标", "a" * 201])
def test_a_path_that_no_archive_could_hold_is_refused_when_it_arrives(path: str) -> None:
    listed = {"type": "tender", "case": "E-1", "not_before": "2026-01-01T00:00:00Z", "data": {}}
    file = {"path": path, "role": "bid", "sha256": hashlib.sha256(b"1").hexdigest(), "size": 1}
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("package.json", json.dumps(listed | {"files": [file]}))
        archive.writestr("package.json.p7s", b"1")
        archive.writestr(path or "x", b"1")
    with pytest.raises(packages.NotAPackage):
        packages.read(made.getvalue(), "tender", datetime.now(UTC))
