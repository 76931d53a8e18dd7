"""How a flow asks the draw process: read what to ask, ask, act with the answer if the question still is the same.

A transaction cannot wait and the process cannot be asked inside one; what was read is compared when it is acted upon.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from conduct import directory, drawing, provincial, stalls
from conduct.expert_form import EXPERTS, form_of
from conduct.ports import Store, Tx
from conduct.roll import kept_roll
from conduct.sealed_draw.questions import Acquaint, DrawProcess, Logged, Party, PastRound, Question, Ref, Roll
from conduct.sealed_draw.refusals import Differs, NotAcquainted
from evaluation.case import CaseId
from evaluation.drawn import Draw

A = TypeVar("A")
T = TypeVar("T")
TRIES = 5


class TooBusy(Exception):
    """What was asked about changed each time before the answer could be used; nothing was done."""

    code = "draw.too_busy"


class _Changed(Exception):
    """The question is another one by now."""


async def settle(
    store: Store,
    process: DrawProcess,
    read: Callable[[Tx], Question[A]],
    act: Callable[[Tx, A], T],
    point: str = "",
) -> T:
    """Ask what `read` makes of the committed state and let `act` state what follows. Raises `TooBusy`, `ProcessAway`.

    `read` refuses by raising, both times it is called; `point` is one of `stalls.DRAW`.
    """
    for _ in range(TRIES):
        question = await store.read(read)
        answer = await ask(store, process, question)
        if point:
            await stalls.reached(point)

        def keep(tx: Tx, question: Question[A] = question, answer: A = answer) -> T:
            if read(tx) != question:
                raise _Changed
            return act(tx, answer)

        try:
            return await store.act(keep)
        except _Changed:
            continue
    raise TooBusy


async def ask(store: Store, process: DrawProcess, question: Question[A]) -> A:
    """Ask; a process that does not know the draw is told of it first. A difference it finds is stated in the log.

    Of experts whom the province drew the process knows nothing: the imported result answers.
    """
    if await store.read(lambda tx: provincial.answers(tx, question)):
        told: A = await store.read(lambda tx: provincial.answer(tx, question))
        return told
    try:
        return await _ask(store, process, question)
    except Differs:
        ref: Ref = question.ref  # type: ignore[attr-defined] # only a question about a draw is answered so
        await store.act(lambda tx: drawing.state_difference(tx, ref))
        raise


async def _ask(store: Store, process: DrawProcess, question: Question[A]) -> A:
    try:
        return await process.ask(question)
    except NotAcquainted:
        ref: Ref = question.ref  # type: ignore[attr-defined] # as above
        await process.ask(await store.read(lambda tx: _acquaintance(tx, ref)))
        return await process.ask(question)


def _acquaintance(tx: Tx, ref: Ref) -> Acquaint:
    case, name = CaseId(ref.case), ref.draw
    draw = drawing.draw_of(tx, case, name)
    if not draw.digest or draw.attempt != ref.attempt:
        raise drawing.NoSuchDraw
    material = drawing.load(tx, case, name)
    if name == EXPERTS:
        listed = {entry.record.id for entry in material.pool.entries}
        material = replace(material, form=form_of(tx, case), experts=directory.enrolled(tx, case, listed))
    parties = tuple(
        Party(party, one.legal_person, bytes.fromhex(one.commit), bytes.fromhex(one.share_key))
        for party, one in sorted(draw.parties.items())
    )
    return Acquaint(ref, material, parties, _past(tx, case, name, draw))


def _past(tx: Tx, case: CaseId, name: str, draw: Draw) -> tuple[PastRound, ...]:
    shelf = tx.shelf(case, "draw")
    past = []
    for number, drawn in enumerate(draw.rounds):
        if drawn.order:
            opened = shelf.get(f"{round_name(name, number)}/transcript")
            roll = kept_roll(tx, case, f"round-{number}") if number else Roll()
            logged = Logged(drawn.order, drawn.transcript, drawn.sealed)
            past.append(PastRound(logged, roll, opened["bytes"].encode() if opened else b""))
    return tuple(past)


def round_name(name: str, round_no: int) -> str:
    """How a round is called where names are open: `experts`, then `experts-1` for the first 补抽."""
    return name if round_no == 0 else f"{name}-{round_no}"
