"""Drawing again from a transcript and a pool: every step's stated value beside the one found, nothing believed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from draw import chain
from draw.lot import Outcome, derive
from draw.pool import Entry, Pool, freeze
from draw.refusal import DrawRefused
from draw.seed import key
from draw.selection import Want, first_wants
from draw.transcript import Result, Transcript, read


@dataclass(frozen=True, slots=True)
class Step:
    """One thing looked at: the field's name as in the transcript, the value stated, the value found (both JSON)."""

    field: str
    stated: object
    found: object

    @property
    def holds(self) -> bool:
        """The transcript says what was found."""
        return self.stated == self.found


@dataclass(frozen=True, slots=True)
class Difference:
    """The first place where a transcript is not what drawing again gives, e.g. `result.selections[0].taken[1]`."""

    field: str
    stated: object
    found: object


@dataclass(frozen=True, slots=True)
class Examination:
    """The steps looked at, up to the first that does not hold; `outcome` only if all held and the pool was there."""

    steps: tuple[Step, ...]
    outcome: Outcome | None

    @property
    def difference(self) -> Difference | None:
        """The first difference, if there is one."""
        return None if self.steps[-1].holds else smallest_difference(self.steps[-1])


def replay(transcript: bytes, pool: Iterable[Entry]) -> Outcome | Difference:
    """The outcome, if the transcript's bytes are exactly what drawing again gives; else the first difference."""
    try:
        parsed = read(transcript)
        frozen = freeze(pool)
    except DrawRefused as refused:
        return Difference(refused.where, refused.code, refused.detail)
    examined = examine(parsed, frozen)
    if difference := examined.difference:
        return difference
    return examined.outcome or Difference("result", "drawn", "not drawn")


def examine(transcript: Transcript, pool: Pool | None) -> Examination:
    """Look at each step in turn. Without the pool only what is public is looked at, and nothing is drawn."""
    steps: list[Step] = []
    for step in public_steps(transcript):
        steps.append(step)
        if not step.holds:
            return Examination(tuple(steps), None)
    if pool is None:
        return Examination(tuple(steps), None)
    steps += _pool_steps(transcript, pool)
    if not all(step.holds for step in steps):
        return Examination(_up_to_the_first_fault(steps), None)
    try:
        outcome = derive(transcript.session, transcript.turn, pool)
    except DrawRefused as refused:
        return Examination((*steps, Step("result", "drawn", f"{refused.code} {refused.where}")), None)
    steps += _result_steps(transcript, outcome)
    examined = _up_to_the_first_fault(steps)
    return Examination(examined, outcome if examined[-1].holds else None)


def public_steps(transcript: Transcript) -> Iterator[Step]:
    """What anybody can check without the pool. To be taken one by one: a step relies on those before it."""
    session, turn, result = transcript.session, transcript.turn, transcript.result
    yield Step("request.places", session.request.places, turn.places.digest() if turn.places else "")
    yield Step("beaconValue", session.beacon is not None, bool(turn.beacon_value))
    reveals = dict(turn.reveals)
    yield Step("reveals", [party for party, _ in session.commits], sorted(reveals))
    for party, committed in session.commits:
        whole = len(reveals[party]) == chain.LINK_BYTES
        found = chain.extend(reveals[party], turn.round_no + 1).hex() if whole else "not 32 bytes"
        yield Step(f"reveals.{party}", committed.hex(), found)
    yield Step("result.independent", result.independent, session.independent())
    yield Step("result.h", result.context_digest.hex(), session.digest().hex())
    yield Step("result.prk", result.key.hex(), key(session, reveals, turn.beacon_value).hex())
    if turn.round_no == 0:
        yield Step("result.selections", _wants(turn.wants), _wants(first_wants(session.request)))
        yield Step("roll", [len(turn.roll.standing), len(turn.roll.out)], [0, 0])


def _pool_steps(transcript: Transcript, pool: Pool) -> list[Step]:
    return [
        Step("pool.size", transcript.session.pool_size, len(pool.entries)),
        Step("pool.root", transcript.session.pool_root.hex(), pool.root.hex()),
    ]


def _result_steps(transcript: Transcript, outcome: Outcome) -> list[Step]:
    stated, found = transcript.result.to_json(), Result.of(outcome).to_json()
    selections = zip(stated["selections"], found["selections"], strict=True)
    return [
        Step("result.order", stated["order"], found["order"]),
        *(Step(f"result.selections[{index}]", said, seen) for index, (said, seen) in enumerate(selections)),
    ]


def _wants(wants: Iterable[Want]) -> list[dict[str, object]]:
    return [{"quota": want.quota, "role": want.role.value, "n": want.count} for want in wants]


def _up_to_the_first_fault(steps: list[Step]) -> tuple[Step, ...]:
    end = next((index + 1 for index, step in enumerate(steps) if not step.holds), len(steps))
    return tuple(steps[:end])


def smallest_difference(step: Step) -> Difference:
    """The smallest differing part of a step that does not hold, named by its path."""
    field, stated, found = step.field, step.stated, step.found
    while (narrower := _narrow(stated, found)) is not None:
        part, stated, found = narrower
        field += part
    return Difference(field, stated, found)


def _narrow(stated: object, found: object) -> tuple[str, object, object] | None:
    if isinstance(stated, dict) and isinstance(found, dict):
        for name in sorted(stated.keys() | found.keys()):
            if stated.get(name) != found.get(name):
                return f".{name}", stated.get(name), found.get(name)
    if isinstance(stated, list) and isinstance(found, list):
        for index in range(max(len(stated), len(found))):
            said, seen = stated[index : index + 1], found[index : index + 1]
            if said != seen:
                return f"[{index}]", said[0] if said else None, seen[0] if seen else None
    return None
