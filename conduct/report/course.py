"""What happened on the way: rechecks, interruptions, gaps of the recording, what was signed before the report."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import zip_longest
from typing import Literal

from archive.report.annexes import Decision, Gap, Interruption, Recheck, SignedAct
from conduct.report.material import REPORT_WORDS as WORDS
from conduct.report.material import Material, duration_ms, second
from conduct.report.scores import code_of, is_valid
from evaluation.fold import Logged
from evaluation.tally.figures import canonical_spelling
from signing.canonical import short_code

SIGNED = ("pledge.signed", "prelim.signed", "vote.signed", "sheet.signed", "score.replaced", "seat.back")
NEVER_VOID = frozenset({"pledge.signed", "score.replaced", "seat.back"})
RANGE = "selfcheck.range"
LOCKED: Mapping[str, Literal["suspension", "break", "night"]] = {
    "case.suspended": "suspension",
    "break.began": "break",
    "night.began": "night",
}
# A break or a night ends also with the incident that it becomes.
UNLOCKED = ("case.resumed", "break.ended", "night.ended", "case.suspended")


def decisions(material: Material) -> tuple[Decision, ...]:
    """Each motion that was decided, with its votes; one that a replacement made void says so."""
    decided = (motion for motion in material.state.motions.values() if motion.decided_at)
    return tuple(
        Decision(
            at=second(motion.decided_at),
            question=motion.text,
            votes_for=motion.yes,
            votes_against=motion.no,
            result=WORDS["motion_void"] if motion.is_void else WORDS["motions"][motion.subject][motion.is_carried],
        )
        for motion in decided
    )


def rechecks(material: Material) -> tuple[Recheck, ...]:
    """Each flag with what its member decided, and each sheet the leader gave back, in the order of the log."""
    found = [(logged.index, _recheck(material, logged)) for logged in material.of("selfcheck.flagged")]
    returned = [logged for logged in material.of("sheet.returned") if logged.body["reason"] != "abnormal_score"]
    found += [(logged.index, _returned(material, logged)) for logged in returned]
    found += [(logged.index, _abnormal(material, logged)) for logged in material.of("score.replaced")]
    return tuple(row for _, row in sorted(found, key=lambda pair: pair[0]))


def _abnormal(material: Material, note: Logged) -> Recheck:
    """A figure for which the mean of the others stands; the leader's signed note says why."""
    body = note.body
    steps = material.reckoned.steps if material.result else ()
    replaced = [one for one in steps if one.kind == "replaced" and one.bid == body["bid"]]
    about = (body["group"], body["member"])
    made = [one for one in replaced if (one.get("group"), one.get("member")) == about]
    return Recheck(
        at=second(note.at),
        flag=WORDS["abnormal"]["flag"],
        finding=body["text"],
        members=(material.alias(body["member"]),),
        before=str(made[0].get("before")) if made else "",
        after=str(made[0].get("after")) if made else "",
        decision=WORDS["abnormal"]["replaced" if made else "voided"],
    )


def _returned(material: Material, returned: Logged) -> Recheck:
    """A sheet given back: its total before, and on the sheet signed anew."""
    body = returned.body
    sheets = _sheets_of(material, returned)
    before = [one for one in sheets if one.index < returned.index]
    after = [one for one in sheets if one.index > returned.index]
    return Recheck(
        at=second(returned.at),
        flag=WORDS["return_grounds"][body["reason"]],
        finding=WORDS["returned"].format(
            member=material.alias(body["member"]), bid=material.bidder(body["bid"]), by=material.who(body["by"])
        ),
        members=(material.alias(body["member"]),),
        before=_total(before[-1]),
        after=_total(after[0]) if after else "",
        decision=WORDS["returned_signed" if after else "returned_open"].format(reason=_asked_for(material, returned)),
    )


def _asked_for(material: Material, returned: Logged) -> str:
    """What the member wrote when asking for the sheet, or the ground in words."""
    about = (returned.body["member"], returned.body["bid"])
    asked = [one for one in material.of("unlock.requested") if (one.body["member"], one.body["bid"]) == about]
    own = [str(one.body["reason"]) for one in asked if one.index < returned.index]
    is_asked = returned.body["reason"] == "unlocked" and bool(own)
    return own[-1] if is_asked else str(WORDS["return_grounds"][returned.body["reason"]])


