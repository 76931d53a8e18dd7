"""The verifier splits a case at `lot.opened`, and names one that was closed with a lot left or opened out of turn."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from archive.verifier import lots
from archive.verifier.context import Context, Line, Log

OPENING = ("package.received", {"type": "opening", "lots": [{"id": "1"}, {"id": "2"}, {"id": "3"}]})


def context_of(*rows: tuple[str, dict[str, Any]]) -> Context:
    lines = [
        Line(at, b"", cast(Any, SimpleNamespace(kind=kind, body=body, at="", case="E-1")))
        for at, (kind, body) in enumerate(rows)
    ]
    by_kind = {kind: [line for line in lines if line.stated.kind == kind] for kind, _ in rows}
    log = Log("E-1", tuple(lines), by_kind, len(lines), b"", None)
    return Context(cast(Any, None), cast(Any, None), log, cast(Any, None), 0)


def opened(*ids: str) -> list[tuple[str, dict[str, Any]]]:
    return [("lot.opened", {"lot": lot}) for lot in ids]


@pytest.mark.parametrize(
    ("ids", "ended", "is_right"),
    [
        (("2", "3"), False, True), (("2",), False, False), ((), False, False), (("3", "2"), False, False),
        (("2", "2", "3"), False, False), (("2",), True, True), (("3",), True, False),
    ],
)  # fmt: skip
def test_every_lot_is_evaluated_in_its_turn_unless_the_case_was_ended(
    ids: tuple[str, ...], ended: bool, is_right: bool
) -> None:
    rows = [OPENING, *opened(*ids), *([("case.aborted", {"ground": "incident"})] if ended else [])]
    found = [one.what for one in lots.check(context_of(*rows))]
    assert found == ([] if is_right else ["lots-not-in-order"])


def test_an_undivided_tender_in_which_a_lot_is_opened_is_named() -> None:
    alone = ("package.received", {"type": "opening"})
    assert not list(lots.check(context_of(alone)))
    assert [one.what for one in lots.check(context_of(alone, *opened("1")))] == ["lots-not-in-order"]


def test_a_lot_is_judged_by_its_own_statements_and_the_committees() -> None:
    sheets = [("sheet.signed", {"bid": bid}) for bid in ("1-A", "2-A")]
    left = ("member.replaced", {"member": "m1"})
    first, second = lots.lots_of(context_of(OPENING, left, sheets[0], *opened("2"), sheets[1], left))
    assert [line.body["bid"] for line in first.context.log.of("sheet.signed")] == ["1-A"]
    assert [line.body["bid"] for line in second.context.log.of("sheet.signed")] == ["2-A"]
    assert [len(lot.context.log.of("member.replaced")) for lot in (first, second)] == [1, 2]
    assert second.at("data/report", "report.pdf") == "data/report/2/report.pdf"
