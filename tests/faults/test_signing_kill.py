"""Server or activation process killed between every two steps of a signature: none is half made, none counts twice.

The witness signs one statement for each point and each kind of kill; the same POST is sent until it is answered.
"""

import asyncio
import json
import os
import re
import signal
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest

from conduct import stalls
from demo import case_example_a as works
from demo import server_process
from demo.client import Person, Refused
from demo.example import Example
from demo.server_process import ServerProcess
from tests.browser.site import BEFORE_THE_PLEDGE, WITNESS, Site, prepared
from tests.faults.deployment import child_of
from tests.faults.siege import LOST, moment
from tests.services.evaluation import CASE

PASSWORD, WRONG = "715934", "715935"
WAIT_S = 120.0
LOOK_EVERY_S, AGAIN_S = 0.05, 1.0
PATH = f"/cases/{CASE}"
ACTIVATION = "tests.faults.stalling_activation"
Receipts = list[dict[str, Any]]
A = TypeVar("A")


class StallingServer(ServerProcess):
    """`server.py` with its stall points armed by files."""

    PROGRAM = "tests/faults/stalling_server.py"


@dataclass
class Desk:
    """The server, and the witness who signs there."""

    server: ServerProcess
    witness: Person
    stalls: Path

    async def prepare(self, text: str) -> str:
        return str((await self.witness.post(f"{PATH}/prepare/statement", text=text))["batch"])

    async def sign(self, batch: str, password: str = PASSWORD) -> Receipts:
        told = await self.witness.post(f"{PATH}/sign/statement", batch=batch, password=password)
        receipts: Receipts = told["receipts"]
        return receipts

    async def signed_in_the_end(self, batch: str) -> Receipts:
        """Repeat the same POST until it is answered; nobody ever prepares anew."""
        return await self.in_the_end(lambda: self.sign(batch))

    async def in_the_end(self, send: Callable[[], Awaitable[A]]) -> A:
        """Send the same until it is answered."""
        async with asyncio.timeout(WAIT_S):
            while True:
                try:
                    return await send()
                except Refused as refused:
                    if refused.code not in {"signing.away", "request.too_many"}:
                        raise
                except LOST:
                    pass
                await moment(AGAIN_S)
        raise AssertionError

    async def kill_server(self) -> None:
        await self.server.kill()
        await self.server.start()

    async def kill_activation(self) -> None:
        os.kill(child_of(self.server.pid, ACTIVATION), signal.SIGKILL)

    async def killed_at(self, point: str, victim: str, batch: str) -> Receipts:
        """Sign, and kill when this point is reached; the receipts that came in the end."""
        return await self.killed_in(self.signed_in_the_end(batch), point, victim)

    async def killed_in(self, signing: Coroutine[Any, Any, A], point: str, victim: str) -> A:
        """Kill when a signature reaches this point; what it was answered in the end."""
        (self.stalls / f"arm-{point}").touch()
        async with asyncio.TaskGroup() as tasks:
            asked = tasks.create_task(signing)
            here = self.stalls / f"at-{point}"
            async with asyncio.timeout(WAIT_S):
                while not here.exists():
                    await moment(LOOK_EVERY_S)
            await (self.kill_server() if victim == "server" else self.kill_activation())
            here.unlink()
            return await asked


@asynccontextmanager
async def desk(
    folder: Path, monkeypatch: pytest.MonkeyPatch, example: Example = works
) -> AsyncIterator[tuple[Desk, Site]]:
    (folder / "stalls").mkdir()
    monkeypatch.setenv("STALLS", str(folder / "stalls"))
    monkeypatch.setattr(server_process, "START_S", WAIT_S)
    site = await prepared(folder, BEFORE_THE_PLEDGE, (WITNESS,), example)
    server = StallingServer(site.settings.state, {}, site.port)
    await server.start()
    witness = Person(server.site, "witness").take_over(site.cookies["witness"], site.csrf["witness"])
    try:
        yield Desk(server, witness, folder / "stalls"), site
    finally:
        await witness.close()
        await server.stop()


def told(site: Site, kind: str) -> list[dict[str, Any]]:
    """What the case's log says, read beside the server."""
    with sqlite3.connect(f"file:{site.settings.state}/db/bid.sqlite?mode=ro", uri=True) as database:
        rows = database.execute("SELECT bytes FROM statement WHERE log = ? AND kind = ?", (CASE, kind)).fetchall()
    database.close()
    return [json.loads(data)["body"] for (data,) in rows]


@pytest.mark.full
async def test_a_kill_between_any_two_steps_leaves_one_statement_its_receipt_and_every_try(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with desk(tmp_path, monkeypatch) as (at, site):
        await at.witness.post(f"{PATH}/enrol", password=PASSWORD, again=PASSWORD)
        texts = [f"{victim} {point}" for victim in ("activation", "server") for point in stalls.SIGNATURE]
        receipts = {}
        for text in texts:
            victim, point = text.split()
            batch = await at.prepare(text)
            (receipts[text],) = await at.killed_at(point, victim, batch)
            (again,) = await at.sign(batch)
            assert (again["index"], again["entry"]) == (receipts[text]["index"], receipts[text]["entry"])
        assert sorted(body["text"] for body in told(site, "witness.stated")) == sorted(texts)
        assert len({receipt["index"] for receipt in receipts.values()}) == len(texts)
        assert not told(site, "password.failed")
        # Had one of the kills cost a try, the fourth wrong one would lock.
        batch = await at.prepare("last")
        codes = [await refusal(at, batch) for _ in range(4)]
        assert codes == ["signing.password_wrong"] * 4
        assert len(await at.sign(batch)) == 1
        log = (at.server.state / "server.log").read_bytes()
        assert b"activation process ended" in log
        no_secret_lies_open(site, log)


async def refusal(at: Desk, batch: str) -> str:
    with pytest.raises(Refused) as refused:
        await at.sign(batch, WRONG)
    return refused.value.code


def no_secret_lies_open(site: Site, log: bytes) -> None:
    """After all these kills: neither a password nor the key store's share in what was logged, kept or dumped."""
    state = site.settings.state
    share = (state / "keys" / "share.key").read_bytes()
    # Six digits also stand by chance in the middle of a digest or a proof; alone they would be the password.
    passwords = (rb"(?<![0-9A-Za-z+/])%s(?![0-9A-Za-z+/])" % one.encode() for one in (PASSWORD, WRONG))
    sought = [re.compile(one) for one in (*passwords, re.escape(share), share.hex().encode())]
    files = [one for name in ("db", "run", "objects") for one in (state / name).rglob("*") if one.is_file()]
    for name, data in [("log", log), *((str(path), path.read_bytes()) for path in files)]:
        assert not any(one.search(data) for one in sought), name
    assert not list(state.rglob("core*"))
