"""The report on the screen says what the report on paper says: no text more, none less, in the same order.

The paper's texts are read by poppler from the structure tree of the PDF, in which page heads, feet, the demo's mark and
repeated table heads are no content; the table of contents and list marks are left out.
"""

import re
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from archive.report.consistency import read_report
from archive.report.content import content_of
from archive.report.reading import value_of
from archive.report.render import render_report
from tests.archive.report_example import example_a, failed_a
from web.pages import environment

UNITS = frozenset({"p", "h2", "h3", "h4", "td", "th", "li", "svg"})
BLOCKS = frozenset({"P", "H1", "H2", "H3", "TD", "TH", "LBody", "Figure", "Table", "TR", "L", "LI"})
ELEMENT = re.compile(r" *([A-Z][A-Za-z0-9]*)(?= |:|$)")  # then perhaps its title, in an encoding of its own


class Page(HTMLParser):
    """The texts of the report's article, one a paragraph, title, cell or figure's label."""

    def __init__(self) -> None:
        super().__init__()
        self.units: list[str] = []
        self.inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in UNITS:
            self.inside.append(tag)
            self.units.append("")

    def handle_endtag(self, tag: str) -> None:
        if self.inside and tag == self.inside[-1]:
            self.inside.pop()

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.units[-1] += data
        else:
            assert not data.strip(), f"text outside of every paragraph and cell: {data!r}"


def on_screen(value: object) -> list[str]:
    """What the page shows."""
    content = value_of(content_of(read_report(value)))
    module: Any = environment("zh").get_template("report_pieces.html").module
    page = Page()
    page.feed(str(module.paper(content)))
    return [text for text in map(bare, page.units) if text]


def on_paper(pdf: bytes, folder: Path) -> list[str]:
    """What the PDF's structure tree holds. Poppler draws a page for each element on it: 25 s for the whole example."""
    (folder / "report.pdf").write_bytes(pdf)
    told = ["pdfinfo", "-struct-text", str(folder / "report.pdf")]
    lines = subprocess.run(told, check=True, capture_output=True).stdout.decode(errors="replace").split("\n")
    units, skipped = [""], -1
    for line in lines:
        indent = len(line) - len(line.lstrip())
        if 0 <= skipped < indent:
            continue
        skipped = -1
        element = ELEMENT.match(line)
        if element and element[1] in {"TOC", "Lbl"}:
            skipped = indent
        elif line.strip().startswith('"'):
            units[-1] += line.strip()[1:-1]
        elif (element and element[1] in BLOCKS) or "/Placement /Block" in line:
            units.append("")
    return [text for text in map(bare, units) if text]


def bare(text: str) -> str:
    """Without white space: paper breaks lines where it likes."""
    return re.sub(r"\s", "", text)


async def test_screen_and_paper_say_the_same_and_a_word_that_only_one_of_them_has_is_found(tmp_path: Path) -> None:
    value = example_a()
    paper = on_paper(await render_report(value), tmp_path)
    paper.remove("目录")
    assert paper == on_screen(value)
    assert paper != on_screen(value | {"conclusion": "另一个结论。"})


@pytest.mark.parametrize("template", ["chongqing", "procurement"])
async def test_so_they_do_under_other_templates(template: str, tmp_path: Path) -> None:
    value = example_a()
    value |= {"template": template, "sheets": value["sheets"][:1]}
    paper = on_paper(await render_report(value), tmp_path)
    paper.remove("目录")
    assert paper == on_screen(value)


async def test_so_they_do_of_a_failed_tender(tmp_path: Path) -> None:
    value = failed_a()
    paper = on_paper(await render_report(value), tmp_path)
    paper.remove("目录")
    assert paper == on_screen(value)
    assert "（本次招标失败）" in paper
