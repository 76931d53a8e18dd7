"""Lots (标段) on pages: which one is in hand, and where each stands; nothing where the tender is not divided."""

from conduct.ports import Json
from evaluation.case import BidId, Case
from web.i18n import Language, _, say

STANDINGS = {"waiting": _("未开始"), "now": _("评审中"), "signed": _("已签署"), "ended": _("已中止")}


def in_hand(state: Case, language: Language) -> str:
    """The lot that is evaluated, as a header names it."""
    if not state.lots or state.info is None:
        return ""
    number = list(state.lots).index(state.lot) + 1
    told = _("第 %(number)s 个，共 %(count)s 个：%(name)s")
    return say(language, told, number=number, count=len(state.lots), name=state.info.lot)


def is_signed(state: Case) -> bool:
    """Whether every member has answered the report of the lot in hand."""
    return state.report is not None and not state.unanswered


def next_name(state: Case) -> str:
    """The name of the lot that may be opened now; empty while the one in hand is not signed, and after the last."""
    following = state.next_lot
    return following.name if following and is_signed(state) and state.ending is None else ""


def report_name(lot: Case) -> str:
    """How the report of a lot is called among a case's files."""
    return f"report-{lot.lot}.pdf" if lot.lot else "report.pdf"


def lots_of(state: Case, *, shows_reports: bool) -> list[Json]:
    """Every lot: id, name, standing, and where reports are shown its report and its candidates by name."""
    so_far = {one.lot: one for one in state.lots_so_far}
    rows = []
    for lot in state.lots.values():
        stood = so_far.get(lot.id)
        shown = stood if shows_reports else None
        row: Json = {"id": lot.id, "name": lot.name, "standing": _standing(state, stood)}
        row["report"] = shown.report.sha256 if shown and shown.report else ""
        row["candidates"] = [shown.bids[BidId(bid)].name for bid in shown.candidates] if shown else []
        row["failed"] = bool(shown and shown.failed)
        rows.append(row)
    return rows


def _standing(state: Case, lot: Case | None) -> str:
    if lot is None:
        return "waiting"
    if is_signed(lot):
        return "signed"
    return "ended" if state.ending else "now"
