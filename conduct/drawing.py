"""A draw by commit–reveal, the same for sub venues and experts: request, confirm, commit, reveal, run.

Links and orders stay on shelves under the deployment's key; the log gets commitments, contexts and digests.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from conduct import directory
from conduct.ports import Actor, Tx, stamp
from draw import chain, lot, pool_file
from draw.exclusions import Counts
from draw.pool import Pool, freeze
from draw.refusal import RevealDoesNotMatch
from draw.request import Places, Request
from draw.seed import Session
from draw.selection import first_wants
from draw.transcript import Result, Transcript, read_places, read_request
from evaluation.case import CaseId, Draw
from signing.canonical import canonical


class SecondPersonNeeded(Exception):
    """Whoever asks for a draw does not confirm it."""

    code = "draw.second_person"


class NoSuchDraw(Exception):
    """The case has no such draw, or it is not at this point."""

    code = "draw.not_open"


class NotAParty(Exception):
    """The organisation is none of this deployment's parties."""

    code = "draw.not_a_party"


class AlreadyCommitted(Exception):
    """A commitment stands once it is logged."""

    code = "draw.already_committed"


@dataclass(frozen=True, slots=True)
class Material:
    """What a draw is made of beside the links: the lot's request, its frozen pool, its sealed places."""

    request: Request
    pool: Pool
    places: Places | None = None
    ineligible: Counts = ()


# From a transaction, a case and the draw's form to its material; one for venues, one for experts.
Prepare = Callable[[Tx, CaseId], Material]


def confirm(tx: Tx, case: CaseId, actor: Actor, name: str, prepare: Prepare) -> None:
    """A second person confirms the form; the pool is frozen at once, before any party commits."""
    draw = _draw(tx, case, name)
    if draw.confirmed:
        raise NoSuchDraw
    if draw.requested_by == actor.who:
        raise SecondPersonNeeded
    material = prepare(tx, case)
    tx.record(case, "draw.confirmed", {"by": actor.as_by(), "draw": name})
    _keep(tx, case, name, material)
    excluded = dict(material.ineligible)
    body = {"draw": name, "root": material.pool.root.hex(), "size": len(material.pool.entries), "excluded": excluded}
    tx.record(case, "draw.frozen", body)


def commit(tx: Tx, case: CaseId, actor: Actor, name: str, commitment: str) -> None:
    """Log a party's commitment; when all parties are in, the context that they will check is logged."""
    draw = _draw(tx, case, name)
    party = directory.parties(tx).get(actor.who)
    if party is None:
        raise NotAParty
    if actor.who in draw.commits:
        raise AlreadyCommitted
    if not draw.root or draw.digest:  # the context is what parties reveal for: nobody joins afterwards
        raise NoSuchDraw
    body = {
        "by": actor.as_by(),
        "draw": name,
        "attempt": draw.attempt,
        "party": actor.who,
        "commit": bytes.fromhex(commitment).hex(),
        "legal_person": party.legal_person,
    }
    tx.record(case, "draw.committed", body)
    if set(_draw(tx, case, name).commits) == set(directory.parties(tx)):
        session = _session(tx, case, name)
        stated: dict[str, Any] = {"draw": name, "attempt": draw.attempt, "context": session.context().decode()}
        tx.record(case, "draw.context", stated | {"digest": session.digest().hex()})
        tx.want_receipt(case)


def reveal(tx: Tx, case: CaseId, actor: Actor, name: str, link: str) -> bool:
    """Take a party's link; True when it is right. A false one voids the attempt under that party's name."""
    draw = _draw(tx, case, name)
    if not draw.digest or draw.order or actor.who in draw.revealed:
        raise NoSuchDraw
    if actor.who not in draw.commits:
        raise NotAParty
    revealed = bytes.fromhex(link)
    try:
        chain.check(actor.who, bytes.fromhex(draw.commits[actor.who]), revealed, 0)
    except RevealDoesNotMatch as false:
        body = {"draw": name, "attempt": draw.attempt, "party": actor.who, "reason": false.code}
        tx.record(case, "draw.voided", body)
        return False
    tx.shelf(case, "draw").put(f"{name}/link/{draw.attempt}/{actor.who}", {"link": revealed.hex()})
    digest = hashlib.sha256(b"reveal" + revealed).hexdigest()
    body = {"draw": name, "attempt": draw.attempt, "party": actor.who, "reveal": digest}
    tx.record(case, "draw.revealed", body)
    return True


