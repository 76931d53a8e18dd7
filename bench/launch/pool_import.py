"""The pool's import on a database of its own, in processor seconds: `pool_import.py FOLDER ROWS`, figures as JSON.

The flow is the page's: check the bytes, hand in batch by batch, take over. Then a screening of the pool as a draw does
it, and the floor: what the same bytes cost through `csv` and the same number of sealed values and rows.
"""

import asyncio
import csv
import io
import json
import os
import sqlite3
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TypeVar

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from openpyxl import Workbook

from conduct import directory, pooling
from conduct.ports import Actor
from demo import pool as demo_pool
from draw.request import Quota
from expert_pool.cells import ID_CHECKS, ID_WEIGHTS
from expert_pool.eligibility import freeze_pool, screen
from expert_pool.request import DrawRequest
from storage.logs import LogKeys
from storage.store import Store

T = TypeVar("T")
DAY = date(2026, 11, 25)
OWNER = Actor("pool_owner", "province")


def table(size: int) -> list[list[str]]:
    """So many rows, the demo's again and again with codes and identity numbers of their own."""
    lines = list(csv.reader(io.StringIO(demo_pool.to_csv(demo_pool.rows(DAY)).decode("utf-8-sig"), newline="")))
    header, rows = lines[0], lines[1:]
    made = [header]
    for n in range(size):
        row = list(rows[n % len(rows)])
        digits = f"000000{1950 + n // 999 % 50}{n // 49_950 + 1:02d}01{n % 999 + 1:03d}"
        check = ID_CHECKS[sum(weight * int(digit) for weight, digit in zip(ID_WEIGHTS, digits, strict=True)) % 11]
        row[0], row[1], row[3] = str(n + 1), f"ZJ{n + 1:06d}", digits + check
        made.append(row)
    return made


def as_csv(rows: list[list[str]]) -> bytes:
    """The rows as the format's CSV."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def as_workbook(rows: list[list[str]]) -> bytes:
    """The rows as a workbook, every cell text."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in rows:
        sheet.append(row)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def spent(work: Callable[[], T]) -> tuple[float, T]:
    """Processor seconds of this process, all its threads."""
    begun = time.process_time()
    done = work()
    return time.process_time() - begun, done


def imported(store: Store, data: bytes) -> None:
    """From bytes to an edition that stands."""

    async def run() -> None:
        edition = await pooling.hand_in(store, "province", pooling.check(data))
        await store.act(lambda tx: pooling.take_over(tx, OWNER, "province", edition))

    asyncio.run(run())


def screened(store: Store) -> int:
    """Screening and freezing as a draw's confirmation does it; how many are eligible."""
    request = DrawRequest("BENCH-1", DAY, 5, 1, (Quota(4, "A08"),), avoid=("演示招标人",))
    screening = screen(store.look(lambda tx: directory.freeze_pool(tx, "bench")), request)
    return len(freeze_pool(screening, [os.urandom(32) for _ in screening.eligible]).entries)


def floor(folder: Path, data: bytes) -> None:
    """Parse, seal two values a row, store: what no import of this kind can go below."""
    cipher = AESGCM(os.urandom(32))
    database = sqlite3.connect(folder / "floor.sqlite")
    database.execute("CREATE TABLE row (code TEXT PRIMARY KEY, facts BLOB, person BLOB)")
    rows = []
    for row in csv.reader(io.StringIO(data.decode(), newline="")):
        sealed = [cipher.encrypt(os.urandom(12), "".join(part).encode(), b"") for part in (row[5:], row[2:5])]
        rows.append((row[1], *sealed))
    database.executemany("INSERT INTO row VALUES (?, ?, ?)", rows)
    database.commit()
    database.close()


def main(folder: Path, size: int) -> None:
    """Print the figures."""
    rows = table(size)
    data, workbook = as_csv(rows), as_workbook(rows)
    keys = LogKeys("bench.example/log", os.urandom(32))
    store = Store(f"sqlite:///{folder}/bid.sqlite", folder / "objects", os.urandom(32), keys)
    try:
        figures = {"import": spent(lambda: imported(store, data))[0]}
        figures["again"] = spent(lambda: imported(store, data))[0]
        figures["workbook_read"] = spent(lambda: pooling.check(workbook))[0]
        figures["csv_read"] = spent(lambda: pooling.check(data))[0]
        figures["screen"], figures["eligible"] = spent(lambda: screened(store))
    finally:
        store.close()
    figures["floor"] = spent(lambda: floor(folder, data))[0]
    print(json.dumps(figures))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
