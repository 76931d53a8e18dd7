"""A draw by commit–reveal, the same for sub venues and experts: confirm, commit, and what the log says of the rest.

Whoever asks for it does not confirm it; links and orders are in the draw process alone (`sealed_draw`).
"""

import json
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from conduct import directory
from conduct.ports import Actor, Tx, stamp
from conduct.rulebook import profile_of
from conduct.sealed_draw.questions import Drawn, DrawNow, Holding, Material, Ref
from draw import pool_file
from draw.pool import freeze
from draw.seed import Session
from draw.transcript import read_places, read_request
from evaluation import night
from evaluation.case import Case, CaseId
from evaluation.drawn import Draw
from signing.canonical import canonical

log = logging.getLogger("bid.draw")
SILENT = "silent"
LEGAL_PERSONS_NEEDED = 2


class SecondPersonNeeded(Exception):
    """Whoever asks for a draw does not confirm it."""

    code = "draw.second_person"


class NoSuchDraw(Exception):
    """The case has no such draw, or it is not at this point."""

    code = "draw.not_open"


class NotAParty(Exception):
    """The organisation is none of this deployment's parties, or not of this attempt."""

    code = "draw.not_a_party"


class AlreadyCommitted(Exception):
    """A commitment stands once it is logged."""

    code = "draw.already_committed"


# From a transaction and a case to the draw's material; one for venues, one for experts.
Prepare = Callable[[Tx, CaseId], Material]


def confirm(tx: Tx, case: CaseId, actor: Actor, name: str, prepare: Prepare) -> None:
    """A second person confirms the form; the pool is frozen at once, before any party commits."""
    draw = draw_of(tx, case, name)
    if draw.confirmed:
        raise NoSuchDraw
    if draw.requested_by == actor.who:
        raise SecondPersonNeeded
    material = prepare(tx, case)
    form = sha256(canonical(dict(draw.request))).hexdigest()
    tx.record(case, "draw.confirmed", {"by": actor.as_by(), "draw": name, "form": form})
    freeze_pool(tx, case, name, material)


def freeze_pool(tx: Tx, case: CaseId, name: str, material: Material) -> None:
    """Keep what is drawn from, and state its root: from here on nothing in it can change."""
    _keep(tx, case, name, material)
    excluded = dict(material.ineligible)
    body = {"draw": name, "root": material.pool.root.hex(), "size": len(material.pool.entries), "excluded": excluded}
    pools = {"pools": list(material.pools)} if material.pools else {}
    tx.record(case, "draw.frozen", body | pools)


def commit(tx: Tx, case: CaseId, actor: Actor, name: str, commitment: str, share_key: str) -> None:
    """Log a party's commitment; when all parties are in, the context that they will check is logged."""
    draw = draw_of(tx, case, name)
    party = directory.parties(tx).get(actor.who)
    if party is None or actor.who in draw.left_out:
        raise NotAParty
    if actor.who in draw.parties:
        raise AlreadyCommitted
    if not draw.root or draw.digest:  # the context is what parties reveal for: nobody joins afterwards
        raise NoSuchDraw
    body = {
        "by": actor.as_by(),
        "draw": name,
        "attempt": draw.attempt,
        "party": actor.who,
        "commit": commitment,
        "share_key": share_key,
        "legal_person": party.legal_person,
        "host": party.host,
    }
    tx.record(case, "draw.committed", body)
    _state_context(tx, case, name)


def _state_context(tx: Tx, case: CaseId, name: str) -> None:
    draw = draw_of(tx, case, name)
    if missing(tx, draw) or draw.legal_persons < LEGAL_PERSONS_NEEDED:
        return
    session = session_of(tx, case, name)
    stated: dict[str, Any] = {"draw": name, "attempt": draw.attempt, "context": session.context().decode()}
    tx.record(case, "draw.context", stated | {"digest": session.digest().hex()})
    tx.want_receipt(case)


def missing(tx: Tx, draw: Draw) -> set[str]:
    """The parties of this attempt that have not committed."""
    return set(directory.parties(tx)) - set(draw.left_out) - set(draw.parties)


def is_short(tx: Tx, draw: Draw) -> bool:
    """Whether too few legal persons are left for this attempt: it waits for another organisation to be admitted."""
    left = (party for name, party in directory.parties(tx).items() if name not in draw.left_out)
    return not draw.digest and len({party.legal_person for party in left}) < LEGAL_PERSONS_NEEDED


def is_due(draw: Draw, now: datetime) -> bool:
    """Whether all links are in and the round's minute has come."""
    shown = bool(draw.digest) and set(draw.now.revealed) == set(draw.parties)
    return shown and not draw.now.order and not draw.is_without_result and draw.now.at <= stamp(now)


def is_overdue(tx: Tx, case: CaseId, name: str, since: datetime) -> bool:
    """Whether the profile's time is over in which every party must have answered: since the draw's minute, the
    attempt's begin, and the start of the process, whichever was last. Never in a pause, and no pause counts."""
    state, draw = tx.case(case), draw_of(tx, case, name)
    began = max(since, *(datetime.fromisoformat(one) for one in (draw.at, draw.since) if one))
    over = state.pause is None and tx.now > silent_at(tx, state, began)
    return over and bool(draw.root) and not draw.order and not draw.is_without_result and not is_short(tx, draw)


