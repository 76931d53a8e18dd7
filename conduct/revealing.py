"""What a party hands in after its commitment: links, sealed to the draw process, and shares of a sealed result."""

from dataclasses import dataclass

from conduct import asking, drawing
from conduct.drawing import NoSuchDraw, NotAParty
from conduct.ports import Actor, Store, Tx
from conduct.sealed_draw.questions import DrawProcess, TakeLink, Taken, TakeShare
from draw.refusal import RevealDoesNotMatch
from evaluation.case import CaseId
from evaluation.drawn import Draw


class HostFirst(Exception):
    """The link of the party that hosts the draw process is not in the log yet."""

    code = "draw.host_first"


class LinkFalse(Exception):
    """A link shown again is not the committed one, and the draw is sealed already; nothing is void."""

    code = "draw.link_false"


@dataclass(frozen=True, slots=True)
class Box:
    """What a party sends: for a round, sealed to the process with this public key (hex)."""

    round_no: int
    key: str
    sealed: bytes


async def reveal(store: Store, process: DrawProcess, of: tuple[CaseId, str], actor: Actor, box: Box) -> bool:
    """Hand a party's link for a case's draw to the process; True when it is the committed one.

    A false one voids the attempt under that party's name. Raises `HostFirst`, `NoSuchDraw`, `NotAParty`, `LinkFalse`
    and the process's refusals, which void nothing.
    """
    (case, name), party = of, actor.who

    def read(tx: Tx) -> TakeLink:
        _check_turn(drawing.draw_of(tx, case, name), party, box.round_no)
        return TakeLink(drawing.ref_of(tx, case, name), box.round_no, party, box.key, box.sealed)

    def act(tx: Tx, taken: Taken) -> bool:
        return _state_link(tx, case, name, party, taken)

    return await asking.settle(store, process, read, act, "link-taken")


async def share(store: Store, process: DrawProcess, of: tuple[CaseId, str], actor: Actor, box: Box) -> None:
    """Hand a party's share of the sealed result to the process, which opens it with two. Raises `ShareRefused`."""
    case, name = of

    def read(tx: Tx) -> TakeShare:
        draw = drawing.draw_of(tx, case, name)
        if actor.who not in draw.parties:
            raise NotAParty
        if box.round_no >= len(draw.rounds) or not draw.rounds[box.round_no].sealed:
            raise NoSuchDraw
        result = tx.get_object(draw.rounds[box.round_no].sealed)
        return TakeShare(drawing.ref_of(tx, case, name), box.round_no, actor.who, box.key, box.sealed, result)

    await asking.ask(store, process, await store.read(read))


def _check_turn(draw: Draw, party: str, round_no: int) -> None:
    if not draw.digest or not 0 <= round_no < len(draw.rounds):
        raise NoSuchDraw
    if party not in draw.parties:
        raise NotAParty
    if draw.host and party != draw.host and draw.host not in draw.rounds[round_no].revealed:
        raise HostFirst


def _state_link(tx: Tx, case: CaseId, name: str, party: str, taken: Taken) -> bool:
    draw = drawing.draw_of(tx, case, name)
    about = {"draw": name, "attempt": draw.attempt, "party": party}
    if not taken.is_true:
        if draw.order:
            raise LinkFalse
        tx.record(case, "draw.voided", about | {"reason": RevealDoesNotMatch.code})
        return False
    if party not in draw.now.revealed and not draw.now.order:
        tx.record(case, "draw.revealed", about | {"round": len(draw.rounds) - 1, "reveal": taken.digest})
    return True
