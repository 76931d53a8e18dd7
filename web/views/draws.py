"""Draws: asked for, confirmed by a second person, committed and revealed by the parties' key services; the calls."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from aiohttp import web
from msgspec import Meta, Struct

from conduct import drawing, expert_draw, party_work, replacing, revealing, sealed, stalls, venue_draw
from conduct.expert_form import EXPERTS
from conduct.ports import Json, Tx, stamp
from conduct.rulebook import profile_of
from conduct.sealed_draw.questions import Held
from conduct.sealed_draw.refusals import ProcessAway
from evaluation.case import Case, CaseId, State
from expert_pool.replacement import ReplacementReason
from identity.roles import Role
from web import qr, staffing
from web.acting import case_of
from web.draw_parties import standings
from web.i18n import Language, _, say
from web.office_pages import office_page
from web.policy import A_PARTY, only, route
from web.steps import opened_first
from web.views.cases import done
from web.visibility import Reader
from web.visit import Visit, as_json

PREPARE: Mapping[str, drawing.Prepare] = {
    venue_draw.VENUES: venue_draw.prepare,
    EXPERTS: expert_draw.prepare,
}
SEE_DRAWS = only(Role.AGENT, Role.MAIN_STAFF, Role.SUPERVISOR, Role.ARCHIVIST)
Digest = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]


class VenueForm(Struct, forbid_unknown_fields=True):
    """How many sub venues, how many free seats each must have, and when to draw (Beijing time without a zone)."""

    count: Annotated[int, Meta(ge=1, le=9)]
    seats: Annotated[int, Meta(ge=1, le=20)]
    at: datetime


class QuotaForm(Struct, forbid_unknown_fields=True):
    """How many experts of a category, how many alternates beside them, and where they sit (`main`, `sub-1` …).

    Where no number of alternates is given, the profile's is meant.
    """

    category: str
    count: Annotated[int, Meta(ge=1, le=20)]
    place: str
    alternates: Annotated[int, Meta(ge=0, le=20)] | None = None


class ExpertForm(Struct, forbid_unknown_fields=True):
    """The quotas, the written reason for a region, and when to draw."""

    quotas: Annotated[tuple[QuotaForm, ...], Meta(min_length=1)]
    at: datetime
    region_reason: str = ""


class Commitment(Struct, forbid_unknown_fields=True):
    """The last link of a chain, and the X25519 key to which a share of the sealed result goes."""

    commit: Digest
    share_key: Digest


class LinkBox(Struct, forbid_unknown_fields=True):
    """A link for a round, encrypted to the draw process with this public key."""

    round: Annotated[int, Meta(ge=0, le=63)]
    key: Digest
    sealed: Annotated[str, Meta(pattern="^[0-9a-f]{160}$")]


class ShareBox(Struct, forbid_unknown_fields=True):
    """A share of a round's sealed result, encrypted to the draw process with this public key."""

    round: Annotated[int, Meta(ge=0, le=63)]
    key: Digest
    sealed: Annotated[str, Meta(pattern="^[0-9a-f]{162}$")]


class ReplacementForm(Struct, forbid_unknown_fields=True):
    """A seated member by number, or the place where somebody is absent; why (R-10)."""

    reason: Literal["recusal", "left-post", "health"]
    member: str = ""
    place: str = ""


@route("GET", "/cases/{case}/draws", SEE_DRAWS)
async def draws_page(visit: Visit) -> web.Response:
    """Both draws: what was asked, commitments, digests, what is waited for, calls; the transcript once it is open."""
    keeping = await _keeping(visit)

    def add(tx: Tx, state: Case, _reader: Reader) -> Json:
        names = ["main", *(f"sub-{number}" for number in range(1, _sub_venues(state) + 1))]
        transcripts = sealed.transcript_digests(tx, state.id) if state.is_open else {}
        stand = standings(tx, state)
        codes = {name: qr.picture(one["transcript"]) for name, one in stand.items() if one["transcript"]}
        told = {"standings": stand, "transcripts": transcripts, "qr": codes, "now": stamp(tx.now)}
        profile = profile_of(tx, state.id)
        told["alternates"] = profile.rules.draw.alternates
        told["bids_first"] = opened_first(profile) and not state.all_bids
        waits = {name: party_work.lost(tx, state, name, keeping) for name in stand}
        return told | {"places": place_words(names, visit.language), "seated": _seated(state), "waits": waits}

    return await office_page(visit, "draws.html", add)


def _seated(state: Case) -> list[tuple[str, str]]:
    """The experts who may be replaced, by their number; nobody before the desk opens."""
    if not State.CHECK_IN.rank <= state.state.rank <= State.REPORT_SIGNING.rank:
        return []
    return [(one.id, f"{one.alias} {one.seat}") for one in state.members.values() if one.is_expert] or [("", "")]


def _sub_venues(state: Case) -> int:
    draw = state.draws.get(venue_draw.VENUES)
    return int(draw.request["count"]) if draw else 0


def place_words(names: list[str], language: Language) -> dict[str, str]:
    """A place by its part: who it is stays sealed until check-in."""
    main, sub = say(language, _("主场")), _("副场 %(number)s")
    return {name: main if name == "main" else say(language, sub, number=name[4:]) for name in names}


@route("GET", "/cases/{case}/draws/{draw}/transcript", SEE_DRAWS)
async def transcript(visit: Visit) -> web.Response:
    """The transcript of a draw, once the committee is open: whoever draws again from it comes to the same."""
    name = visit.request.match_info["draw"]

    def read(tx: Tx, state: Case, _reader: Reader) -> str:
        row = tx.shelf(state.id, "draw").get(f"{name}/transcript") if state.is_open else None
        if name not in state.draws or row is None:
            raise drawing.NoSuchDraw
        return str(row["bytes"])

    text = await staffing.look(visit, read)
    headers = {"Content-Disposition": f'attachment; filename="{name}-transcript.json"'}
    return web.Response(text=text, content_type="application/json", headers=headers)


