"""The act of somebody with an account in a case: one transaction, in which the part this role has is checked first."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

from conduct.ports import Actor, Tx, UnknownCase, stamp
from evaluation.case import Case, CaseId
from web.acting import case_of
from web.admission import NotYourCase
from web.pages import BEIJING
from web.rooms import reader_of, state_for
from web.visibility import Reader, check_party_to
from web.visit import Visit

T = TypeVar("T")


async def act(visit: Visit, do: Callable[[Tx, CaseId, Actor], T]) -> T:
    """Run one act of this visitor in the case of the address. Raises `NotYourCase` and whatever the act refuses."""
    case, actor = case_of(visit), visit.actor

    def run(tx: Tx) -> T:
        _entered(tx, case, visit)
        return do(tx, case, actor)

    return await visit.services.store.act(run)


async def look(visit: Visit, see: Callable[[Tx, Case, Reader], T]) -> T:
    """Look at the case of the address on its last committed state. Raises `NotYourCase`."""

    def run(tx: Tx) -> T:
        state, reader = _entered(tx, case_of(visit), visit)
        return see(tx, state, reader)

    return await visit.services.store.read(run)


def _entered(tx: Tx, case: CaseId, visit: Visit) -> tuple[Case, Reader]:
    """The case and its reader. A case that does not exist and one that is not theirs are refused alike."""
    try:
        state = state_for(tx, case, visit.signed_in)
    except UnknownCase:
        raise NotYourCase from None
    reader = reader_of(tx, case, visit.signed_in)
    check_party_to(state, reader)
    return state, reader


def utc_stamp(moment: datetime) -> str:
    """A moment as statements write it; one without a zone came from a form and is Beijing time."""
    return stamp((moment if moment.tzinfo else moment.replace(tzinfo=BEIJING)).astimezone(UTC))
