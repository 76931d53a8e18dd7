"""Cosignature lines of witnesses, kept beside the checkpoint they are under; only ever added to."""

from collections.abc import Iterable

from sqlalchemy import insert, select

from storage.tables import checkpoint, cosignature
from storage.transaction import Transaction


def keep(tx: Transaction, log: str, size: int, lines: Iterable[str]) -> None:
    """Keep verified lines (each `— name base64` and a line feed) under the checkpoint of this size."""
    rows = select(cosignature.c.line).where(cosignature.c.log == log, cosignature.c.size == size)
    known = set(tx.connection.scalars(rows))
    for line in lines:
        if line not in known:
            tx.connection.execute(insert(cosignature), {"log": log, "size": size, "line": line})


def notes(tx: Transaction, log: str, above: int) -> list[tuple[int, str, list[str]]]:
    """Size, text and lines of each checkpoint with lines that covers index `above`, smallest first."""
    rows = (
        select(checkpoint.c.size, checkpoint.c.note, cosignature.c.line)
        .join(cosignature, (cosignature.c.log == checkpoint.c.log) & (cosignature.c.size == checkpoint.c.size))
        .where(checkpoint.c.log == log, checkpoint.c.size > above)
        .order_by(checkpoint.c.size, cosignature.c.line)
    )
    found: list[tuple[int, str, list[str]]] = []
    for size, text, line in tx.connection.execute(rows).all():
        if not found or found[-1][0] != size:
            found.append((size, text, []))
        found[-1][2].append(line)
    return found
