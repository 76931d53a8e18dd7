"""`./run restamp` over real bags, by an authority that answers over HTTP and by the deployment's own."""

import asyncio
import fcntl
import os
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives.serialization import Encoding

import restamp
from archive import published
from archive.verifier import renewals
from archive.verifier.findings import Status
from archive.verifier.verify import verify
from conduct.restamping import Outcome, Restamping, Told
from signing import timestamp_query
from signing.cms import Chain
from signing.keys import MemoryKey
from signing.timestamp import Stamper
from storage.deployment_keys import open_keys
from tests.archive import bag_example
from tests.archive.authority import NOW, House

CASE, DAMAGED = bag_example.CASE, "E-2026-0002"
REPLY = "application/timestamp-reply"


@dataclass
class State:
    """A deployment's folder with two sealed bags, one of them damaged since; its outside authority and its address."""

    folder: Path
    outside: House
    url: str = ""

    @property
    def bags(self) -> Path:
        return self.folder / "bags"

    @property
    def trust(self) -> Path:
        return self.folder / "trust"

    def publish(self, pem: bytes) -> None:
        before = {path.name: path.read_bytes() for path in self.trust.glob("*.pem")}
        (self.trust / published.FORMER).write_bytes(published.former_stamping(before, pem, datetime.now(UTC)))
        (self.trust / published.TIMESTAMP).write_bytes(pem)

    def restamp(self, *arguments: str) -> int:
        return restamp.main([*arguments])

    def renewed(self, case: str) -> int:
        return renewals.count(renewals.open_renewals(renewals.folder_of(self.bags / case)))


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> State:
    made = State(tmp_path / "state", House.found("另一"))
    bag_example.write(made.folder, house=House.found())
    made.bags.mkdir()
    (made.folder / CASE).rename(made.bags / CASE)
    shutil.copytree(made.bags / CASE, made.bags / DAMAGED)
    damaged = made.bags / DAMAGED / "data" / "log" / "entries.txt"
    damaged.chmod(0o644)
    damaged.write_bytes(damaged.read_bytes().replace(b"0", b"1", 1))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BID_STATE", str(made.folder))
    return made


