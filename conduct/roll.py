"""The calls of a case as the server keeps them: under handles, which tell it nothing, with times and answers."""

from collections.abc import Mapping
from datetime import datetime

from conduct.drawing import NoSuchDraw
from conduct.expert_form import EXPERTS
from conduct.ports import Json, Tx
from conduct.sealed_draw.questions import Called, Roll
from evaluation.case import CaseId

_CALLS = f"{EXPERTS}/calls"


def roll_of(tx: Tx, case: CaseId) -> Roll:
    """What the server knows of the committee now."""
    return _roll(list(rows_of(tx, case).values()), [bid.name for bid in tx.case(case).bids.values()])


def keep_roll(tx: Tx, case: CaseId, moment: str) -> None:
    """Keep the roll of this moment: what was answered for it can be answered again."""
    row = {"calls": list(rows_of(tx, case).values()), "bidders": [bid.name for bid in tx.case(case).bids.values()]}
    tx.shelf(case, "draw").put(f"{EXPERTS}/roll/{moment}", row)


def kept_roll(tx: Tx, case: CaseId, moment: str) -> Roll:
    """A roll that was kept. Raises `NoSuchDraw`."""
    row = tx.shelf(case, "draw").get(f"{EXPERTS}/roll/{moment}")
    if row is None:
        raise NoSuchDraw
    return _roll(row["calls"], row["bidders"])


def _roll(rows: list[Json], bidders: list[str]) -> Roll:
    called = tuple(
        Called(
            bytes.fromhex(row["handle"]),
            row["quota"],
            row["answer"],
            tuple(datetime.fromisoformat(at) for at in row["called"]),
        )
        for row in rows
    )
    return Roll(called, tuple(bidders))


def rows_of(tx: Tx, case: CaseId) -> dict[str, Json]:
    """The calls by handle, in the order they began."""
    kept = tx.shelf(case, "draw").get(_CALLS) or {"calls": []}
    return {row["handle"]: row for row in kept["calls"]}


def keep_rows(tx: Tx, case: CaseId, rows: Mapping[str, Json]) -> None:
    """Keep the calls."""
    tx.shelf(case, "draw").put(_CALLS, {"calls": list(rows.values())})
