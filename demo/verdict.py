"""What the demo must come to, judged from the bag alone: the score table, the draw's digest, the stranger's verdict."""

import asyncio
import json
import shutil
import sys
from pathlib import Path
from typing import Any

from demo import case_example_a as example
from demo.progress import fail, table
from demo.server_process import ROOT, ServerProcess
from demo.story_before import Stage

COLUMNS = ("rank", "deviation", "price", "technical", "commercial", "total")


async def judge(server: ServerProcess, stage: Stage, said: dict[str, Any], out: Path | None) -> bool:
    """Copy bag and trust to `out`, verify with them, hold the figures against Example A. True when all of it held."""
    bag = server.state / "bags" / stage.number
    trust = server.trust
    if out is not None:
        bag, trust = _kept(server, stage.number, out)
    status = await verify(bag, trust)
    problems = [*_figures(bag), *_record(bag, stage)]
    if status != 0:
        problems.append(f"the verifier ended with status {status}")
    log = (bag / "data" / "log" / "log.jsonl").read_bytes().splitlines()
    sealed = [json.loads(line)["body"] for line in log if b'"kind":"draw.sealed"' in line]
    for draw in sealed:
        print(f"draw {draw['draw']}: {draw['order']}")
    print(f"bag: {bag}")
    print(f"校验码: {said.get('code', '')}")
    for problem in problems:
        fail(problem)
    return not problems


async def verify(bag: Path, trust: Path) -> int:
    """`./run verify BAG --trust DIR`, in a process of its own."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "archive.verifier", str(bag), "--trust", str(trust), cwd=ROOT
    )
    return await process.wait()


def _kept(server: ServerProcess, number: str, out: Path) -> tuple[Path, Path]:
    """Copy bag, trust and verification opinion to where the visitor wants them."""
    out.mkdir(parents=True, exist_ok=True)
    for opinion in sorted((server.state / "bags").glob("*.pdf")):
        shutil.copy(opinion, out / opinion.name)
    return _copied(server.state / "bags" / number, out / number), _copied(server.trust, out / "trust")


def _copied(source: Path, target: Path) -> Path:
    if target.exists():
        shutil.rmtree(target)
    shutil.copytree(source, target)
    return target


def _figures(bag: Path) -> list[str]:
    """Print the score table and name every figure that is not Example A's."""
    result = json.loads((bag / "data" / "tally" / "result.json").read_bytes())
    rows = {row["bid"]: _row(row) for row in result["rows"]}
    shown = [(bid, *(row[column] for column in COLUMNS)) for bid, row in rows.items()]
    print(table(("bid", *COLUMNS), sorted(shown, key=lambda row: row[1])))
    problems = []
    for bid, expected in example.EXPECTED.items():
        for column in COLUMNS:
            found = rows.get(bid, {}).get(column)
            if found != str(expected[column]):
                problems.append(f"{bid} {column}: {found}, not {expected[column]}")
    if tuple(result["candidates"]) != example.CANDIDATES:
        problems.append(f"candidates {result['candidates']}")
    return problems


def _row(row: dict[str, Any]) -> dict[str, str]:
    groups = row["groups"]
    flat = {"price": row["price_score"], **{name: row[name] for name in ("deviation", "total", "rank")}, **groups}
    return {name: str(value) for name, value in flat.items()}


def _record(bag: Path, stage: Stage) -> list[str]:
    """What must stand in the log beside the figures."""
    log = [json.loads(line) for line in (bag / "data" / "log" / "log.jsonl").read_bytes().splitlines()]
    count: dict[str, int] = {}
    for line in log:
        count[line["kind"]] = count.get(line["kind"], 0) + 1
    problems = []
    wanted = {
        "pledge.signed": 5, "prelim.signed": 5, "sheet.signed": 25, "report.signed": 5, "rejection.decided": 1,
        "clarification.answered": 1, "ballot.counted": 2, "case.suspended": 1, "break.began": 1, "witness.stated": 1,
        "selfcheck.decided": 1, "password.failed": 1, "draw.sealed": 2, "draw.rescreened": 1, "case.closed": 1,
    }  # fmt: skip
    for kind, number in wanted.items():
        if count.get(kind, 0) != number:
            problems.append(f"{kind}: {count.get(kind, 0)} times, not {number}")
    answers = [line["body"]["answer"] for line in log if line["kind"] == "notice.answered"]
    if "decline" not in answers or "silent" not in answers:
        problems.append(f"notices were answered {answers}")
    seat = stage.seats["m4"]
    gaps = [line["body"] for line in log if line["kind"] == "gap.named" and line["body"]["seat"] == seat]
    if {gap["track"] for gap in gaps} != {"camera", "mic"}:
        problems.append(f"the five seconds without network are not named: {gaps}")
    seats = {line["body"]["seat"] for line in log if line["kind"] == "segment.recorded"}
    if seats != set(stage.seats.values()):
        problems.append(f"recorded seats: {sorted(seats)}")
    return problems
