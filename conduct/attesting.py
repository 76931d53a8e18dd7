"""A sealed bag is judged by a second process, and the judgement is put on paper beside the bag (核验意见书).

The judge is `verify.pyz`, built from this deployment's own sources and run alone: not the copy in the bag, which a
forger would have replaced, and not this process, which wrote the bag. Nothing here ever writes into a bag.
"""

import asyncio
import hashlib
import json
import os
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from archive import pyz
from archive.report.render import render_opinion
from conduct import opinion
from conduct.ports import Json
from signing.canonical import short_code

LONGEST_CHECK_S = 3600.0
PROGRAM = "verify.pyz"
JUDGED = (0, 1, 3)


class VerifierFailed(Exception):
    """The second process gave no verdict in time: it crashed, was called wrongly, or hangs."""

    code = "archive.verifier_failed"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the verifier said of a bag (`status` 0 right, 1 wrong, 3 partly checked) and where its paper lies."""

    status: int
    case: str
    check_code: str
    is_trusted: bool
    findings: tuple[Json, ...]
    unchecked: tuple[Json, ...]
    program_sha256: str
    opinion: Path
    opinion_sha256: str

    @property
    def short_code(self) -> str:
        """The bag's 校验码 as people compare it."""
        return short_code(bytes.fromhex(self.check_code))

    def as_json(self) -> Json:
        """Plain values for a shelf; the paper by its name."""
        return {
            "status": self.status,
            "case": self.case,
            "check_code": self.check_code,
            "short_code": self.short_code,
            "is_trusted": self.is_trusted,
            "findings": list(self.findings),
            "unchecked": list(self.unchecked),
            "program_sha256": self.program_sha256,
            "opinion": self.opinion.name,
            "opinion_sha256": self.opinion_sha256,
        }


async def attest(bag: Path, trust: Path, out: Path) -> Verdict:
    """Verify a bag with the published trust files in `trust` and write its opinion into the folder `out`.

    Raises `VerifierFailed`; a bag that is wrong is a verdict, not an error.
    """
    program = await asyncio.to_thread(pyz.build)
    stated = await judge(program, bag, trust)
    digest = hashlib.sha256(program).hexdigest()
    tested = opinion.Tested(bag, stated, opinion.Judge(PROGRAM, _version(), digest), datetime.now(UTC))
    pdf = await render_opinion(await asyncio.to_thread(opinion.build, tested))
    target = out / opinion.file_name(bag.name)
    await asyncio.to_thread(_write, target, pdf)
    return Verdict(
        status=stated["status"],
        case=stated["case"],
        check_code=stated["check_code"],
        is_trusted=stated["is_trusted"],
        findings=tuple(stated["findings"]),
        unchecked=tuple(stated["unchecked"]),
        program_sha256=digest,
        opinion=target,
        opinion_sha256=hashlib.sha256(pdf).hexdigest(),
    )


@cache
def _version() -> str:
    return str(tomllib.loads((pyz.HOUSE / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"])


async def judge(program: bytes, bag: Path, trust: Path, chain: Path | None = None) -> dict[str, Any]:
    """The verdict of the verifier run in a process of its own: no site packages, no environment, no word of ours.

    `chain` are the bag's renewals where they do not lie beside it. Raises `VerifierFailed`.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / PROGRAM
        path.write_bytes(program)
        worker = await asyncio.create_subprocess_exec(
            *_command(path, bag, trust, chain),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            cwd=folder,
            env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
        )
        try:
            async with asyncio.timeout(LONGEST_CHECK_S):
                said, words = await worker.communicate()
        except TimeoutError as late:
            raise VerifierFailed(f"no verdict after {LONGEST_CHECK_S:g} s") from late
        finally:
            if worker.returncode is None:
                worker.kill()
                await worker.wait()
    if worker.returncode not in JUDGED:
        raise VerifierFailed(words.decode("utf-8", "replace").strip()[-2000:])
    verdict: dict[str, Any] = json.loads(said)
    return verdict


def _command(program: Path, bag: Path, trust: Path, chain: Path | None) -> tuple[str, ...]:
    call = (sys.executable, "-I", "-S", str(program), str(bag.resolve()), "--trust", str(trust.resolve()), "--json")
    return (*call, "--renewals", str(chain.resolve())) if chain else call


def _write(target: Path, pdf: bytes) -> None:
    """A paper is there whole or not at all."""
    making = target.with_name(f".{target.name}.new")
    making.write_bytes(pdf)
    making.replace(target)
