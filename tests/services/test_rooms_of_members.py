"""Who is granted which track: members see each other as their profile says, watchers see every seat as it is."""

import asyncio
from dataclasses import dataclass, field, replace
from typing import Any, cast

import pytest

from conduct.rooms import Rooms
from conduct.rulebook import ProfileChanged
from evaluation.case import Case, CaseId, Info, Member, MemberId, Pause, State
from evaluation.profile import Profile
from evaluation.profiles import load_profile
from media.engine import MediaRefusal, RoomStats, TrackRef, TrackStats
from tests.services.profiles import judge_by, values_of

CASE = CaseId("E-TEST-0001")
SEATS = ("V1-01", "V2-01")


@dataclass
class Plane:
    """Remembers what it was told; every track in `live` arrives and is recorded."""

    grants: set[tuple[str, str]] = field(default_factory=set)
    muted: set[str] = field(default_factory=set)
    live: tuple[str, ...] = ()

    async def grant(self, _case: str, member: str, track: TrackRef) -> None:
        self.grants.add((member, str(track)))

    async def mute(self, _case: str, track: TrackRef) -> None:
        self.muted.add(str(track))

    async def unmute(self, _case: str, track: TrackRef) -> None:
        self.muted.discard(str(track))

    async def stats(self, case: Any) -> RoomStats:  # noqa: ANN401 - the plane's own name of a case
        rows = (TrackStats(track, True, False, 1, 0, 0, {}, 0, 1, 1) for track in self.live)
        return RoomStats(case, tuple(rows))


def case_under(profile: Profile) -> Case:
    members = {
        MemberId(f"m{n}"): Member(MemberId(f"m{n}"), f"评委{n}", "expert", seat[:2], seat, "1")
        for n, seat in enumerate(SEATS, start=1)
    }
    info = Info("P", "题", "T", "A", "R", "1", "1", "", "demo", profile.digest, True, "agent")
    return Case(CASE, info=info, members=members)


def rooms_of(case: Case) -> tuple[Rooms, Plane]:
    plane = Plane()
    return Rooms(cast(Any, plane), cast(Any, None), lambda _: case), plane


def received(rooms: Rooms, who: str, role: str) -> set[str]:
    return set(map(str, asyncio.run(rooms.tracks_for(CASE, who, role))))


def test_members_see_each_other_as_they_are_where_no_rule_hides_them() -> None:
    rooms, _ = rooms_of(case_under(load_profile("demo")))
    assert received(rooms, "m1", "member") == {"V2-01/camera", "V2-01/mic", "V2-01/screen"}


def test_members_are_granted_only_each_others_disguise_where_the_profile_hides_faces(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rooms, plane = rooms_of(case_under(judge_by(monkeypatch, {"room": {"members_see": "masked"}})))
    assert received(rooms, "m1", "member") == {"V2-01/masked", "V2-01/voice", "V2-01/screen"}
    assert not {track for who, track in plane.grants if track.endswith(("camera", "mic"))}
    for watcher in ("witness", "supervisor"):
        raw = {f"{seat}/{kind}" for seat in SEATS for kind in ("camera", "mic", "screen")}
        assert received(rooms, watcher, watcher) == raw


def test_in_hebei_members_are_disguised(monkeypatch: pytest.MonkeyPatch) -> None:
    rooms, _ = rooms_of(case_under(judge_by(monkeypatch, values_of("hebei", "room"))))
    assert received(rooms, "m1", "member") == {"V2-01/masked", "V2-01/voice", "V2-01/screen"}


def test_a_silenced_seat_is_silent_in_its_disguise_too(monkeypatch: pytest.MonkeyPatch) -> None:
    rooms, plane = rooms_of(case_under(judge_by(monkeypatch, {"room": {"members_see": "masked"}})))
    asyncio.run(rooms.mute(CASE, "V1-01", "mic", muted=True))
    assert plane.muted == {"V1-01/mic", "V1-01/voice"}
    asyncio.run(rooms.mute(CASE, "V1-01", "mic", muted=False))
    assert plane.muted == set()
    with pytest.raises(MediaRefusal):
        asyncio.run(rooms.mute(CASE, "V1-01", "face", muted=True))


def test_a_room_is_not_ready_before_every_seat_is_disguised(monkeypatch: pytest.MonkeyPatch) -> None:
    rooms, plane = rooms_of(case_under(judge_by(monkeypatch, {"room": {"members_see": "masked"}})))
    plane.live = tuple(f"{seat}/{kind}" for seat in SEATS for kind in ("camera", "mic"))
    assert not asyncio.run(rooms.is_green(CASE))
    plane.live += tuple(f"{seat}/{kind}" for seat in SEATS for kind in ("masked", "voice"))
    assert asyncio.run(rooms.is_green(CASE))


def test_under_a_profile_that_changed_nobody_is_granted_anything() -> None:
    case = case_under(load_profile("demo"))
    assert case.info is not None
    rooms, plane = rooms_of(replace(case, info=replace(case.info, profile_digest="0" * 64)))
    with pytest.raises(ProfileChanged):
        received(rooms, "m1", "member")
    assert plane.grants == set()


class Doors:
    """A plane that remembers which rooms it opened, why they had been shut, and which it closed."""

    def __init__(self) -> None:
        self.told: list[str] = []

    async def create_room(self, _case: str, after: str) -> None:
        self.told.append(f"opened after {after}")

    async def close_room(self, _case: str) -> None:
        self.told.append("closed")


async def test_over_a_night_the_room_is_shut_and_opens_with_the_first_member_who_is_back() -> None:
    case = replace(case_under(load_profile("demo")), state=State.DETAILED)
    night = Pause("night", "2026-11-23T10:00:00.000Z", resumes="2026-11-24T01:00:00.000Z")
    evening = replace(case, pauses=(night,))
    morning = replace(case, pauses=(replace(night, renewed=frozenset({MemberId("m1")})),))
    doors, states = Doors(), [case, evening, evening, morning, case]
    rooms = Rooms(cast(Any, doors), cast(Any, None), lambda _: states[0])
    while states:
        await rooms.keep(CASE)
        del states[0]
    assert doors.told == ["opened after recorder", "closed", "opened after night"]
