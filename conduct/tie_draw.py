"""The draw of equal bids (抽签): by the protocol and parties of every draw, asked for by the tally, open at once.

Nobody asks for it, confirms it or may choose anything in it. An order once drawn, or asked for, stands for its bids: no
lot is cast a second time.
"""

from collections.abc import Callable, Iterable
from hashlib import sha256

from conduct import asking, drawing, opening
from conduct.ports import SERVER, Json, Store, Tx, stamp
from conduct.sealed_draw.questions import Drawn, DrawNow, DrawProcess, Material, Opened
from draw.pool import SALT_BYTES, Record, freeze, seal
from draw.request import Quota, Request
from evaluation.case import Case, CaseId
from evaluation.drawn import TIES, Draw, is_of_ties
from signing.canonical import canonical


def waiting(state: Case) -> dict[str, Draw]:
    """The draws of equal bids that were asked for and are not open yet, by name."""
    return {name: draw for name, draw in state.draws.items() if is_of_ties(name) and not draw.opened}


def orders(state: Case) -> list[Json]:
    """What was drawn of the bids in hand, in the order in which it was asked for, as a tally takes it."""
    opened = {name: draw.opened for name, draw in state.draws.items() if draw.opened}
    return [{"draw": name, "order": list(order)} for name, order in opened.items() if set(order) <= set(state.bids)]


def ask(tx: Tx, case: CaseId, document: bytes, groups: Iterable[tuple[str, ...]]) -> None:
    """Ask for the lot that a tally needs, with its pool frozen; groups that a draw under way will decide need no other.

    `document` is the tally's input that leaves these groups equal: the parties commit to a lot about it.
    """
    state = tx.case(case)
    under_way = [set(_bids(draw.request["bids"])) for draw in waiting(state).values()]
    undecided = [list(group) for group in groups if not any(set(group) <= bids for bids in under_way)]
    if not undecided:
        return
    count = sum(map(is_of_ties, state.draws))
    name = f"{TIES}{count + 1}" if count else TIES
    form: Json = {"bids": undecided, "case": case, "input": tx.put_object(document)}
    asked = {"by": SERVER.as_by(), "draw": name, "request": form, "at": stamp(tx.now)}
    tx.record(case, "draw.requested", asked)
    bids = _bids(undecided)
    project = state.info.project if state.info else ""
    lot = Request(project, (Quota(len(bids)),), terms=sha256(canonical(form)).hexdigest())
    drawing.freeze_pool(tx, case, name, Material(lot, freeze(seal(Record(bid), tx.random(SALT_BYTES)) for bid in bids)))


async def run(store: Store, process: DrawProcess, case: CaseId, name: str, go_on: Callable[[Tx, CaseId], None]) -> None:
    """Draw, open the order and go on with the tally that waits for it, all in one transaction.

    Raises `LinksMissing`, `NoSuchDraw`.
    """

    def read(tx: Tx) -> DrawNow:
        return drawing.to_draw(tx, case, name)

    def act(tx: Tx, drawn: Drawn) -> None:
        take(tx, case, name, drawn)
        go_on(tx, case)

    await asking.settle(store, process, read, act, "drawn")


def take(tx: Tx, case: CaseId, name: str, drawn: Drawn) -> None:
    """State a lot as the process drew it, sealed and open at once."""
    drawing.state_drawn(tx, case, name, drawn)
    transcripts = opening.keep_opened(tx, case, name, Opened(drawn.opened))
    order = [bid for one in drawn.opened for bid in one.order]
    tx.record(case, "draw.opened", {"draw": name, "order": order, "transcripts": transcripts})


def _bids(groups: Iterable[Iterable[str]]) -> list[str]:
    return [bid for group in groups for bid in group]
