"""The manual of the papers, held against the shapes the code reads."""

import re
from pathlib import Path

from archive.report.data import ReportData
from archive.report.opinion import OpinionData
from archive.report.reading import fields_of


def test_the_manual_lists_every_field_with_its_kind() -> None:
    manual = (Path(__file__).parents[2] / "docs" / "report.md").read_text(encoding="utf-8")
    rows = {
        (part, field): kind
        for part, field, kind in re.findall(r"^\| (\w+) \| `(\w+)` \| (.+?) \| .+ \|$", manual, re.M)
    }
    wanted = {
        (shape.__name__, name): kind for paper in (ReportData, OpinionData) for shape, name, kind in fields_of(paper)
    }
    assert rows == wanted
