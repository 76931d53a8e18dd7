"""A case that takes up another which ended without a report: same tender package, new number, new draw, both linked.

The case that ended is sealed; what follows names it (`case.created`, `follows`), never the other way round.
"""

import json
from collections.abc import Iterator
from itertools import count

from conduct import blinding
from conduct.ports import Actor, Json, Tx
from conduct.rulebook import frozen_bytes, profile_of
from evaluation.case import CaseId
from evaluation.ending import NothingFollows, follow_of
from evaluation.life import check_opening

_COPIED = ("project", "title", "tenderer", "agent", "region", "lot", "limit", "planned_start", "demo")


def follow(tx: Tx, before: CaseId, actor: Actor) -> CaseId:
    """Create the case that goes on from one that ended. Raises `NothingFollows`, also where one does already."""
    ended = tx.case(before)
    reason = follow_of(ended.ending, bool(ended.members or ended.replaced))
    if successor(tx, before):
        raise NothingFollows
    return create_after(tx, before, actor, reason)


def create_after(tx: Tx, before: CaseId, actor: Actor, reason: str) -> CaseId:
    """Create a case that names the one before it: same project, tender package and rules, the next number of the line.

    The announcement is the same one, and so are the rules in force at it. Raises one of `rulebook.UNREADABLE` where
    they cannot be read.
    """
    created = _left(tx, before, next(_bodies(tx, before, "case.created")))
    frozen_bytes(tx, tx.case(before))
    case = _number(tx, before)
    body = {name: created[name] for name in _COPIED}
    body |= {name: created[name] for name in ("method", "lots") if name in created}
    body |= {"by": actor.as_by(), "profile": created["profile"]}
    tx.record(case, "case.created", body | {"follows": {"case": before, "reason": reason}})
    tx.record(case, "package.received", _package(tx, before, "tender") | {"by": actor.as_by()})
    return case


def successor(tx: Tx, case: CaseId) -> str:
    """The number of the case that takes this one up, or nothing."""
    return next((one for one in tx.cases() if (info := tx.case(one).info) and info.follows == case), "")


def open_again(tx: Tx, case: CaseId, actor: Actor) -> None:
    """Take the opening package of the case before over: its bids were opened once, and are scored by other codes.

    Raises `NothingFollows`, `OutOfOrder` before the members are drawn.
    """
    info = tx.case(case).info
    if info is None or not info.follows or not tx.case(CaseId(info.follows)).bids:
        raise NothingFollows
    check_opening(tx.case(case), profile_of(tx, case).rules.draw.moment)
    take_opening(tx, case, actor)
    blinding.commit(tx, case)


def take_opening(tx: Tx, case: CaseId, actor: Actor) -> None:
    """State the opening package of the case before for this one; what allows it has been checked."""
    info = tx.case(case).info
    if info is None or not info.follows:
        raise NothingFollows
    tx.record(case, "package.received", _package(tx, CaseId(info.follows), "opening") | {"by": actor.as_by()})


def has_opening(tx: Tx, case: CaseId) -> bool:
    """Whether the case before this one had its bids opened."""
    info = tx.case(case).info
    return info is not None and bool(info.follows) and bool(tx.case(CaseId(info.follows)).bids)


def packaged_as(tx: Tx, case: CaseId) -> CaseId:
    """The number that the trading system's packages carry: that of the first case of the line."""
    info = tx.case(case).info
    while info is not None and info.follows:
        case = CaseId(info.follows)
        info = tx.case(case).info
    return case


def _number(tx: Tx, before: CaseId) -> CaseId:
    """The first case's number with a count behind it."""
    base, taken = packaged_as(tx, before), set(tx.cases())
    return next(number for n in count(1) if (number := CaseId(f"{base}-R{n}")) not in taken)


def _package(tx: Tx, case: CaseId, kind: str) -> Json:
    """The latest package of this type as it was stated."""
    return _left(tx, case, [body for body in _bodies(tx, case, "package.received") if body["type"] == kind][-1])


def _left(tx: Tx, before: CaseId, body: Json) -> Json:
    """What a statement says of the lots that the case before did not finish: a signed lot stands."""
    done = tx.case(before).finished
    if "lots" not in body:
        return body
    lots = [row for row in body["lots"] if row["id"] not in done]
    told = {"lots": lots}
    if "bids" in body:
        told["bids"] = [bid for bid in body["bids"] if bid["lot"] not in done]
    if "lot" in body:
        return body | told | {"lot": lots[0]["name"], "limit": lots[0]["limit"], "method": lots[0]["method"]}
    return body | told


def _bodies(tx: Tx, case: CaseId, kind: str) -> Iterator[Json]:
    return (json.loads(data)["body"] for _, data in tx.statements(case, kind))
