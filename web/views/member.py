"""A member in its case: what to do now, equipment, pledge, recusal, the leader's ballot, presence, interference."""

from typing import Annotated
from urllib.parse import urlencode

from aiohttp import web
from msgspec import Meta, Struct

from conduct import checking_in, electing, pausing, pledging, reading, stepping_out, watching
from conduct.ports import Actor, Json, Tx
from evaluation.ballot import Paper
from evaluation.case import CaseId
from web import member_state, signing_flow
from web.acting import AT_THEIR_SEAT, act, act_even_paused, case_of, look
from web.i18n import say
from web.papers import papers
from web.parsing import TYPED
from web.pledge import PARAGRAPHS
from web.policy import LOGIN, route
from web.rooms import reader_of, state_for
from web.seat_pages import paper_told, seat_page
from web.visibility import document_for
from web.visit import Visit, as_json

Word = Annotated[str, Meta(max_length=120)]


class DeviceResult(Struct, forbid_unknown_fields=True):
    """What the equipment check found: word by word, such as `camera`: `good`."""

    result: Annotated[dict[Word, Word], Meta(max_length=40)]


class Reason(Struct, forbid_unknown_fields=True):
    """A reason in writing."""

    reason: Annotated[str, Meta(min_length=1, max_length=4000)]


class Choice(Struct, forbid_unknown_fields=True):
    """The member voted for."""

    choice: str


class Read(Struct, forbid_unknown_fields=True):
    """A paper, by its digest, and for how long it was seen since the page last said so."""

    paper: Annotated[str, Meta(max_length=64)]
    seconds: Annotated[int, Meta(ge=1, le=3600)]


SeatPage = Annotated[str, Meta(max_length=60, pattern=r"^([a-z][a-z/-]*(#[a-z0-9-]+)?)?$")]


class Leaving(Struct, forbid_unknown_fields=True):
    """The page of the seat that is open, and the cell in it: `scores#c-2-5`."""

    page: SeatPage = ""


class Back(Struct, forbid_unknown_fields=True):
    """The signing password, and the page to go back to; what a security key was asked about, and what it said."""

    password: str
    page: SeatPage = ""
    batch: Annotated[str, Meta(max_length=40)] = ""
    security_key: Annotated[str, Meta(max_length=6000)] = ""


class Question(Struct, forbid_unknown_fields=True):
    """What every script sends along; a return prepares its own batch."""

    batch: str = ""


class Text(Struct, forbid_unknown_fields=True):
    """A text in writing."""

    text: Annotated[str, Meta(min_length=1, max_length=4000)]


@route("GET", "/cases/{case}/me", AT_THEIR_SEAT)
async def me(visit: Visit) -> web.Response:
    """What this member is asked to do now; a script gets everything the member may see."""
    asked = visit.request.query.get("page") or visit.request.get(TYPED, {}).get("page", [""])[0]
    return await seat_page(visit, "now.html", lambda _tx, _case, _who: {"left_page": asked})


@route("GET", "/cases/{case}/now", AT_THEIR_SEAT)
async def what_now(visit: Visit) -> web.Response:
    """The state of the case and the sentence of the member's page, which asks for it every few seconds.

    `ahead`: while the member's signature waits, how many come before it.
    """

    def see(tx: Tx, case: CaseId, who: Actor) -> Json:
        seen = member_state.seen_by(tx, case, who)
        paused = seen.case.pause is not None or bool(seen.me.left_at)
        ahead = visit.services.ahead.get((case, who.who), 0)
        state = seen.case.state.value
        return {"state": state, "paused": paused, "ahead": ahead, **member_state.asked(seen, visit.language)}

    return as_json(await look(visit, see))


@route("GET", "/cases/{case}/pledge", AT_THEIR_SEAT)
async def pledge_page(visit: Visit) -> web.Response:
    """The bidders and the pledge, to decide on recusal."""
    pledge = [say(visit.language, text) for text in PARAGRAPHS]
    return await seat_page(visit, "pledge.html", lambda _tx, _case, _who: {"pledge": pledge})


@route("GET", "/cases/{case}/ballot", AT_THEIR_SEAT)
async def ballot_page(visit: Visit) -> web.Response:
    """The leader's election: this round's candidates, the rounds before with their papers."""
    return await _ballot(visit, None)


async def _ballot(visit: Visit, kept: Paper | None) -> web.Response:
    """The page, with the paper that was just dropped: it is shown this once, and nothing says whose it is."""

    def add(tx: Tx, case: CaseId, _who: Actor) -> Json:
        aliases = {member.id: member.alias for member in tx.case(case).members.values()}
        return {"alias": aliases, "kept": kept.code if kept else ""}

    return await seat_page(visit, "ballot.html", add)


