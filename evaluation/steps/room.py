"""Steps from check-in to closing: what the committee does and what is recorded of it."""

from dataclasses import replace

from evaluation.ballot import Paper
from evaluation.case import (
    Ballot,
    BidId,
    Case,
    Clarification,
    Flag,
    Gap,
    Mark,
    Member,
    MemberId,
    Pause,
    Proposed,
    Rejection,
    Report,
    Signed,
)
from evaluation.room import Floor
from evaluation.steps.registry import Logged, on, with_, with_member


@on("checkin.matched")
def _matched(case: Case, logged: Logged) -> Case:
    body = logged.body
    member = Member(
        id=MemberId(body["member"]),
        alias=f"评委{body['member'].removeprefix('m')}",
        kind=body["kind"],
        venue=body["venue"],
        seat=body["seat"],
        locker=body["locker"],
    )
    return replace(case, members=dict(sorted(with_(case.members, member.id, member).items())))


@on("seat.enrolled", "certificate.reissued")
def _enrolled(case: Case, logged: Logged) -> Case:
    body = logged.body
    return with_member(
        case, body, credential=body["credential"], certificate_sha256=body["certificate_sha256"], is_locked=False
    )


@on("person.enrolled")
def _person(case: Case, logged: Logged) -> Case:
    return replace(case, persons=with_(case.persons, logged.body["who"], logged.body["certificate_sha256"]))


@on("password.failed")
def _password(case: Case, logged: Logged) -> Case:
    return (
        with_member(case, logged.body, is_locked=logged.body["locked"])
        if logged.body["member"] in case.members
        else case
    )


@on("device.checked")
def _device(case: Case, logged: Logged) -> Case:
    return with_member(case, logged.body, device_checked=True)


@on("committee.opened")
def _opened(case: Case, logged: Logged) -> Case:
    members = dict(case.members)
    for row in logged.body["members"]:
        member = members[MemberId(row["member"])]
        members[member.id] = replace(member, name=row["name"], categories=tuple(row["categories"]))
    return replace(case, members=members, is_open=True)


@on("pledge.signed")
def _pledged(case: Case, logged: Logged) -> Case:
    return with_member(case, logged.body, pledged=True)


@on("recusal.declared")
def _recused(case: Case, logged: Logged) -> Case:
    return replace(case, recused=case.recused | {MemberId(logged.body["member"])})


@on("ballot.opened")
def _ballot_opened(case: Case, logged: Logged) -> Case:
    body = logged.body
    before = case.ballots.get(body["ballot"])
    history, papers = (before.history, before.papers) if before else ((), ())
    ballot = Ballot(body["round"], tuple(body["candidates"]), history=history, papers=papers)
    return replace(case, ballots=with_(case.ballots, body["ballot"], ballot))


@on("ballot.cast")
def _ballot_cast(case: Case, logged: Logged) -> Case:
    ballot = case.ballots[logged.body["ballot"]]
    cast = replace(ballot, cast=(*ballot.cast, MemberId(logged.body["member"])))
    return replace(case, ballots=with_(case.ballots, logged.body["ballot"], cast))


@on("ballot.counted")
def _ballot_counted(case: Case, logged: Logged) -> Case:
    body = logged.body
    ballot = case.ballots[body["ballot"]]
    counts = dict(body["counts"])
    papers = tuple(Paper(f"{body['ballot']}/{body['round']}", row["choice"], row["salt"]) for row in body["papers"])
    counted = replace(
        ballot,
        counts=counts,
        history=(*ballot.history, counts),
        papers=(*ballot.papers, papers),
        elected=body.get("elected", ""),
        is_open=False,
    )
    leader = counted.elected if body["ballot"] == "leader" else case.leader
    return replace(case, ballots=with_(case.ballots, body["ballot"], counted), leader=leader)


@on("stage.opened")
def _stage_opened(case: Case, logged: Logged) -> Case:
    opened = replace(case, stages=with_(case.stages, logged.body["stage"], (logged.at, "")))
    if case.blind is None or "codes" not in logged.body:
        return opened
    return replace(opened, blind=replace(case.blind, codes=tuple(BidId(code) for code in logged.body["codes"])))


@on("stage.closed")
def _stage_closed(case: Case, logged: Logged) -> Case:
    stage = logged.body["stage"]
    closed = replace(case, stages=with_(case.stages, stage, (case.stages[stage][0], logged.at)))
    # A review that was opened again decides anew: what it rejected before holds only until it is closed.
    return replace(closed, rejections=case.rejecting, rejecting={}) if stage == "prelim" else closed


def _signed(logged: Logged) -> Signed:
    return Signed(logged.index, logged.entry, logged.at, logged.body)


