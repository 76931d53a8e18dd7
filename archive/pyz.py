"""verify.pyz: the verifier and the pure modules it needs as one zip application, the same bytes on every machine."""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

HOUSE: Final = Path(__file__).resolve().parent.parent
FOLDERS: Final = ("archive/verifier", "draw", "evaluation/tally")
FILES: Final = (
    "archive/__init__.py",
    "evaluation/__init__.py",
    "evaluation/absent.py",
    "signing/__init__.py",
    "signing/canonical.py",
    "signing/cosign_policy.py",
    "signing/cosignature.py",
    "signing/merkle.py",
    "signing/note.py",
    "signing/pdf.py",
    "signing/pdf_fields.py",
    "signing/pdf_file.py",
    "signing/pdf_stamp.py",
    "signing/statement.py",
)
SUFFIXES: Final = {".py", ".json"}
FIRST_MOMENT: Final = (1980, 1, 1, 0, 0, 0)
SHEBANG: Final = b"#!/usr/bin/env python3\n"
START: Final = """\
import sys

if sys.version_info < (3, 11):
    sys.stderr.write("verify.pyz: Python 3.11 or newer is needed\\n")
    sys.exit(2)

from archive.verifier.__main__ import main

sys.exit(main(sys.argv[1:]))
"""


def build() -> bytes:
    """The file's bytes: a first line for the shell, then a zip of plain sources, uncompressed, ordered by name."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, content in sorted((*_sources(), ("__main__.py", START.encode()))):
            entry = zipfile.ZipInfo(name, FIRST_MOMENT)
            entry.create_system = 3  # Unix on every machine, so that the bytes do not tell where they were made.
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return SHEBANG + buffer.getvalue()


def _sources() -> Iterator[tuple[str, bytes]]:
    for folder in FOLDERS:
        for path in (HOUSE / folder).rglob("*"):
            if path.suffix in SUFFIXES:
                yield path.relative_to(HOUSE).as_posix(), path.read_bytes()
    for name in FILES:
        yield name, (HOUSE / name).read_bytes()
