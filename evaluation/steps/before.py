"""Steps from the application to the re-screening: what happens before anybody sits."""

from dataclasses import replace
from typing import Any

from evaluation.case import Application, Case, Document, Info, Lot
from evaluation.drawn import Draw, DrawParty, DrawRound, Replacement
from evaluation.ending import Asked, Ending
from evaluation.lot import bids_of, is_of_another
from evaluation.steps.registry import Body, Logged, on, with_


@on("case.created")
def _created(case: Case, logged: Logged) -> Case:
    body = logged.body
    info = Info(
        project=body["project"],
        title=body["title"],
        tenderer=body["tenderer"],
        agent=body["agent"],
        region=body["region"],
        lot=body["lot"],
        limit=body["limit"],
        planned_start=body["planned_start"],
        profile=body["profile"]["id"],
        profile_digest=body["profile"]["digest"],
        demo=body["demo"],
        created_by=body["by"]["who"],
        method=body.get("method", ""),
        follows=body.get("follows", {}).get("case", ""),
        followed_as=body.get("follows", {}).get("reason", ""),
    )
    lots = {row["id"]: Lot(**row) for row in body.get("lots", ())}
    return replace(case, info=info, lots=lots, lot=next(iter(lots), ""))


@on("package.received")
def _package(case: Case, logged: Logged) -> Case:
    body = logged.body
    brought = (Document(row["path"], row["role"], row["sha256"], row["size"], body["type"]) for row in body["files"])
    received = replace(
        case, files=(*case.files, *brought), packages=with_(case.packages, body["type"], body["package"])
    )
    if case.lots:
        lots = _lots(case, body)
        return at_lot(replace(received, lots=lots), next(iter(lots)))
    return replace(
        received,
        documents=received.files,
        criteria_sha256=body.get("criteria", case.criteria_sha256),
        bids=bids_of(body.get("bids", [])) or case.bids,
        k=body.get("k", case.k),
    )


def _lots(case: Case, body: Body) -> dict[str, Lot]:
    """The lots that a package names, with what it tells of each: criteria, or what was opened of it."""
    bids = body.get("bids", ())
    return {
        row["id"]: replace(case.lots[row["id"]], **row, bids=bids_of([bid for bid in bids if bid["lot"] == row["id"]]))
        for row in body["lots"]
    }


def at_lot(case: Case, lot_id: str) -> Case:
    """The case with this of its lots in hand: its name, limit and method, its criteria, its bids and its papers."""
    lot = case.lots[lot_id]
    info = replace(case.info, lot=lot.name, limit=lot.limit, method=lot.method) if case.info else None
    documents = tuple(one for one in case.files if not is_of_another(lot, one.role, one.path))
    return replace(
        case, lot=lot.id, info=info, criteria_sha256=lot.criteria, bids=lot.bids, k=lot.k, documents=documents
    )


@on("precheck.stated")
def _precheck(case: Case, logged: Logged) -> Case:
    return replace(case, precheck=logged.body["findings"])


@on("application.submitted")
def _application(case: Case, logged: Logged) -> Case:
    body = logged.body
    application = Application(
        experts=body["experts"],
        representatives=body["representatives"],
        start=body["start"],
        days=body["days"],
        overnight=body["overnight"],
        avoid_units=tuple(body["avoid_units"]),
    )
    return replace(case, application=application)


@on("seats.held")
def _seats(case: Case, logged: Logged) -> Case:
    return replace(case, venue=logged.body["venue"], seats=tuple(logged.body["seats"]))


@on("draw.requested")
def _draw_requested(case: Case, logged: Logged) -> Case:
    """A form after a lot that found too few begins another attempt, with all parties."""
    body = logged.body
    before = case.draws.get(body["draw"])
    attempt = before.attempt + 1 if before else 1
    draw = Draw(body["request"], body["at"], body["by"]["who"], attempt=attempt, rounds=(DrawRound(body["at"]),))
    return replace(case, draws=with_(case.draws, body["draw"], draw))


def _draw(case: Case, body: Body, **changes: Any) -> Case:  # noqa: ANN401 - fields of Draw
    draw = case.draws[body["draw"]]
    return replace(case, draws=with_(case.draws, body["draw"], replace(draw, **changes)))


@on("draw.confirmed")
def _draw_confirmed(case: Case, logged: Logged) -> Case:
    return _draw(case, logged.body, confirmed=True)


@on("draw.frozen")
def _draw_frozen(case: Case, logged: Logged) -> Case:
    body = logged.body
    return _draw(case, body, root=body["root"], size=body["size"], excluded=dict(body["excluded"]))


@on("draw.committed")
def _draw_committed(case: Case, logged: Logged) -> Case:
    body = logged.body
    party = DrawParty(body["legal_person"], body["commit"], body["share_key"], body["host"])
    return _draw(case, body, parties=with_(case.draws[body["draw"]].parties, body["party"], party))


