"""The second folder of recordings: it follows byte by byte, holds nothing up, catches up, and alarms."""

import errno
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from media import access
from media.access import Footage
from media.events import Alarm, AlarmPassed, GapNamed, RoomMoved, SegmentClosed, TakeStarted
from media.record.copyist import Copyist, bring_up, is_alike
from media.record.recover import unsettled_cases
from tests.media.scene import CASE, Scene, a_scene, camera, decoded_frames


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """A track's folder with a take in it, and where its copy goes."""
    folder = tmp_path / "footage" / "E-1" / "A-01" / "mic"
    folder.mkdir(parents=True)
    (folder / "take01.webm").write_bytes(b"header")
    (folder / "take01.jsonl").write_bytes(b"{}\n")
    return folder, tmp_path / "copy" / "E-1" / "A-01" / "mic"


@pytest.fixture
def copyist(tmp_path: Path, folders: tuple[Path, Path]) -> Iterator[Copyist]:
    assert folders
    made = Copyist(tmp_path / "footage", tmp_path / "copy")
    yield made
    made.close()


def until(is_true: Callable[[], bool]) -> None:
    """Wait for another thread."""
    tick = threading.Event()
    ends = time.monotonic() + 20
    while not is_true():
        assert time.monotonic() < ends
        tick.wait(0.01)


def test_a_copy_gets_what_was_appended_and_nothing_twice(folders: tuple[Path, Path]) -> None:
    folder, copy = folders
    bring_up(folder, copy)
    with (folder / "take01.webm").open("ab") as file:
        file.write(b"x" * 3_000_000)
    assert not is_alike(folder, copy)
    bring_up(folder, copy)
    bring_up(folder, copy)
    assert is_alike(folder, copy)
    assert (copy / "take01.webm").read_bytes() == (folder / "take01.webm").read_bytes()
    assert not (copy / "delivered").exists()


def test_where_the_master_became_shorter_the_longer_copy_is_kept_beside(folders: tuple[Path, Path]) -> None:
    folder, copy = folders
    bring_up(folder, copy)
    (folder / "take01.webm").write_bytes(b"head")
    bring_up(folder, copy)
    assert (copy / "take01.webm").read_bytes() == b"head"
    assert (copy / "take01.webm.1.aside").read_bytes() == b"header"
    assert is_alike(folder, copy)


def test_a_broken_copy_is_told_waited_for_and_brought_up(
    tmp_path: Path, folders: tuple[Path, Path], copyist: Copyist
) -> None:
    folder, copy = folders
    (tmp_path / "copy").write_text("no folder here")
    began = time.monotonic()
    copyist.notify(folder.relative_to(tmp_path / "footage"))
    until(lambda: bool(copyist.failure))
    assert copyist.behind_s(began + 60) > 50
    (tmp_path / "copy").unlink()
    until(lambda: not copyist.failure and copyist.behind_s(time.monotonic()) == 0)
    assert is_alike(folder, copy)


def test_what_a_restart_left_uncopied_is_still_to_be_settled(tmp_path: Path, folders: tuple[Path, Path]) -> None:
    folder, copy = folders
    size = (folder / "take01.jsonl").stat().st_size
    (folder / "delivered").write_text(f"1 {size}\n")
    (folder / "take01.jsonl").write_text('{"len":6,"n":0}\n')
    (folder / "delivered").write_text(f"1 {(folder / 'take01.jsonl').stat().st_size}\n")
    assert unsettled_cases(tmp_path / "footage") == []
    assert unsettled_cases(tmp_path / "footage", tmp_path / "copy") == ["E-1"]
    bring_up(folder, copy)
    assert unsettled_cases(tmp_path / "footage", tmp_path / "copy") == []


async def test_a_room_is_recorded_twice_and_a_missing_second_disk_is_only_an_alarm(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    copy.write_text("the disk is not mounted")
    async with a_scene(footage_copy=str(copy), low_space_mb=1 << 40) as scene:
        await scene.seat("A-01")
        await scene.wait_for(Alarm, lambda e: e.code == "space-low", 5)
        await scene.wait_for(Alarm, lambda e: e.code == "copy-failed", 30)
        await scene.wait_for(Alarm, lambda e: e.code == "copy-behind", 30)
        await scene.wait_for(SegmentClosed, lambda e: e.track == "camera" and e.n == 2, 30)
        copy.unlink()
        await scene.wait_for(AlarmPassed, lambda e: e.code == "copy-failed", 30)
        await scene.worker.close_room(CASE)
        folder = scene.folder(camera("A-01"))
        until(lambda: is_alike(folder, copy / folder.relative_to(scene.footage)))
        name = "take01.webm"
        assert (folder / name).read_bytes() == (copy / folder.relative_to(scene.footage) / name).read_bytes()


@contextmanager
def a_small_disk(folder: Path) -> Iterator[None]:
    """A file system of a few megabytes in place of a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", folder], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def fill(folder: Path) -> Path:
    """Take all the room there is."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError as full:
            if full.errno != errno.ENOSPC:
                raise
    return ballast


async def closed_after(scene: Scene, n: int, take: int = 1) -> int:
    """Wait for two more segments of the camera; give the number of the last."""
    await scene.wait_for(SegmentClosed, lambda e: (e.track, e.take) == ("camera", take) and e.n >= n + 2, 40)
    return max(e.n for e in scene.seen(SegmentClosed) if (e.track, e.take) == ("camera", take))


async def test_the_copy_is_written_alone_while_the_footage_cannot_be_and_nothing_is_lost(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    async with a_scene(footage_copy=str(copy)) as scene:
        with a_small_disk(scene.footage):
            await scene.seat("A-01")
            n = await closed_after(scene, 0)
            ballast = fill(scene.footage)
            told = await scene.wait_for(Alarm, lambda e: e.code == "footage-failed", 20)
            assert str(scene.footage) in told.detail
            n = await closed_after(scene, n)
            held = Footage(scene.footage, copy)
            assert held.track(CASE, "A-01", "camera") == copy / CASE / "A-01" / "camera"
            assert held.case(CASE) == copy / CASE

            scene.kill()
            await scene.wait_for(RoomMoved, seconds=20)
            await scene.seat("A-01")
            await scene.wait_for(TakeStarted, lambda e: (e.track, e.take) == ("camera", 2), 30)
            await closed_after(scene, 0, take=2)
            ballast.unlink()
            await scene.wait_for(AlarmPassed, lambda e: e.code == "footage-failed", 30)
            await scene.worker.close_room(CASE)
            folder, other = scene.folder(camera("A-01")), copy / CASE / "A-01" / "camera"
            until(lambda: is_alike(other, folder) and is_alike(folder, other))
            assert held.case(CASE) == scene.footage / CASE
            assert access.takes(folder) == [1, 2]
            delivered = {(e.take, e.n, e.sha256) for e in scene.seen(SegmentClosed) if e.track == "camera"}
            assert delivered == {(take, one.n, one.sha256) for take in (1, 2) for one in access.segments(folder, take)}
            for take in access.takes(folder):
                segments = access.segments(folder, take)
                assert [one.n for one in segments] == list(range(len(segments)))
                assert all(access.read_segment(where, take, one) for one in segments for where in (folder, other))
                assert decoded_frames(folder / f"take{take:02d}.webm") > 0
            assert [gap.reason for gap in scene.seen(GapNamed) if gap.track == "camera"] == ["recorder"]
