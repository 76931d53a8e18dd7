"""One turn of a lot as one canonical JSON value that holds all that is needed to draw it again.

It carries labels, never names; docs/draw.md shows every field. Reading is strict: bytes that would be written
differently are refused, so each transcript has one spelling and one hash.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from draw.lot import Outcome, Turn
from draw.refusal import NotOneSpelling
from draw.request import Places, Quota, Request
from draw.seed import VERSION, Beacon, Session
from draw.selection import Role, Roll, Selection, Want
from signing.canonical import NotCanonical, canonical, parse

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Result:
    """What a transcript says came out: H, distinct legal persons, PRK, the digest of the whole order, selections."""

    context_digest: bytes
    independent: int
    key: bytes
    order_digest: bytes
    selections: tuple[Selection, ...]

    @classmethod
    def of(cls, outcome: Outcome) -> "Result":
        """The part of an outcome that may be written down."""
        return cls(outcome.context_digest, outcome.independent, outcome.key, outcome.order_digest(), outcome.selections)

    def to_json(self) -> Json:
        """`{"h","independent","order","prk","selections"}`, bytes in hex."""
        return {
            "h": self.context_digest.hex(),
            "independent": self.independent,
            "prk": self.key.hex(),
            "order": self.order_digest.hex(),
            "selections": [_selection_to_json(selection) for selection in self.selections],
        }


@dataclass(frozen=True, slots=True)
class Transcript:
    """A session, one turn, and its result."""

    session: Session
    turn: Turn
    result: Result

    def to_bytes(self) -> bytes:
        """The canonical bytes that are hashed, logged and archived."""
        session, turn = self.session, self.turn
        return canonical(
            {
                "v": VERSION,
                "request": session.request.to_json(),
                "pool": {"root": session.pool_root.hex(), "size": session.pool_size},
                "commits": {party: committed.hex() for party, committed in session.commits},
                "beacon": session.beacon.to_json() if session.beacon else None,
                "attempt": session.attempt,
                "parties": dict(session.legal_persons),
                "ineligible": dict(session.ineligible),
                "round": turn.round_no,
                "reveals": {party: revealed.hex() for party, revealed in turn.reveals},
                "beaconValue": turn.beacon_value.hex(),
                "places": turn.places.to_json() if turn.places else None,
                "roll": {
                    "standing": sorted({label.hex() for label in turn.roll.standing}),
                    "out": {label.hex(): reason for label, reason in turn.roll.out},
                },
                "result": self.result.to_json(),
            }
        )


def read(data: bytes) -> Transcript:
    """The transcript in these bytes. Raises `NotOneSpelling` for anything `to_bytes` would not have written."""
    try:
        stated: Any = parse(data)
        transcript = _transcript(stated)
    except (NotCanonical, ValueError, TypeError, KeyError, AttributeError) as broken:
        raise NotOneSpelling("transcript", str(broken)) from broken
    if transcript.to_bytes() != data:
        raise NotOneSpelling("transcript", "a field that is not known, or a default written out")
    return transcript


def _transcript(stated: Json) -> Transcript:
    session = Session(
        request=read_request(stated["request"]),
        pool_root=bytes.fromhex(stated["pool"]["root"]),
        pool_size=_whole(stated["pool"]["size"]),
        commits=_hex_pairs(stated["commits"]),
        attempt=_whole(stated["attempt"]),
        beacon=Beacon(_text(stated["beacon"]["type"]), _text(stated["beacon"]["ref"])) if stated["beacon"] else None,
        legal_persons=tuple((party, _text(person)) for party, person in stated["parties"].items()),
        ineligible=tuple((reason, _whole(count)) for reason, count in stated["ineligible"].items()),
    )
    selections = tuple(_selection(one) for one in _items(stated["result"]["selections"]))
    turn = Turn(
        round_no=_whole(stated["round"]),
        reveals=_hex_pairs(stated["reveals"]),
        wants=tuple(selection.want for selection in selections),
        roll=Roll(_labels(stated["roll"]["standing"]), _reasons(stated["roll"]["out"].items())),
        beacon_value=bytes.fromhex(stated["beaconValue"]),
        places=read_places(stated["places"]) if stated["places"] else None,
    )
    result = Result(
        context_digest=bytes.fromhex(stated["result"]["h"]),
        independent=_whole(stated["result"]["independent"]),
        key=bytes.fromhex(stated["result"]["prk"]),
        order_digest=bytes.fromhex(stated["result"]["order"]),
        selections=selections,
    )
    return Transcript(session, turn, result)


def read_request(stated: Json) -> Request:
    """The request that `Request.to_json` wrote."""
    return Request(
        project=_text(stated["project"]),
        quotas=tuple(
            Quota(
                count=_whole(one["n"]),
                category=_text(one.get("cat", "")),
                alternates=_whole(one.get("alternates", 0)),
                place=_text(one.get("place", "")),
            )
            for one in _items(stated["quotas"])
        ),
        exclude=tuple(_text(unit) for unit in _items(stated.get("exclude", []))),
        unit_cap=_whole(stated.get("unitCap", 0)),
        places=_text(stated.get("places", "")),
        terms=_text(stated.get("terms", "")),
    )


def read_places(stated: Json) -> Places:
    """The places that `Places.to_json` wrote."""
    regions = stated["regions"].items()
    return Places(
        bytes.fromhex(stated["salt"]), tuple((place, tuple(map(_text, _items(codes)))) for place, codes in regions)
    )


def _selection(stated: Json) -> Selection:
    want = Want(_whole(stated["quota"]), Role(stated["role"]), _whole(stated["n"]))
    return Selection(want, _labels(stated["taken"]), _reasons(map(_items, _items(stated["skipped"]))))


def _selection_to_json(selection: Selection) -> Json:
    return {
        "quota": selection.want.quota,
        "role": selection.want.role.value,
        "n": selection.want.count,
        "taken": [label.hex() for label in selection.taken],
        "skipped": [[label.hex(), reason] for label, reason in selection.skipped],
    }


def _labels(stated: object) -> tuple[bytes, ...]:
    return tuple(bytes.fromhex(label) for label in _items(stated))


def _reasons(stated: Iterable[Iterable[Any]]) -> tuple[tuple[bytes, str], ...]:
    return tuple((bytes.fromhex(label), _text(reason)) for label, reason in stated)


def _hex_pairs(stated: dict[str, str]) -> tuple[tuple[str, bytes], ...]:
    return tuple((party, bytes.fromhex(value)) for party, value in stated.items())


def _items(stated: object) -> list[Any]:
    # A text is a row of texts to Python; it must not pass for a list.
    if not isinstance(stated, list):
        raise NotOneSpelling("transcript", f"{stated!r} is no list")
    return stated


def _whole(stated: object) -> int:
    # A JSON true is a Python int; it must not pass for a count of one.
    if type(stated) is not int:
        raise NotOneSpelling("transcript", f"{stated!r} is no whole number")
    return stated


def _text(stated: object) -> str:
    if not isinstance(stated, str):
        raise NotOneSpelling("transcript", f"{stated!r} is no text")
    return stated
