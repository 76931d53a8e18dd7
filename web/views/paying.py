"""劳务费: an expert confirms time and account at the seat; agent and main venue get the sheet for who pays, once."""

from decimal import Decimal
from typing import Annotated

from aiohttp import web
from msgspec import Meta, Struct

from conduct import paying
from conduct.paying import Account, Due
from conduct.ports import Actor, Json, Tx
from evaluation.capitals import in_capitals
from evaluation.case import Case, CaseId, State
from identity.roles import Role
from web import staffing
from web.acting import AT_THEIR_SEAT, act, case_of
from web.i18n import Language, _, say
from web.office_pages import office_page
from web.policy import only, route
from web.seat_pages import seat_page
from web.visibility import Reader
from web.visit import Visit

PAYERS = only(Role.AGENT, Role.MAIN_STAFF)
GROUNDS = {"worked": "", "not_started": _("到场未开始评审"), "recusal": _("回避")}


class Confirmation(Struct, forbid_unknown_fields=True):
    """Where the money goes, both empty where the payer knows it; an objection to the time, or nothing."""

    bank: Annotated[str, Meta(max_length=80)] = ""
    number: Annotated[str, Meta(max_length=60)] = ""
    objection: Annotated[str, Meta(max_length=1000)] = ""


@route("GET", "/cases/{case}/fee", AT_THEIR_SEAT)
async def fee_page(visit: Visit) -> web.Response:
    """The expert's own time and fee, to be confirmed."""

    def add(tx: Tx, case: CaseId, who: Actor) -> Json:
        return {"due": told(paying.own(tx, case, who), visit.language), "table": table(tx, case)}

    return await seat_page(visit, "fee.html", add)


@route("POST", "/cases/{case}/fee", AT_THEIR_SEAT, body=Confirmation, form=fee_page)
async def confirm(visit: Visit, given: Confirmation) -> web.Response:
    """Confirm the time of the evaluation, or object to it, and leave an account; the log never gets the account."""
    account = Account(given.bank, given.number)
    await act(visit, lambda tx, case, who: paying.confirm(tx, case, who, account, given.objection))
    return visit.done(f"/cases/{case_of(visit)}/me")


@route("GET", "/cases/{case}/fees", PAYERS)
async def fees_page(visit: Visit) -> web.Response:
    """The payment sheet: each expert's time and sum; accounts once the case is closed, until they are destroyed."""

    def add(tx: Tx, state: Case, _reader: Reader) -> Json:
        due, is_closed = paying.dues(tx, state.id), state.state is State.CLOSED
        accounts = paying.accounts(tx, state.id) if is_closed else {}
        total = sum(one.yuan or 0 for one in due)
        return {
            "dues": [told(one, visit.language) | _account(accounts.get(one.member.id)) for one in due],
            "table": table(tx, state.id),
            "total": total,
            "total_words": in_capitals(Decimal(total)),
            "closed": is_closed,
            "held": len(accounts),
            "destroyed": is_closed and paying.are_destroyed(tx, state.id),
        }

    return await office_page(visit, "fees.html", add)


@route("POST", "/cases/{case}/fees/accounts/destroy", PAYERS, form=fees_page)
async def destroy(visit: Visit) -> web.Response:
    """Destroy the accounts once the payer has the sheet."""
    await staffing.act(visit, paying.destroy)
    return visit.done(f"/cases/{case_of(visit)}/fees")


def table(tx: Tx, case: CaseId) -> Json | None:
    """The table by which experts of the case are paid; None where sums are agreed elsewhere."""
    rule = paying.table_of(tx, case)
    return {"title": rule.title, "source": rule.source} if rule else None


def told(due: Due, language: Language) -> Json:
    """What one expert is due, as pages show it."""
    hours, minutes = divmod(due.minutes, 60)
    ground = GROUNDS[due.ground]
    return {
        "alias": due.member.alias,
        "name": due.member.name,
        "began": due.began,
        "ended": due.ended,
        "hours": hours,
        "minutes": minutes,
        "yuan": due.yuan,
        "words": "" if due.yuan is None else in_capitals(Decimal(due.yuan)),
        "ground": say(language, ground) if ground else "",
        "confirmed": due.body is not None,
        "agreed": due.agrees,
        "remark": due.body["remark"] if due.body else "",
    }


def _account(account: Account | None) -> Json:
    return {"bank": account.bank if account else "", "number": account.number if account else ""}
