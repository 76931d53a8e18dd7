"""Steps of blind review: committed as bids are opened, opened once every sheet by code is signed."""

from dataclasses import replace

from evaluation.blind import Blind
from evaluation.case import BidId, Case
from evaluation.steps.registry import Logged, on


@on("blind.committed")
def _committed(case: Case, logged: Logged) -> Case:
    body = logged.body
    return replace(case, blind=Blind(body["commitment"], tuple(body["groups"]), tuple(body["named"])))


@on("blind.opened")
def _opened(case: Case, logged: Logged) -> Case:
    if case.blind is None:
        return case
    bids = {BidId(code): BidId(bid) for code, bid in logged.body["codes"].items()}
    return replace(case, blind=replace(case.blind, bids=bids, opened_at=logged.at))
