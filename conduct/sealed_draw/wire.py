"""How a question and its answer cross the pipe, in frames (`conduct.frames`) of msgpack.

```
question  [name, {fields}]        answer  ["ok", value]  or  ["refused", code, where, number]
```
The first frame of a process is its public key (hex). Names and fields are those of `questions`.
"""

from typing import Any, Protocol

import msgspec

from conduct.sealed_draw import questions, refusals
from conduct.sealed_draw.questions import Question

_ANSWER_OF: dict[type[Question[Any]], Any] = {
    questions.Acquaint: None,
    questions.Held: tuple[questions.Holding, ...],
    questions.TakeLink: questions.Taken,
    questions.TakeShare: bool,
    questions.DrawNow: questions.Drawn,
    questions.Plan: questions.Planned,
    questions.CountStanding: questions.Count,
    questions.Succeed: questions.Succession,
    questions.Match: questions.Matched | None,
    questions.Open: questions.Opened,
}
_BY_NAME = {kind.__name__: kind for kind in _ANSWER_OF}


class Keeper(Protocol):
    """What answers."""

    def answer(self, question: Question[Any], /) -> Any:  # noqa: ANN401 - the answer's type is the question's
        """Answer a question."""
        ...


def write_question(question: Question[Any]) -> bytes:
    """The bytes of a question."""
    return msgspec.msgpack.encode([type(question).__name__, question])


def read_answer(question: Question[Any], data: bytes) -> Any:  # noqa: ANN401 - the answer's type is the question's
    """The answer to a question. Raises the refusal that came instead."""
    said, *rest = msgspec.msgpack.decode(data, type=list[msgspec.Raw])
    if msgspec.msgpack.decode(said) == "refused":
        code, where, number = map(msgspec.msgpack.decode, rest)
        raise refusals.made(code, where, number)
    return msgspec.msgpack.decode(rest[0], type=_ANSWER_OF[type(question)])


def answered(keeper: Keeper, data: bytes | bytearray) -> bytes:
    """The bytes of the answer to the question in these bytes. What is no refusal is raised: the process ends of it."""
    name, body = msgspec.msgpack.decode(data, type=tuple[str, msgspec.Raw])
    question = msgspec.msgpack.decode(body, type=_BY_NAME[name])
    try:
        return msgspec.msgpack.encode(["ok", keeper.answer(question)])
    except refusals.MAY_CROSS as refusal:
        return msgspec.msgpack.encode(["refused", *refusals.told(refusal)])
