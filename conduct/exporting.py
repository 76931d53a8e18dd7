"""Exports (导出): access copies of what a retrieval grants, one after the other, stated before they are handed out.

A copy is a derivative under the requester's name (`docs/exports.md`); it ends with its grant. Owns no right of its own.
"""

import asyncio
import logging
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Literal, Protocol, TypeVar

from archive.report import font
from archive.report.font import FontRefused
from conduct import retrieving
from conduct.directory import DEPLOYMENT
from conduct.ports import Actor, Tx, stamp
from evaluation.case import CaseId
from media.access import Footage
from media.export import job
from media.export.graph import Look
from media.export.sources import NotMedia, Stretch

T = TypeVar("T")
SHELF: Final = "retrieval_export"
LONGEST: Final = timedelta(hours=12)
MOST_WAITING: Final = 2
TIDY_S: Final = 60.0
COPIES = {"mp4": job.COPY, "json": job.NOTE}

# Why a copy is not made: it may not be, or what lies on the disk (a sidecar, a master) is not what the recorder wrote.
_REFUSALS = (job.Refused, NotMedia, FontRefused, retrieving.NotGranted, retrieving.GrantOver)
_DAMAGES = (OSError, ValueError, KeyError, TypeError)

log = logging.getLogger("bid.exports")


class BadStretch(Exception):
    """A copy is of some time, at most twelve hours, the earlier moment first."""

    code = "export.bad_stretch"


class TooManyCopies(Exception):
    """Two copies of this requester wait already."""

    code = "export.too_many"


class NoSuchCopy(Exception):
    """There is no such copy, it is not made yet, or its grant is over."""

    code = "export.unknown"


