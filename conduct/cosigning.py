"""Witnesses cosign the deployment's log: each new checkpoint is sent out, lines are kept, a refusal of growth alarms.

A witness that has seen another history of this log says so here at once; nobody has to look for it (docs/witness.md).
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol, TypeVar

from conduct.directory import DEPLOYMENT
from conduct.ports import Json, Tx, stamp
from signing.cosign_policy import NONE, Policy, Witness
from signing.cosignature import open_cosignature
from signing.cosigner import is_cosigned
from signing.note import Note, NoteRefused, Proof, parse_checkpoint, parse_note
from signing.witness import Request

T = TypeVar("T")
ROUND_S = 2.0
SHELF = "witness"
ASKED, ANOTHER_SIZE, NOT_GROWTH = 200, 409, 422
COSIGNED, AWAY, REFUSED, FORKED = "cosigned", "away", "refused", "forked"
"""What stands beside a witness: it signed the newest it was shown, cannot be reached, does not serve this log, or has
seen another history of it."""

log = logging.getLogger("bid.cosigning")


class Away(Exception):
    """The witness cannot be reached."""

    code = "witness.away"


@dataclass(frozen=True, slots=True)
class Answer:
    """A witness's answer: HTTP status and body."""

    status: int
    body: bytes


Ask = Callable[[str, bytes], Awaitable[Answer]]


class Store(Protocol):
    """What cosigning needs of the store."""

    def newest_checkpoint(self, log: str, /) -> tuple[int, bytes]:
        """Size and note of the newest checkpoint."""
        ...

    def consistency(self, log: str, old: int, new: int, /) -> list[bytes]:
        """The consistency proof between two sizes."""
        ...

    def inclusion(self, log: str, index: int, size: int, /) -> list[bytes]:
        """The inclusion path of an entry in the tree of a size."""
        ...

    def fresh_proof(self, log: str, index: int, /) -> str:
        """The proof of an entry in the newest checkpoint, "" while none covers it."""
        ...

    def cosigned(self, log: str, above: int, /) -> list[tuple[int, str, list[str]]]:
        """Size, note and lines of cosigned checkpoints that cover an index."""
        ...

    async def keep_cosignatures(self, log: str, size: int, lines: Sequence[str], /) -> None:
        """Keep verified lines."""
        ...

    async def act(self, act: Callable[[Tx], T], /) -> T:
        """Run a transaction."""
        ...

    def look(self, look: Callable[[Tx], T], /) -> T:
        """Run a function that only looks."""
        ...


