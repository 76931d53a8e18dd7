"""A member's act in its case: one transaction, refused while work is paused, in the leader's name where it leads."""

from collections.abc import Callable
from typing import TypeVar

from conduct.pledging import demand_member
from conduct.ports import Actor, Tx
from conduct.stepping_out import demand_seated
from evaluation.case import Case, CaseId
from evaluation.life import demand_running
from identity.roles import AT_A_SEAT, Role
from web.admission import NotYourCase
from web.policy import Access
from web.visit import Visit

T = TypeVar("T")

AT_THEIR_SEAT = Access(frozenset({Role.MEMBER, Role.LEADER}), seat=True)


def case_of(visit: Visit) -> CaseId:
    """The case of this call, a seat's own where the address names none; admission has held one against the other."""
    return CaseId(visit.request.match_info.get("case") or visit.signed_in.case)


def actor_in(state: Case, visit: Visit) -> Actor:
    """Who acts: a session knows a member, who leads is the case's state. Raises `NotYourCase`, `LeftCommittee`."""
    session = visit.signed_in
    if session.role in AT_A_SEAT:
        demand_member(state, session.who)
    if session.role in AT_A_SEAT and session.who not in state.members:
        raise NotYourCase
    if session.role is Role.MEMBER and session.who == state.leader:
        return Actor(Role.LEADER, session.who, session.venue)
    return visit.actor


async def act(visit: Visit, do: Callable[[Tx, CaseId, Actor], T]) -> T:
    """Run one act of this visitor in its case. Raises `Paused`, `SeatLeft`, and whatever the act refuses."""
    case = case_of(visit)

    def run(tx: Tx) -> T:
        state = tx.case(case)
        demand_running(state)
        actor = actor_in(state, visit)
        demand_seated(state, actor.who)
        return do(tx, case, actor)

    return await visit.services.store.act(run)


async def act_even_paused(visit: Visit, do: Callable[[Tx, CaseId, Actor], T]) -> T:
    """The same for what goes on during a pause: presence, interference, care for keys."""
    case = case_of(visit)
    return await visit.services.store.act(lambda tx: do(tx, case, actor_in(tx.case(case), visit)))


async def look(visit: Visit, see: Callable[[Tx, CaseId, Actor], T]) -> T:
    """Look at the case on its last committed state."""
    case = case_of(visit)
    return await visit.services.store.read(lambda tx: see(tx, case, actor_in(tx.case(case), visit)))
