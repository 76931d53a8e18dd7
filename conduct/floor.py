"""发言: who may be heard in a room. The leader or the main venue give the floor; the media plane keeps to it.

What the chair decides is a statement; that a button is held down, a hand is up or somebody mutes itself is of the
moment. None of it touches the recording: the plane records every published track before it asks who may hear it.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from conduct.ports import Actor, Json, Tx
from conduct.rulebook import profile_of
from evaluation.case import Case, CaseId, MemberId
from evaluation.profile import Profile
from evaluation.room import Floor, Talk
from identity.roles import Role
from media.engine import CaseId as RoomId
from media.engine import MediaEngine, MediaRefusal, SeatId, TrackRef

VOICES = ("mic", "voice")


def floor_of(state: Case, profile: Profile) -> Floor:
    """The floor as it was last given, else as the profile has it."""
    return state.floor or Floor(profile.rules.room.talk)


def leads(state: Case, who: str, role: str) -> bool:
    """Whether somebody may give the floor: the committee's leader, and the main venue's staff."""
    return role == Role.MAIN_STAFF or bool(state.leader and who == state.leader)


def leader_seat(state: Case) -> str:
    """Where the leader sits, "" before there is one."""
    return state.members[MemberId(state.leader)].seat if state.leader in state.members else ""


@dataclass(frozen=True, slots=True)
class Change:
    """What the chair changes, and nothing else: two who speak at once undo nothing of each other's.

    How the room talks, None where that stays; the seats that are silenced and those that are heard from now on.
    """

    talk: Talk | None = None
    silence: frozenset[str] = frozenset()
    hear: frozenset[str] = frozenset()


def give(tx: Tx, case: CaseId, actor: Actor, change: Change) -> Floor:
    """State how the room talks and which seats are silenced from now on; nothing where nothing changes.

    The change is made to what stands when it is stated, so of two words about one seat the last counts. Nobody
    silences the leader. Raises `MediaRefusal` (`not-granted`) for anybody else, or of a seat nobody sits at.
    """
    state = tx.case(case)
    stands = floor_of(state, profile_of(tx, case))
    seats = {member.seat for member in state.members.values()}
    if not leads(state, actor.who, actor.role) or not change.silence | change.hear <= seats:
        raise MediaRefusal("not-granted")
    silenced = ((stands.silenced | change.silence) - change.hear - {leader_seat(state)}) & seats
    wanted = Floor(change.talk or stands.talk, silenced)
    if wanted != stands:
        tx.record(case, "floor.given", {"by": actor.as_by(), "talk": wanted.talk, "silenced": sorted(silenced)})
    return wanted


class Floors:
    """Brings what may be heard in every room to the media plane, and knows what is of the moment.

    `state` reads a committed case, `rules` the profile that one was opened under.
    """

    def __init__(self, engine: MediaEngine, state: Callable[[CaseId], Case], rules: Callable[[Case], Profile]) -> None:
        self._engine = engine
        self._rules = rules
        self._state = state
        self._turn = asyncio.Lock()
        self._muted_itself: set[tuple[str, str]] = set()
        self._talking: set[tuple[str, str]] = set()
        self._hands: dict[str, set[str]] = defaultdict(set)
        self._closed: dict[str, set[TrackRef]] = {}
        self._speakers: dict[str, tuple[int, str]] = {}

    def forget(self, case: CaseId) -> None:
        """The room was opened anew: the plane knows nothing of it yet."""
        self._closed.pop(case, None)
        self._speakers.pop(case, None)

    def end(self, case: CaseId) -> None:
        """The room was closed, and with it everything of the moment."""
        self.forget(case)
        self._hands.pop(case, None)
        for held in (self._muted_itself, self._talking):
            held -= {one for one in held if one[0] == case}

    def mute_itself(self, case: CaseId, seat: str, *, muted: bool) -> None:
        """A seat's own wish."""
        (self._muted_itself.add if muted else self._muted_itself.discard)((case, seat))

    def talk(self, case: CaseId, seat: str, *, talking: bool) -> None:
        """The button of a seat is held down, or no longer."""
        (self._talking.add if talking else self._talking.discard)((case, seat))

    def raise_hand(self, case: CaseId, seat: str, *, up: bool) -> None:
        """A seat asks for the floor, or takes that back."""
        (self._hands[case].add if up else self._hands[case].discard)(seat)

    def has_answered(self, case: CaseId, heard: frozenset[str]) -> None:
        """These seats were given what they asked for."""
        self._hands[case] -= heard

    def told(self, state: Case) -> Json:
        """What every page of the room is told."""
        floor = floor_of(state, self._rules(state))
        hands = sorted(self._hands[state.id])
        talking = sorted(seat for case, seat in self._talking if case == state.id)
        told: Json = {"talk": floor.talk, "silenced": sorted(floor.silenced), "leader": leader_seat(state)}
        return told | {"hands": hands, "talking": talking}

    async def keep(self, case: CaseId) -> bool:
        """Open and close voices as they may be heard now; the room must be open. Costs nothing where nothing changed.

        While the plane is away it remembers what is wanted of it. Gives whether another leads than at the last call.
        """
        async with self._turn:
            return await self._keep(self._state(case))

    async def _keep(self, state: Case) -> bool:
        case, lead = state.id, leader_seat(state)
        profile = self._rules(state)
        rules, floor = profile.rules.room, floor_of(state, profile)
        leads_anew = self._speakers.get(case) != (rules.speakers, lead)
        if leads_anew:
            self._speakers[case] = (rules.speakers, lead)
            with suppress(MediaRefusal):
                always = (SeatId(lead),) if lead else ()
                await self._engine.set_speakers(RoomId(case), rules.speakers, always)
        seats = {member.seat for member in state.members.values() if member.seat}
        held_back = {
            TrackRef(SeatId(seat), kind)
            for seat in seats
            if (case, seat) in self._muted_itself
            or (seat != lead and not floor.lets(seat, is_talking=(case, seat) in self._talking))
            for kind in (VOICES if rules.members_see == "masked" else VOICES[:1])
        }
        await self._close(case, held_back)
        return leads_anew

    async def _close(self, case: CaseId, held_back: set[TrackRef]) -> None:
        closed = self._closed.get(case, set())
        self._closed[case] = held_back
        for track in sorted(held_back ^ closed):
            with suppress(MediaRefusal):
                await (self._engine.mute if track in held_back else self._engine.unmute)(RoomId(case), track)
