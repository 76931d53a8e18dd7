"""Who is granted which track: members see each other as their profile says, watchers see every seat as it is."""

import asyncio
import hashlib
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, cast

import pytest

from conduct import watching
from conduct.faring import Felt
from conduct.floor import Change, give
from conduct.ports import Actor, Tx
from conduct.rooms import Rooms
from conduct.rulebook import ProfileChanged, freeze, frozen_profile
from evaluation.case import Case, CaseId, Info, Member, MemberId, Pause, State
from evaluation.profile import Profile
from evaluation.profiles import load_profile
from evaluation.room import Floor
from media.engine import MediaRefusal, RoomStats, TrackRef, TrackStats
from media.events import Lost, Published, SeatQuality
from tests.services.profiles import judge_by, values_of

CASE = CaseId("E-TEST-0001")
SEATS = ("V1-01", "V2-01")


@dataclass
class Plane:
    """Remembers what it was told; every track in `live` arrives and is recorded."""

    grants: set[tuple[str, str]] = field(default_factory=set)
    muted: set[str] = field(default_factory=set)
    live: tuple[str, ...] = ()
    speakers: tuple[int, tuple[str, ...]] = (0, ())
    delivers: bool = True

    async def create_room(self, _case: str, _after: str) -> None:
        self.grants.clear()

    async def close_room(self, case: str) -> None:
        if not self.delivers:
            raise MediaRefusal("undelivered", case)

    async def set_speakers(self, _case: str, most: int, always: tuple[str, ...]) -> None:
        self.speakers = (most, always)

    async def grant(self, _case: str, member: str, track: TrackRef) -> None:
        self.grants.add((member, str(track)))

    async def mute(self, _case: str, track: TrackRef) -> None:
        self.muted.add(str(track))

    async def unmute(self, _case: str, track: TrackRef) -> None:
        self.muted.discard(str(track))

    async def stats(self, case: Any) -> RoomStats:  # noqa: ANN401 - the plane's own name of a case
        rows = (TrackStats(track, True, False, 1, 0, 0, {}, 0, 1, 1) for track in self.live)
        return RoomStats(case, tuple(rows))


@dataclass
class Bytes:
    """What was kept under its digest, as the store holds it."""

    held: dict[str, bytes] = field(default_factory=dict)

    def get_object(self, sha256: str) -> bytes:
        try:
            return self.held[sha256]
        except KeyError:
            raise FileNotFoundError(sha256) from None

    def put_object(self, data: bytes) -> str:
        digest = hashlib.sha256(data).hexdigest()
        self.held[digest] = data
        return digest


KEPT = Bytes()
RULES = partial(frozen_profile, KEPT)


def case_under(profile: Profile) -> Case:
    members = {
        MemberId(f"m{n}"): Member(MemberId(f"m{n}"), f"评委{n}", "expert", seat[:2], seat, "1")
        for n, seat in enumerate(SEATS, start=1)
    }
    info = Info("P", "题", "T", "A", "R", "1", "1", "", "demo", freeze(KEPT, profile)["digest"], True, "agent")
    return Case(CASE, info=info, members=members)


def rooms_of(case: Case) -> tuple[Rooms, Plane]:
    plane = Plane()
    return Rooms(cast(Any, plane), cast(Any, None), lambda _: case, RULES), plane


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


@pytest.mark.parametrize("kind", ["voice", "masked", "face"])
def test_a_seat_holds_back_its_own_camera_microphone_and_screen_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """Else a silenced seat would open its disguised voice alone."""
    rooms, plane = rooms_of(case_under(judge_by(monkeypatch, {"room": {"members_see": "masked"}})))
    plane.muted = {"V1-01/mic", "V1-01/voice"}
    with pytest.raises(MediaRefusal, match="bad-kind"):
        asyncio.run(rooms.mute(CASE, "V1-01", kind, muted=False))
    assert plane.muted == {"V1-01/mic", "V1-01/voice"}


async def test_a_room_made_again_after_a_refused_closing_is_told_its_grants_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rooms, plane = rooms_of(case_under(load_profile("demo")))
    states = [True, False, True]
    monkeypatch.setattr(watching, "has_room", lambda _: states[0])
    await rooms.keep(CASE)
    await rooms.tracks_for(CASE, "m1", "member")
    states.pop(0)
    plane.delivers = False
    with pytest.raises(MediaRefusal, match="undelivered"):
        await rooms.keep(CASE)
    states.pop(0)
    await rooms.keep(CASE)
    assert plane.grants == set()
    await rooms.tracks_for(CASE, "m1", "member")
    assert plane.grants == {("m1", f"V2-01/{kind}") for kind in ("camera", "mic", "screen")}


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

    async def set_speakers(self, _case: str, _most: int, _always: tuple[str, ...]) -> None:
        """Of no interest here."""


