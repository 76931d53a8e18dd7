"""The content of a report as titles, tables and sentences in their order: what a screen shows and paper prints alike.

It words nothing of its own: sentences and titles stand in a report template (`templates/*.json`), figures and names in
the data. It reckons nothing but sums in words.
"""

from archive.report.content.annexes import ANNEXES
from archive.report.content.answers import answers_of
from archive.report.content.blocks import Block, Document, Heading
from archive.report.content.parts import PARTS, cover
from archive.report.content.template import Template, load_template
from archive.report.content.told import Told
from archive.report.data import ReportData

__all__ = ["answers_of", "content_of"]


def content_of(report: ReportData) -> Document:
    """The whole report, part by part and annex by annex as its template orders them. Raises `ReportRefused`."""
    template = load_template(report.template)
    told = Told(template, report)
    return Document(
        title=template.title,
        number=report.case.number,
        running=report.case.project,
        mark=told.say("demo_mark") if report.mark == "demo" else "",
        issued=report.issued,
        keywords=(template.title, report.case.number, report.case.project_code),
        attachment="report.json",
        attached=told.say("attached"),
        cover=cover(told),
        contents=told.say("contents"),
        pages=told.say("pages"),
        blocks=tuple(_body(told, template)),
    )


def _body(told: Told, template: Template) -> list[Block]:
    found: list[Block] = []
    for place, key in enumerate(template.parts):
        found += [Heading(1, template.part_title(key), new_page=not place), *PARTS[key](told)]
    for place, key in enumerate(template.annexes):
        found += [Heading(1, template.annex_title(key), new_page=not place), *ANNEXES[key](told)]
    return found