def _total(sheet: Logged) -> str:
    return str(sum((Decimal(figure) for figure in sheet.body["subtotals"].values()), Decimal(0)))


def _recheck(material: Material, flagged: Logged) -> Recheck:
    body = flagged.body
    same = (body["member"], body["bid"])
    decided = next(
        (
            one
            for one in material.of("selfcheck.decided")
            if one.index > flagged.index and (one.body["member"], one.body["bid"]) == same
        ),
        None,
    )
    decision = decided.body["decision"] if decided else ""
    reason = decided.body["reason"] if decided else ""
    value, mean = (canonical_spelling(Decimal(body[name])) for name in ("value", "mean"))
    place = _where(material, flagged)
    return Recheck(
        at=second(decided.at if decided else flagged.at),
        flag=WORDS["flags"][body["code"]],
        finding=WORDS["flag_finding"].format(
            member=material.alias(body["member"]),
            bid=material.bidder(body["bid"]),
            where=place,
            value=value,
            mean=mean,
            deviation=body["deviation"],
        ),
        members=(material.alias(body["member"]),),
        before=value,
        after=_now(material, flagged, place) if decision else "",
        decision=WORDS["flag_decisions"][decision].format(reason=reason),
    )


def _figures(material: Material, code: str, sheet: Logged) -> dict[str, Decimal]:
    """What a flag of this code is about on a sheet, by name: the groups' subtotals, or the items' scores."""
    if code == RANGE:
        scores = sheet.body["scores"]
        return {
            scored.name: Decimal(scores[scored.item.id])
            for scored in material.criteria.items
            if scored.item.id in scores
        }
    subtotals = sheet.body["subtotals"]
    return {
        scored.name: Decimal(subtotals[scored.group.id])
        for scored in material.criteria.groups
        if scored.group.id in subtotals
    }


def _where(material: Material, flagged: Logged) -> str:
    """The group or item in which the flagged figure stood; the flag itself names only member and bid."""
    wanted = Decimal(flagged.body["value"])
    for sheet in _sheets_of(material, flagged):
        for name, figure in _figures(material, flagged.body["code"], sheet).items():
            if figure == wanted:
                return name
    return ""


def _now(material: Material, flagged: Logged, place: str) -> str:
    """The figure that stands there on the latest sheet that has the place."""
    sheets = (_figures(material, flagged.body["code"], sheet) for sheet in reversed(_sheets_of(material, flagged)))
    figure = next((figures[place] for figures in sheets if place in figures), None)
    return canonical_spelling(figure) if figure is not None else ""


def _sheets_of(material: Material, flagged: Logged) -> list[Logged]:
    member, bid = flagged.body["member"], flagged.body["bid"]
    same = {bid, *(code for code, whose in material.codes.items() if whose == bid)}
    return [one for one in material.of("sheet.signed") if one.body["member"] == member and one.body["bid"] in same]


def interruptions(material: Material) -> tuple[Interruption, ...]:
    """Suspensions, breaks and lost connections of seats, in the order they began."""
    found = [*_pauses(material), *_absences(material), *_rollbacks(material)]
    return tuple(sorted(found, key=lambda one: one.began))


def _pauses(material: Material) -> Iterator[Interruption]:
    words = WORDS["interruptions"]
    for began in material.of(*LOCKED):
        ended = next((one for one in material.of(*UNLOCKED) if one.index > began.index), None)
        until = ended.index if ended else material.state.size
        back = sum(1 for one in material.of("presence.confirmed") if began.index < one.index < until)
        kind = LOCKED[began.kind]
        reason = began.body["reason"] if kind == "suspension" else words[kind]
        if began.body.get("venue"):
            place = material.place(began.body["venue"])
            reason = words["suspension_venue"].format(venue=place, reason=reason)
        yield Interruption(
            kind=kind,
            began=second(began.at),
            ended=second(ended.at) if ended else "",
            reason=reason,
            decided_by=material.who(began.body["by"]),
            note=_night(material, began.index, until) if kind == "night" else words["paused"].format(count=back),
        )


