"""The cover and the ten parts of 12号令 Art. 42, each from the data to titles, tables and sentences."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from archive.report.content.blocks import (
    Block,
    Cell,
    Column,
    Cover,
    Heading,
    Listing,
    Paragraph,
    Row,
    facts,
    filled,
    table,
)
from archive.report.content.spelling import clock, dash, day, digest, in_words, moment, money
from archive.report.content.told import Told
from archive.report.data import Clarification, Criterion, Rejection


def cover(told: Told) -> Cover:
    """The first page: what is reported, for whom, of which day; the letter with which the report is handed in."""
    data, case = told.data, told.data.case
    values = {
        "number": case.number,
        "project_code": case.project_code,
        "tenderer": case.tenderer,
        "agent": case.agent,
        "main_venue": case.main_venue,
        "kind": case.kind,
        "method": data.method.name,
        "issued": day(data.issued, told.say("day")),
    }
    failed = (told.say("failed"),) if data.outcome == "failed" else ()
    return Cover(
        above=told.say("cover_above"),
        title=told.template.title,
        below=(*failed, case.project, case.lot),
        facts=facts(*((told.word("cover", key), values[key]) for key in told.template.cover)),
        note=told.say("cover_note"),
        letter_title=told.say("letter_title"),
        letter=tuple(
            text.format(tenderer=case.tenderer, project=case.project, lot=case.lot, day=values["issued"])
            for text in (told.template.letter_failed if data.outcome == "failed" else told.template.letter)
        ),
    )


def basics(told: Told) -> Iterator[Block]:
    """Part 1: the case and its figures, then the conclusion."""
    data, case = told.data, told.data.case
    name = told.template.words["basics"]
    places = (told.say("venue", alias=one.alias, name=one.name, seats=one.seats) for one in data.venues)
    counts = {"opened": len(data.bidders), "valid": len(data.compliant), "rejected": len(data.rejected)}
    yield facts(
        (name["project"], case.project),
        (name["lot"], case.lot),
        (name["kind"], case.kind),
        (name["method"], data.method.name),
        (name["limit"], _sum(told, case.limit_price)),
        (name["tenderer"], case.tenderer),
        (name["agent"], case.agent),
        (name["opened"], moment(case.opened)),
        (name["span"], told.say("span", began=moment(case.began), ended=moment(case.ended))),
        (name["venues"], told.joined(places)),
        (name["bidders"], told.say("counts", **counts)),
        *((fact.name, fact.value) for fact in data.data_sheet),
        (name["profile"], case.profile),
        (name["profile_digest"], Cell(digest(case.profile_digest), "small")),
        (name["tender_document"], Cell(digest(case.tender_document), "small")),
    )
    yield told.note("basics_note")
    yield Heading(2, told.say("conclusion"))
    yield Paragraph(data.conclusion)


def _sum(told: Told, figure: str) -> str:
    """A sum in figures and in words."""
    return told.say("sum", figure=money(figure), words=in_words(figure)) if figure else money(figure)


def committee(told: Told) -> Iterator[Block]:
    """Part 2: who sat, how the leader was elected, who was replaced."""
    data = told.data
    columns = told.columns("members", "c", "l", "l10", "l13", "l12", "l", "c")
    duties = {"replaced": told.say("replaced"), "seated": ""}
    rows = [
        (
            one.ref, one.name, one.kind, dash(one.unit), told.seat(one.ref), one.origin,
            dash(duties[one.state] or (told.say("leader") if one.duty == "leader" else "")),
        )
        for one in data.members
    ]  # fmt: skip
    yield filled(columns, rows)
    if data.elections:
        yield Heading(2, told.say("election"))
        yield table(
            told.columns("elections", "c", "c", "l10", "l10"),
            [
                (
                    told.say("round", number=number), clock(one.at),
                    told.say("comma").join(told.say("votes", member=c.member, votes=c.votes) for c in one.counts),
                    one.result,
                )
                for number, one in enumerate(data.elections, 1)
            ],
        )  # fmt: skip
    yield Heading(2, told.say("replacements"))
    if not data.replacements:
        yield told.nothing("none")
        return
    yield table(
        told.columns("replacements", "c", "c", "c", "l12", "l10"),
        [
            (moment(one.at), told.member(one.left), told.member(one.joined), one.reason, one.voided)
            for one in data.replacements
        ],
    )


def opening(told: Told) -> Iterator[Block]:
    """Part 3: the opening record as the trading system delivered it."""
    data, name = told.data.opening, told.template.words["opening"]
    yield facts(
        (name["at"], moment(data.at)),
        (name["place"], data.place),
        (name["package"], Cell(digest(data.package), "small")),
        *((fact.name, fact.value) for fact in data.drawn),
    )
    columns = told.columns("opening", "l22", "r", "l14", "c", "c", "c", "l10")
    rows = [
        (
            told.bidder(bid.bidder), money(bid.price), in_words(bid.price), dash(bid.period),
            dash(bid.quality), dash(bid.bond), dash(bid.note),
        )
        for bid in data.bids
    ]  # fmt: skip
    yield filled(columns, rows, noted=True)
    coded = [told.say("code", ref=one.ref, code=one.code) for one in told.data.bidders if one.code]
    if coded:
        yield told.note("codes", codes=told.joined(coded))


def compliant(told: Told) -> Iterator[Block]:
    """Part 4: the bids that passed the preliminary review."""
    if not told.data.compliant:
        yield told.nothing("none_compliant")
        return
    rows = [
        (str(place), told.bidder(one.bidder), money(one.price), dash(one.note))
        for place, one in enumerate(told.data.compliant, 1)
    ]
    yield filled(told.columns("compliant", "c", "l20", "r", "l14"), rows, noted=True)
    yield told.signatures()


def rejected(told: Told) -> Iterator[Block]:
    """Part 5: each rejected bid with its ground, page, votes and reasons."""
    if not told.data.rejected:
        yield told.nothing("none_rejected")
        return
    for place, one in enumerate(told.data.rejected, 1):
        yield Heading(2, told.say("numbered", number=place, title=told.bidder(one.bidder)))
        yield facts(*_rejection(told, one))
    yield told.signatures()


def _rejection(told: Told, one: Rejection) -> Iterator[tuple[str, str]]:
    name = told.template.words["rejection"]
    dissent = (told.say("said", member=told.member(each.member), text=each.text) for each in one.dissent)
    yield name["stage"], one.stage
    yield name["item"], one.item
    yield name["clause"], one.clause
    yield name["ground"], told.say("ground", code=one.ground_code, text=one.ground)
    yield name["page"], one.page
    yield name["votes"], told.say("rejection_votes", reject=one.votes_reject, keep=one.votes_keep)
    yield name["reason"], one.reason
    yield name["dissent"], "\n".join(dissent) or told.say("no_dissent")


def method(told: Told) -> Iterator[Block]:
    """Part 6: method, rules and criteria."""
    data = told.data.method
    yield Paragraph(told.say("method", name=data.name))
    yield Listing(data.rules)
    for stage in dict.fromkeys(one.stage for one in data.criteria):
        here = [one for one in data.criteria if one.stage == stage]
        yield Heading(2, stage)
        if any(one.best for one in here):
            yield table(told.columns("scored", "c", "l16", "c", "r", "r", "l18", "l"), [_scored(one) for one in here])
        else:
            rows = [(one.code, one.title, one.kind, one.standard, dash(one.source)) for one in here]
            yield table(told.columns("clauses", "c", "l20", "c", "l17", "l"), rows)


def _scored(one: Criterion) -> tuple[str, ...]:
    return one.code, one.title, one.kind, dash(one.best), dash(one.step), one.standard, dash(one.source)


def comparison(told: Told) -> Iterator[Block]:
    """Part 7: every bidder's summands and total."""
    data = told.data.comparison
    if not data.rows:
        yield told.nothing("none_compared")
        return
    bidder, rank = told.template.words["columns"]["comparison"]
    columns = [Column(bidder, 10)]
    columns += [
        Column(told.say("weighted", title=one.title, weight=one.weight) if one.weight else one.title, 0, "r")
        for one in data.parts
    ]
    columns += [Column(told.result_word, 0, "r"), Column(rank, 0, "c")]
    rows: list[Row] = [
        (told.bidder(row.bidder), *map(told.result, row.parts), Cell(told.result(row.total), "strong"), str(row.rank))
        for row in data.rows
    ]
    yield table(columns, rows, noted=True)
    yield told.note("comparison_note")
    yield told.signatures()


