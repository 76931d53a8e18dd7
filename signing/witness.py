"""Whether a witness may cosign a checkpoint (C2SP tlog-witness).

A witness holds one checkpoint a log. It cosigns only growth of that one, and never two trees of one size.
"""

from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from signing.merkle import EMPTY_ROOT, ConsistencyRefused, verify_consistency
from signing.note import (
    DECIMAL,
    Checkpoint,
    NoteRefused,
    VerifierKey,
    Verify,
    open_checkpoint,
    parse_checkpoint,
    parse_note,
)

MOST_HASHES = 63


class WitnessRefused(Exception):
    """The witness does not cosign; `status` is the answer's HTTP status, `held` the size it holds (409 alone)."""

    code = "witness.refused"
    status = 400

    def __init__(self, reason: str, held: int | None = None) -> None:
        super().__init__(f"{self.status} {reason}")
        self.held = held


class NotARequest(WitnessRefused):
    """Not an add-checkpoint body."""

    code = "witness.request"


class NotTheLogs(WitnessRefused):
    """No signature by the log's key."""

    code = "witness.not_signed"
    status = 403


class UnknownLog(WitnessRefused):
    """A log that this witness was not told of."""

    code = "witness.unknown_log"
    status = 404


class AnotherSize(WitnessRefused):
    """The request begins at another size than the witness holds."""

    code = "witness.another_size"
    status = 409


class AnotherRoot(WitnessRefused):
    """The log shows another tree of the very size the witness holds: a fork, worth keeping."""

    code = "witness.another_root"
    status = 409


class NotGrowth(WitnessRefused):
    """The proof does not lead from what the witness holds to the checkpoint: a fork; worth keeping."""

    code = "witness.not_growth"
    status = 422


@dataclass(frozen=True, slots=True)
class Held:
    """What a witness holds of a log: size and root of the checkpoint it cosigned last."""

    size: int = 0
    root: bytes = EMPTY_ROOT


@dataclass(frozen=True, slots=True)
class Request:
    """An add-checkpoint body: the size it begins at, the consistency proof, the checkpoint note verbatim.

    old 20852014\\n<base64 hash>\\n…\\n\\n<checkpoint note>
    """

    old: int
    proof: tuple[bytes, ...]
    note: bytes

    def to_bytes(self) -> bytes:
        """The body as it is sent."""
        lines = "".join(f"{b64encode(item).decode()}\n" for item in self.proof)
        return f"old {self.old}\n{lines}\n".encode() + self.note


def parse_request(body: bytes) -> Request:
    """The request in a body. Raises NotARequest."""
    head, gap, note = body.partition(b"\n\n")
    first, *hashes = head.decode("ascii", "replace").split("\n")
    size = first.removeprefix("old ")
    if not gap or size == first or not DECIMAL.fullmatch(size) or len(hashes) > MOST_HASHES:
        raise NotARequest("old")
    try:
        request = Request(int(size), tuple(b64decode(line, validate=True) for line in hashes), note)
    except ValueError:
        raise NotARequest("proof") from None
    if request.to_bytes() != body:
        raise NotARequest("spelling")
    return request


def judge(request: Request, logs: Sequence[VerifierKey], held: Mapping[str, Held], verify: Verify) -> Checkpoint:
    """The checkpoint that may be cosigned, and must be held before it is. Raises WitnessRefused.

    1. origin known  2. signed by the log  3. `old` not above its size  4. `old` is what is held  5. growth, or the same
    """
    try:
        stated = parse_checkpoint(parse_note(request.note).text)
    except NoteRefused as refused:
        raise NotARequest(refused.part) from refused
    key = next((key for key in logs if key.name == stated.origin), None)
    if key is None:
        raise UnknownLog(stated.origin)
    try:
        checkpoint = open_checkpoint(request.note, key, verify)
    except NoteRefused as refused:
        raise NotTheLogs(refused.part) from refused
    if request.old > checkpoint.size:
        raise NotARequest("old")
    last = held.get(checkpoint.origin, Held())
    if request.old != last.size:
        raise AnotherSize("old", last.size)
    if checkpoint.size == last.size and checkpoint.root != last.root:
        raise AnotherRoot("root", last.size)
    try:
        verify_consistency(last.size, checkpoint.size, request.proof, last.root, checkpoint.root)
    except ConsistencyRefused as refused:
        raise NotGrowth("proof") from refused
    return checkpoint
