"""From a released password to the receipt's last byte, fifty people at once, against a floor in the same server.

Submits fall at random moments, 25 a second for a minute. A submit sends a batch that was prepared just before (not
counted) and the password, which costs next to nothing here (`launch/server_with_floor.py`); the answer holds receipt
and proof. The floor gets the same body at such moments, half of it before and half after.
"""

import asyncio
import random
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from bench.figures import percentile, say
from bench.stage import at_the_desk
from demo.cast import MAIN
from demo.client import Person
from demo.story_before import Stage

MEMBERS, PER_S, SECONDS = 50, 25, 60
SEED = 20261123
PASSWORD = "618392"  # noqa: S105 - of a throw-away server
TEXT = "全程见证，未见干预评审的情形。" * 24
"""About a kilobyte, as a score sheet."""
Act = Callable[[int], Awaitable[float]]


async def measure(folder: Path) -> None:
    """Floor, submits, floor again; figures in milliseconds."""
    async with at_the_desk(folder) as stage:
        signers = await signers_of(stage)
        try:
            floors = await load(lambda number: floor(signers[number % MEMBERS]), SECONDS // 2)
            submits = await load(lambda number: submit(stage, signers[number % MEMBERS]), SECONDS)
            floors += await load(lambda number: floor(signers[number % MEMBERS]), SECONDS // 2)
        finally:
            for signer in signers:
                await signer.person.close()
    say("demo.receipt_p50_ms", percentile(submits, 0.50), "ms")
    say("demo.receipt_p99_ms", percentile(submits, 0.99), "ms")
    say("demo.floor_p50_ms", percentile(floors, 0.50), "ms")
    say("demo.floor_p99_ms", percentile(floors, 0.99), "ms")
    say("demo.receipt_p99_over_floor", percentile(submits, 0.99) / percentile(floors, 0.99), "ratio")


@dataclass
class Signer:
    """Somebody with a signing password of its own; one thing at a time, as at any browser."""

    person: Person
    hands: asyncio.Lock = field(default_factory=asyncio.Lock)


async def signers_of(stage: Stage) -> list[Signer]:
    """Fifty witnesses, each logged in from an address of its own: rates count addresses."""
    security, made = stage.cast["security"], []
    for number in range(MEMBERS):
        name, password = f"signer-{number}", secrets.token_urlsafe(12)
        account = {"name": name, "role": "witness", "person": f"演示{name}", "venue": MAIN, "organisation": ""}
        await security.post("/admin/accounts", password=password, **account)
        person = await Person(stage.cast.site, name, address=f"127.0.1.{number + 1}").log_in(password)
        await person.post(f"{stage.case}/enrol", password=PASSWORD, again=PASSWORD)
        made.append(Signer(person))
    return made


async def load(act: Act, seconds: int) -> list[float]:
    """Start acts at random moments, 25 a second on average; the milliseconds each took."""
    lot = random.Random(SEED)  # noqa: S311 - when to press a button
    moments = sorted(lot.uniform(0, seconds) for _ in range(PER_S * seconds))
    began = time.perf_counter()
    async with asyncio.TaskGroup() as tasks:
        running = []
        for number, moment in enumerate(moments):
            await asyncio.sleep(max(0.0, began + moment - time.perf_counter()))
            running.append(tasks.create_task(_of(act, number)))
    return [task.result() for task in running]


async def _of(act: Act, number: int) -> float:
    return await act(number)


async def submit(stage: Stage, signer: Signer) -> float:
    """Prepare, then release: the second alone is timed, to the last byte of the answer, which must hold a receipt."""
    async with signer.hands:
        prepared = await signer.person.post(f"{stage.case}/prepare/statement", text=TEXT)
        began = time.perf_counter()
        body = {"batch": prepared["batch"], "password": PASSWORD}
        [receipt] = (await signer.person.post(f"{stage.case}/sign/statement", **body))["receipts"]
        took = time.perf_counter() - began
    if not receipt["proof"]:
        raise RuntimeError("a receipt without its proof")
    return took * 1000


async def floor(signer: Signer) -> float:
    """The floor, timed in the same way."""
    async with signer.hands:
        began = time.perf_counter()
        await signer.person.post("/floor", batch=secrets.token_hex(8), password=PASSWORD)
        return (time.perf_counter() - began) * 1000