async def test_over_a_night_the_room_is_shut_and_opens_with_the_first_member_who_is_back() -> None:
    case = replace(case_under(load_profile("demo")), state=State.DETAILED)
    night = Pause("night", "2026-11-23T10:00:00.000Z", resumes="2026-11-24T01:00:00.000Z")
    evening = replace(case, pauses=(night,))
    morning = replace(case, pauses=(replace(night, renewed=frozenset({MemberId("m1")})),))
    doors, states = Doors(), [case, evening, evening, morning, case]
    rooms = Rooms(cast(Any, doors), cast(Any, None), lambda _: states[0], RULES)
    while states:
        await rooms.keep(CASE)
        del states[0]
    assert doors.told == ["opened after recorder", "closed", "opened after night"]


async def test_under_push_to_talk_a_seat_is_heard_only_while_its_button_is_held_and_the_leader_always() -> None:
    case = replace(case_under(load_profile("demo")), leader="m2", floor=Floor("held"))
    rooms, plane = rooms_of(case)
    await rooms.floors.keep(CASE)
    assert (plane.muted, plane.speakers) == ({"V1-01/mic"}, (7, ("V2-01",)))
    await rooms.talk(CASE, "V1-01", talking=True)
    assert plane.muted == set()
    await rooms.talk(CASE, "V1-01", talking=False)
    assert plane.muted == {"V1-01/mic"}


async def test_a_room_opened_anew_hears_again_of_every_seat_that_is_silenced() -> None:
    case = replace(case_under(load_profile("demo")), floor=Floor("open", frozenset({"V1-01"})))
    rooms, plane = rooms_of(case)
    await rooms.floors.keep(CASE)
    plane.muted.clear()
    await rooms.floors.keep(CASE)
    assert plane.muted == set()
    rooms.floors.forget(CASE)
    await rooms.floors.keep(CASE)
    assert plane.muted == {"V1-01/mic"}


async def test_whoever_silences_itself_stays_silent_when_the_leader_takes_the_silence_back() -> None:
    silenced = replace(case_under(load_profile("demo")), floor=Floor("open", frozenset({"V1-01"})))
    states = [silenced]
    plane = Plane()
    rooms = Rooms(cast(Any, plane), cast(Any, None), lambda _: states[-1], RULES)
    await rooms.mute(CASE, "V1-01", "mic", muted=True)
    states.append(replace(silenced, floor=Floor("open")))
    await rooms.floors.keep(CASE)
    assert plane.muted == {"V1-01/mic"}
    await rooms.mute(CASE, "V1-01", "mic", muted=False)
    assert plane.muted == set()


class Log(Bytes):
    """A transaction that remembers what it recorded."""

    def __init__(self, case: Case) -> None:
        super().__init__(KEPT.held)
        self._case = case
        self.recorded: list[tuple[str, Any]] = []

    def case(self, _case: CaseId) -> Case:
        return self._case

    def record(self, _case: CaseId, kind: str, body: Any) -> None:  # noqa: ANN401 - JSON
        self.recorded.append((kind, body))


def test_the_leader_and_the_main_venue_give_the_floor_and_nobody_silences_the_leader() -> None:
    log = Log(replace(case_under(load_profile("demo")), leader="m2"))
    tx = cast(Tx, log)
    leader, host = Actor("member", "m2"), Actor("main_staff", "host")
    assert give(tx, CASE, leader, Change(silence=frozenset(SEATS))).silenced == {"V1-01"}
    give(tx, CASE, host, Change("held"))
    by = {"role": "main_staff", "who": "host"}
    assert log.recorded[1] == ("floor.given", {"by": by, "talk": "held", "silenced": []})
    give(tx, CASE, leader, Change("open", hear=frozenset(SEATS)))
    assert len(log.recorded) == 2
    refused: list[tuple[Actor, tuple[str, ...]]] = [
        (Actor("member", "m1"), ()), (Actor("witness", "w"), ()), (host, ("V9-01",)),
    ]  # fmt: skip
    for actor, seats in refused:
        with pytest.raises(MediaRefusal):
            give(tx, CASE, actor, Change("held", frozenset(seats)))


