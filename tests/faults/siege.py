"""Five members write while the server is killed again and again; what the server acknowledged is kept for judging.

A *window* is the span between a start and the next kill. Two kinds of writing: cells saved one by one, and signatures.
"""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import aiohttp

from demo import case_example_a as example
from demo.client import Person, Refused
from demo.story_before import PASSWORDS, stamp
from demo.story_room import number_of
from tests.faults.deployment import Deployment

LOST = (aiohttp.ClientError, ConnectionError, TimeoutError, OSError)
"""How a client learns that the server is gone: it cannot know whether its last word was heard."""
Cell = tuple[int, str, str]
"""Member, bid, item."""
Receipt = dict[str, Any]
LATEST_KILL_S = 0.8
BACK_S = 60.0
LOOK_EVERY_S, SLOWER_S = 0.5, 0.2
TRACKS = 2


async def moment(seconds: float) -> None:
    """Let so much time pass: when a kill falls is the one thing here that no condition decides."""
    passed: asyncio.Event = asyncio.Event()
    asyncio.get_running_loop().call_later(seconds, passed.set)
    await passed.wait()


@dataclass
class Ledger:
    """What the clients were told: receipts, and the newest acknowledged revision of each cell."""

    receipts: list[Receipt] = field(default_factory=list)
    cells: dict[Cell, int] = field(default_factory=dict)
    kills: list[str] = field(default_factory=list)
    lost_answers: int = 0
    acknowledged: int = 0


