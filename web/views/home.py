"""The first page after signing in: what this role is asked to do, and the cases it has a part in."""

from collections.abc import Mapping
from dataclasses import asdict

from aiohttp import web

from conduct import cosigning
from conduct.ports import Json, Tx
from conduct.rulebook import UNREADABLE, profile_of
from evaluation.case import Case, CaseId
from identity.roles import AT_A_SEAT, Role
from web.errors import words_of
from web.i18n import Language, _, say
from web.office_words import ROLES, heading_for
from web.pages import moment, page
from web.policy import ANYBODY, route
from web.rooms import reader_of
from web.tasks import Task, task_for
from web.views.cosigning import WHO_LOOK
from web.visibility import is_party_to
from web.visit import Visit
from web.words import parties_of

# Role → the page of its own, outside any case: address, word, picture.
LINKS: Mapping[Role, tuple[tuple[str, str, str], ...]] = {
    Role.AGENT: (("/cases/new", _("新建评标项目"), "upload"),),
    Role.POOL_OWNER: (("/pool", _("专家库"), "users"), ("/calls", _("人工通知"), "bell")),
    Role.SUPERVISOR: (("/fairness", _("抽取公平性"), "list-checks"),),
    Role.AUDIT_ADMIN: (("/fairness", _("抽取公平性"), "list-checks"),),
    Role.SYSTEM_ADMIN: (("/admin/venues", _("场所与席位"), "landmark"),),
    Role.SECURITY_ADMIN: (("/admin/accounts", _("账号"), "users"), ("/admin/parties", _("抽取方"), "vote")),
}
WITHOUT_CASES = frozenset({Role.POOL_OWNER, Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN})


@route("GET", "/", ANYBODY)
async def home(visit: Visit) -> web.Response:
    """What this role is asked to do now, and the cases it has a part in."""
    session = visit.session
    if session is None:
        return visit.done("/seat" if visit.seat else "/login")
    if session.role in AT_A_SEAT:
        return visit.done(f"/cases/{session.case}/me")
    if session.role is Role.PARTY:
        return visit.done("/party")

    finds = session.role is Role.ARCHIVIST
    asked = visit.request.query.get("q", "").strip() if finds else ""

    def look(tx: Tx) -> list[Json]:
        found = [case for case in reversed(tx.cases()) if not asked or asked in "\n".join(_known_by(tx.case(case)))]
        return [row for case in found if (row := _row(tx, case, visit)) is not None]

    cases = await visit.services.store.read(look)
    forked = session.role in WHO_LOOK and await visit.services.store.read(cosigning.is_forked)
    told = {
        "cases": cases,
        "forked": forked,
        "sees_witnesses": session.role in WHO_LOOK,
        "first": _first(cases, session.role, visit.language),
        "links": [(address, say(visit.language, word), icon) for address, word, icon in LINKS.get(session.role, ())],
        "role_word": say(visit.language, ROLES[session.role]),
        "finds": finds,
        "asked": asked,
        "shows_cases": session.role not in WITHOUT_CASES,
    }
    return page(visit, "home.html", told)


def _known_by(state: Case) -> list[str]:
    """What a closed case is found by: number, title, tenderer, bidders, members, the day it closed in Beijing."""
    info = [state.info.title, state.info.project, state.info.tenderer] if state.info else []
    people = [member.name for member in state.members.values()]
    return [state.id, *info, *(bid.name for bid in state.bids.values()), *people, moment(state.closed_at)[:10]]


def _row(tx: Tx, case: CaseId, visit: Visit) -> Json | None:
    state, session = tx.case(case), visit.signed_in
    if not is_party_to(state, reader_of(tx, case, session)):
        return None
    try:
        profile = profile_of(tx, case)
        parties, task = parties_of(profile, visit.language), task_for(state, session.role, profile)
    except UNREADABLE as refusal:  # One case that stands still must not take the others from this page.
        parties, task = {}, Task(words_of(refusal.code).what)
    if session.role is Role.AUDIT_ADMIN:
        task = Task("")
    heading = heading_for(state, parties, visit.language)
    title = heading.title if session.role is not Role.AUDIT_ADMIN else ""
    words = {"say": task.say, "button": task.button}
    said = {name: say(visit.language, word) if word else "" for name, word in words.items()}
    return {
        **asdict(heading),
        **said,
        "case": case,
        "title": title,
        "page": f"/cases/{case}/{task.page}" if task.page else "",
    }


def _first(cases: list[Json], role: Role, language: Language) -> Json:
    """The one thing to do: the newest case that waits for this role, else the role's own page."""
    for row in cases:
        if row["page"]:
            return {"say": f"{row['say']}（{row['case']}）", "page": row["page"], "button": row["button"]}
    if role in LINKS and role is not Role.AGENT:
        address, word, _icon = LINKS[role][0]
        return {"say": say(language, _("打开您的工作页面。")), "page": address, "button": say(language, word)}
    return {"say": say(language, _("稍候；有事要做时会显示在这里。")), "page": "", "button": ""}