def silent_at(tx: Tx, state: Case, began: datetime) -> datetime:
    """When the time of the parties is over that began then: pauses of the committee since are taken out of it."""
    allowed = timedelta(seconds=profile_of(tx, state.id).rules.draw.silent_after_s)
    return began + allowed + night.stood_still(state, began, tx.now)


def void_silent(tx: Tx, case: CaseId, name: str, held: frozenset[Holding], since: datetime) -> tuple[str, ...]:
    """Name the parties whose turn it has been for longer than the profile allows, and void the attempt; who it was.

    `held` are the links in the process, `since` when it was started: a link that it lost is asked for again, and not
    showing it again is silence too, until the order stands in the log.
    """
    if not is_overdue(tx, case, name, since):
        return ()
    draw = draw_of(tx, case, name)
    ref = Ref(case, name, draw.attempt)
    gone = {party for party in draw.now.revealed if Holding(ref, 0, party) not in held}
    silent = tuple(sorted(_owing(tx, draw) | gone))
    for party in silent:
        body = {"draw": name, "attempt": draw.attempt, "party": party, "reason": SILENT}
        tx.record(case, "draw.voided", body)
    return silent


def _owing(tx: Tx, draw: Draw) -> set[str]:
    """Whose turn it is: those without a commitment, then the host, then the others."""
    if not draw.digest:
        return missing(tx, draw)
    if draw.host and draw.host not in draw.now.revealed:
        return {draw.host}
    return set(draw.parties) - set(draw.now.revealed)


def to_draw(tx: Tx, case: CaseId, name: str) -> DrawNow:
    """The question that draws a round whose links are all in. Raises `NoSuchDraw` for one that was drawn."""
    draw = draw_of(tx, case, name)
    if not draw.digest or draw.now.order or set(draw.now.revealed) != set(draw.parties):
        raise NoSuchDraw
    return DrawNow(Ref(case, name, draw.attempt), len(draw.rounds) - 1)


def state_drawn(tx: Tx, case: CaseId, name: str, drawn: Drawn) -> None:
    """Log the digests of a draw, and keep the sealed result under its own."""
    draw = draw_of(tx, case, name)
    tx.put_object(drawn.sealed)
    logged = drawn.logged
    digests = {"order": logged.order, "transcript": logged.transcript, "sealed": logged.sealed}
    round_no = len(draw.rounds) - 1
    tx.record(case, "draw.sealed", {"draw": name, "attempt": draw.attempt, "round": round_no} | digests)


def state_difference(tx: Tx, ref: Ref) -> None:
    """State, once, that what was drawn again is not what the log holds the digest of; somebody must look."""
    case, body = CaseId(ref.case), {"draw": ref.draw, "attempt": ref.attempt}
    if not any(json.loads(data)["body"] == body for _, data in tx.statements(case, "draw.differs")):
        log.critical("%s %s: the order drawn again is not the logged one; the draw has stopped", case, ref.draw)
        tx.record(case, "draw.differs", body)


def load(tx: Tx, case: CaseId, name: str) -> Material:
    """The material that `confirm` kept, without the people."""
    row = tx.shelf(case, "draw").get(f"{name}/material")
    if row is None:
        raise NoSuchDraw
    places = row["places"]
    return Material(
        request=read_request(row["request"]),
        pool=freeze(pool_file.read(row["pool"].encode())),
        places=read_places(places) if places else None,
        ineligible=tuple((reason, count) for reason, count in row["ineligible"]),
    )


def _keep(tx: Tx, case: CaseId, name: str, material: Material) -> None:
    row = {
        "request": material.request.to_json(),
        "pool": pool_file.write(material.pool.entries).decode(),
        "places": material.places.to_json() if material.places else None,
        "ineligible": list(material.ineligible),
    }
    tx.shelf(case, "draw").put(f"{name}/material", row)


def draw_of(tx: Tx, case: CaseId, name: str) -> Draw:
    """A draw of a case. Raises `NoSuchDraw`."""
    draw = tx.case(case).draws.get(name)
    if draw is None:
        raise NoSuchDraw
    return draw


def ref_of(tx: Tx, case: CaseId, name: str) -> Ref:
    """The attempt a draw is at."""
    return Ref(case, name, draw_of(tx, case, name).attempt)


def session_of(tx: Tx, case: CaseId, name: str) -> Session:
    """What is fixed before a reveal, from the log and the kept request."""
    draw = draw_of(tx, case, name)
    commits = tuple(sorted((party, bytes.fromhex(one.commit)) for party, one in draw.parties.items()))
    material = load(tx, case, name)
    return Session(
        request=material.request,
        pool_root=bytes.fromhex(draw.root),
        pool_size=draw.size,
        commits=commits,
        attempt=draw.attempt,
        legal_persons=tuple(sorted((party, one.legal_person) for party, one in draw.parties.items())),
        ineligible=material.ineligible,
    )
