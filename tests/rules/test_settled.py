"""A lot, the last with the case, is left only when nothing in it is open."""

import pytest

from conduct.closing import demand_settled
from conduct.summing import TieWaits
from evaluation.case import Case, CaseId, State
from evaluation.drawn import Draw
from evaluation.rollback import Rollback, RollbackOpen

ASKED = Rollback("detailed", "分值有误", "2026-11-23T01:00:00.000Z")
TIE = Draw({"bids": [["A", "B"]]}, "2026-11-23T01:00:00.000Z", "server")


def test_nothing_open_lets_go_on() -> None:
    demand_settled(Case(CaseId("E-1"), State.REPORT_SIGNING))


def test_a_request_to_go_back_is_decided_first() -> None:
    with pytest.raises(RollbackOpen):
        demand_settled(Case(CaseId("E-1"), State.REPORT_SIGNING, rollbacks=(ASKED,)))


def test_a_draw_of_equal_bids_is_drawn_to_its_end() -> None:
    with pytest.raises(TieWaits):
        demand_settled(Case(CaseId("E-1"), State.REPORT_SIGNING, draws={"ties": TIE}))
