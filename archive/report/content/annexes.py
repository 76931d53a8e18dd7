"""The annexes: the tables the ten parts rest on, each from the data to titles, tables and sentences."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Final

from archive.report.annexes import Draw, DrawnElsewhere, MemberSignature, PreliminaryStage, Recheck, Tally
from archive.report.content.blocks import (
    DASH,
    Block,
    Box,
    Boxes,
    Cell,
    Column,
    Facts,
    Heading,
    Paragraph,
    Row,
    chunks,
    facts,
    filled,
    table,
    together,
)
from archive.report.content.scores import price, sheets, summaries
from archive.report.content.spelling import clock, dash, digest, moment
from archive.report.content.told import Told

FIELDS: Final = "signature-fields.json"


def sign_ins(told: Told) -> Iterator[Block]:
    """Who arrived when, and how the identity was checked."""
    if not told.data.sign_ins:
        yield told.nothing("none")
        return
    rows = [
        (
            told.member(one.member), told.seat(one.member), clock(one.arrived), one.check, dash(one.locker),
            clock(one.left),
        )
        for one in told.data.sign_ins
    ]  # fmt: skip
    yield filled(told.columns("sign_ins", "l", "l10", "c", "l19", "c", "c"), rows)


def pledges(told: Told) -> Iterator[Block]:
    """The text everybody pledged, and the signatures under it."""
    if not told.data.pledges:
        yield told.nothing("none")
    for one in told.data.pledges:
        yield from (Paragraph(line) for line in one.text.splitlines() if line.strip())
        yield told.note("signatures", signatures=told.joined(_signed(told, one.signatures)))


def _signed(told: Told, signatures: Sequence[MemberSignature]) -> Iterator[str]:
    for one in signatures:
        yield told.say("signature", member=told.member(one.member), at=moment(one.signed), code=one.code)


def draws(told: Told) -> Iterator[Block]:
    """Every draw in counts and digests; no name of anybody who was not seated, no number to call."""
    data = told.data
    if not (data.draws or data.drawn_elsewhere):
        yield told.nothing("none")
    for one in data.draws:
        yield _draw(told, one)
    for other in data.drawn_elsewhere:
        yield _elsewhere(told, other)
    yield told.note("draws_note_replay" if data.draws else "draws_note")


def _draw(told: Told, one: Draw) -> Facts:
    name, unit = told.template.words["draw"], told.word("unit", one.subject)

    def counted(rows: tuple[Tally, ...]) -> str:
        return told.joined(f"{row.name} {row.times} {unit}" for row in rows) or told.say("no_counts")

    asked = (told.say("asked", major=r.major, region=r.region, seats=r.seats, unit=unit) for r in one.requests)
    return facts(
        (name["number"], one.number),
        (name["at"], moment(one.at)),
        (name["people"], told.say("two_people", first=one.drawer, second=one.supervisor)),
        (name["parties"], one.parties),
        (name[f"pool_{one.subject}"], f"{one.pool_size} {unit}"),
        (name["pool_root"], Cell(digest(one.pool_root), "small")),
        (name["transcript"], Cell(digest(one.transcript), "small")),
        (name["requests"], told.joined(asked)),
        (name["excluded"], counted(one.excluded)),
        *(((name["replies"], counted(one.replies)),) if one.subject == "experts" else ()),
    )


def _elsewhere(told: Told, one: DrawnElsewhere) -> Facts:
    name = told.template.words["elsewhere"]
    return facts(
        (name["number"], told.say("elsewhere_number", number=one.number)),
        (name["at"], moment(one.at)),
        (name["who"], told.say("elsewhere_who")),
        (name["taken_by"], one.taken_by),
        (name["counts"], told.say("elsewhere_counts", members=one.members, alternates=one.alternates)),
        (name["file"], Cell(digest(one.file), "small")),
        (name["signer"], Cell(digest(one.signer), "small")),
    )


def preliminary(told: Told) -> Iterator[Block]:
    """Each stage, bidder by bidder: every member's finding on every item, then who signed them when."""
    if not told.data.preliminary:
        yield told.nothing("none")
    for stage in told.data.preliminary:
        yield Heading(2, stage.title)
        for bidder in told.data.bidders:
            yield from _findings(told, stage, bidder.ref)
    if told.data.preliminary_signatures:
        signed = _signed(told, told.data.preliminary_signatures)
        yield told.note("signatures", signatures=told.joined(signed))


def _findings(told: Told, stage: PreliminaryStage, bidder: str) -> Iterator[Block]:
    here = [one for one in stage.findings if one.bidder == bidder]
    if not here:
        return
    titles = {item.code: item.title for item in stage.items}
    found: list[Block] = [Heading(3, told.bidder(bidder))]
    for part in chunks(len(stage.voters)):
        code, title, result = told.columns("findings", "c", "l10", "c")
        voters = [Column(stage.voters[n], 0, "c") for n in part]
        rows: list[Row] = [
            (one.item, titles[one.item], *(_vote(told, one.votes[n]) for n in part), _vote(told, one.result))
            for one in here
        ]
        found.append(table([code, title, *voters, result], rows, small=True))
    found += [Paragraph(told.say("said", member=one.item, text=one.note), "note") for one in here if one.note]
    yield from together(found)


