"""Exports of a retrieval: made by a real ffmpeg, stated before they are handed out, gone with the grant."""

import asyncio
import errno
import hashlib
import json
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from conduct import exporting
from conduct.retrieving import Retrieval
from evaluation.case import Case, CaseId, Info, Member, MemberId, State
from evaluation.profiles import load_profile
from tests.web.conftest import Caller
from tests.web.fakes import House
from web.services import SERVICES

PAGE = "/cases/E-1/retrievals/r1/exports"
BEGIN = datetime.fromisoformat("2026-11-23T01:00:00+00:00")
CLUSTER = bytes.fromhex("1f43b675")


@pytest.fixture
def house(house: House, tmp_path: Path) -> House:
    house.folder = tmp_path
    return house


@pytest.fixture
def granted(house: House, everybody: dict[str, Caller]) -> Caller:
    """The supervisor, to whom seat A-01 of a closed case is granted for a day; 2 s of it were recorded."""
    info = Info("x", "x", "x", "x", "x", "", "", "", "demo", load_profile("demo").digest, True, "agent")
    member = Member(MemberId("m1"), "评委1", "expert", "A", "A-01", "1")
    house.store.cases["E-1"] = Case(
        CaseId("E-1"), State.CLOSED, info=info, members={member.id: member}, closed_at="2026-11-23T03:00:00.000Z"
    )
    grant(house, timedelta(days=1))
    house.store.rows = [{"seat": "A-01", "t0": "2026-11-23T01:00:00.000Z"}]
    return everybody["supervisor"]


def grant(house: House, more: timedelta) -> None:
    """From now on the grant holds for so long."""
    until = f"{house.clock() + more:%Y-%m-%dT%H:%M:%SZ}"
    row = Retrieval("r1", "supervisor", until, "x", ("A-01",), 24, {}, "", until)
    house.store.shelves["deployment", "retrieval"].put("E-1/r1", {**asdict(row), "seats": ["A-01"], "looked": []})


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    """A recording of one segment, as the recorder lays it down."""
    folder = tmp_path / "footage" / "E-1" / "A-01" / "camera"
    folder.mkdir(parents=True)
    film = ("-f", "lavfi", "-i", "testsrc=s=320x180:r=10:d=2", "-c:v", "libvpx", "-deadline", "realtime")
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", *film, folder / "take01.webm"], check=True)
    data = (folder / "take01.webm").read_bytes()
    at = data.index(CLUSTER)
    common = {"v": 1, "case": "E-1", "seat": "A-01", "track": "camera", "take": 1}
    times = {"t0": "2026-11-23T01:00:00.000Z", "pts_ms": 0, "dur_ms": 2000, "key": True}
    lines = [common | {"codec": "vp8", "file": "A-01/camera/take01.webm"}]
    for n, (begin, end) in enumerate(((0, at), (at, len(data)))):
        sha256 = hashlib.sha256(data[begin:end]).hexdigest()
        lines.append(common | times | {"n": n, "off": begin, "len": end - begin, "sha256": sha256})
    text = "".join(json.dumps(line, sort_keys=True, separators=(",", ":")) + "\n" for line in lines)
    (folder / "take01.jsonl").write_text(text, encoding="utf-8")
    return folder


@asynccontextmanager
async def making(caller: Caller) -> AsyncIterator[None]:
    """The server's loop that makes what waits."""
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(caller.client.app[SERVICES].exports.run())
        yield
        running.cancel()


async def asked(caller: Caller, seats: tuple[str, ...] = ("A-01",), seconds: float = 2) -> Any:  # noqa: ANN401
    end = BEGIN + timedelta(seconds=seconds)
    return await caller.post(PAGE, {"seats": list(seats), "begin": BEGIN.isoformat(), "end": end.isoformat()})


async def copies(caller: Caller) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await (await caller.get(PAGE)).json())["copies"]
    return found


async def until_no_longer_made(caller: Caller) -> dict[str, Any]:
    while (one := (await copies(caller))[0])["state"] in {"waiting", "making"}:
        pass
    return one


