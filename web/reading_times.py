"""Reading times for those who watch the procedure: by bid for supervisor and archivist, sums alone for the witness.

Committee and offices see none of it: it is no score, and nobody is to be hurried by it.
"""

import json
from collections.abc import Mapping

from conduct import reading
from conduct.ports import Json, Tx
from evaluation.case import Case, State
from identity.roles import Role

BY_BID = frozenset({Role.SUPERVISOR, Role.ARCHIVIST})


def reading_times(tx: Tx, state: Case, role: Role) -> Json:
    """`reading`: a row a member with seconds by bid (`bids`), by everything else, and how many bids were opened."""
    if role not in BY_BID | {Role.WITNESS}:
        return {}
    times = _stated(tx, state) if state.state is State.CLOSED else reading.times(tx, state.id)
    rows = [_row(state, member.alias, times.get(member.id, {}), role) for member in state.members.values()]
    return {"reading": rows if times else []}


def _row(state: Case, alias: str, read: Mapping[str, int], role: Role) -> Json:
    by_bid = {bid: reading.of_bid(read, bid) for bid in state.bids}
    opened = sum(1 for seconds in by_bid.values() if seconds)
    row: Json = {"alias": alias, "opened": opened, "of": len(by_bid), "all": sum(read.values())}
    if role in BY_BID:
        row |= {"bids": by_bid, "others": sum(read.values()) - sum(by_bid.values())}
    return row


def _stated(tx: Tx, state: Case) -> Mapping[str, Mapping[str, int]]:
    """What the log keeps of it, as stated last: scoring may have closed more than once."""
    found: Mapping[str, Mapping[str, int]] = {}
    for _, data in tx.statements(state.id, "reading.stated"):
        found = json.loads(data)["body"]["seconds"]
    return found
