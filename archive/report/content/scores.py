"""The annexes of figures: each member's score sheets, how they became one score, the price table."""

from collections.abc import Iterator
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Final

from archive.report.annexes import Sheet, Summary
from archive.report.content.blocks import (
    Block,
    Cell,
    Column,
    Dot,
    Group,
    Heading,
    Paragraph,
    Plot,
    PlotRow,
    Row,
    Table,
    Tick,
    chunks,
    table,
    together,
)
from archive.report.content.spelling import dash, moment, money
from archive.report.content.told import Told

_ALL: Final = 1000
_STEPS: Final = ((24, 5), (10, 2), (0, 1))  # where the plot is wider than so many points, a tick every so many


def sheets(told: Told) -> Iterator[Block]:
    """Each member's sheets side by side, voided ones marked, with the signature of each."""
    if not told.data.sheets:
        yield told.nothing("none")
        return
    names = told.joined(told.bidder(one.ref) for one in told.data.bidders)
    yield Paragraph(told.say("bidders", names=names), "lead")
    for one in told.data.sheets:
        yield from together(tuple(_sheet(told, one)))


def _sheet(told: Told, one: Sheet) -> Iterator[Block]:
    voided = told.say("voided") if one.state == "voided" else ""
    yield Heading(2, told.say("sheet_title", member=told.member(one.member), title=one.title, voided=voided))
    for part in chunks(len(one.bidders)):
        yield _columns_of(told, one, part)
    for comment in one.comments:
        yield told.note("comment", bidder=comment.bidder, item=comment.item, text=comment.text)
    times = told.joined(dict.fromkeys(moment(signature.signed) for signature in one.signatures), "separator")
    yield told.note("sheet_signed", member=told.member(one.member), times=times)


def _columns_of(told: Told, one: Sheet, part: range) -> Table:
    columns = told.columns("sheet", "c", "l10", "r") + [Column(one.bidders[n], 0, "r") for n in part]
    rows = [(row.item, row.title, row.best, *(row.scores[n] for n in part)) for row in one.rows]
    totals = (Cell(told.say("total"), "strong", 3), *(Cell(one.totals[n], "strong") for n in part))
    codes = (Cell(told.say("sheet_code"), "strong", 3), *(Cell(one.signatures[n].code, "small") for n in part))
    return table(columns, rows, foot=(totals, codes))


def summaries(told: Told) -> Iterator[Block]:
    """All members' totals for each bidder, which were dropped, and the result."""
    if not told.data.summaries:
        yield told.nothing("none")
    for one in told.data.summaries:
        yield from _summary(told, one)
    if told.data.summaries:
        yield told.signatures()


def _summary(told: Told, one: Summary) -> Iterator[Block]:
    yield Heading(2, told.say("summary_title", title=one.title, best=one.best))
    yield Paragraph(one.rule)
    bidder, result = told.columns("summary", "l10", "r")
    for part in chunks(len(one.members)):
        rows: list[Row] = [
            (
                told.bidder(row.bidder),
                *(_used(told, row.scores[n], row.use[n]) for n in part),
                Cell(row.result, "strong"),
            )
            for row in one.rows
        ]
        yield table([bidder, *(Column(one.members[n], 0, "r") for n in part), result], rows)
    if any(use != "counted" for row in one.rows for use in row.use):
        yield told.note("dropped_note")
    if any(len(set(row.scores)) > 1 for row in one.rows):
        yield Group((_plot(told, one), told.note("plot_note")))


def _used(told: Told, score: str, use: str) -> Cell:
    return Cell(score) if use == "counted" else Cell(told.word("dropped", use) + score, "quiet")


def _plot(told: Told, one: Summary) -> Plot:
    scores = [Decimal(score) for row in one.rows for score in row.scores]
    low = int((min(scores) - 1).to_integral_value(ROUND_FLOOR))
    high = int((max(scores) + 1).to_integral_value(ROUND_CEILING))
    step = next(step for wide, step in _STEPS if high - low > wide)

    def at(value: str | int) -> int:
        return int((Decimal(value) - low) / (high - low) * _ALL)

    rows = tuple(
        PlotRow(
            row.bidder,
            at(row.result),
            tuple(Dot(at(score), use == "counted") for score, use in zip(row.scores, row.use, strict=True)),
        )
        for row in one.rows
    )
    spoken = (
        told.say("plot_row", bidder=row.bidder, scores=told.joined(row.scores, "separator"), result=row.result)
        for row in one.rows
    )
    ticks = tuple(Tick(at(value), str(value)) for value in range(low, high + 1) if value % step == 0)
    return Plot(told.say("plot") + told.joined(spoken), rows, ticks)


def price(told: Told) -> Iterator[Block]:
    """The price table and how its base came about."""
    data = told.data.price
    if data.steps:
        rows = [(step.name, step.value, dash(step.derivation)) for step in data.steps]
        yield table(told.columns("price_steps", "l", "r", "l10"), rows)
    if not data.rows:
        yield told.nothing("none_priced")
        return
    columns = told.columns("price", "l10", "r", "r", "c", "r", "r")
    columns[-1] = Column(told.word("price_result", data.unit), 0, "r")
    yield table(
        columns,
        [
            (
                told.bidder(row.bidder), money(row.stated), money(row.corrected), told.word("use", row.use),
                dash(row.deviation),
                Cell(money(row.result) if data.unit == "price" else dash(row.result), "strong"),
            )
            for row in data.rows
        ],
        noted=True,
    )  # fmt: skip
    for row in data.rows:
        if row.note:
            yield told.note("price_note", bidder=row.bidder, text=row.note)
    yield told.signatures()