def _vote(told: Told, vote: str) -> Cell:
    return Cell(told.word("vote", vote), "strong" if vote == "fail" else "plain")


def decisions(told: Told) -> Iterator[Block]:
    """Votes on stated questions."""
    if not told.data.decisions:
        yield told.nothing("none_decided")
        return
    rows = [
        (moment(one.at), one.question, str(one.votes_for), str(one.votes_against), one.result)
        for one in told.data.decisions
    ]
    yield table(told.columns("decisions", "c", "l10", "c", "c", "l10"), rows, noted=True)
    yield told.signatures()


def rechecks(told: Told) -> Iterator[Block]:
    """What the self-check found and what was done about it."""
    if not told.data.rechecks:
        yield told.nothing("none_rechecked")
    for place, one in enumerate(told.data.rechecks, 1):
        yield Heading(2, told.say("numbered", number=place, title=one.flag))
        yield facts(*_recheck(told, one))


def _recheck(told: Told, one: Recheck) -> Iterator[tuple[str, str]]:
    name = told.template.words["recheck"]
    yield name["at"], moment(one.at)
    yield name["finding"], one.finding
    yield name["members"], told.joined(map(told.member, one.members), "separator") or DASH
    yield name["before"], dash(one.before)
    yield name["after"], dash(one.after)
    yield name["decision"], one.decision


def dissents(told: Told) -> Iterator[Block]:
    """Different opinions: they come with the answers to the report, so after it."""
    yield Paragraph(told.say("dissents_note"), "lead")
    if not told.data.dissents:
        yield told.nothing("none_dissents")
    name = told.template.words["dissent"]
    for one in told.data.dissents:
        yield facts(
            (name["member"], told.member(one.member)),
            (name["at"], moment(one.at)),
            (name["outcome"], told.word("outcomes", one.outcome)),
            (name["text"], dash(one.text)),
        )


def interruptions(told: Told) -> Iterator[Block]:
    """Suspensions, breaks, seats left, roll-backs."""
    if not told.data.interruptions:
        yield told.nothing("none")
        return
    rows = [
        (
            told.word("interruption", one.kind), told.say("from_to", began=moment(one.began), ended=moment(one.ended)),
            one.reason, one.decided_by, dash(one.note),
        )
        for one in told.data.interruptions
    ]  # fmt: skip
    yield table(told.columns("interruptions", "c", "c", "l10", "l", "l14"), rows, small=True)


def gaps(told: Told) -> Iterator[Block]:
    """What was not recorded."""
    if not told.data.gaps:
        yield told.nothing("none_gaps")
        return
    rows = [
        (one.seat, one.track, moment(one.began), _span(told, one.duration_ms), one.reason, dash(one.cover))
        for one in told.data.gaps
    ]
    yield filled(told.columns("gaps", "l", "l", "c", "r", "l10", "l10"), rows)


def _span(told: Told, milliseconds: int) -> str:
    whole, part = divmod(milliseconds, 1000)
    if whole < 60:  # noqa: PLR2004 - seconds in a minute
        return told.say("seconds", whole=whole, tenth=part // 100)
    return told.say("minutes", minutes=whole // 60, seconds=whole % 60)


def signatures(told: Told) -> Iterator[Block]:
    """What was signed before the report, and where the signatures over it lie."""
    yield Heading(2, told.say("signed_before"))
    if told.data.signed_acts:
        rows = [(one.signer, one.document, moment(one.at), one.code) for one in told.data.signed_acts]
        yield table(told.columns("signed_acts", "l", "l10", "c", "c"), rows)
    else:
        yield told.nothing("none")
    yield Heading(2, told.say("signed_report"))
    if told.data.signatures:
        yield _boxes(told)
        places = [
            (told.member(one.member), one.file, Cell(digest(one.certificate), "small")) for one in told.data.signatures
        ]
        yield table(told.columns("signatures", "l", "l", "l10"), places, small=True)
    else:
        yield told.nothing("none")
    yield told.note("signatures_note")


def _boxes(told: Told) -> Boxes:
    """A frame for each member's signature, named as the file of the detached one (`m1`)."""
    boxes = []
    for one in told.data.signatures:
        member = told.member(one.member)
        boxes.append(Box(PurePosixPath(one.file).stem, member, told.say("signature_spoken", member=member)))
    return Boxes(tuple(boxes), told.say("signature_closing"), FIELDS, told.say("signature_fields"))


ANNEXES: Final[Mapping[str, Callable[[Told], Iterator[Block]]]] = {
    "sign_ins": sign_ins,
    "pledges": pledges,
    "draws": draws,
    "preliminary": preliminary,
    "decisions": decisions,
    "sheets": sheets,
    "summaries": summaries,
    "price": price,
    "rechecks": rechecks,
    "dissents": dissents,
    "interruptions": interruptions,
    "gaps": gaps,
    "signatures": signatures,
}
