"""One lot from beginning to end: a session, the turn taken, the frozen pool, and what follows from them."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from draw.order import order, order_digest
from draw.pool import Entry, Pool, Record
from draw.refusal import NotOneSpelling
from draw.request import Places, Quota, Request
from draw.seed import Session, check_reveals, key
from draw.selection import NOBODY, Roll, Selection, Want, select

MOST_ROUNDS = 1000
"""A transcript may not ask its reader for an endless chain; a draw with its supplementary draws needs a handful."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One round of a session: the reveals, what is wanted, and who stands or is out already.

    Round 0 is the draw; each supplementary draw (补抽) after sealing is the next round, with the parties' next links.
    """

    round_no: int
    reveals: tuple[tuple[str, bytes], ...] = field(repr=False)
    wants: tuple[Want, ...]
    roll: Roll = NOBODY
    beacon_value: bytes = b""
    places: Places | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.round_no < MOST_ROUNDS:
            raise NotOneSpelling("round", str(self.round_no))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a turn comes to. `ordered` is the whole sealed order, which never leaves the draw process."""

    context_digest: bytes
    independent: int
    key: bytes = field(repr=False)
    ordered: tuple[Entry, ...] = field(repr=False)
    selections: tuple[Selection, ...] = field(repr=False)

    def order_digest(self) -> bytes:
        """SHA-256 over the labels in their order: what the transcript says of the order."""
        return order_digest(self.ordered)


def run(session: Session, turn: Turn, pool: Pool) -> Outcome:
    """Draw. Refuses a pool, places or reveals other than those committed to, and a quota that cannot be filled."""
    if (pool.root, len(pool.entries)) != (session.pool_root, session.pool_size):
        raise NotOneSpelling("pool", "not the one committed to")
    check_places(session.request, turn.places)
    reveals = dict(turn.reveals)
    check_reveals(session, reveals, turn.round_no)
    return derive(session, turn, pool)


def derive(session: Session, turn: Turn, pool: Pool) -> Outcome:
    """The computation alone, for whoever has checked what goes in (`run`, and the replay, which names each fault)."""
    prk = key(session, dict(turn.reveals), turn.beacon_value)
    ordered = order(prk, pool.entries)
    regions = turn.places.as_map() if turn.places else {}
    selections = select(ordered, session.request, regions, turn.wants, turn.roll)
    return Outcome(session.digest(), session.independent(), prk, ordered, selections)


def check_places(request: Request, places: Places | None) -> None:
    """Refuse regions that are not the ones the request committed to."""
    if request.places != (places.digest() if places else ""):
        raise NotOneSpelling("places", "not the ones committed to")


def tickets(values: Iterable[str]) -> tuple[Record, ...]:
    """Records for a lot over plain values (sub venues, coefficients, tied bidders): one equal ticket each."""
    return tuple(Record(value) for value in values)


def plain_request(project: str, count: int = 1) -> Request:
    """The request of such a lot: take the first `count`, whoever they are."""
    return Request(project, (Quota(count),))
