"""What the data of a report may say, decided before anything is printed."""

from collections.abc import Callable
from typing import Any

import pytest

from archive.report.characters import check_text
from archive.report.consistency import read_report
from archive.report.data import ReportData
from archive.report.opinion import read_opinion
from archive.report.reading import ReportRefused, value_of
from tests.archive.report_example import example_a, opinion_a

LATIN_AND_HAN = ((0x20, 0x7E), (0x4E00, 0x9FFF), (0x20000, 0x2A6DF))

Spoil = Callable[[dict[str, Any]], None]


def _put(*steps: str | int, value: object) -> Spoil:
    """A change of one place of a report, named by its path."""

    def spoil(report: dict[str, Any]) -> None:
        place: Any = report
        for step in steps[:-1]:
            place = place[step]
        place[steps[-1]] = value

    return spoil


REFUSALS: list[tuple[str, str, Spoil]] = [
    ("report.unknown", "$.extra", _put("extra", value=1)),
    ("report.missing", "$.members[1].name", lambda r: r["members"][1].pop("name")),
    ("report.type", "$.venues[0].seats", _put("venues", 0, "seats", value="3")),
    ("report.type", "$.venues[0].seats", _put("venues", 0, "seats", value=True)),
    ("report.type", "$.price.rows[0].stated", _put("price", "rows", 0, "stated", value=9512300.0)),
    ("report.type", "$.members", _put("members", value={})),
    ("report.range", "$.draws[0].pool_size", _put("draws", 0, "pool_size", value=-1)),
    ("report.spelling", "$.price.rows[0].stated", _put("price", "rows", 0, "stated", value="9,512,300.00")),
    ("report.spelling", "$.price.rows[0].stated", _put("price", "rows", 0, "stated", value="1e6")),
    ("report.spelling", "$.price.rows[0].stated", _put("price", "rows", 0, "stated", value="１２")),
    ("report.spelling", "$.issued", _put("issued", value="2026-02-30T00:00:00Z")),
    ("report.spelling", "$.issued", _put("issued", value="2026-11-20T08:41:30+08:00")),
    ("report.spelling", "$.mark", _put("mark", value="final")),
    ("report.spelling", "$.members[0].name", _put("members", 0, "name", value="专家\n0042")),
    ("report.spelling", "$.case.tender_document", _put("case", "tender_document", value="AB" * 32)),
    (
        "report.spelling",
        "$.sheets[0].signatures[0].code",
        _put("sheets", 0, "signatures", 0, "code", value="OIL0-UVWX"),
    ),
    ("report.reference", "$.sheets[0].signatures", _put("sheets", 0, "signatures", 0, "bidder", value="B")),
    ("report.duplicate", "$.members[1]", _put("members", 1, "ref", value="评委1")),
    ("report.reference", "$.opening.bids[0].bidder", _put("opening", "bids", 0, "bidder", value="G")),
    ("report.reference", "$.sheets[2].member", _put("sheets", 2, "member", value="评委9")),
    (
        "report.reference",
        "$.preliminary[0].findings[0].item",
        _put("preliminary", 0, "findings", 0, "item", value="Y9"),
    ),
    ("report.length", "$.comparison.rows[0].parts", lambda r: r["comparison"]["rows"][0]["parts"].pop()),
    ("report.length", "$.sheets[0].rows[0].scores", lambda r: r["sheets"][0]["rows"][0]["scores"].pop()),
    ("report.sum", "$.comparison.rows[0].total", _put("comparison", "rows", 0, "total", value="83.68")),
    ("report.sum", "$.sheets[0].totals[0]", _put("sheets", 0, "rows", 0, "scores", 0, value="1.0")),
    ("report.rank", "$.comparison.rows[0].rank", _put("comparison", "rows", 0, "rank", value=6)),
    ("report.rank", "$.candidates[0].rank", _put("candidates", 0, "rank", value=2)),
    ("report.outcome", "$.candidates", _put("outcome", value="failed")),
    ("report.outcome", "$.candidates", lambda r: r["candidates"].append(dict(r["candidates"][2]))),
]


def test_the_worked_example_is_read_and_written_back_unchanged() -> None:
    report = read_report(example_a())
    assert isinstance(report, ReportData)
    assert value_of(report) == example_a()


@pytest.mark.parametrize(("code", "path", "spoil"), REFUSALS)
def test_one_wrong_place_is_refused_by_code_and_path(code: str, path: str, spoil: Spoil) -> None:
    report = example_a()
    spoil(report)
    with pytest.raises(ReportRefused) as refused:
        read_report(report)
    assert (refused.value.code, refused.value.path) == (code, path)


def test_joint_ranks_leave_the_hole_that_a_tie_makes() -> None:
    report = example_a()
    rows = report["comparison"]["rows"]
    for row, rank in zip(rows, (4, 1, 4, 3, 1), strict=True):
        row["rank"] = rank
    for candidate, rank in zip(report["candidates"], (1, 1, 4), strict=True):
        candidate["rank"] = rank
    assert read_report(report).comparison.rows[4].rank == 1


@pytest.mark.parametrize(
    ("code", "char"),
    [
        ("report.character.category", "\u202e"),
        ("report.character.category", "\ufeff"),
        ("report.character.category", "\ue000"),
        ("report.character.category", "\u0007"),
        ("report.character.category", "\u2028"),
        ("report.character.category", "\ud800"),
        ("report.character.category", "\u0378"),
        ("report.character.uncovered", "\U0001f600"),
    ],
)
def test_a_character_that_cannot_be_shown_is_named_with_its_field(code: str, char: str) -> None:
    with pytest.raises(ReportRefused, match=f"U\\+{ord(char):04X}") as refused:
        check_text(f"张{char}三", "$.members[0].name", LATIN_AND_HAN)
    assert (refused.value.code, refused.value.path) == (code, "$.members[0].name")


def test_rare_han_beyond_the_first_plane_is_a_name_like_any_other() -> None:
    check_text("𠮷野", "$.members[0].name", LATIN_AND_HAN)


def test_a_name_in_two_spellings_is_refused() -> None:
    with pytest.raises(ReportRefused) as refused:
        check_text("e\u0301", "$.members[0].name", ((0x20, 0x36F),))
    assert refused.value.code == "report.text.not_nfc"


def test_an_opinion_cannot_claim_more_than_its_results() -> None:
    for spoil in (
        _put("verdict", value="intact_untrusted"),
        _put("trust", value="not_given"),
        _put("checks", 0, "result", value="failed"),
        _put("failures", value=[{"object": "data/report.pdf", "reason": "校验码不符"}]),
    ):
        opinion = opinion_a()
        read_opinion(opinion)
        spoil(opinion)
        with pytest.raises(ReportRefused) as refused:
            read_opinion(opinion)
        assert refused.value.code == "report.verdict"