@on("draw.context")
def _draw_context(case: Case, logged: Logged) -> Case:
    return _draw(case, logged.body, context=logged.body["context"], digest=logged.body["digest"])


@on("draw.revealed")
def _draw_revealed(case: Case, logged: Logged) -> Case:
    body = logged.body
    now = case.draws[body["draw"]].now
    return _round(case, body, replace(now, revealed=with_(now.revealed, body["party"], body["reveal"])))


@on("draw.voided")
def _draw_voided(case: Case, logged: Logged) -> Case:
    """The next attempt begins with nothing; several parties may be named for the same one."""
    body = logged.body
    draw = case.draws[body["draw"]]
    next_one = {"attempt": body["attempt"] + 1, "since": logged.at, "left_out": (*draw.left_out, body["party"])}
    return _draw(case, body, **next_one, parties={}, context=None, digest="", rounds=(DrawRound(draw.at),))


@on("draw.sealed")
def _draw_sealed(case: Case, logged: Logged) -> Case:
    body = logged.body
    draw = case.draws[body["draw"]]
    drawn = replace(draw.now, order=body["order"], transcript=body["transcript"], sealed=body["sealed"])
    return _draw(_round(case, body, drawn), body, order=draw.order or body["order"])


@on("draw.opened")
def _draw_opened(case: Case, logged: Logged) -> Case:
    return _draw(case, logged.body, opened=tuple(logged.body["order"]))


@on("replacement.requested")
def _replacement_requested(case: Case, logged: Logged) -> Case:
    body = logged.body
    asked = Replacement(body["by"]["who"], body["member"], body["place"], body["reason"], body["round"])
    return _draw(case, body, replacements=(*case.draws[body["draw"]].replacements, asked))


@on("replacement.confirmed")
def _replacement_confirmed(case: Case, logged: Logged) -> Case:
    *before, last = case.draws[logged.body["draw"]].replacements
    return _draw(case, logged.body, replacements=(*before, replace(last, confirmed=True)))


@on("draw.extended")
def _draw_extended(case: Case, logged: Logged) -> Case:
    rounds = case.draws[logged.body["draw"]].rounds
    return _draw(case, logged.body, rounds=(*rounds, DrawRound(logged.at)))


def _round(case: Case, body: Body, now: DrawRound) -> Case:
    return _draw(case, body, rounds=(*case.draws[body["draw"]].rounds[:-1], now))


@on("draw.imported")
def _draw_imported(case: Case, logged: Logged) -> Case:
    body = logged.body
    draw = Draw({"number": body["request"]}, body["at"], body["by"]["who"], stands=True, source=body["source"])
    return replace(case, draws=with_(case.draws, body["draw"], draw))


@on("draw.supplemented")
def _draw_supplemented(case: Case, _: Logged) -> Case:
    return case


@on("draw.stands")
def _draw_stands(case: Case, _: Logged) -> Case:
    return _draw(case, {"draw": "experts"}, stands=True, short=())


@on("draw.short")
@on("draw.exhausted")
def _draw_exhausted(case: Case, logged: Logged) -> Case:
    return _draw(case, {"draw": "experts"}, short=tuple(logged.body["short"]))


@on("draw.rescreened")
def _draw_rescreened(case: Case, logged: Logged) -> Case:
    return _draw(case, {"draw": "experts"}, order=logged.body["order"])


@on("screening.elsewhere")
def _screening_elsewhere(case: Case, _: Logged) -> Case:
    return case


@on("notice.sent")
def _notice_sent(case: Case, logged: Logged) -> Case:
    counted = _draw(case, {"draw": "experts"}, placed=case.draws["experts"].placed + 1)
    return replace(counted, notices=with_(case.notices, logged.body["ticket"], ""))


@on("notice.answered")
def _notice_answered(case: Case, logged: Logged) -> Case:
    return replace(case, notices=with_(case.notices, logged.body["ticket"], logged.body["answer"]))


@on("abort.requested", "abort.declined")
def _abort_asked(case: Case, logged: Logged) -> Case:
    body = logged.body
    if logged.kind == "abort.declined":
        return replace(case, ending_asked=None)
    return replace(case, ending_asked=Asked(body["reason"], body["by"]["who"], logged.at))


@on("case.aborted")
def _aborted(case: Case, logged: Logged) -> Case:
    """What was paused stays so to the end: the pause ends with the case."""
    body = logged.body
    ending = Ending(body["ground"], body["reason"], body["by"]["role"], logged.at, case.state.value)
    pauses = tuple(one if one.ended else replace(one, ended=logged.at) for one in case.pauses)
    return replace(case, ending=ending, ending_asked=None, pauses=pauses)