@route("POST", "/cases/{case}/draws/venues", only(Role.MAIN_STAFF), body=VenueForm, form=draws_page)
async def ask_for_venues(visit: Visit, form: VenueForm) -> web.Response:
    """Ask for the draw of sub venues."""
    asked, at = venue_draw.VenueRequest(form.count, form.seats), staffing.utc_stamp(form.at)
    await staffing.act(visit, lambda tx, case, actor: venue_draw.request(tx, case, actor, asked, at))
    return done(visit)


@route("POST", "/cases/{case}/draws/experts", only(Role.AGENT), body=ExpertForm, form=draws_page)
async def ask_for_experts(visit: Visit, form: ExpertForm) -> web.Response:
    """Ask for the draw of experts; quotas are checked against the application at once."""
    quotas = [
        {"category": one.category, "count": one.count, "alternates": one.alternates, "place": one.place}
        for one in form.quotas
    ]
    asked: dict[str, Any] = {"quotas": quotas, "region_reason": form.region_reason}
    at = staffing.utc_stamp(form.at)
    await staffing.act(visit, lambda tx, case, actor: expert_draw.request(tx, case, actor, asked, at))
    return done(visit)


@route("POST", "/cases/{case}/draws/{draw}/confirm", only(Role.SUPERVISOR), form=draws_page)
async def confirm(visit: Visit) -> web.Response:
    """Confirm a draw as the second person; the pool is frozen at once."""
    name = visit.request.match_info["draw"]
    prepare = PREPARE.get(name)
    if prepare is None:
        raise drawing.NoSuchDraw
    await staffing.act(visit, lambda tx, case, actor: drawing.confirm(tx, case, actor, name, prepare))
    return done(visit)


@route("POST", "/cases/{case}/replacements", only(Role.AGENT, Role.MAIN_STAFF), body=ReplacementForm, form=draws_page)
async def ask_for_replacement(visit: Visit, form: ReplacementForm) -> web.Response:
    """Ask for the replacement of a seated expert, or of whoever has not come to a place."""
    asked = replacing.Asked(form.member, form.place, ReplacementReason(form.reason))
    await staffing.act(visit, lambda tx, case, actor: replacing.request(tx, case, actor, asked))
    return done(visit)


@route("POST", "/cases/{case}/replacements/confirm", only(Role.SUPERVISOR), form=draws_page)
async def confirm_replacement(visit: Visit) -> web.Response:
    """Confirm it as the second person: an alternate is called, else the parties are asked for their next link."""
    await staffing.look(visit, lambda _tx, _state, _reader: None)
    services = visit.services
    await replacing.confirm(services.store, services.process, case_of(visit), visit.actor)
    return done(visit)


@route("GET", "/draws", A_PARTY)
async def open_draws(visit: Visit) -> web.Response:
    """What this party has to do now, with the receipt of the context that it must check."""
    party, keeping = visit.signed_in.who, await _keeping(visit)
    work = await visit.services.store.read(lambda tx: party_work.work_of(tx, party, keeping))
    return as_json(await asyncio.to_thread(lambda: [_with_proof(visit, row) for row in work]))


async def _keeping(visit: Visit) -> party_work.Keeping:
    """The draw process as it is now."""
    process = visit.services.process
    try:
        held = await process.ask(Held())
    except ProcessAway:
        return party_work.Keeping()
    return party_work.Keeping(process.key, frozenset(held))


def _with_proof(visit: Visit, row: Json) -> Json:
    """A link is given only for a context that stands in the log; the proof says that it does."""
    if not row["statement"]:
        return row
    grounds = [one | {"proof": _proof(visit, row["case"], one["index"])} for one in row["grounds"]]
    return row | {"proof": _proof(visit, row["case"], row["index"]), "grounds": grounds}


def _proof(visit: Visit, case: str, index: int) -> str:
    receipt = visit.services.store.receipt(case, index)
    return receipt.proof if receipt else ""


@route("POST", "/cases/{case}/draws/{draw}/commit", A_PARTY, body=Commitment)
async def commit(visit: Visit, form: Commitment) -> web.Response:
    """Commit to a link, once an attempt."""
    (case, name), actor = _draw_of(visit), visit.actor
    await visit.services.store.act(lambda tx: drawing.commit(tx, case, actor, name, form.commit, form.share_key))
    await stalls.reached("committed")
    return as_json({"accepted": True})


@route("POST", "/cases/{case}/draws/{draw}/reveal", A_PARTY, body=LinkBox)
async def reveal(visit: Visit, form: LinkBox) -> web.Response:
    """Leave a link, sealed to the draw process; a false one voids the attempt under the party's name."""
    services, box = visit.services, revealing.Box(form.round, form.key, bytes.fromhex(form.sealed))
    accepted = await revealing.reveal(services.store, services.process, _draw_of(visit), visit.actor, box)
    return as_json({"accepted": accepted})


@route("POST", "/cases/{case}/draws/{draw}/share", A_PARTY, body=ShareBox)
async def share(visit: Visit, form: ShareBox) -> web.Response:
    """Hand in a share of a sealed result, when the links cannot be had again; two open it inside the draw process."""
    services, box = visit.services, revealing.Box(form.round, form.key, bytes.fromhex(form.sealed))
    await revealing.share(services.store, services.process, _draw_of(visit), visit.actor, box)
    return as_json({"accepted": True})


def _draw_of(visit: Visit) -> tuple[CaseId, str]:
    return CaseId(visit.request.match_info["case"]), visit.request.match_info["draw"]
