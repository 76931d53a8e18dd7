"""What must agree inside a report before it is printed: references, lengths, sums, ranks.

It recomputes sums only; rules of evaluation (trimming, bases, rounding) belong to `evaluation`.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from archive.report.annexes import Sheet
from archive.report.data import ReportData
from archive.report.reading import ReportRefused, read

MOST_CANDIDATES = 3


def read_report(value: object) -> ReportData:
    """The JSON value as a checked report. Raises `ReportRefused` naming code and path.

    Codes beside those of `reading.read`: `report.reference` (no such bidder, member or item), `report.duplicate`,
    `report.length` (a row has not one cell per column), `report.sum`, `report.rank`, `report.outcome`.
    """
    report = read(ReportData, value)
    _check_references(report)
    _check_lengths(report)
    _check_sums(report)
    _check_ranks(report)
    _check_outcome(report)
    return report


def _check_references(report: ReportData) -> None:
    members = _unique([each.ref for each in report.members], "$.members")
    bidders = _unique([each.ref for each in report.bidders], "$.bidders")
    for path, ref in _member_references(report):
        _must_hold(ref, members, path)
    for path, ref in _bidder_references(report):
        _must_hold(ref, bidders, path)
    for n, stage in enumerate(report.preliminary):
        items = _unique([each.code for each in stage.items], f"$.preliminary[{n}].items")
        for m, finding in enumerate(stage.findings):
            _must_hold(finding.item, items, f"$.preliminary[{n}].findings[{m}].item")


def _member_references(report: ReportData) -> Iterator[tuple[str, str]]:
    for n, election in enumerate(report.elections):
        yield from ((f"$.elections[{n}].counts[{m}].member", c.member) for m, c in enumerate(election.counts))
    for n, change in enumerate(report.replacements):
        yield from ((f"$.replacements[{n}].left", change.left), (f"$.replacements[{n}].joined", change.joined))
    for n, rejection in enumerate(report.rejected):
        yield from ((f"$.rejected[{n}].dissent[{m}].member", d.member) for m, d in enumerate(rejection.dissent))
    for n, recheck in enumerate(report.rechecks):
        yield from ((f"$.rechecks[{n}].members[{m}]", ref) for m, ref in enumerate(recheck.members))
    for n, stage in enumerate(report.preliminary):
        yield from ((f"$.preliminary[{n}].voters[{m}]", ref) for m, ref in enumerate(stage.voters))
    for n, summary in enumerate(report.summaries):
        yield from ((f"$.summaries[{n}].members[{m}]", ref) for m, ref in enumerate(summary.members))
    for n, pledge in enumerate(report.pledges):
        yield from ((f"$.pledges[{n}].signatures[{m}].member", s.member) for m, s in enumerate(pledge.signatures))
    yield from (
        (f"$.preliminary_signatures[{n}].member", each.member) for n, each in enumerate(report.preliminary_signatures)
    )
    yield from ((f"$.sign_ins[{n}].member", each.member) for n, each in enumerate(report.sign_ins))
    yield from ((f"$.sheets[{n}].member", each.member) for n, each in enumerate(report.sheets))
    yield from ((f"$.dissents[{n}].member", each.member) for n, each in enumerate(report.dissents))
    yield from ((f"$.signatures[{n}].member", each.member) for n, each in enumerate(report.signatures))


def _bidder_references(report: ReportData) -> Iterator[tuple[str, str]]:
    yield from ((f"$.opening.bids[{n}].bidder", each.bidder) for n, each in enumerate(report.opening.bids))
    yield from ((f"$.compliant[{n}].bidder", each.bidder) for n, each in enumerate(report.compliant))
    yield from ((f"$.rejected[{n}].bidder", each.bidder) for n, each in enumerate(report.rejected))
    yield from ((f"$.comparison.rows[{n}].bidder", each.bidder) for n, each in enumerate(report.comparison.rows))
    yield from ((f"$.candidates[{n}].bidder", each.bidder) for n, each in enumerate(report.candidates))
    yield from ((f"$.clarifications[{n}].bidder", each.bidder) for n, each in enumerate(report.clarifications))
    yield from ((f"$.price.rows[{n}].bidder", each.bidder) for n, each in enumerate(report.price.rows))
    for n, stage in enumerate(report.preliminary):
        yield from ((f"$.preliminary[{n}].findings[{m}].bidder", f.bidder) for m, f in enumerate(stage.findings))
    for n, summary in enumerate(report.summaries):
        yield from ((f"$.summaries[{n}].rows[{m}].bidder", row.bidder) for m, row in enumerate(summary.rows))
    for n, sheet in enumerate(report.sheets):
        yield from ((f"$.sheets[{n}].bidders[{m}]", ref) for m, ref in enumerate(sheet.bidders))
        yield from ((f"$.sheets[{n}].comments[{m}].bidder", c.bidder) for m, c in enumerate(sheet.comments))


def _check_lengths(report: ReportData) -> None:
    parts = len(report.comparison.parts)
    for n, row in enumerate(report.comparison.rows):
        _must_count(row.parts, parts, f"$.comparison.rows[{n}].parts")
    for n, stage in enumerate(report.preliminary):
        for m, finding in enumerate(stage.findings):
            _must_count(finding.votes, len(stage.voters), f"$.preliminary[{n}].findings[{m}].votes")
    for n, sheet in enumerate(report.sheets):
        _check_sheet(sheet, f"$.sheets[{n}]")
    for n, summary in enumerate(report.summaries):
        for m, total in enumerate(summary.rows):
            _must_count(total.scores, len(summary.members), f"$.summaries[{n}].rows[{m}].scores")
            _must_count(total.use, len(summary.members), f"$.summaries[{n}].rows[{m}].use")


def _check_sheet(sheet: Sheet, path: str) -> None:
    _must_count(sheet.totals, len(sheet.bidders), f"{path}.totals")
    for m, line in enumerate(sheet.rows):
        _must_count(line.scores, len(sheet.bidders), f"{path}.rows[{m}].scores")
    if tuple(each.bidder for each in sheet.signatures) != sheet.bidders:
        raise ReportRefused("report.reference", f"{path}.signatures", "not one a bidder, in their order")


def _check_sums(report: ReportData) -> None:
    for n, row in enumerate(report.comparison.rows):
        _must_add_up(row.parts, row.total, f"$.comparison.rows[{n}].total")
    for n, sheet in enumerate(report.sheets):
        for m, total in enumerate(sheet.totals):
            _must_add_up([line.scores[m] for line in sheet.rows], total, f"$.sheets[{n}].totals[{m}]")


def _check_ranks(report: ReportData) -> None:
    """Ranks run 1, 2, 2, 4…: each is one more than the number of bidders that stand strictly before it."""
    ranks = sorted(row.rank for row in report.comparison.rows)
    for n, row in enumerate(report.comparison.rows):
        if row.rank != 1 + sum(1 for rank in ranks if rank < row.rank):
            raise ReportRefused("report.rank", f"$.comparison.rows[{n}].rank", "ranks leave a hole")


def _check_outcome(report: ReportData) -> None:
    if (report.outcome == "candidates") != bool(report.candidates):
        raise ReportRefused("report.outcome", "$.candidates", f"does not fit outcome {report.outcome}")
    if len(report.candidates) > MOST_CANDIDATES:
        raise ReportRefused("report.outcome", "$.candidates", "at most three candidates (实施条例 Art. 53)")
    ranks = {row.bidder: row.rank for row in report.comparison.rows}
    for n, candidate in enumerate(report.candidates):
        if ranks.get(candidate.bidder) != candidate.rank:
            raise ReportRefused("report.rank", f"$.candidates[{n}].rank", "differs from the comparison")


def _unique(refs: Sequence[str], path: str) -> frozenset[str]:
    for n, ref in enumerate(refs):
        if ref in refs[:n]:
            raise ReportRefused("report.duplicate", f"{path}[{n}]", f"{ref} stands twice")
    return frozenset(refs)


def _must_hold(ref: str, known: frozenset[str], path: str) -> None:
    if ref not in known:
        raise ReportRefused("report.reference", path, f"{ref} is not known")


def _must_count(cells: Sequence[str], wanted: int, path: str) -> None:
    if len(cells) != wanted:
        raise ReportRefused("report.length", path, f"{len(cells)} cells, {wanted} columns")


def _must_add_up(parts: Sequence[str], total: str, path: str) -> None:
    found = sum((Decimal(part) for part in parts), Decimal(0))
    if found != Decimal(total):
        raise ReportRefused("report.sum", path, f"parts give {found}, printed is {total}")
