"""Names open: when everybody is in, the draw process tells names and transcripts; from then on the server may know."""

import hashlib
from collections.abc import Mapping

from conduct import asking, drawing, sittings
from conduct.expert_draw import RESCREENED
from conduct.expert_form import EXPERTS
from conduct.ports import Json, Store, Tx
from conduct.roll import kept_roll
from conduct.sealed_draw.questions import DrawProcess, Open, Opened, Person
from evaluation.case import Case, CaseId, Member, State
from evaluation.drawn import is_of_ties
from expert_pool.fairness import Drawn


async def open_committee(store: Store, process: DrawProcess, case: CaseId) -> bool:
    """When everybody is in and enrolled: open the names and the transcripts. True when it happened now.

    Raises `LinksMissing` while a process that was started anew waits for the parties.
    """
    if await store.read(lambda tx: tx.case(case).reevaluation is not None):
        return await store.act(lambda tx: _open_recalled(tx, case))
    questions = await store.read(lambda tx: _to_open(tx, case))
    opened = {question.ref.draw: await asking.ask(store, process, question) for question in questions}
    if not opened:
        return False
    # Counted before: it reads the whole pool, which no transaction should wait for. Drawn elsewhere: nothing to count.
    rounds = opened[EXPERTS].rounds
    drawn = await store.read(lambda tx: sittings.drawn_in(tx, case, rounds[0].transcript)) if rounds else ()
    return await store.act(lambda tx: _open(tx, case, questions, opened, drawn))


def is_due(state: Case) -> bool:
    """Whether everybody is in and enrolled, and somebody's name is not open yet: at the start, or a newcomer's."""
    if state.state is State.CLOSED or state.is_incomplete or all(member.name for member in state.members.values()):
        return False
    return all(member.credential and member.device_checked for member in state.members.values())


def _to_open(tx: Tx, case: CaseId) -> tuple[Open, ...]:
    """One question a draw, none while somebody is still awaited."""
    state = tx.case(case)
    if not is_due(state):
        return ()
    seated = dict(tx.shelf(case, "seated").items())
    handles = tuple(bytes.fromhex(seated[one.id]["person"]) for one in state.members.values() if one.is_expert)
    experts = Open(drawing.ref_of(tx, case, EXPERTS), kept_roll(tx, case, RESCREENED), handles)
    others = (Open(drawing.ref_of(tx, case, name)) for name in state.draws if name != EXPERTS and not is_of_ties(name))
    return (experts, *others)


def _open(
    tx: Tx, case: CaseId, questions: tuple[Open, ...], opened: Mapping[str, Opened], drawn: tuple[Drawn, ...]
) -> bool:
    if _to_open(tx, case) != questions:
        return False
    people = {one.handle.hex(): one for one in opened[EXPERTS].people}
    seated = dict(tx.shelf(case, "seated").items())
    transcripts: Json = {}
    for name, draw in opened.items():
        transcripts |= keep_opened(tx, case, name, draw)
    rows = [_row(member, seated[member.id], people) for member in tx.case(case).members.values()]
    sittings.keep(tx, case, (one.expert for one in people.values() if one.expert), drawn)
    tx.record(case, "committee.opened", {"members": rows, "transcripts": transcripts})
    return True


def _open_recalled(tx: Tx, case: CaseId) -> bool:
    """The names of a committee that evaluates again stand in the sealed case; there is no draw to open."""
    state = tx.case(case)
    if not is_due(state) or state.info is None:
        return False
    old = tx.case(CaseId(state.info.follows)).members
    rows = [
        {
            "member": member.id,
            "alias": member.alias,
            "name": old[member.id].name,
            "kind": member.kind,
            "venue": member.venue,
            "seat": member.seat,
            "categories": list(old[member.id].categories),
        }
        for member in state.members.values()
    ]
    tx.record(case, "committee.opened", {"members": rows, "transcripts": {}})
    return True


def _row(member: Member, seated: Json, people: Mapping[str, Person]) -> Json:
    person = people.get(seated["person"])
    return {
        "member": member.id,
        "alias": member.alias,
        "name": person.name if person else seated["name"],
        "kind": member.kind,
        "venue": member.venue,
        "seat": member.seat,
        "categories": list(person.categories) if person else [],
    }


def keep_opened(tx: Tx, case: CaseId, name: str, draw: Opened) -> Json:
    """Keep what is open now where the bag finds it; the digest of each transcript by its name."""
    shelf, digests = tx.shelf(case, "draw"), {}
    for number, drawn in enumerate(draw.rounds):
        told = asking.round_name(name, number)
        shelf.put(f"{told}/transcript", {"bytes": drawn.transcript.decode()})
        shelf.put(f"{told}/order", {"salt": drawn.salt.hex(), "order": list(drawn.order)})
        digests[told] = hashlib.sha256(drawn.transcript).hexdigest()
    if draw.standing_salt:
        shelf.put(f"{name}/standing", {"salt": draw.standing_salt.hex(), "order": list(draw.standing)})
    return digests
