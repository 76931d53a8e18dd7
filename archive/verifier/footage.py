"""Step 11: every recorded byte is named by a segment of the log, every segment's bytes are there and hash right."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any, TypeAlias

from archive.verifier.context import Context, Found, Line, Log
from archive.verifier.findings import Finding
from archive.verifier.hashing import Range
from signing.canonical import canonical

FOLDER = "data/footage"
SIDECAR_VERSION = 1
Take: TypeAlias = tuple[str, str, int]


def _take(line: Line) -> Take:
    return str(line.body["seat"]), str(line.body["track"]), int(line.body["take"])


def _file(line: Line) -> str:
    """The master that a `take.started` names."""
    return f"{FOLDER}/{line.body['file']}"


def ranges(log: Log) -> dict[str, list[Range]]:
    """What to hash: the segments' bytes by file."""
    files = {_take(line): _file(line) for line in log.of("take.started")}
    wanted: dict[str, list[Range]] = defaultdict(list)
    for line in log.of("segment.recorded"):
        if _take(line) in files and _is_range(line.body):
            wanted[files[_take(line)]].append((line.body["off"], line.body["len"]))
    return dict(wanted)


def _is_range(body: Mapping[str, Any]) -> bool:
    return all(type(body[key]) is int and body[key] >= 0 for key in ("off", "len"))


def check(context: Context) -> Found:
    """Takes, their segments, their sidecars, and the files that nobody names."""
    segments: dict[Take, list[Line]] = defaultdict(list)
    for line in context.log.of("segment.recorded"):
        segments[_take(line)].append(line)
    named: set[str] = set()
    for line in context.log.of("take.started"):
        take = segments.pop(_take(line), [])
        sidecar = str(PurePosixPath(_file(line)).with_suffix(".jsonl"))
        named |= {_file(line), sidecar}
        yield from _check_take(context, line, take)
        yield from _check_sidecar(context, sidecar, [line, *take])
    for orphans in segments.values():
        yield Finding(11, orphans[0].name, "no-take")
    for path in context.bag.under(FOLDER):
        if path not in named:
            yield Finding(11, path, "nobody-names-it")


def _check_take(context: Context, start: Line, take: Sequence[Line]) -> Found:
    path = _file(start)
    if path not in context.bag.sizes:
        yield Finding(11, path, "missing", start.name)
        return
    for line in take:
        part = (line.body["off"], line.body["len"])
        if context.hashes.of_part(path, part) != line.body["sha256"]:
            yield Finding(11, f"{path} segment {line.body['n']}", "digest-differs", line.name)
    end = 0
    for place, line in enumerate(take):
        if (line.body["n"], line.body["off"]) != (place, end):
            yield Finding(11, f"{path} segment {line.body['n']}", "does-not-follow", line.name)
        end = line.body["off"] + line.body["len"]
    if end != context.bag.sizes[path]:
        yield Finding(11, path, "bytes-not-named", f"{end} / {context.bag.sizes[path]}")


def _check_sidecar(context: Context, path: str, lines: Sequence[Line]) -> Found:
    """The sidecar repeats the log's words about its take, then names the gaps that follow it."""
    found = context.bag.read(path).split(b"\n")
    for place, line in enumerate(lines):
        wanted = canonical({**line.body, "case": context.log.case, "v": SIDECAR_VERSION})
        if found[place : place + 1] != [wanted]:
            yield Finding(11, f"{path} line {place + 1}", "not-the-logs-line", line.name)
    gaps = set(_gap_lines(context, lines[0]))
    for place, text in enumerate(found[len(lines) : -1], start=len(lines) + 1):
        if text not in gaps:
            yield Finding(11, f"{path} line {place}", "not-the-logs-line", "gap.named")
    if found[-1]:
        yield Finding(11, path, "line-cut")


def _gap_lines(context: Context, start: Line) -> Iterator[bytes]:
    about = {"case": context.log.case, "take": start.body["take"], "v": SIDECAR_VERSION}
    for line in context.log.of("gap.named"):
        if (line.body["seat"], line.body["track"]) == (start.body["seat"], start.body["track"]):
            yield canonical({**line.body, **about})


def gaps(log: Log) -> list[str]:
    """The stretches that the record itself says were not recorded, for the reader to look at."""
    keys = ("seat", "track", "from", "to", "reason")
    return [" ".join(str(line.body[key]) for key in keys) for line in log.of("gap.named")]
