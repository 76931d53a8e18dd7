"""A night between two days of one evaluation (隔夜评标): seats sealed, recording ended, everybody checked again.

Like any pause it locks writing and hides documents; no incident clock runs. What was stated by the evening is fixed by
a checkpoint that the witnesses cosign before anybody comes back (docs/adr/0424).
"""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from conduct import recall
from conduct.checking_in import SamePerson, Slip, new_code
from conduct.directory import DEPLOYMENT
from conduct.pausing import AlreadyPaused
from conduct.ports import Actor, Json, Tx
from evaluation import life, night
from evaluation.case import CaseId, MemberId

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Return:
    """What the desk enters in the morning: identity number, locker, and the second member of staff who looked."""

    id_number: str
    locker: str
    second: str


class Store(Protocol):
    """What sealing an evening needs of the store."""

    async def act(self, act: Callable[[Tx], T], /) -> T:
        """Run a transaction."""
        ...

    async def read(self, look: Callable[[Tx], T], /) -> T:
        """Look at the committed state."""
        ...

    async def checkpoint(self, log: str) -> int:
        """Sign a checkpoint of a log and state it in the deployment's."""
        ...


def begin(tx: Tx, case: CaseId, actor: Actor, resumes: str) -> None:
    """Seal the day: work goes on at `resumes` (UTC stamp), never before everybody was checked again.

    Raises `AlreadyPaused`, `NightNotBooked`, `MorningPassed`, and `OutOfOrder` outside the evaluation.
    """
    state = tx.case(case)
    if state.pause is not None:
        raise AlreadyPaused
    life.check(state, "night.began")
    night.check(state, datetime.fromisoformat(resumes), tx.now)
    tx.record(case, "night.began", {"by": actor.as_by(), "resumes": resumes})


def renew(tx: Tx, case: CaseId, actor: Actor, back: Return) -> Slip | None:
    """The desk sees a member's papers again in the morning: 相符 opens the seat with a fresh code, to be typed there.

    None is 不符: nobody of this committee and venue, or one who is in already; it is recorded. Raises `SamePerson`,
    `OutOfOrder` while no night holds.
    """
    if back.second == actor.who:
        raise SamePerson
    state = tx.case(case)
    life.check(state, "checkin.renewed")
    found = _who(tx, case, actor.venue, back.id_number)
    if found is None:
        tx.record(case, "checkin.refused", {"by": actor.as_by(), "venue": actor.venue})
        return None
    member = state.members[found]
    body = {"by": actor.as_by(), "second": back.second, "method": "manual", "member": member.id}
    tx.record(case, "checkin.renewed", body | {"seat": member.seat, "locker": back.locker})
    return Slip(member.id, member.venue, member.seat, new_code(tx, case, member.id, member.seat))


def _who(tx: Tx, case: CaseId, venue: str, id_number: str) -> MemberId | None:
    """The member of this venue, not yet back, whose number this is."""
    state, rows = tx.case(case), dict(tx.shelf(case, "seated").items())
    pause = state.pause
    for member in state.members.values():
        is_awaited = member.venue == venue and pause is not None and pause.is_barred(member.id)
        if is_awaited and recall.is_number(rows.get(member.id, {}), id_number):
            return member.id
    return None


async def seal(store: Store, witnessed: Callable[[], Awaitable[None]], case: CaseId) -> None:
    """Fix the evening: a checkpoint over all that was stated, shown to the witnesses; stated once their quorum has it.

    A night that is over before they answer stays without `night.sealed`: the next checkpoint covers it as well.
    """
    await store.checkpoint(case)
    stated = await store.read(lambda tx: _last_checkpoint(tx, case))
    await witnessed()

    def state(tx: Tx) -> None:
        pause = tx.case(case).pause
        if pause is not None and pause.kind == "night" and not pause.sealed:
            tx.record(case, "night.sealed", {"size": stated["size"], "root": stated["root"]})

    await store.act(state)


def _last_checkpoint(tx: Tx, case: CaseId) -> Json:
    bodies = (json.loads(data)["body"] for _, data in tx.statements(DEPLOYMENT, "case.checkpoint"))
    last: Json = [body for body in bodies if body["origin"].endswith(f"/{case}")][-1]
    return last