@on("prelim.signed")
def _prelim(case: Case, logged: Logged) -> Case:
    return replace(case, prelims=with_(case.prelims, MemberId(logged.body["member"]), _signed(logged)))


@on("rejection.decided")
def _rejected(case: Case, logged: Logged) -> Case:
    body = logged.body
    rejection = Rejection(
        BidId(body["bid"]),
        body["clause"],
        body["votes"]["pass"],
        body["votes"]["fail"],
        body["ground"],
        body["page"],
        body["reason"],
    )
    return replace(case, rejecting=with_(case.rejecting, rejection.bid, rejection))


@on("clarification.proposed")
def _proposed(case: Case, logged: Logged) -> Case:
    body = logged.body
    proposed = Proposed(body["id"], BidId(body["bid"]), body["pages"], body["text"], logged.at)
    return replace(case, proposals=with_(case.proposals, proposed.id, proposed))


@on("clarification.endorsed", "clarification.reviewed")
def _read(case: Case, logged: Logged) -> Case:
    body = logged.body
    read = case.proposals[body["id"]]
    if logged.kind == "clarification.endorsed":
        read = replace(read, endorsed=with_(read.endorsed, body["by"]["role"], body["by"]["who"]))
    else:
        read = replace(read, decided_at=logged.at, is_approved=body["approved"], remark=body["remark"])
    return replace(case, proposals=with_(case.proposals, read.id, read))


@on("clarification.asked")
def _asked(case: Case, logged: Logged) -> Case:
    body = logged.body
    asked = Clarification(
        body["id"], BidId(body["bid"]), body["pages"], body["text"], body["due"], logged.at, body["link"]
    )
    return replace(case, clarifications=with_(case.clarifications, asked.id, asked))


@on("clarification.answered", "clarification.confirmed")
def _answered(case: Case, logged: Logged) -> Case:
    asked = case.clarifications[logged.body["id"]]
    if logged.kind == "clarification.answered":
        asked = replace(asked, answer=logged.body["file"], seal=logged.body["seal"], answered_at=logged.at)
    else:
        asked = replace(asked, confirmed=True)
    return replace(case, clarifications=with_(case.clarifications, asked.id, asked))


@on("correction.stated")
def _corrected(case: Case, logged: Logged) -> Case:
    corrections = tuple(logged.body["corrections"])
    return replace(case, corrections=with_(case.corrections, BidId(logged.body["bid"]), corrections))


@on("sheet.signed")
def _sheet(case: Case, logged: Logged) -> Case:
    key = (MemberId(logged.body["member"]), BidId(logged.body["bid"]))
    return replace(case, sheets=with_(case.sheets, key, _signed(logged)), returned=case.returned - {key})


@on("sheet.returned")
def _returned(case: Case, logged: Logged) -> Case:
    key = (MemberId(logged.body["member"]), BidId(logged.body["bid"]))
    return replace(case, returned=case.returned | {key})


@on("tally.computed")
def _tally(case: Case, logged: Logged) -> Case:
    body = logged.body
    return replace(case, tally_input=body["input"], tally_result=body["result"], rows=tuple(body["rows"]), flags=())


@on("selfcheck.flagged")
def _flagged(case: Case, logged: Logged) -> Case:
    body = logged.body
    flag = Flag(
        body["code"], MemberId(body["member"]), BidId(body["bid"]), body["value"], body["mean"], body["deviation"]
    )
    return replace(case, flags=(*case.flags, flag))


@on("selfcheck.decided")
def _decided(case: Case, logged: Logged) -> Case:
    body = logged.body
    flags = tuple(
        replace(flag, decision=body["decision"], reason=body["reason"])
        if (flag.member, flag.bid) == (body["member"], body["bid"])
        else flag
        for flag in case.flags
    )
    return replace(case, flags=flags)


@on("candidates.recommended")
def _candidates(case: Case, logged: Logged) -> Case:
    return replace(case, candidates=tuple(logged.body["candidates"]))


@on("report.rendered")
def _rendered(case: Case, logged: Logged) -> Case:
    body = logged.body
    # Who works on after a report has fallen works longer: what was confirmed of the time before counts no more.
    return replace(case, report=Report(body["version"], body["report"], body["data"], logged.at), fees={})


@on("report.signed")
def _report_signed(case: Case, logged: Logged) -> Case:
    if case.report is None:
        return case
    signatures = with_(case.report.signatures, MemberId(logged.body["member"]), _signed(logged))
    return replace(case, report=replace(case.report, signatures=signatures))


@on("consent.stated", "consent.witnessed")
def _silent(case: Case, logged: Logged) -> Case:
    if case.report is None:
        return case
    report, member = case.report, MemberId(logged.body["member"])
    if logged.kind == "consent.stated":
        return replace(case, report=replace(report, stated=with_(report.stated, member, _signed(logged))))
    return replace(case, report=replace(report, witnessed=with_(report.witnessed, member, _signed(logged))))