def _night(material: Material, began: int, until: int) -> str:
    """A night in one sentence: what was done to the rooms, the evening's checkpoint, who was checked again."""
    words = WORDS["interruptions"]
    within = [one for one in material.of("night.sealed", "checkin.renewed") if began < one.index < until]
    sealed = [short_code(bytes.fromhex(one.body["root"])) for one in within if one.kind == "night.sealed"]
    again = sum(one.kind == "checkin.renewed" for one in within)
    fixed = words["night_sealed"].format(code=sealed[0]) if sealed else words["night_unsealed"]
    return str(words["night_note"].format(fixed=fixed, count=again))


def _rollbacks(material: Material) -> Iterator[Interruption]:
    words = WORDS["rollback"]
    decided = list(material.of("rollback.decided"))
    for asked, answer in zip_longest(material.of("rollback.requested"), decided):
        is_approved = answer is not None and answer.body["approved"]
        endorsed = [] if answer is None else _endorsers(material, asked, answer)
        by = WORDS["separator"].join(endorsed) if endorsed else material.who(answer.body["by"]) if answer else "—"
        yield Interruption(
            kind="rollback",
            began=second(asked.at),
            ended=second(answer.at) if answer else "",
            reason=words["asked"].format(stage=words["stages"][asked.body["stage"]], reason=asked.body["reason"]),
            decided_by=by,
            note=words["approved"].format(snapshot=answer.body["snapshot"]) if is_approved else words["declined"],
        )


def _endorsers(material: Material, asked: Logged, answer: Logged) -> list[str]:
    """Who decided together in the supervisor's place, if somebody did."""
    between = (one for one in material.of("rollback.endorsed") if asked.index < one.index < answer.index)
    return [material.who(one.body["by"]) for one in between]


def _absences(material: Material) -> Iterator[Interruption]:
    """Seats whose line was cut, and seats that were left and locked (离席), each until it was back."""
    words = WORDS["interruptions"]
    for gone in (*material.of("seat.lost"), *material.of("seat.left")):
        is_left = gone.kind == "seat.left"
        seat, who = gone.body["seat"], material.alias(gone.body["member"])
        returned = (one for one in material.of("seat.back" if is_left else "seat.returned") if one.index > gone.index)
        back = next((one for one in returned if one.body["seat"] == seat), None)
        reason = words["seat_left"][gone.body["reason"]] if is_left else words["seat_lost"]
        note = words[("seat_back" if is_left else "seat_note") if back else "seat_away" if is_left else "seat_open"]
        yield Interruption(
            kind="seat_left" if is_left else "incident",
            began=second(gone.at),
            ended=second(back.at) if back else "",
            reason=reason.format(seat=material.seat(seat)),
            decided_by=words["recorded"],
            note=note.format(member=who),
        )


def gaps(material: Material) -> tuple[Gap, ...]:
    """Every named hole in a recording."""
    return tuple(
        Gap(
            seat=material.seat(gap.seat),
            track=WORDS["tracks"].get(gap.track, gap.track),
            began=second(gap.start),
            duration_ms=duration_ms(gap.start, gap.end),
            reason=WORDS["gap_reasons"].get(gap.reason, gap.reason),
            cover="",
        )
        for gap in material.state.gaps
    )


def signed_acts(material: Material) -> tuple[SignedAct, ...]:
    """Every signature of a member before the report, with its eight characters."""
    return tuple(
        SignedAct(material.alias(_signer(one)), _document(material, one), second(one.at), code_of(one))
        for one in material.of(*SIGNED)
    )


def _signer(signed: Logged) -> str:
    """Whose signature it is; the leader's note on a figure names its member beside the leader."""
    by = signed.body.get("by")
    return str(by["who"] if by else signed.body["member"])


def _document(material: Material, signed: Logged) -> str:
    kind = signed.kind
    if signed.body["member"] in material.state.replaced and kind not in NEVER_VOID:
        kind += "_void"
    elif kind == "sheet.signed" and not is_valid(material, signed):
        kind = "sheet_voided"
    elif kind == "prelim.signed" and signed.entry not in {one.entry for one in material.state.prelims.values()}:
        kind = "prelim_first"
    text: str = WORDS["acts"][kind].format(bid=signed.body.get("bid", ""), motion=signed.body.get("motion", ""))
    return text
