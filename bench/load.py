"""Members at work: each saves a cell now and then, its page asks what to do, and in the second half everybody signs.

Saves and signatures fall at random moments. Before it, the floor: what no server that keeps and signs can do without,
asked by one alone.
"""

import asyncio
import random
import secrets
import time

from bench.figures import percentile, say
from bench.once import cpu_seconds
from bench.seat import Seat
from bench.stage import Measured

SECONDS = 60
CELL_EVERY_S, NOW_EVERY_S, READING_EVERY_S = 4.0, 3.0, 15.0
FLOORS, FLOORS_PER_S = 500, 25
SEED = 20261126
PASSWORD = "618392"  # noqa: S105 - of a throw-away server
LOT = random.Random(SEED)  # noqa: S311 - when to press a key


async def measure(server: Measured, seats: list[Seat]) -> None:
    """Floor, then a minute of saving, then a minute in which all sign while the others still save."""
    floors = [await floor(seats[0]) for _ in range(FLOORS)]
    saves: list[float] = []
    receipts: list[float] = []
    cpu, began = cpu_seconds(server.pid), time.perf_counter()
    async with asyncio.TaskGroup() as tasks:
        for seat in seats:
            signs_at = began + SECONDS * (1 + LOT.random())
            tasks.create_task(score(seat, signs_at, saves, receipts))
            tasks.create_task(watch(seat, began + 2 * SECONDS))
    wall = time.perf_counter() - began
    say("evaluation.members", len(seats), "members")
    say("evaluation.saves_per_s", len(saves) / wall, "1/s")
    say("evaluation.server_cpu_share", (cpu_seconds(server.pid) - cpu) / wall, "cores")
    for name, share in (("p50", 0.50), ("p95", 0.95)):
        say(f"evaluation.save_{name}_ms", percentile(saves, share), "ms")
    for name, share in (("p50", 0.50), ("p99", 0.99)):
        say(f"evaluation.receipt_{name}_ms", percentile(receipts, share), "ms")
    for name, share in (("p50", 0.50), ("p95", 0.95), ("p99", 0.99)):
        say(f"evaluation.floor_{name}_ms", percentile(floors, share), "ms")
    say("evaluation.save_p95_over_floor", percentile(saves, 0.95) / percentile(floors, 0.95), "ratio")
    say("evaluation.receipt_p99_over_floor", percentile(receipts, 0.99) / percentile(floors, 0.99), "ratio")


async def floor(seat: Seat) -> float:
    """One durable commit and one signature, milliseconds; the next comes a moment later."""
    await asyncio.sleep(LOT.expovariate(FLOORS_PER_S))
    began = time.perf_counter()
    await seat.person.post("/floor", batch=secrets.token_hex(8), password=PASSWORD)
    return (time.perf_counter() - began) * 1000


async def score(seat: Seat, signs_at: float, saves: list[float], receipts: list[float]) -> None:
    """Type over the own cells, now and then one, until it is time to sign all sheets."""
    technical = [item for item in seat.items if item.startswith("T")]
    cells = [(bid, item) for bid in seat.bids for item in technical]
    at = LOT.randrange(len(cells))
    while True:
        await asyncio.sleep(LOT.expovariate(1 / CELL_EVERY_S))
        if time.perf_counter() >= signs_at:
            break
        bid, item = cells[at % len(cells)]
        at += 1
        known = seat.revisions.get((bid, item), 1)
        began = time.perf_counter()
        typed = {"bid": bid, "item": item, "field": "score", "typed": "4.5" if known % 2 else "5", "revision": known}
        seat.revisions[bid, item] = (await seat.person.post(f"{seat.case}/scores", **typed))["revision"]
        saves.append((time.perf_counter() - began) * 1000)
    receipts.append(await sign(seat))


async def sign(seat: Seat) -> float:
    """Milliseconds from the released password to the last byte of the receipts; reading back is not counted."""
    prepared = await seat.person.post(f"{seat.case}/prepare/score-sheet")
    began = time.perf_counter()
    told = await seat.person.post(f"{seat.case}/sign/score-sheet", batch=prepared["batch"], password=PASSWORD)
    took = (time.perf_counter() - began) * 1000
    if len(told["receipts"]) != len(seat.bids) or not all(one["proof"] for one in told["receipts"]):
        raise RuntimeError("a sheet without its receipt")
    return took


async def watch(seat: Seat, until: float) -> None:
    """What an open page asks by itself: what to do now, and that a paper is being read."""
    await asyncio.sleep(LOT.uniform(0, NOW_EVERY_S))
    told = time.perf_counter()
    while time.perf_counter() < until:
        await seat.person.get(f"{seat.case}/now")
        if time.perf_counter() - told > READING_EVERY_S:
            told = time.perf_counter()
            await seat.person.post(f"{seat.case}/reading", paper=seat.papers[0], seconds=int(READING_EVERY_S))
        await asyncio.sleep(NOW_EVERY_S)
