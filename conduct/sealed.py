"""Questions that pages ask of what is sealed or was: which seats are ours, which transcripts may be read."""

import hashlib

from conduct import venue_draw
from conduct.ports import Tx
from evaluation.case import CaseId


def seats_of(tx: Tx, case: CaseId, venue: str) -> list[str]:
    """The seats booked for the case at a venue."""
    return [
        str(seat)
        for place in venue_draw.places(tx, case).values()
        if place["venue"] == venue
        for seat in place["seats"]
    ]


def places_at(tx: Tx, case: CaseId, venue: str) -> tuple[str, ...]:
    """The places (`main`, `sub-1` …) that are at a venue."""
    return tuple(sorted(name for name, row in venue_draw.places(tx, case).items() if row["venue"] == venue))


def transcript_digests(tx: Tx, case: CaseId) -> dict[str, str]:
    """SHA-256 of each draw's transcript, once it is open."""
    found = {}
    for name in tx.case(case).draws:
        row = tx.shelf(case, "draw").get(f"{name}/transcript")
        if row is not None:
            found[name] = hashlib.sha256(row["bytes"].encode()).hexdigest()
    return found
