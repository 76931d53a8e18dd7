"""A server that cannot start says why in one line, ends with 1, and leaves what it found untouched."""

import sqlite3
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest

from demo.client import Person
from demo.server_process import ServerProcess, free_port
from storage.tables import SCHEMA


def server_on(state: Path, port: int, **settings: str) -> ServerProcess:
    return ServerProcess(state, settings, port)


async def refused_start(server: ServerProcess) -> str:
    """The line it leaves, after it ended by itself with 1."""
    with pytest.raises(RuntimeError) as caught:
        await server.start()
    assert await server.ended() == 1
    lines = str(caught.value).splitlines()
    assert not any("Traceback" in line for line in lines)
    return lines[-1]


async def test_a_port_in_use_is_said_and_the_first_server_goes_on(tmp_path: Path) -> None:
    first = server_on(tmp_path / "first", free_port())
    await first.start()
    try:
        line = await refused_start(server_on(tmp_path / "second", first.port))
        assert line.startswith("cannot start: ")
        assert "Address already in use" in line
        assert str(first.port) in line
        assert not (tmp_path / "second" / "keys").exists()
        visitor = Person(first.site, "visitor")
        assert (await visitor.get("/verify"))["bag"] == {}
        await visitor.close()
    finally:
        await first.stop()


async def test_a_newer_schema_is_left_untouched(tmp_path: Path) -> None:
    server = server_on(tmp_path / "state", free_port())
    await server.start()
    await server.stop()
    file = tmp_path / "state" / "db" / "bid.sqlite"
    with closing(sqlite3.connect(file)) as database:
        database.execute("UPDATE schema_version SET version = version + 1")
        database.commit()
    before = sha256(file.read_bytes()).digest()
    line = await refused_start(server_on(tmp_path / "state", free_port()))
    assert f"schema {SCHEMA + 1}" in line
    assert sha256(file.read_bytes()).digest() == before


async def test_an_unreadable_setting_is_named(tmp_path: Path) -> None:
    line = await refused_start(server_on(tmp_path / "state", free_port(), BID_SEGMENT_MS="soon"))
    assert line == "cannot start: setting segment_ms cannot be read"
    line = await refused_start(server_on(tmp_path / "state", free_port(), BID_VIDEO_CODEC="vp9"))
    assert line == "cannot start: setting video_codec is none of vp8, h264"


async def test_a_relay_that_is_written_wrongly_is_named(tmp_path: Path) -> None:
    secret = tmp_path / "turn.secret"
    secret.write_text("short", encoding="utf-8")
    wrong = {"BID_TURN_URLS": "turns:turn.example:443?transport=tcp", "BID_TURN_SECRET": str(secret)}
    assert "32 printable characters" in await refused_start(server_on(tmp_path / "state", free_port(), **wrong))