def test_two_who_speak_at_once_undo_nothing_of_each_other_and_of_one_seat_the_last_word_counts() -> None:
    silenced = Floor("open", frozenset({"V1-01", "V9-01"}))  # at the last of them nobody sits any more
    tx = cast(Tx, Log(replace(case_under(load_profile("demo")), floor=silenced)))
    host = Actor("main_staff", "host")
    assert give(tx, CASE, host, Change("held")) == Floor("held", frozenset({"V1-01"}))
    assert give(tx, CASE, host, Change(silence=frozenset({"V2-01"}))).silenced == {"V1-01", "V2-01"}
    assert give(tx, CASE, host, Change(hear=frozenset({"V1-01"}))).silenced == frozenset()


async def test_what_a_seat_holds_back_is_told_to_a_page_that_opens_anew() -> None:
    rooms, _ = rooms_of(case_under(load_profile("demo")))
    for kind in ("mic", "camera"):
        await rooms.mute(CASE, "V1-01", kind, muted=True)
    assert rooms.muted(CASE) == ("V1-01/camera", "V1-01/mic")
    await rooms.mute(CASE, "V1-01", "mic", muted=False)
    assert rooms.muted(CASE) == ("V1-01/camera",)
    assert rooms.muted(CaseId("E-TEST-0002")) == ()


class Heard:
    """Pages that remember what they were told."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []

    async def tell(self, _case: str, message: dict[str, Any]) -> None:
        self.told.append(message)

    async def see_out(self, _case: str, who: str) -> None:
        self.told.append({"t": "seen out", "who": who})


async def test_a_camera_that_sends_less_is_an_alarm_until_it_sends_all_again() -> None:
    rooms, _ = rooms_of(case_under(load_profile("demo")))
    rooms.listeners = heard = Heard()
    for step in (0, 2, 3, 4, 4, 2, 0):
        await rooms.feels(CASE, "V1-01", Felt(1600, 30, 0, 0, step))
    assert [(one["code"], one["seat"], one["over"]) for one in heard.told] == [
        ("upload-reduced", "V1-01", False),
        ("upload-reduced", "V1-01", True),
    ]
    assert rooms.alarms == {}


async def test_pages_are_told_who_shares_a_screen_and_in_which_codec_a_seat_comes() -> None:
    rooms, _ = rooms_of(case_under(load_profile("demo")))
    rooms.listeners = heard = Heard()
    await rooms._take(Published(CASE, "V2-01", ("screen",)))
    assert heard.told == [{"t": "screen", "seat": "V2-01", "on": True}]
    assert rooms.screens(CASE) == ("V2-01",)
    assert rooms.screens(CaseId("E-TEST-0002")) == ()
    await rooms._take(Lost(CASE, "V2-01", ("V2-01/screen",), "2026-11-23T01:00:00.000Z", "left"))
    assert heard.told[-1] == {"t": "screen", "seat": "V2-01", "on": False}
    assert rooms.screens(CASE) == ()
    await rooms._take(SeatQuality(CASE, "V1-01", "good", 3, 25, 200_000, "h264"))
    assert heard.told[-1]["codec"] == "h264"


async def test_what_a_browser_felt_is_in_the_word_of_its_seat_and_a_lost_seat_is_down() -> None:
    case = replace(case_under(load_profile("demo")), state=State.DETAILED)
    acted: list[object] = []

    async def act(run: object) -> None:
        acted.append(run)

    rooms = Rooms(cast(Any, Plane()), cast(Any, act), lambda _: case, RULES)
    rooms.listeners = heard = Heard()
    await rooms.feels(CASE, "V1-01", Felt(20, 40, 2, 1200))
    await rooms._take(SeatQuality(CASE, "V1-01", "good", 3, 25, 200_000))
    assert (heard.told[-1]["code"], heard.told[-1]["why"], heard.told[-1]["frozen_ms"]) == ("poor", "freeze", 1200)
    await rooms.feels(CASE, "V1-01", Felt(20, 40, 2, 0))
    assert heard.told[-1]["code"] == "good"
    await rooms._take(Lost(CASE, "V1-01", ("camera", "mic"), "2026-11-23T01:00:00.000Z", "network"))
    await rooms.feels(CASE, "V1-01", Felt(20, 40, 2, 0))
    assert rooms.quality[CASE, "V1-01"].code == "down"
    assert acted