@on("fee.confirmed")
def _fee(case: Case, logged: Logged) -> Case:
    return replace(case, fees=with_(case.fees, MemberId(logged.body["member"]), _signed(logged)))


@on("appraisal.filed")
def _appraised(case: Case, logged: Logged) -> Case:
    return replace(case, appraisals=with_(case.appraisals, MemberId(logged.body["member"]), _signed(logged)))


@on("seat.lost", "seat.returned")
def _presence(case: Case, logged: Logged) -> Case:
    """Whoever is lost while work is paused has to confirm the return anew."""
    lost = logged.kind == "seat.lost"
    confirmed = case.members[MemberId(logged.body["member"])].confirmed_presence and not (lost and case.pause)
    away_since = logged.at if lost else ""
    return with_member(case, logged.body, online=not lost, away_since=away_since, confirmed_presence=confirmed)


@on("seat.left")
def _left(case: Case, logged: Logged) -> Case:
    return with_member(case, logged.body, left_at=logged.at)


@on("seat.back")
def _back(case: Case, logged: Logged) -> Case:
    return with_member(case, logged.body, left_at="")


@on("presence.confirmed")
def _confirmed(case: Case, logged: Logged) -> Case:
    return with_member(case, logged.body, confirmed_presence=True)


@on("case.suspended", "break.began")
def _paused(case: Case, logged: Logged) -> Case:
    """An incident in a night or a break ends it; seats that a night sealed stay so until the desk opens them."""
    body, held = logged.body, case.pause
    kind = "suspension" if logged.kind == "case.suspended" else "break"
    pause = Pause(kind, logged.at, body.get("reason", ""), body.get("venue", ""), until=body.get("until", ""))
    pauses = case.pauses
    if held is not None:
        pauses = (*pauses[:-1], replace(held, ended=logged.at))
        pause = replace(pause, from_night=held.is_overnight, renewed=held.renewed)
    members = {key: replace(member, confirmed_presence=False) for key, member in case.members.items()}
    return replace(case, pauses=(*pauses, pause), members=members)


@on("night.began")
def _night(case: Case, logged: Logged) -> Case:
    """Everybody goes: nobody is in the room until they come back to it, and that is no incident."""
    members = {
        key: replace(member, confirmed_presence=False, online=False, away_since="")
        for key, member in case.members.items()
    }
    pause = Pause("night", logged.at, resumes=logged.body["resumes"])
    return replace(case, pauses=(*case.pauses, pause), members=members)


@on("night.sealed")
def _sealed(case: Case, logged: Logged) -> Case:
    return replace(case, pauses=(*case.pauses[:-1], replace(case.pauses[-1], sealed=logged.body["root"])))


@on("checkin.renewed")
def _renewed(case: Case, logged: Logged) -> Case:
    last = case.pauses[-1]
    renewed = replace(last, renewed=last.renewed | {MemberId(logged.body["member"])})
    moved = with_member(case, logged.body, locker=logged.body["locker"])
    return replace(moved, pauses=(*case.pauses[:-1], renewed))


@on("case.resumed", "break.ended", "night.ended")
def _resumed(case: Case, logged: Logged) -> Case:
    return replace(case, pauses=(*case.pauses[:-1], replace(case.pauses[-1], ended=logged.at)))


@on("incident.expired", "incident.continued")
def _incident(case: Case, logged: Logged) -> Case:
    """Who had confirmed to be there before a decision to go on confirms it anew."""
    last = case.pauses[-1]
    if logged.kind == "incident.expired":
        return replace(case, pauses=(*case.pauses[:-1], replace(last, is_over=True)))
    members = {key: replace(member, confirmed_presence=False) for key, member in case.members.items()}
    return replace(case, pauses=(*case.pauses[:-1], replace(last, is_continued=True)), members=members)


@on("floor.given")
def _floor(case: Case, logged: Logged) -> Case:
    return replace(case, floor=Floor(logged.body["talk"], frozenset(logged.body["silenced"])))


@on("witness.marked")
def _marked(case: Case, logged: Logged) -> Case:
    body = logged.body
    return replace(case, marks=(*case.marks, Mark(logged.at, body["by"]["who"], body["seat"], body["text"])))


@on("segment.recorded")
def _segment(case: Case, _: Logged) -> Case:
    return replace(case, segments=case.segments + 1)


@on("gap.named")
def _gap(case: Case, logged: Logged) -> Case:
    body = logged.body
    return replace(case, gaps=(*case.gaps, Gap(body["seat"], body["track"], body["from"], body["to"], body["reason"])))


@on("case.closed")
def _closed(case: Case, logged: Logged) -> Case:
    return replace(case, closed_at=logged.at)