@dataclass(frozen=True, slots=True)
class Copy:
    """One copy of a retrieval. `part` of it is done (0 to 1); `failed` is why it is not made; times are stamps."""

    number: int
    seats: tuple[str, ...]
    begin: str
    end: str
    state: Literal["waiting", "making", "ready", "failed"] = "waiting"
    part: float = 0
    failed: str = ""
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asked for a copy, under which retrieval of which case."""

    case: CaseId
    retrieval: str
    actor: Actor

    @property
    def key(self) -> str:
        """What the copies of one retrieval share."""
        return f"{self.case}/{self.retrieval}"


class Store(Protocol):
    """Where grants are read and copies are stated."""

    async def act(self, act: Callable[[Tx], T], /) -> T:
        """Run a transaction."""
        ...

    async def read(self, look: Callable[[Tx], T], /) -> T:
        """Look at the last committed state."""
        ...


class Exports:
    """The copies of a deployment, in `folder`/`case`/`retrieval`-`number`; `footage` holds the masters."""

    def __init__(self, store: Store, footage: Footage, folder: Path) -> None:
        self._store = store
        self._footage = footage
        self._folder = folder
        self._unready: dict[str, dict[int, Copy]] = {}
        self._queue: asyncio.Queue[tuple[Asked, int]] = asyncio.Queue()

    async def ask(self, asked: Asked, seats: tuple[str, ...], begin: datetime, end: datetime) -> int:
        """Let a copy be made; its number. Raises what `retrieving.check` raises, and the refusals above."""
        if not timedelta() < end - begin <= LONGEST:
            raise BadStretch
        job.check_installed()
        known = await self._store.read(lambda tx: _granted(tx, asked, seats))
        mine = self._unready.setdefault(asked.key, {})
        if sum(copy.state in {"waiting", "making"} for copy in mine.values()) >= MOST_WAITING:
            raise TooManyCopies
        number = max([0, *known, *mine]) + 1
        mine[number] = Copy(number, tuple(sorted(set(seats))), stamp(begin), stamp(end))
        self._queue.put_nowait((asked, number))
        return number

    def of(self, tx: Tx, asked: Asked) -> list[Copy]:
        """The copies of a retrieval, the newest first. Raises what `retrieving.check` raises."""
        ready = _granted(tx, asked, ())
        return sorted({**ready, **self._unready.get(asked.key, {})}.values(), key=lambda copy: -copy.number)

    def file(self, tx: Tx, asked: Asked, number: int, kind: str) -> Path:
        """A copy or its note, which were stated. Raises `NoSuchCopy` and what `retrieving.check` raises."""
        if number not in _granted(tx, asked, ()) or kind not in COPIES:
            raise NoSuchCopy
        return self._place(asked, number) / COPIES[kind]

    async def run(self) -> None:
        """Make what waits, and remove what is over. Ends when it is cancelled."""
        await asyncio.to_thread(self._forget_halves)
        while True:
            await self._tidy()
            try:
                async with asyncio.timeout(TIDY_S):
                    asked, number = await self._queue.get()
            except TimeoutError:
                continue
            await self._make(asked, number)

    async def _make(self, asked: Asked, number: int) -> None:
        mine = self._unready[asked.key]
        mine[number] = replace(mine[number], state="making")

        def progress(part: float) -> None:
            mine[number] = replace(mine[number], part=part)

        place = self._place(asked, number)
        try:
            look = await self._store.read(lambda tx: _look(tx, asked))
            await asyncio.to_thread(place.parent.mkdir, mode=0o700, parents=True, exist_ok=True)
            stretch = Stretch(datetime.fromisoformat(mine[number].begin), datetime.fromisoformat(mine[number].end))
            order = job.Order(self._footage.case(asked.case), mine[number].seats, stretch, look)
            digest = await job.make(order, place, progress)
            ready = replace(mine[number], state="ready", part=1, sha256=digest)
            await self._store.act(lambda tx: _state(tx, asked, ready))
            del mine[number]
        except (*_REFUSALS, *_DAMAGES) as refused:
            log.warning("copy %s-%s is not made: %s", asked.key, number, refused)
            await asyncio.to_thread(shutil.rmtree, place, ignore_errors=True)
            mine[number] = replace(mine[number], state="failed", failed=getattr(refused, "code", "export.failed"))

    def _place(self, asked: Asked, number: int) -> Path:
        return self._folder / asked.case / f"{asked.retrieval}-{number}"

    def _forget_halves(self) -> None:
        for half in self._folder.glob("*/.making-*"):
            shutil.rmtree(half, ignore_errors=True)

    async def _tidy(self) -> None:
        """Remove the copies whose grant is over."""
        places = await asyncio.to_thread(lambda: [path for path in self._folder.glob("*/*-*") if path.is_dir()])
        for place in places:
            retrieval = place.name.rpartition("-")[0]
            if await self._store.read(lambda tx, at=(place.parent.name, retrieval): _is_over(tx, *at)):  # type: ignore[misc]
                try:
                    await asyncio.to_thread(shutil.rmtree, place)
                except OSError as fault:  # tried again with the next round; nobody is granted it meanwhile
                    log.warning("copy %s is over and cannot be removed: %s", place, fault)


def _granted(tx: Tx, asked: Asked, seats: tuple[str, ...]) -> dict[int, Copy]:
    """The stated copies of a retrieval, after looking whether it is granted for these seats."""
    for seat in seats:
        retrieving.check(tx, asked.case, asked.actor, asked.retrieval, seat)
    if not seats:
        retrieving.check(tx, asked.case, asked.actor, asked.retrieval)
    rows = [row for key, row in tx.shelf(DEPLOYMENT, SHELF).items() if key.startswith(f"{asked.key}/")]
    return {row["number"]: Copy(**{**row, "seats": tuple(row["seats"])}) for row in rows}


def _look(tx: Tx, asked: Asked) -> Look:
    labels = {seat: f"{alias} {seat}" for seat, alias in retrieving.seats(tx.case(asked.case)).items()}
    mark = f"{asked.actor.who} · {asked.case} · {asked.retrieval} · {stamp(tx.now)}"
    return Look(labels, mark, font.font_folder() / font.FILE_NAME)


def _state(tx: Tx, asked: Asked, copy: Copy) -> None:
    """The copy becomes an entry, and with it something that may be handed out; the grant must still hold."""
    _granted(tx, asked, copy.seats)
    body = {"by": asked.actor.as_by(), "about": asked.case, "id": asked.retrieval, "seats": list(copy.seats)}
    stretch = {"from": copy.begin, "to": copy.end}
    tx.record(DEPLOYMENT, "retrieval.exported", body | stretch | {"sha256": copy.sha256})
    tx.shelf(DEPLOYMENT, SHELF).put(f"{asked.key}/{copy.number:06d}", asdict(copy))


def _is_over(tx: Tx, case: str, retrieval: str) -> bool:
    try:
        found = retrieving.find(tx, CaseId(case), retrieval)
    except retrieving.NoSuchRetrieval:
        return True
    return tx.now >= datetime.fromisoformat(found.until)
