"""A witness as a server of its own: the answers of C2SP tlog-witness over HTTP; a killed one remembers."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from aiohttp.test_utils import TestClient, TestServer

from signing.cosignature import open_cosignature
from signing.cosigner import is_cosigned
from signing.log_key import LogKey, is_signed
from signing.merkle import Tree, leaf_hash
from signing.note import open_checkpoint, parse_checkpoint, parse_key, parse_note
from signing.witness import Request
from tests.house.tree import ROOT
from web.witness import Witness, make_app

NAME = "witness.example/notary"
LOG = LogKey("centre.example/bid", bytes(range(32)))
STRANGER = LogKey("centre.example/bid", bytes(32))


def tree(count: int, fork: bytes = b"") -> Tree:
    return Tree(leaf_hash(b"%d%b" % (number, fork if number == 3 else b"")) for number in range(count))


def body(of: Tree, old: int, key: LogKey = LOG) -> bytes:
    return Request(old, tuple(of.consistency(old)), key.sign_checkpoint(of.size, of.root()).to_bytes()).to_bytes()


class Running:
    """A witness process and its address."""

    def __init__(self, process: asyncio.subprocess.Process, about: list[str]) -> None:
        self.process = process
        self.keys = [parse_key(line.removeprefix("key ")) for line in about if line.startswith("key ")]
        self.url = about[-1].removeprefix("serving ")

    async def add(self, data: bytes) -> tuple[int, str, str]:
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{self.url}/add-checkpoint", data=data) as answer,
        ):
            return answer.status, answer.content_type, await answer.text()


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[Running]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "web.witness", str(folder), "--name", NAME, "--log", str(LOG.verifier_key), "--port", "0",
        cwd=ROOT, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    about: list[str] = []
    while not about or not about[-1].startswith("serving "):
        about.append((await process.stdout.readline()).decode().rstrip("\n"))
    try:
        yield Running(process, about)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_growth_is_cosigned_by_both_keys_and_a_killed_witness_remembers(tmp_path: Path) -> None:
    grown = tree(9)
    async with running(tmp_path / "w") as witness:
        assert (await witness.add(body(tree(5), 0)))[0] == 200
        witness.process.kill()
    async with running(tmp_path / "w") as witness:
        assert await witness.add(body(tree(7), 0)) == (409, "text/x.tlog.size", "5\n")
        status, _, lines = await witness.add(body(grown, 5))
        assert status == 200
        note = parse_note(LOG.sign_checkpoint(9, grown.root()).to_bytes() + lines.encode())
        head = parse_checkpoint(note.text)
        for line, key in zip(note.signatures[1:], witness.keys, strict=True):
            assert open_cosignature(line, key, head, is_cosigned).time > 1_700_000_000
        # A judge of the log's own signature skips the witnesses' lines.
        assert open_checkpoint(note.to_bytes(), LOG.verifier_key, is_signed).size == 9


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"old 5\n\n", 400),
        (body(tree(4), 4).replace(b"old 4", b"old 5"), 400),
        (body(tree(9), 5, STRANGER), 403),
        (body(tree(9), 5, LogKey("another.example", bytes(32))), 404),
        (body(tree(9), 4), 409),
        (body(tree(5, b"fork"), 5), 409),
        (body(tree(9, b"fork"), 5), 422),
        (b"old 0\n" * 4000, 413),
    ],
)
async def test_a_request_that_shows_no_growth_gets_its_status_and_changes_nothing(
    tmp_path: Path, data: bytes, status: int
) -> None:
    witness = Witness(tmp_path / "w", NAME, [LOG.verifier_key])
    witness.add(body(tree(5), 0))
    async with TestClient(TestServer(make_app(witness))) as client:
        answer = await client.post("/add-checkpoint", data=data)
        assert answer.status == status
        assert "size 5 at" in await (await client.get("/")).text()
    is_fork = b"old 5" in data and status in {409, 422}
    assert len(list((tmp_path / "w").glob("evidence/*.txt"))) == is_fork
