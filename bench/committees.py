"""Twenty committees of nine that score at once: what they wait for, on a server that holds them all.

The state is made beforehand by `launch/many_cases.py`, then the real server starts on it and everybody is a browser of
its own. Nothing of the committees' pages is measured before all of them are there.
"""

import asyncio
import json
import statistics
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bench import first_page, load
from bench.figures import say
from bench.pages import first_load
from bench.seat import Seat
from bench.stage import Measured
from demo.client import Json, Person
from demo.server_process import ROOT, free_port

MAKE = Path(__file__).parent / "launch" / "many_cases.py"
CASES, MEMBERS, PAGES = 20, 9, 300
SET_UP_S = 600
REPORTS = 5
POLL_S = 0.02
READ = (
    "me", "pledge", "ballot", "findings", "scores", "reading", "motions", "leader", "selfcheck", "receipts", "report",
    "interference", "enrol", "device", "sign/score-sheet",
)  # fmt: skip


async def measure(folder: Path) -> None:
    """Pages, load, the first page of a long bid, reports: one after the other on the same server."""
    async with at_scoring(folder, CASES) as (server, seats):
        await of_pages(seats)
        await load.measure(server, seats)
        await first_page.measure(folder, server.origin, next(seat for seat in seats if not seat.leads), PAGES)
        await of_reports(seats)


@asynccontextmanager
async def at_scoring(folder: Path, cases: int) -> AsyncIterator[tuple[Measured, list[Seat]]]:
    """The state, the server on it, everybody's browser. Raises `TimeoutError` after ten minutes of making it."""
    began = time.monotonic()
    async with asyncio.timeout(SET_UP_S):
        told = await _made(folder, cases)
    server = Measured(folder / "server", {"PYTHONPATH": str(ROOT)}, free_port())
    await server.start()
    seats = [
        Seat(
            Person(server.site, row["member"]).take_over(row["cookies"], row["csrf"]),
            f"/cases/{case['case']}", row["member"], told["bids"], told["items"], case["bids"], row["cookies"],
        )
        for case in told["cases"] for row in case["seats"]
    ]  # fmt: skip
    print(f"{len(seats)} seats of {cases} cases after {time.monotonic() - began:.0f} s", file=sys.stderr)
    try:
        yield server, seats
    finally:
        for seat in seats:
            await seat.person.close()
        await server.stop()


async def _made(folder: Path, cases: int) -> Json:
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(MAKE), str(folder), str(cases), str(MEMBERS), str(PAGES), cwd=ROOT,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    said, words = await process.communicate()
    if process.returncode != 0:
        raise RuntimeError(f"the cases were not made: {words.decode()[-2000:]}")
    told: Json = json.loads(said.splitlines()[-1])
    return told


async def _until_rendered(leader: Seat) -> None:
    while True:
        if (await leader.person.get(f"{leader.case}/now"))["state"] == "report_signing":
            return
        await asyncio.sleep(POLL_S)


async def of_pages(seats: list[Seat]) -> None:
    """The heaviest page of a member and a leader, with seven bids and fifteen items; all sizes on standard error."""
    leader = next(seat for seat in seats if seat.leads)
    await leader.person.post(f"{leader.case}/prepare/score-sheet")
    sizes = {name: await first_load(leader.person, f"{leader.case}/{name}") for name in READ}
    for name, size in sorted(sizes.items(), key=lambda row: row[1]):
        print(f"{size:6.1f} kB  {name}", file=sys.stderr)
    say("evaluation.page_kb_max", max(sizes.values()), "kB")


async def of_reports(seats: list[Seat]) -> None:
    """From the candidates' recommendation to the report that can be signed; the middle of a few cases."""
    took = []
    for leader in [seat for seat in seats if seat.leads][:REPORTS]:
        await leader.person.post(f"{leader.case}/scoring/close")
        began = time.perf_counter()
        await leader.person.post(f"{leader.case}/candidates")
        async with asyncio.timeout(SET_UP_S):
            await _until_rendered(leader)
        took.append(time.perf_counter() - began)
    say("evaluation.report_s", statistics.median(took), "s")
