"""How a page of an office is put together: the case as its reader may see it, its heading, its task, its tabs."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from types import MappingProxyType
from typing import Any

from aiohttp import web

from conduct import reading_questions, rolling_back
from conduct.ports import Json, Tx
from conduct.rulebook import profile_of
from evaluation.case import Case
from evaluation.clarification import leading_words
from identity.roles import Role
from web import office_words as words
from web import staffing
from web.i18n import _, say
from web.pages import page
from web.rooms import alarms_of, quality_of
from web.tasks import task_for
from web.ties import ties_of
from web.visibility import Reader, case_view
from web.visit import Visit, as_json
from web.words import parties_of

TABS: Mapping[str, tuple[str, str, frozenset[Role]]] = {
    "": (_("总览"), "house", frozenset(Role)),
    "draws": (_("抽取"), "vote", frozenset({Role.AGENT, Role.MAIN_STAFF, Role.SUPERVISOR, Role.ARCHIVIST})),
    "desk": (_("签到台"), "user-check", frozenset({Role.CHECKIN})),
    "host": (_("主持台"), "list-checks", frozenset({Role.MAIN_STAFF})),
    "watch": (_("见证台"), "eye", frozenset({Role.WITNESS})),
    "progress": (_("进度"), "signal", frozenset({Role.AGENT, Role.MAIN_STAFF, Role.SUPERVISOR})),
    "fees": (_("劳务费"), "banknote", frozenset({Role.AGENT, Role.MAIN_STAFF})),
    "appraisals": (
        _("履职评价"),
        "clipboard-check",
        frozenset({Role.AGENT, Role.MAIN_STAFF, Role.ARCHIVIST}),
    ),
    "reports": (_("干预登记"), "bell", frozenset({Role.SUPERVISOR})),
    "archive": (_("档案"), "archive", frozenset({Role.ARCHIVIST})),
    "retrievals": (_("调阅"), "search", frozenset({Role.SUPERVISOR, Role.MAIN_STAFF, Role.ARCHIVIST})),
}

Add = Callable[[Tx, Case, Reader], Json]


def _nothing(_tx: Tx, _state: Case, _reader: Reader) -> Json:
    return {}


def rollback_for(tx: Tx, state: Case, reader: Reader) -> Json:
    """The open request to go back, for those who may have to decide it."""
    asked, role = state.rollback, reader.role
    if asked is None or role not in {Role.SUPERVISOR, Role.MAIN_STAFF, Role.WITNESS}:
        return {}
    has_endorsed = role in asked.endorsed
    may_decide = role in rolling_back.approvers(tx, state.id) and not has_endorsed
    told = {"stage": asked.stage, "reason": asked.reason, "asked_at": asked.asked_at}
    return {"rollback": told | {"may_decide": may_decide, "endorsed": has_endorsed}}


def questions_for(tx: Tx, state: Case, reader: Reader) -> Json:
    """The questions to bidders that wait to be read, for whoever may let them through now."""
    waiting = [one for one in state.unread if reader.role in reading_questions.approvers(tx, state.id, one)]
    return {
        "questions": [
            {
                "id": one.id,
                "bidder": state.bids[one.bid].name,
                "pages": one.pages,
                "text": one.text,
                "leading": list(leading_words(one.text, profile_of(tx, state.id).rules.clarification)),
                "endorsed": reader.role in one.endorsed,
            }
            for one in waiting
        ]
    }


async def office_page(
    visit: Visit, template: str, add: Add = _nothing, words_beside: Mapping[str, Any] = MappingProxyType({})
) -> web.Response:
    """A page of the case in the address, with what `add` finds beside the view. A script gets the values alone."""

    def see(tx: Tx, state: Case, reader: Reader) -> tuple[Json, Json]:
        profile = profile_of(tx, state.id)
        view = case_view(state, reader, profile) | rollback_for(tx, state, reader) | questions_for(tx, state, reader)
        view |= {"ties": ties_of(tx, state, reader, visit.language)} | add(tx, state, reader)
        task = task_for(state, reader.role, profile)
        heading = words.heading_for(state, parties_of(profile, visit.language), visit.language)
        return view, {"heading": heading, "task": asdict(task)}

    view, head = await staffing.look(visit, see)
    view |= {"quality": quality_of(visit.services, view["case"], view)}
    view |= {"alarms": alarms_of(visit.services, view["case"])}
    return answer(visit, template, view, {**head, **words_beside})


def answer(visit: Visit, template: str, told: Json, head: Mapping[str, Any]) -> web.Response:
    """A page of these values; a script gets what is told without the frame."""
    if visit.wants_json:
        return as_json(told)
    return page(visit, template, {**told, **head, **frame(visit)})


def frame(visit: Visit) -> Json:
    """What every page of an office shows: its tabs and the words for codes."""
    role, language = visit.signed_in.role, visit.language
    tabs = [(name, say(language, word), icon) for name, (word, icon, roles) in TABS.items() if role in roles]
    tables = (
        "STEPS",
        "STATUSES",
        "DETAILS",
        "ROLES",
        "GAP_REASONS",
        "EXCLUSIONS",
        "ALARMS",
        "QUALITIES",
        "VERDICTS",
        "DRAW_STAGES",
        "PARTY_STATES",
        "WAITS",
        "REASONS",
        "DEADLINES",
        "ENDINGS",
        "WHY_END",
        "END_BUTTONS",
        "FOLLOWS",
        "LOTS",
    )
    said = {name.lower(): words.in_words(getattr(words, name), language) for name in tables}
    states = {state.value: say(language, word) for state, word in words.STATES.items()}
    shown = said | {"states": states, "party_pictures": words.PARTY_PICTURES}
    return {"tabs": tabs, "role": role, "words": shown}
