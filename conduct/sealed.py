"""Questions the check-in desk may ask of what is sealed: is this one of ours, which seats are ours.

An answer is as small as it can be; a name leaves only when the committee opens.
"""

import hashlib
from dataclasses import dataclass

from conduct import expert_draw, venue_draw
from conduct.ports import Tx
from evaluation.case import CaseId
from expert_pool.blind_match import blinded, matched


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody expected at a venue: `person` is the expert's id or the representative's number."""

    person: str
    kind: str
    name: str
    categories: list[str]


def find_person(tx: Tx, case: CaseId, id_number: str, venue: str) -> Person | None:
    """Hold an identity number against those expected at this venue."""
    expected = _expected(tx, case, venue)
    salt = tx.random(32)
    by_blind = {blinded(number, salt): person for number, person in expected}
    found = matched(id_number, salt, by_blind)
    return by_blind[found] if found is not None else None


def seats_of(tx: Tx, case: CaseId, venue: str) -> list[str]:
    """The seats booked for the case at a venue."""
    return [
        str(seat)
        for place in venue_draw.places(tx, case).values()
        if place["venue"] == venue
        for seat in place["seats"]
    ]


def transcript_digests(tx: Tx, case: CaseId) -> dict[str, str]:
    """SHA-256 of each draw's transcript."""
    found = {}
    for name in tx.case(case).draws:
        row = tx.shelf(case, "draw").get(f"{name}/transcript")
        if row is not None:
            found[name] = hashlib.sha256(row["bytes"].encode()).hexdigest()
    return found


def _expected(tx: Tx, case: CaseId, venue: str) -> list[tuple[str, Person]]:
    sealed = expert_draw.load(tx, case)
    places = {name for name, row in venue_draw.places(tx, case).items() if row["venue"] == venue}
    standing = sealed.standing().members
    expected = []
    for quota, labels in zip(sealed.order.request.quotas, standing, strict=True):
        if quota.place in places:
            for label in labels:
                expert = sealed.experts[label]
                person = Person(str(expert.id), "expert", expert.person.name, list(expert.categories))
                expected.append((expert.person.id_number, person))
    if "main" in places:
        for number, row in tx.shelf(case, "representative").items():
            expected.append((row["id_number"], Person(number, "representative", row["name"], [])))
    return expected