@route("GET", "/cases/{case}/interference", AT_THEIR_SEAT)
async def interference_page(visit: Visit) -> web.Response:
    """The form for a report to the supervisor."""
    return await seat_page(visit, "interference.html")


@route("GET", "/cases/{case}/reading", AT_THEIR_SEAT)
async def reading_page(visit: Visit) -> web.Response:
    """The documents this member may read now, one of them open."""
    return await seat_page(visit, "reading.html", lambda tx, case, _who: papers(tx, case, visit))


@route("POST", "/cases/{case}/reading", AT_THEIR_SEAT, body=Read)
async def note_reading(visit: Visit, told: Read) -> web.Response:
    """Add to the time this member has had a paper before its eyes; the page tells every few seconds."""

    def note(tx: Tx, case: CaseId, who: Actor) -> None:
        session = visit.signed_in
        if document_for(state_for(tx, case, session), reader_of(tx, case, session), told.paper) is None:
            raise reading.NoSuchPaper
        reading.note(tx, case, who, told.paper, told.seconds)

    await act(visit, note)
    return visit.done(f"/cases/{case_of(visit)}/reading")


@route("POST", "/cases/{case}/device", AT_THEIR_SEAT, body=DeviceResult)
async def check_device(visit: Visit, told: DeviceResult) -> web.Response:
    """Keep the result of the seat's equipment check."""
    await act(visit, lambda tx, case, who: checking_in.device_checked(tx, case, who, told.result))
    return visit.done(_home(visit))


@route("POST", "/cases/{case}/recusal", AT_THEIR_SEAT, body=Reason, form=pledge_page)
async def recuse(visit: Visit, told: Reason) -> web.Response:
    """Declare a reason to stand aside (12号令 Art. 12)."""
    await act(visit, lambda tx, case, who: pledging.recuse(tx, case, who, told.reason))
    return visit.done(_home(visit))


@route("POST", "/cases/{case}/ballot", AT_THEIR_SEAT, body=Choice, form=ballot_page)
async def vote(visit: Visit, told: Choice) -> web.Response:
    """Cast the one secret vote of this round; the answer alone holds the paper, to be found among the published."""
    paper = await act(visit, lambda tx, case, who: electing.vote(tx, case, who, told.choice))
    return as_json({"paper": paper_told(paper)}) if visit.wants_json else await _ballot(visit, paper)


@route("POST", "/cases/{case}/presence", AT_THEIR_SEAT)
async def confirm_presence(visit: Visit) -> web.Response:
    """Say that one is back at the seat, alone."""
    await act_even_paused(visit, pausing.confirm_presence)
    return visit.done(_home(visit))


@route("POST", "/cases/{case}/seat/leave", AT_THEIR_SEAT, body=Leaving)
async def leave_seat(visit: Visit, told: Leaving) -> web.Response:
    """离席: lock this seat until its member types the signing password; nothing else stops."""
    await act_even_paused(visit, stepping_out.leave)
    return visit.done(f"{_home(visit)}?{urlencode({'page': told.page})}")


@route("POST", "/cases/{case}/seat/back", AT_THEIR_SEAT, body=Back, rate=LOGIN, form=me)
async def come_back(visit: Visit, told: Back) -> web.Response:
    """Unlock the seat by a signature, and go on where the member left."""
    await signing_flow.come_back(visit, told.password, told.batch, told.security_key)
    return visit.done(_page(visit, told.page))


@route("POST", "/cases/{case}/seat/back/key", AT_THEIR_SEAT, body=Question, rate=LOGIN)
async def ask_key_of_return(visit: Visit, _: Question) -> web.Response:
    """What the browser asks the security key of whoever comes back to the seat (WebAuthn request options as JSON)."""
    batch = await signing_flow.prepare_back(visit)
    told = await signing_flow.ask_security_key(visit, stepping_out.PURPOSE, batch.id, act_even_paused)
    return visit.done(_home(visit), {**told, "batch": batch.id})


@route("POST", "/cases/{case}/interference", AT_THEIR_SEAT, body=Text)
async def report_interference(visit: Visit, told: Text) -> web.Response:
    """Report an interference (干预登记): the supervisor alone gets to read it."""
    await act_even_paused(visit, lambda tx, case, who: watching.interference(tx, case, who, told.text))
    return visit.done(_home(visit))


def _page(visit: Visit, page: str) -> str:
    """The page of this seat that was open, with its cell; the member's own page where none was named."""
    return f"/cases/{case_of(visit)}/{page}" if page else _home(visit)


def _home(visit: Visit) -> str:
    return f"/cases/{case_of(visit)}/me"
