"""Who sees and hears whom in a room: what the media plane was granted, kept in step with who takes part.

A grant never outlives the part it was given for: who has left the committee or stands aside sees nothing and no member
sees it, from the next look at the case on. Recording is not touched.
"""

from collections.abc import Callable

from evaluation.case import Case, CaseId
from evaluation.profile import Profile
from identity.roles import Role
from media.engine import CaseId as RoomId
from media.engine import MediaEngine, MemberId, TrackRef, track_ref

RAW = ("camera", "mic")
# What a seat publishes of a disguised camera and microphone, in their order.
DISGUISED = ("masked", "voice")
SCREEN = ("screen",)
WATCHERS = (Role.WITNESS, Role.SUPERVISOR)

Grant = tuple[str, TrackRef]


def is_disguised(profile: Profile) -> bool:
    """Whether members see and hear each other only disguised."""
    return profile.rules.room.members_see == "masked"


def is_out(state: Case, who: str) -> bool:
    """Whether somebody has left the committee, or stands aside until another takes the place."""
    return who in state.replaced or who in state.recused


class Sight:
    """The grants of every room; `rules` gives the profile that a case was opened under."""

    def __init__(self, engine: MediaEngine, rules: Callable[[Case], Profile]) -> None:
        self._engine = engine
        self._rules = rules
        self._granted: dict[CaseId, set[Grant]] = {}
        # Fallen with the part of whoever sits there: given back when another sits down at that seat.
        self._withheld: dict[CaseId, set[Grant]] = {}

    def forget(self, case: CaseId) -> None:
        """The room was closed or is made anew: the plane knows no grant of it."""
        self._granted.pop(case, None)
        self._withheld.pop(case, None)

    async def tracks_for(self, state: Case, who: str, role: str) -> tuple[TrackRef, ...]:
        """Grant somebody what it may see, and name it: members see each other, watchers see every seat.

        Where the profile wants members disguised, no member is granted another's own picture or voice. A screen that
        is shared is granted to everybody who sees its seat at all: it has no disguise.
        """
        sees_all = role in WATCHERS or role == Role.MAIN_STAFF
        if not sees_all and who not in state.members:
            return ()
        kinds = RAW if sees_all or not is_disguised(self._rules(state)) else DISGUISED
        named = tuple(
            track_ref(f"{member.seat}/{kind}")
            for member in state.members.values()
            if member.seat and member.id != who
            for kind in kinds + SCREEN
        )
        tracks = tuple(track for track in named if _may_see(state, who, track))
        granted = self._granted.setdefault(state.id, set())
        for track in tracks:
            if (who, track) not in granted:
                granted.add((who, track))
                await self._engine.grant(RoomId(state.id), MemberId(who), track)
        return tracks

    async def keep(self, state: Case) -> None:
        """Take back and give back what the part of each now demands; costs nothing where nothing changed."""
        granted = self._granted.setdefault(state.id, set())
        withheld = self._withheld.setdefault(state.id, set())
        for who, track in sorted(grant for grant in granted if not _may_see(state, *grant)):
            await self._engine.revoke(RoomId(state.id), MemberId(who), track)
            granted.discard((who, track))
            withheld.add((who, track))
        for who, track in sorted(grant for grant in withheld if _may_see(state, *grant)):
            granted.add((who, track))
            withheld.discard((who, track))
            await self._engine.grant(RoomId(state.id), MemberId(who), track)


def _may_see(state: Case, who: str, track: TrackRef) -> bool:
    """Whoever takes part sees whoever does; who is no member watches the seats as they are."""
    if is_out(state, who):
        return False
    return who not in state.members or any(
        member.seat == track.seat and not is_out(state, member.id) for member in state.members.values()
    )
