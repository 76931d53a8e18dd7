"""The browser's replay run by Node, beside the one in Python: what each says of the same files."""

import base64
import json
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from draw import pool_file
from draw.pool import freeze
from draw.recheck import Difference, examine
from draw.refusal import DrawRefused
from draw.transcript import read

PROGRAM = Path(__file__).with_name("replay_draws.js")
Json = dict[str, Any]
Files = tuple[bytes, bytes | None]


def in_javascript(files: Iterable[Files]) -> list[Json]:
    """Each pair of transcript and pool drawn again in one run of Node: `{"steps","difference","drawn","names"}`."""
    lines = [
        json.dumps({"transcript": _text(transcript), "pool": None if pool is None else _text(pool)})
        for transcript, pool in files
    ]
    run = subprocess.run(
        ["node", str(PROGRAM)], input="\n".join(lines), capture_output=True, encoding="utf-8", check=True
    )
    return [json.loads(line) for line in run.stdout.splitlines()]


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def in_python(transcript: bytes, pool: bytes | None) -> Json:
    """The same value from `draw.recheck`."""
    try:
        stated = read(transcript)
        frozen = None if pool is None else freeze(pool_file.read(pool))
    except DrawRefused as refused:
        return _said([], Difference(refused.where, refused.code, refused.detail), drawn=False)
    examined = examine(stated, frozen)
    said = _said([[s.field, s.stated, s.found] for s in examined.steps], examined.difference, drawn=False)
    if examined.outcome is None:
        return said
    names = {entry.label: entry.record.id for entry in examined.outcome.ordered}
    taken = {label for selection in examined.outcome.selections for label in selection.taken}
    walked = [[entry.label.hex(), names[entry.label]] for entry in examined.outcome.ordered if entry.label in taken]
    return said | {"drawn": True, "names": walked}


def _said(steps: list[Any], difference: Difference | None, *, drawn: bool) -> Json:
    stated = difference and {"field": difference.field, "stated": difference.stated, "found": difference.found}
    return {"steps": steps, "difference": stated, "drawn": drawn, "names": []}


def without_details(said: Json) -> Json:
    """A refusal's detail is for a developer and may be worded otherwise; its field and its code are one."""
    difference = said["difference"]
    if difference and not said["steps"]:
        return said | {"difference": {**difference, "found": ""}}
    return said
