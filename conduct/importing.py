"""Taking over what the province's platform drew, whole or not at all; names and numbers stay off the log.

The first result names members and alternates; where those have run out the province draws alternates again (补抽).
"""

from collections import Counter

from conduct import expert_draw, venue_draw
from conduct.expert_form import EXPERTS
from conduct.ports import Actor, Tx
from conduct.provincial import add, keep, kept
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


class OtherList(Exception):
    """Alternates drawn later do not follow the first result: another salt, or nobody of that place and category."""

    code = "provincial.other_list"


class DrawKnown(Exception):
    """The experts' draw was asked for here already, or a result was taken."""

    code = "provincial.draw_known"


def take(tx: Tx, case: CaseId, actor: Actor, result: Result) -> None:
    """Take a result over; the case stands as after a draw of its own.

    Raises the refusals above, `BidsFirst`, `OutOfOrder`.
    """
    state = tx.case(case)
    before = state.draws.get(EXPERTS)
    is_later = before is not None and before.source == PROVINCIAL and not result.of_role(MEMBER)
    if before is not None and not before.is_without_result and not is_later:
        raise DrawKnown
    kind = "draw.supplemented" if is_later else "draw.imported"
    life.check(state, kind)
    _check(tx, case, result)
    counts = {"alternates": len(result.of_role(ALTERNATE))}
    if is_later:
        _check_later(tx, case, result)
        add(tx, case, result)
    else:
        expert_draw.demand_bids(tx, case)
        _check_first(tx, case, result)
        keep(tx, case, result)
        counts["members"] = len(result.of_role(MEMBER))
    body = {
        "by": actor.as_by(),
        "draw": EXPERTS,
        "source": PROVINCIAL,
        "request": result.request,
        "at": result.drawn_at,
        "file": result.file,
        "signer": result.signer,
        **counts,
    }
    tx.record(case, kind, body)


def _check(tx: Tx, case: CaseId, result: Result) -> None:
    state = tx.case(case)
    if result.case != case or state.info is None or result.project != state.info.project:
        raise OtherProject
    if len({one.id_hash for one in result.experts}) < len(result.experts):
        raise RepeatedPerson


def _check_first(tx: Tx, case: CaseId, result: Result) -> None:
    application, members = tx.case(case).application, result.of_role(MEMBER)
    if application is None or len(members) != application.experts:
        raise WrongNumber
    seats = {place: len(row["seats"]) for place, row in venue_draw.places(tx, case).items()}
    seats["main"] -= application.representatives
    taken = Counter(one.place for one in members)
    if any(one.place not in seats or taken[one.place] > seats[one.place] for one in result.experts):
        raise NoSuchPlace


def _check_later(tx: Tx, case: CaseId, result: Result) -> None:
    """With the first salt alone is it seen that somebody of the first list is drawn again."""
    first = kept(tx, case)
    if {one.id_hash for one in result.experts} & {one.id_hash for one in first.experts}:
        raise RepeatedPerson
    quotas = {one.quota for one in first.experts}
    if result.salt != first.salt or not result.experts or any(one.quota not in quotas for one in result.experts):
        raise OtherList