@dataclass
class Siege:
    """Kills and restarts around a deployment; `serving` is set while somebody answers."""

    deployment: Deployment
    lot: random.Random
    ledger: Ledger = field(default_factory=Ledger)
    serving: asyncio.Event = field(default_factory=asyncio.Event)
    news: asyncio.Condition = field(default_factory=asyncio.Condition)
    window: int = 0
    signed: set[int] = field(default_factory=set)

    @property
    def case(self) -> str:
        """The case's path."""
        return self.deployment.stage.case

    def member(self, number: int) -> Person:
        """评委n."""
        return self.deployment.stage.member(number)

    async def tell(self) -> None:
        """Something was acknowledged, or a window opened."""
        async with self.news:
            self.news.notify_all()

    async def pledges(self, windows_each: int) -> None:
        """The five pledge one after the other, each with its own windows."""
        async with self._attack("pledge", windows_each) as writers:
            for number in PASSWORDS:
                writers.create_task(self._sign_in_turn(number, "pledge", windows_each))

    async def scoring(self, windows_each: int) -> None:
        """All type for as long as they have not signed; each signs in its own windows."""
        async with self._attack("score-sheet", windows_each) as writers:
            for number in PASSWORDS:
                writers.create_task(self._type_and_sign(number, windows_each))

    async def elect(self) -> None:
        """The leader's two rounds, undisturbed."""
        for votes in example.LEADER_BALLOTS:
            for voter, choice in votes.items():
                await self.member(number_of(voter)).post(f"{self.case}/ballot", choice=f"m{number_of(choice)}")

    async def recording_again(self) -> None:
        """Every seat that the kills threw out of the room is in it again: picture and sound are being recorded."""
        since, witness = stamp(datetime.now(UTC)), self.deployment.stage.cast["witness"]
        async with asyncio.timeout(BACK_S):
            fresh: set[tuple[str, str]] = set()
            while len(fresh) < TRACKS * len(PASSWORDS):
                rows = (await witness.get(f"{self.case}/segments"))["segments"]
                fresh = {(row["seat"], row["track"]) for row in rows if row["t0"] > since}
                await moment(LOOK_EVERY_S)

    @asynccontextmanager
    async def _attack(self, purpose: str, windows_each: int) -> AsyncIterator[asyncio.TaskGroup]:
        self.window, self.signed = 0, set()
        self.serving.set()
        async with asyncio.TaskGroup() as writers:
            writers.create_task(self._kill_in_windows(purpose, windows_each))
            yield writers

    async def _kill_in_windows(self, purpose: str, windows_each: int) -> None:
        while self.window < windows_each * len(PASSWORDS):
            await self.tell()
            signer, is_last = self.window // windows_each + 1, (self.window + 1) % windows_each == 0
            if is_last:  # or a member's tries would run out: each cut signature has counted one
                async with self.news:
                    await self.news.wait_for(lambda signer=signer: signer in self.signed)  # type: ignore[misc]
            await self._kill(f"{purpose} {self.window}")
            await self.deployment.server.start()
            self.serving.set()
            await self._check_drafts()
            self.window += 1
        await self.tell()

    async def _kill(self, where: str) -> None:
        """SIGKILL at a random moment, in the middle of whatever is going on."""
        seconds = self.lot.uniform(0, LATEST_KILL_S)
        await moment(seconds)
        self.serving.clear()
        await self.deployment.server.kill()
        self.ledger.kills.append(f"{where} after {seconds * 1000:.0f} ms")

    async def _check_drafts(self) -> None:
        """After a restart every acknowledged revision of every cell stands, or a newer one."""
        confirmed = dict(self.ledger.cells)  # before looking: the members go on writing
        for number in PASSWORDS:
            drafts = await self.standing(number)
            for (member, bid, item), revision in confirmed.items():
                if member == number:
                    stands = drafts.get((bid, item), 0)
                    assert stands >= revision, f"评委{member} {bid}/{item}: {stands} stands, {revision} was confirmed"

    async def standing(self, number: int) -> dict[tuple[str, str], int]:
        """Revision of each cell as the member's page shows it."""
        told = (await self.member(number).get(f"{self.case}/me"))["drafts"]["scores"]
        return {(bid, item): row["score"]["revision"] for bid, items in told.items() for item, row in items.items()}

    async def _turn(self, number: int, windows_each: int) -> None:
        async with self.news:
            await self.news.wait_for(lambda: self.window >= (number - 1) * windows_each)

    async def _sign_in_turn(self, number: int, purpose: str, windows_each: int) -> None:
        await self._turn(number, windows_each)
        while number not in self.signed:
            await self.serving.wait()
            try:
                await self._sign(number, purpose)
            except LOST:
                self.ledger.lost_answers += 1
        await self.tell()

    async def _sign(self, number: int, purpose: str) -> None:
        """Sign what is still owed; a signature whose answer was lost is found by what the page no longer asks for."""
        member = self.member(number)
        owed = (await member.get(f"{self.case}/me"))["to_sign"][purpose]
        if owed:
            prepared = await member.post(f"{self.case}/prepare/{purpose}")
            body = {"batch": prepared["batch"], "password": PASSWORDS[number]}
            receipts = (await member.post(f"{self.case}/sign/{purpose}", **body))["receipts"]
            assert len(receipts) == len(prepared["statements"])
            self.ledger.receipts += receipts
            self.ledger.acknowledged += len(receipts)
        self.signed.add(number)

    async def _type_and_sign(self, number: int, windows_each: int) -> None:
        cells = [
            (bid, item, typed)
            for bid in example.EXPECTED
            for item, typed in example.scores_of(f"评委{number}", bid).items()
        ]
        known: dict[tuple[str, str], int] = {}
        rounds = 0
        while rounds == 0 or self.window < (number - 1) * windows_each:
            for bid, item, typed in cells:
                await self._save(number, (bid, item), typed, known)
            rounds += 1
        await self._sign_in_turn(number, "score-sheet", windows_each)

    async def _save(self, number: int, cell: tuple[str, str], typed: str, known: dict[tuple[str, str], int]) -> None:
        """Save one cell until it is acknowledged."""
        bid, item = cell
        while True:
            await self.serving.wait()
            body = {"bid": bid, "item": item, "field": "score", "typed": typed, "revision": known.get(cell, 0)}
            try:
                known[cell] = (await self.member(number).post(f"{self.case}/scores", **body))["revision"]
            except LOST:
                self.ledger.lost_answers += 1
            except Refused as refused:  # a fast machine types faster than any hand
                if refused.code != "request.too_many":
                    raise
                await moment(SLOWER_S)
            else:
                self.ledger.cells[number, bid, item] = known[cell]
                self.ledger.acknowledged += 1
                return
