"""What pyHanko says of a signed report: `python -m conduct.judging_pdf ROOT`, the PDF on stdin, JSON on stdout.

A process of its own: it takes seconds, and a lenient reader of strangers' formats has no business in the server. It
judges; nothing here signs or changes a file.
"""

import asyncio
import gc
import io
import sys
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from asn1crypto import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import load_pem_x509_certificates
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import async_validate_pdf_signature, async_validate_pdf_timestamp
from pyhanko_certvalidator import ValidationContext

from signing.canonical import canonical

TREE = Path(__file__).resolve().parent.parent
LONGEST_S = 300.0


class JudgeFailed(Exception):
    """The judging process gave no answer; the message is what it said."""

    code = "report.judge_failed"


async def judged(data: bytes, roots: Path) -> bytes:
    """Ask such a process: canonical JSON as docs/report-signatures.md has it. Raises `JudgeFailed`."""
    try:
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "conduct.judging_pdf", str(roots)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            cwd=TREE,
        )
    except OSError as refused:
        raise JudgeFailed(str(refused)) from refused
    try:
        async with asyncio.timeout(LONGEST_S):
            answer, words = await child.communicate(data)
    except TimeoutError as late:
        raise JudgeFailed(f"no answer after {LONGEST_S:g} s") from late
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    if child.returncode != 0:
        raise JudgeFailed(words.decode("utf-8", "replace")[-2000:])
    return answer


async def judge(data: bytes, roots: list[x509.Certificate]) -> bytes:
    """Every signature and the closing stamp, under these roots."""
    reader = PdfFileReader(io.BytesIO(data))
    signatures = [await _signature(one, roots) for one in reader.embedded_regular_signatures]
    stamps = []
    for one in reader.embedded_timestamp_signatures:
        status: Any = await async_validate_pdf_timestamp(one, _context(roots))
        found = {"intact": status.intact and status.valid, "trusted": status.trusted}
        stamps.append({"field": one.field_name, **_said(found), "at": _instant(status.timestamp)})
    program = f"pyHanko {version('pyHanko')}"
    return canonical({"v": "bid-pdf-validation/1", "program": program, "signatures": signatures, "stamps": stamps})


async def _signature(one: Any, roots: list[x509.Certificate]) -> Any:  # noqa: ANN401 - pyHanko's
    at = one.self_reported_timestamp
    status: Any = await async_validate_pdf_signature(one, _context(roots, at), _context(roots, at))
    stamp = status.timestamp_validity
    found = {
        "intact": status.intact and status.valid,
        "trusted": status.trusted,
        "stamped": bool(stamp and stamp.valid and stamp.trusted),
        "changes": status.docmdp_ok,
        "believed": status.bottom_line,
    }
    level = status.modification_level.name.lower()
    return {"field": one.field_name, **_said(found), "level": level, "at": _instant(at)}


def _said(found: dict[str, bool]) -> dict[str, str]:
    return {name: "yes" if holds else "no" for name, holds in found.items()}


def _instant(at: datetime | None) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ") if at else ""


def _context(roots: list[x509.Certificate], at: datetime | None = None) -> Any:  # noqa: ANN401 - pyHanko's
    return ValidationContext(trust_roots=roots, moment=at, allow_fetching=False)


def main() -> None:
    """Read, judge, write; without collecting garbage, which is a third of the time and 5 % of the memory."""
    gc.disable()
    pem = load_pem_x509_certificates(Path(sys.argv[1]).read_bytes())
    roots = [x509.Certificate.load(one.public_bytes(Encoding.DER)) for one in pem]
    sys.stdout.buffer.write(asyncio.run(judge(sys.stdin.buffer.read(), roots)))


if __name__ == "__main__":
    main()
