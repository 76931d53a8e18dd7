"""A full disk: acts are refused whole, what stood stays readable and sound, and work goes on once there is room.

The recorder's side of it, alarm and named hole, is in `tests.media.test_recorder_parts`.
"""

import errno
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from http import HTTPStatus
from pathlib import Path

import pytest

from demo.client import Person, Refused
from demo.server_process import ServerProcess, free_port

MEGABYTES = 16
PASSWORD = "Blue-heron-2026"
BLOCK = 1 << 16


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of a few megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "tmpfs", folder], check=True)
    yield folder
    subprocess.run(["umount", folder], check=True)


def fill(folder: Path) -> Path:
    """Take all the room there is."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(BLOCK))
        except OSError as full:
            if full.errno != errno.ENOSPC:
                raise
    return ballast


async def test_acts_are_refused_while_the_disk_is_full_and_taken_once_there_is_room(small_disk: Path) -> None:
    server = ServerProcess(small_disk / "state", {}, free_port())
    await server.start()
    person = Person(server.site, "security")
    try:
        await person.post(server.setup, name="security", password=PASSWORD)
        await person.log_in(PASSWORD)
        ballast = fill(small_disk)
        account = {"role": "agent", "person": "演示人员", "venue": "", "organisation": "", "password": PASSWORD}
        refused = [name for name in map("agent-{}".format, range(40)) if not await made(person, name, account)]
        assert refused, "the disk never was full"
        assert (await person.get("/verify"))["bag"] == {}, "what needs no writing goes on"
        ballast.unlink()
        for name in refused:
            assert await made(person, name, account), f"{name}: of a refused act nothing may be kept"
    finally:
        await person.close()
        await server.stop()
    with closing(sqlite3.connect(server.state / "db" / "bid.sqlite")) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)


async def made(person: Person, name: str, account: dict[str, str]) -> bool:
    """Whether the account was taken; a full disk is a fault of the house, not of the caller."""
    try:
        await person.post("/admin/accounts", name=name, **account)
    except Refused as refused:
        if refused.status < HTTPStatus.INTERNAL_SERVER_ERROR:
            raise
        return False
    return True
