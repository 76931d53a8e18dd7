"""Turns data into a PDF: refuses unfit data, then hands canonical bytes to a process that renders one paper and ends.

It must never let a template see data that was not checked, nor return bytes of a worker that did not end well in time.
"""

import asyncio
import hashlib
import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path

from archive.report import font
from archive.report.answers import read_answers
from archive.report.characters import check_value
from archive.report.consistency import read_report
from archive.report.content import answers_of, content_of
from archive.report.opinion import read_opinion
from archive.report.reading import value_of
from signing.canonical import canonical

LONGEST_RENDER_SECONDS = 60.0
TREE = Path(__file__).resolve().parents[2]
TEMPLATES = Path(__file__).parent / "templates"


class RenderFailed(Exception):
    """The worker gave no paper: `report.render.timeout` or `report.render.failed` with the typesetter's own words."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code


@dataclass(frozen=True, slots=True)
class Typesetting:
    """What besides the data decides a paper's bytes; belongs in the log beside the paper's hash."""

    typst: str
    templates_sha256: str
    font_sha256: str


async def render_report(value: object) -> bytes:
    """The evaluation report as PDF/A-3a and PDF/UA-1 with `report.json` attached; the same value gives the same bytes.

    `value` is a `bid-report/1` JSON value (docs/report.md). The result ends with a line feed and is what members sign.
    Raises `ReportRefused`, `FontRefused`, `RenderFailed`.
    """
    return await _render("report", lambda: report_inputs(value))


def report_inputs(value: object) -> bytes:
    """What the process that sets a report is given: the data to attach and the content to print, checked."""
    content = value_of(content_of(read_report(value)))
    return _inputs(value, content=json.dumps(content, ensure_ascii=False))


async def render_answers(value: object) -> bytes:
    """The sheet of answers to a report likewise, of a `bid-report-answers/1` value, with `answers.json` attached."""

    def inputs() -> bytes:
        content = value_of(answers_of(read_answers(value)))
        return _inputs(value, content=json.dumps(content, ensure_ascii=False))

    return await _render("report", inputs)


async def render_opinion(value: object) -> bytes:
    """The verification opinion likewise, of a `bag-opinion/1` value, with `opinion.json` attached."""

    def inputs() -> bytes:
        read_opinion(value)
        return _inputs(value)

    return await _render("opinion", inputs)


def _inputs(value: object, **more: str) -> bytes:
    check_value(value, font.coverage())
    return json.dumps({"data": canonical(value).decode(), **more}).encode()


@cache
def typesetting() -> Typesetting:
    """The typesetter's version and the digests of templates (names and bytes, sorted) and font."""
    digest = hashlib.sha256()
    for path in sorted([*TEMPLATES.glob("*.typ"), *TEMPLATES.glob("*.json")]):
        digest.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return Typesetting(version("typst"), digest.hexdigest(), font.SHA256)


async def _render(paper: str, inputs: Callable[[], bytes]) -> bytes:
    """The process starts and loads its font while a thread beside the loop checks the data that it will be given."""
    worker = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "archive.report.worker", paper),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=TREE,
        env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
    )
    try:
        async with asyncio.timeout(LONGEST_RENDER_SECONDS):
            pdf, words = await worker.communicate(await asyncio.to_thread(inputs))
    except TimeoutError as late:
        raise RenderFailed("report.render.timeout", f"no paper after {LONGEST_RENDER_SECONDS:g} s") from late
    finally:
        if worker.returncode is None:
            worker.kill()
            await worker.wait()
    if worker.returncode != 0:
        raise RenderFailed("report.render.failed", words.decode("utf-8", "replace").strip()[-2000:])
    return pdf