def ranking(told: Told) -> Iterator[Block]:
    """Part 8: the bidders by rank."""
    if not told.data.comparison.rows:
        yield told.nothing("none")
        return
    columns = told.columns("ranking", "c", "l20", "r", "l14")
    columns[2] = Column(told.result_word, 0, "r")
    rows = [
        (str(row.rank), told.bidder(row.bidder), told.result(row.total), dash(row.note))
        for row in sorted(told.data.comparison.rows, key=lambda row: row.rank)
    ]
    yield filled(columns, rows, noted=True)
    yield told.signatures()


def candidates(told: Told) -> Iterator[Block]:
    """Part 9: the recommended candidates, and what is to be settled before the contract."""
    if told.data.candidates:
        columns = told.columns("candidates", "c", "l20", "r", "l14", "r", "c", "c", "c")
        columns[4] = Column(told.result_word, 0, "r")
        rows = [
            (
                told.say("place", rank=one.rank), told.bidder(one.bidder), money(one.price),
                in_words(one.price), told.result(one.result), dash(one.period), dash(one.quality),
                dash(one.manager),
            )
            for one in told.data.candidates
        ]  # fmt: skip
        yield filled(columns, rows, noted=True)
        yield told.signatures()
    else:
        yield told.nothing("none_recommended")
    yield Heading(2, told.say("before_contract"))
    if told.data.before_contract:
        yield Listing(told.data.before_contract, numbered=True)
    else:
        yield told.nothing("none")


def clarifications(told: Told) -> Iterator[Block]:
    """Part 10: what was asked of bidders and answered."""
    if not told.data.clarifications:
        yield told.nothing("none_clarified")
    for one in told.data.clarifications:
        yield Heading(2, told.say("clarification_title", number=one.number, bidder=told.bidder(one.bidder)))
        yield facts(*_clarification(told, one))


def _clarification(told: Told, one: Clarification) -> Iterator[tuple[str, str | Cell]]:
    name = told.template.words["clarification"]
    yield name["question"], one.question
    yield name["asked"], moment(one.asked)
    yield name["due"], moment(one.due)
    yield name["answer"], one.answer if one.answered else told.say("unanswered")
    yield name["answered"], moment(one.answered)
    yield name["file"], Cell(digest(one.file), "small")
    yield name["decision"], one.decision


PARTS: Final[Mapping[str, Callable[[Told], Iterator[Block]]]] = {
    "basics": basics,
    "committee": committee,
    "opening": opening,
    "compliant": compliant,
    "rejected": rejected,
    "method": method,
    "comparison": comparison,
    "ranking": ranking,
    "candidates": candidates,
    "clarifications": clarifications,
}
