"""Taking over what the province's platform drew, whole or not at all; names and numbers stay off the log."""

from collections import Counter

from conduct import venue_draw
from conduct.expert_form import EXPERTS
from conduct.ports import Actor, Tx
from conduct.provincial import keep
from conduct.provincial_result import ALTERNATE, MEMBER, Result
from evaluation import life
from evaluation.case import CaseId
from evaluation.drawn import PROVINCIAL


class OtherProject(Exception):
    """The result is for another case or project."""

    code = "provincial.other_project"


class WrongNumber(Exception):
    """The result has more or fewer members than the application asks for experts."""

    code = "provincial.wrong_number"


class RepeatedPerson(Exception):
    """The result names somebody twice."""

    code = "provincial.repeated_person"


class NoSuchPlace(Exception):
    """A place of the result is none of this case, or has fewer seats than members."""

    code = "provincial.no_such_place"


class DrawKnown(Exception):
    """The experts' draw was asked for here already, or a result was taken."""

    code = "provincial.draw_known"


def take(tx: Tx, case: CaseId, actor: Actor, result: Result) -> None:
    """Take a result over; the case stands as after a draw of its own. Raises the refusals above, `OutOfOrder`."""
    state = tx.case(case)
    before = state.draws.get(EXPERTS)
    if before is not None and not before.is_without_result:
        raise DrawKnown
    life.check(state, "draw.imported")
    _check(tx, case, result)
    keep(tx, case, result)
    body = {
        "by": actor.as_by(),
        "draw": EXPERTS,
        "source": PROVINCIAL,
        "request": result.request,
        "at": result.drawn_at,
        "file": result.file,
        "signer": result.signer,
        "members": len(result.of_role(MEMBER)),
        "alternates": len(result.of_role(ALTERNATE)),
    }
    tx.record(case, "draw.imported", body)


def _check(tx: Tx, case: CaseId, result: Result) -> None:
    state = tx.case(case)
    if result.case != case or state.info is None or result.project != state.info.project:
        raise OtherProject
    members = result.of_role(MEMBER)
    if state.application is None or len(members) != state.application.experts:
        raise WrongNumber
    if len({one.id_hash for one in result.experts}) < len(result.experts):
        raise RepeatedPerson
    seats = {place: len(row["seats"]) for place, row in venue_draw.places(tx, case).items()}
    seats["main"] -= state.application.representatives
    taken = Counter(one.place for one in members)
    if any(one.place not in seats or taken[one.place] > seats[one.place] for one in result.experts):
        raise NoSuchPlace