@pytest.fixture
async def outside(state: State, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AsyncIterator[State]:
    """The deployment after it changed to an outside authority."""
    house = state.outside
    stamper = Stamper(Chain(house.stamper.certificate, house.issuing.certificate), MemoryKey(house.stamper.key))

    async def stamp(request: web.Request) -> web.Response:
        now = datetime.now(UTC)
        reply = timestamp_query.answer(stamper, await request.read(), now, int(now.timestamp()))
        return web.Response(body=reply, content_type=REPLY)

    app = web.Application()
    app.router.add_post("/timestamp", stamp)
    (tmp_path / "outside.pem").write_bytes(house.root.pem)
    state.publish(house.root.pem)
    async with TestServer(app) as server:
        state.url = str(server.make_url("/timestamp"))
        monkeypatch.setenv("BID_TIMESTAMP_URL", state.url)
        monkeypatch.setenv("BID_TIMESTAMP_CERTIFICATES", str(tmp_path / "outside.pem"))
        yield state


def bytes_of(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {str(path): (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.rglob("*") if path.is_file()}


async def test_a_round_stamps_what_is_due_refuses_what_is_damaged_and_a_second_one_does_nothing(
    outside: State, capsys: pytest.CaptureFixture[str]
) -> None:
    before = bytes_of(outside.bags)
    assert await asyncio.to_thread(outside.restamp, "--older-than", "1") == 1
    said = capsys.readouterr().out.splitlines()
    assert said[:2] == [f"1/2 {CASE} …", f"renewed {CASE} renewal 1"]
    assert said[2] == f"2/2 {DAMAGED} …"
    assert said[3].startswith(f"REFUSED {DAMAGED} data/log/entries.txt")
    assert said[4] == "2 bags: 1 renewed, 0 recent, 1 REFUSED"
    assert bytes_of(outside.bags).items() >= before.items()
    assert (outside.renewed(CASE), outside.renewed(DAMAGED)) == (1, 0)
    verdict = verify(outside.bags / CASE, outside.trust, lambda *_: None)
    assert (verdict.findings, verdict.status) == ((), Status.RIGHT)

    after = bytes_of(outside.bags)
    assert await asyncio.to_thread(outside.restamp, "--older-than", "1", CASE) == 0
    assert capsys.readouterr().out.splitlines()[1].startswith(f"recent {CASE} stamped 20")
    assert bytes_of(outside.bags) == after


async def test_an_authority_that_is_not_published_yet_stamps_nothing(
    outside: State, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its renewal would be found wrong for ever where only the former one is published."""
    (outside.trust / published.TIMESTAMP).write_bytes((outside.trust / "root.pem").read_bytes())
    before = bytes_of(outside.bags)
    assert await asyncio.to_thread(outside.restamp, "--older-than", "1", CASE) == 2
    assert "start the server once" in capsys.readouterr().err
    left = {path: data for path, data in bytes_of(outside.bags).items() if not path.endswith(restamp.LOCK)}
    assert left == before


async def test_a_renewal_that_the_verifier_finds_wrong_is_not_kept(state: State) -> None:
    """Here its clock stands before the seal's; whatever it is, the bag stays as it was."""
    house = state.outside
    stamper = Stamper(Chain(house.stamper.certificate, house.issuing.certificate), MemoryKey(house.stamper.key))

    class Late:
        async def stamp(self, imprint: bytes) -> bytes:
            return stamper.stamp(imprint, datetime.fromtimestamp(NOW, UTC) - timedelta(days=1), 1)

    state.publish(house.root.pem)
    told: list[Told] = []
    round_of = Restamping(Late(), house.root.pem, state.trust, timedelta(days=1))
    assert not await round_of.run([state.bags / CASE], lambda _: None, told.append)
    assert [(one.outcome, one.words) for one in told] == [
        (Outcome.REFUSED, "renewals/0001/chain-sha512.txt.tsr: renewal-out-of-order tagmanifest-sha256.txt.tsr")
    ]
    assert {path.name for path in state.bags.iterdir()} == {CASE, DAMAGED}


async def test_an_authority_that_is_away_is_named_and_nothing_is_left_behind(
    outside: State, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BID_TIMESTAMP_URL", outside.url + "/nowhere")
    before = bytes_of(outside.bags)
    assert await asyncio.to_thread(outside.restamp, "--older-than", "1", CASE) == 1
    assert f"REFUSED {CASE} NotStamped status 404" in capsys.readouterr().out
    left = {path: data for path, data in bytes_of(outside.bags).items() if not path.endswith(restamp.LOCK)}
    assert left == before


def test_the_deployments_own_authority_stamps_and_warns_of_its_end(
    state: State, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = open_keys(state.folder / "keys", "演示交易中心", ("localhost",), datetime.now(UTC))
    state.publish(keys.root.certificate.public_bytes(Encoding.PEM))
    monkeypatch.setattr("conduct.restamping.WARN_BEFORE", timedelta(days=9000))
    assert state.restamp("--older-than", "1", CASE) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[1] == f"renewed {CASE} renewal 1"
    assert said[2].startswith(f"WARNING {CASE} the last stamp's certificate ends 20")


@pytest.mark.parametrize(("name", "status"), [("stamp.pem", 2), ("sm2-issuing.pem", 0), ("share.key", 0)])
def test_the_command_makes_no_key_that_a_start_of_the_server_would_make(
    state: State, capsys: pytest.CaptureFixture[str], name: str, status: int
) -> None:
    """It may run as another user than the server, or beside its first start."""
    keys = open_keys(state.folder / "keys", "演示交易中心", ("localhost",), datetime.now(UTC))
    state.publish(keys.root.certificate.public_bytes(Encoding.PEM))
    (keys.folder / name).unlink()
    before = bytes_of(keys.folder)
    assert state.restamp(CASE) == status
    assert bytes_of(keys.folder) == before
    assert not status or f"{name} is not there: start the server once" in capsys.readouterr().err


def test_what_is_no_deployment_no_bag_or_already_at_work_is_an_unusable_call(
    state: State, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert state.restamp() == 2  # no keys
    assert state.restamp("E-1999-0001") == 2
    descriptor = os.open(state.bags / restamp.LOCK, os.O_RDWR)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    assert state.restamp(CASE) == 2
    os.close(descriptor)
    monkeypatch.setenv("BID_STATE", str(state.folder / "nowhere"))
    assert state.restamp() == 2
    said = capsys.readouterr().err.splitlines()
    assert [line.startswith("cannot restamp: ") for line in said] == [True] * 4
    assert "another run" in said[2]