def open_for(tx: Tx, party: str) -> list[dict[str, Any]]:
    """What a party's key service has to do now: draws that need its commitment or its link."""
    work = []
    for case in tx.cases():
        for name, draw in tx.case(case).draws.items():
            if not draw.root or draw.order:
                continue
            row = {"case": case, "draw": name, "attempt": draw.attempt, "context": "", "digest": draw.digest}
            if party not in draw.commits:
                work.append(row | {"needs": "commit"})
            elif draw.digest and party not in draw.revealed:
                context = _session(tx, case, name).context().decode()
                work.append(row | {"needs": "reveal", "context": context} | _context_statement(tx, case, draw.digest))
    return work


def _context_statement(tx: Tx, case: CaseId, digest: str) -> dict[str, Any]:
    """The logged statement that holds a context's digest, so that a party can check that it is logged."""
    for index, data in tx.statements(case, "draw.context"):
        if json.loads(data)["body"]["digest"] == digest:
            return {"index": index, "statement": data.decode()}
    raise NoSuchDraw


def is_due(draw: Draw, now: datetime) -> bool:
    """Whether all links are in and the draw's minute has come."""
    return bool(draw.commits) and not draw.order and set(draw.revealed) == set(draw.commits) and draw.at <= stamp(now)


def run(tx: Tx, case: CaseId, name: str) -> lot.Outcome:
    """Draw once: log the digest of the sealed order and keep the transcript until it may be read."""
    draw = _draw(tx, case, name)
    if draw.order:
        raise NoSuchDraw
    material = load(tx, case, name)
    session = _session(tx, case, name)
    turn = lot.Turn(0, _links(tx, case, name, draw), first_wants(material.request), places=material.places)
    outcome = lot.run(session, turn, material.pool)
    order = [entry.record.id for entry in outcome.ordered]
    transcript = Transcript(session, turn, Result.of(outcome)).to_bytes()
    shelf = tx.shelf(case, "draw")
    shelf.put(f"{name}/transcript", {"bytes": transcript.decode()})
    digest = seal_list(tx, case, f"{name}/order", order)
    tx.record(case, "draw.sealed", {"draw": name, "attempt": draw.attempt, "order": digest})
    return outcome


def outcome(tx: Tx, case: CaseId, name: str) -> lot.Outcome:
    """The sealed outcome again, computed from the kept links; the same each time."""
    draw = _draw(tx, case, name)
    material = load(tx, case, name)
    turn = lot.Turn(0, _links(tx, case, name, draw), first_wants(material.request), places=material.places)
    return lot.run(_session(tx, case, name), turn, material.pool)


def seal_list(tx: Tx, case: CaseId, key: str, ids: list[str]) -> str:
    """Keep a list with fresh salt and return the digest that may be logged: SHA-256(salt ‖ canonical(list)), hex."""
    salt = tx.random(32)
    tx.shelf(case, "draw").put(key, {"salt": salt.hex(), "order": ids})
    return hashlib.sha256(salt + canonical(list(ids))).hexdigest()


def load(tx: Tx, case: CaseId, name: str) -> Material:
    """The material that `confirm` kept."""
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


def _draw(tx: Tx, case: CaseId, name: str) -> Draw:
    draw = tx.case(case).draws.get(name)
    if draw is None:
        raise NoSuchDraw
    return draw


def _session(tx: Tx, case: CaseId, name: str) -> Session:
    draw = _draw(tx, case, name)
    commits = tuple(sorted((party, bytes.fromhex(commitment)) for party, commitment in draw.commits.items()))
    material = load(tx, case, name)
    return Session(
        request=material.request,
        pool_root=bytes.fromhex(draw.root),
        pool_size=draw.size,
        commits=commits,
        attempt=draw.attempt,
        legal_persons=tuple(sorted(draw.legal_persons.items())),
        ineligible=material.ineligible,
    )


def _links(tx: Tx, case: CaseId, name: str, draw: Draw) -> tuple[tuple[str, bytes], ...]:
    shelf = tx.shelf(case, "draw")
    links = []
    for party in sorted(draw.revealed):
        row = shelf.get(f"{name}/link/{draw.attempt}/{party}")
        if row is None:
            raise NoSuchDraw
        links.append((party, bytes.fromhex(row["link"])))
    return tuple(links)
