"""The evaluation report as a page, from the same content as the PDF, for whoever may open that PDF."""

import json
from http import HTTPStatus

from aiohttp import web

from archive.report.consistency import read_report
from archive.report.content import content_of
from archive.report.reading import value_of
from archive.report.render import render_answers
from conduct import signing_inside
from conduct.ports import Json, Tx
from conduct.report import ReportNotReady
from conduct.report.answers import build_answers
from conduct.rulebook import profile_of
from conduct.stepping_out import demand_seated
from evaluation.case import Case, Report
from evaluation.life import Paused
from web import staffing
from web.admission import NotYourCase
from web.office_words import heading_for
from web.pages import page
from web.policy import PAPERS, route
from web.views.cases import OF_A_CASE
from web.visibility import Reader, document_for
from web.visit import Visit
from web.words import parties_of


@route("GET", "/cases/{case}/report/read", OF_A_CASE)
async def read(visit: Visit) -> web.Response:
    """The report in words and tables, as the PDF has it; hidden while work is paused."""

    def see(tx: Tx, state: Case, reader: Reader) -> Json:
        lot = _lot(state, visit)
        report = _open_to(state, lot, reader)
        parties = parties_of(profile_of(tx, state.id), visit.language)
        value = json.loads(tx.get_object(report.data_sha256))
        return {
            "content": value_of(content_of(read_report(value))),
            "sha256": report.sha256,
            "answered": not lot.unanswered,
            "lot": lot.lot,
            "heading": heading_for(state, parties, visit.language),
        }

    return page(visit, "report_read.html", await staffing.look(visit, see), HTTPStatus.OK)


@route("GET", "/cases/{case}/report/answers", OF_A_CASE, rate=PAPERS)
async def answers(visit: Visit) -> web.Response:
    """How every member answered the report, in their own words, as a PDF; once all have answered."""

    def see(tx: Tx, state: Case, reader: Reader) -> Json:
        lot = _lot(state, visit)
        _open_to(state, lot, reader)
        return build_answers(tx, lot)

    pdf = await render_answers(await staffing.look(visit, see))
    headers = {"Content-Disposition": 'inline; filename="answers.pdf"'}
    return web.Response(body=pdf, content_type="application/pdf", headers=headers)


@route("GET", "/cases/{case}/report/signed", OF_A_CASE, rate=PAPERS)
async def signed(visit: Visit) -> web.Response:
    """The report with the members' signatures inside, as a PDF; once all have answered."""

    def see(tx: Tx, state: Case, reader: Reader) -> bytes:
        lot = _lot(state, visit)
        report = _open_to(state, lot, reader)
        if lot.unanswered:
            raise ReportNotReady
        return signing_inside.standing(tx, state.id, report.sha256).data

    pdf = await staffing.look(visit, see)
    headers = {"Content-Disposition": 'attachment; filename="signed-report.pdf"'}
    return web.Response(body=pdf, content_type="application/pdf", headers=headers)


def _lot(state: Case, visit: Visit) -> Case:
    """The case as the lot that the address names left it (`lot`); as it is, where it names none."""
    return state.finished.get(visit.request.query.get("lot", ""), state)


def _open_to(state: Case, lot: Case, reader: Reader) -> Report:
    """The report of a lot, for whoever may open its PDF now. Raises `NotYourCase`, `Paused`."""
    report = lot.report
    if report is None or document_for(state, reader, report.sha256) is None:
        raise NotYourCase
    if state.pause is not None:
        raise Paused("report")
    demand_seated(state, reader.session.who)
    return report