@pytest.mark.usefixtures("recorded")
async def test_a_copy_is_made_stated_and_then_downloaded(granted: Caller, house: House, tmp_path: Path) -> None:
    assert (await (await asked(granted)).json()) == {"number": 1}
    assert (await granted.get(f"{PAGE}/1/mp4")).status == 404
    async with making(granted):
        one = await until_no_longer_made(granted)
    assert (one["state"], one["failed"], one["part"]) == ("ready", "", 100)
    [(log, kind, body)] = house.store.recorded
    assert (log, kind, body["id"], body["seats"]) == ("deployment", "retrieval.exported", "r1", ["A-01"])
    got = await granted.get(f"{PAGE}/1/mp4")
    assert hashlib.sha256(await got.read()).hexdigest() == body["sha256"] == one["sha256"]
    assert "attachment" in got.headers["Content-Disposition"]
    note = await (await granted.get(f"{PAGE}/1/json")).json()
    assert [part["n"] for part in note["sources"]] == [0, 1]
    assert note["mark"].startswith("supervisor · E-1 · r1 · ")
    assert (await granted.get(f"{PAGE}/1/webm")).status == 404


@pytest.mark.usefixtures("recorded")
async def test_a_copy_ends_with_its_grant(granted: Caller, house: House, tmp_path: Path) -> None:
    await asked(granted)
    async with making(granted):
        await until_no_longer_made(granted)
    grant(house, timedelta())
    assert (await (await granted.get(f"{PAGE}/1/mp4")).json())["code"] == "retrieval.over"
    async with making(granted):
        while left := list((tmp_path / "exports").glob("*/*")):
            await asyncio.to_thread(left[0].is_dir)


@pytest.mark.parametrize("line", ["{", "[]", '{"n": 0}', '{"n": "x"}'])
async def test_a_damaged_sidecar_fails_its_copy_and_the_next_is_made(
    granted: Caller, recorded: Path, line: str
) -> None:
    sidecar = recorded / "take01.jsonl"
    sound = sidecar.read_text("utf-8")
    sidecar.write_text(f"{line}\n{sound}", encoding="utf-8")
    await asked(granted)
    async with making(granted):
        assert (await until_no_longer_made(granted))["state"] == "failed"
        sidecar.write_text(sound, encoding="utf-8")
        await asked(granted)
        assert (await until_no_longer_made(granted))["state"] == "ready"


async def test_a_copy_that_cannot_be_removed_is_tried_again_and_ends_nothing(
    granted: Caller, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "exports" / "E-0" / "r0-1").mkdir(parents=True)
    tried, second = list[Path](), asyncio.Event()
    loop = asyncio.get_running_loop()

    def busy(place: Path) -> None:
        tried.append(place)
        if len(tried) > 1:
            loop.call_soon_threadsafe(second.set)
        raise OSError(errno.EBUSY, "busy")

    monkeypatch.setattr(exporting, "TIDY_S", 0.01)
    monkeypatch.setattr("conduct.exporting.shutil.rmtree", busy)
    async with making(granted), asyncio.timeout(10):
        await second.wait()


@pytest.mark.usefixtures("recorded")
async def test_only_what_was_granted_is_exported_and_only_by_whom(
    granted: Caller, house: House, everybody: dict[str, Caller]
) -> None:
    assert (await (await asked(granted, ("A-01", "B-01"))).json())["code"] == "retrieval.not_granted"
    assert (await (await asked(granted, ())).json())["code"] == "retrieval.seats_unknown"
    assert (await asked(everybody["archivist"])).status == 403
    assert (await (await asked(granted, seconds=-1)).json())["code"] == "export.bad_stretch"
    assert (await (await asked(granted, seconds=12 * 3600 + 1)).json())["code"] == "export.bad_stretch"
    for _ in range(2):
        await asked(granted)
    assert (await (await asked(granted)).json())["code"] == "export.too_many"
    assert house.store.recorded == []


async def test_a_copy_of_nothing_is_no_copy_and_says_why(granted: Caller, house: House) -> None:
    await asked(granted)
    async with making(granted):
        one = await until_no_longer_made(granted)
    assert (one["state"], one["failed"]) == ("failed", "export.nothing_recorded")
    assert house.store.recorded == []


async def test_a_server_without_ffmpeg_says_what_to_install(granted: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    refused = await (await asked(granted)).json()
    assert refused["code"] == "export.no_ffmpeg"
    assert "apt-get install -y ffmpeg" in refused["do"]
