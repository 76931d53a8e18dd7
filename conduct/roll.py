"""The calls of a case as the server keeps them: under handles, which tell it nothing, with times and answers."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from conduct.drawing import NoSuchDraw
from conduct.expert_form import EXPERTS
from conduct.ports import Json, Tx
from conduct.sealed_draw.questions import Called, Roll
from evaluation.case import CaseId

_CALLS = f"{EXPERTS}/calls"
_GONE = f"{EXPERTS}/gone"


def roll_of(tx: Tx, case: CaseId) -> Roll:
    """What the server knows of the committee now."""
    return _roll(_row(tx, case))


def keep_roll(tx: Tx, case: CaseId, moment: str) -> None:
    """Keep the roll of this moment: what was answered for it can be answered again."""
    tx.shelf(case, "draw").put(f"{EXPERTS}/roll/{moment}", _row(tx, case))


def kept_roll(tx: Tx, case: CaseId, moment: str) -> Roll:
    """A roll that was kept. Raises `NoSuchDraw`."""
    row = tx.shelf(case, "draw").get(f"{EXPERTS}/roll/{moment}")
    if row is None:
        raise NoSuchDraw
    return _roll(row)


def add_gone(tx: Tx, case: CaseId, handles: Iterable[bytes], reason: str) -> None:
    """These are out from now on."""
    gone = _gone(tx, case) + [[handle.hex(), reason] for handle in handles]
    tx.shelf(case, "draw").put(_GONE, {"gone": gone})


def _row(tx: Tx, case: CaseId) -> Json:
    bidders = [bid.name for bid in tx.case(case).all_bids]
    return {"calls": list(rows_of(tx, case).values()), "bidders": bidders, "gone": _gone(tx, case)}


def _gone(tx: Tx, case: CaseId) -> list[list[str]]:
    return list((tx.shelf(case, "draw").get(_GONE) or {"gone": []})["gone"])


def _roll(row: Json) -> Roll:
    called = tuple(
        Called(
            bytes.fromhex(one["handle"]),
            one["quota"],
            one["answer"],
            tuple(datetime.fromisoformat(at) for at in one["called"]),
            one["queued"],
        )
        for one in row["calls"]
    )
    gone = tuple((bytes.fromhex(handle), reason) for handle, reason in row["gone"])
    return Roll(called, tuple(row["bidders"]), gone)


def new_row(handle: str, quota: int) -> Json:
    """Somebody who is called for the first time; `queued` while a call waits to be placed."""
    return {"handle": handle, "quota": quota, "answer": "", "called": [], "queued": False}


def rows_of(tx: Tx, case: CaseId) -> dict[str, Json]:
    """The calls by handle, in the order they began."""
    kept = tx.shelf(case, "draw").get(_CALLS) or {"calls": []}
    return {row["handle"]: row for row in kept["calls"]}


def keep_rows(tx: Tx, case: CaseId, rows: Mapping[str, Json]) -> None:
    """Keep the calls."""
    tx.shelf(case, "draw").put(_CALLS, {"calls": list(rows.values())})
