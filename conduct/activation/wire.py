"""How a question and its answer cross the pipe, in frames (`conduct.frames`) of msgpack.

```
question  [number, name, {fields}]
answer    [number, "begun"]  then  [number, "ok", {fields}]  or  [number, "refused", code];  first of all  [0, "ready"]
pulse     [0, "pulse", null], answered at once, past the queue, by another  [0, "ready"]
```
Names and fields are those of `questions`. A password is a view of the frame it came in, so that it goes with it.
"""

from dataclasses import dataclass
from typing import Any, Protocol

import msgspec

from conduct.activation import questions, refusals
from conduct.activation.questions import Question

PULSE = msgspec.msgpack.encode([0, "pulse", None])
READY = msgspec.msgpack.encode([0, "ready"])
_ANSWER_OF: dict[type[Question[Any]], type] = {
    questions.Create: questions.Created,
    questions.Sign: questions.Released,
    questions.Prepare: questions.Prepared,
    questions.Complete: questions.Released,
    questions.Authorise: questions.Authorised,
    questions.SignHashes: questions.HashesSigned,
}
_BY_NAME = {kind.__name__: kind for kind in _ANSWER_OF}


class Answering(Protocol):
    """Who answers."""

    def answer(self, question: Question[Any], /) -> Any:  # noqa: ANN401 - the answer's type is the question's
        """Answer a question."""
        ...


@dataclass(frozen=True, slots=True)
class Said:
    """A frame from the process: about which question, what, and the rest of it."""

    number: int
    word: str
    rest: tuple[msgspec.Raw, ...] = ()


def write_question(number: int, question: Question[Any]) -> bytes:
    """The bytes of a question."""
    return msgspec.msgpack.encode([number, type(question).__name__, question])


def read_said(data: bytes) -> Said:
    """What the process says."""
    number, word, *rest = msgspec.msgpack.decode(data, type=list[msgspec.Raw])
    return Said(msgspec.msgpack.decode(number, type=int), msgspec.msgpack.decode(word, type=str), tuple(rest))


def read_answer(question: Question[Any], said: Said) -> Any:  # noqa: ANN401 - the answer's type is the question's
    """The answer to a question. Raises the refusal that came instead."""
    if said.word == "refused":
        raise refusals.made(msgspec.msgpack.decode(said.rest[0], type=str))
    return msgspec.msgpack.decode(said.rest[0], type=_ANSWER_OF[type(question)])


def number_of(data: bytearray) -> int:
    """Which question a frame is."""
    return msgspec.msgpack.decode(data, type=tuple[int, msgspec.Raw, msgspec.Raw])[0]


def begun(number: int) -> bytes:
    """The question has left the queue."""
    return msgspec.msgpack.encode([number, "begun"])


def refused(number: int, refusal: Exception) -> bytes:
    """The bytes of a refusal."""
    return msgspec.msgpack.encode([number, "refused", refusals.told(refusal)])


def answered(who: Answering, data: bytearray) -> bytes:
    """The bytes of the answer to a question; its frame is zeros afterwards. What is no refusal ends the process."""
    try:
        number, name, body = msgspec.msgpack.decode(data, type=tuple[int, str, msgspec.Raw])
        question = msgspec.msgpack.decode(body, type=_BY_NAME[name])
        return msgspec.msgpack.encode([number, "ok", who.answer(question)])
    except refusals.MAY_CROSS as refusal:
        return refused(number, refusal)
    finally:
        data[:] = bytes(len(data))
