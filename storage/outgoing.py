"""The outbox's table, read and settled: a message stays, sealed, until somebody took it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update

from storage.tables import outbox
from storage.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Message:
    """A message that waits to leave; `tries` counts how often it was refused."""

    id: int
    channel: str
    payload: dict[str, Any]
    tries: int


def due(tx: Transaction, channels: Sequence[str], limit: int = 50) -> list[Message]:
    """Messages of these channels whose time has come, oldest first."""
    now = tx.now.isoformat(timespec="milliseconds")
    columns = (outbox.c.id, outbox.c.channel, outbox.c.payload, outbox.c.tries)
    theirs = (outbox.c.due <= now) & outbox.c.channel.in_(channels)
    rows = tx.connection.execute(select(*columns).where(theirs).order_by(outbox.c.id).limit(limit))
    return [Message(row[0], row[1], tx.opened_message(row[2]), row[3]) for row in rows.all()]


def done(tx: Transaction, message: int) -> None:
    """Forget a message that was taken."""
    tx.taken(message)


def later(tx: Transaction, message: int, due_at: str) -> None:
    """Keep a message that was refused until another time."""
    change = update(outbox).where(outbox.c.id == message).values(due=due_at, tries=outbox.c.tries + 1)
    tx.connection.execute(change)