class Cosigning:
    """The witnesses of a policy and the deployment's log."""

    def __init__(self, store: Store, policy: Policy, ask: Ask) -> None:
        self._store = store
        self._policy = policy
        self._ask = ask

    async def run(self) -> None:
        """Ask for ever, every two seconds, whoever has not signed the newest checkpoint."""
        while True:
            try:
                await self.round()
            except Exception:  # the outermost loop: the next round asks again
                log.exception("a round of witnesses failed; the next one asks again")
            await asyncio.sleep(ROUND_S)

    async def round(self) -> None:
        """Show each witness the newest checkpoint once."""
        size, note = await asyncio.to_thread(self._store.newest_checkpoint, DEPLOYMENT)
        rows = await asyncio.to_thread(self._store.look, states)
        for witness in self._policy.witnesses:
            row = rows.get(witness.name, {"size": 0, "state": ""})
            if witness.url and size and not (row["state"] == COSIGNED and row["size"] == size):
                await self._show(witness, row, size, note)

    async def until_witnessed(self) -> None:
        """Wait until the quorum has cosigned a checkpoint that covers everything stated by now."""
        size, _ = await asyncio.to_thread(self._store.newest_checkpoint, DEPLOYMENT)
        while not await asyncio.to_thread(self.proof, size - 1):  # noqa: ASYNC110 - what ends it is in the database
            await asyncio.sleep(ROUND_S / 4)

    def proof(self, index: int) -> bytes | None:
        """The proof of an entry of the deployment's log in a checkpoint that the quorum cosigned; None before that."""
        if self._policy.quorum == NONE:
            return self._store.fresh_proof(DEPLOYMENT, index).encode() or None
        for size, text, lines in self._store.cosigned(DEPLOYMENT, index):
            note = parse_note((text + "".join(lines)).encode())
            if self._policy.is_met(_names(note, self._policy.witnesses)):
                path = tuple(self._store.inclusion(DEPLOYMENT, index, size))
                return Proof(index, path, note).to_bytes()
        return None

    async def _show(self, witness: Witness, row: Json, size: int, note: bytes) -> None:
        old = int(row["size"])
        try:
            answer = await self._ask(witness.url, self._body(old, size, note))
            held = _size(answer.body) if answer.status == ANOTHER_SIZE else None
            if held is not None and held != old and held <= size:
                # It holds another size than we remember: its last answer was lost, or our own state was restored.
                answer = await self._ask(witness.url, self._body(held, size, note))
        except Away:
            await self._keep(witness, {**row, "state": AWAY})
            return
        if answer.status == ASKED:
            await self._take(witness, row, size, note + answer.body)
        else:
            forked = answer.status in {ANOTHER_SIZE, NOT_GROWTH}
            await self._refused(witness, row, size, FORKED if forked else REFUSED, answer)

    def _body(self, old: int, size: int, note: bytes) -> bytes:
        return Request(old, tuple(self._store.consistency(DEPLOYMENT, old, size)), note).to_bytes()

    async def _take(self, witness: Witness, row: Json, size: int, signed: bytes) -> None:
        """Keep the lines of known witnesses; an answer without this witness's own right line is no answer."""
        try:
            note = parse_note(signed)
            head = parse_checkpoint(note.text)
            lines = [
                (one.name, line)
                for line in note.signatures
                for one in self._policy.witnesses
                if line.is_by(one.key) and open_cosignature(line, one.key, head, is_cosigned).time
            ]
        except NoteRefused:
            lines = []
        if witness.name not in {name for name, _ in lines}:
            await self._keep(witness, {**row, "state": REFUSED})
            return
        await self._store.keep_cosignatures(DEPLOYMENT, size, [str(line) for _, line in lines])
        await self._keep(witness, {"size": size, "state": COSIGNED, "at": stamp(datetime.now(UTC))})

    async def _refused(self, witness: Witness, row: Json, size: int, state: str, answer: Answer) -> None:
        def keep(tx: Tx) -> None:
            known = tx.shelf(DEPLOYMENT, SHELF).get(witness.name) or {}
            if state == FORKED and known.get("state") != FORKED:
                body = {"witness": witness.name, "status": answer.status, "size": size, "held": _size(answer.body) or 0}
                tx.record(DEPLOYMENT, "witness.refused", body)
            tx.shelf(DEPLOYMENT, SHELF).put(witness.name, {**row, "state": state})

        if row["state"] != state:
            await self._store.act(keep)

    async def _keep(self, witness: Witness, row: Json) -> None:
        await self._store.act(lambda tx: tx.shelf(DEPLOYMENT, SHELF).put(witness.name, row))


def states(tx: Tx) -> dict[str, Json]:
    """What stands beside each witness that was ever asked: `size`, `state`, `at` of the last cosignature."""
    return dict(tx.shelf(DEPLOYMENT, SHELF).items())


def is_forked(tx: Tx) -> bool:
    """Whether a witness has seen another history of this log."""
    return any(row["state"] == FORKED for row in states(tx).values())


def _names(note: Note, witnesses: Sequence[Witness]) -> set[str]:
    return {one.name for one in witnesses for line in note.signatures if line.is_by(one.key)}


def _size(body: bytes) -> int | None:
    text = body.decode("ascii", "replace").strip()
    return int(text) if text.isdecimal() else None
