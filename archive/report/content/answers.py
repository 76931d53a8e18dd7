"""The sheet of answers to a report: who signed, who kept a different opinion and in what words, who refused."""

from collections.abc import Iterator

from archive.report.answers import AnswersData
from archive.report.content.blocks import Block, Cell, Document, Heading, Paragraph, facts, table
from archive.report.content.spelling import dash, digest, moment
from archive.report.content.template import Template, load_template
from archive.report.content.told import Said


def answers_of(data: AnswersData) -> Document:
    """The whole sheet, under the words of its report's template. Raises `ReportRefused`."""
    template = load_template(data.template)
    return Document(
        title=template.titles["answers"],
        number=data.number,
        running=data.project,
        mark=str(template.words["demo_mark"]) if data.mark == "demo" else "",
        issued=data.issued,
        keywords=(template.titles["answers"], data.number),
        attachment="answers.json",
        attached=str(template.words["attached_answers"]),
        cover=None,
        contents="",
        pages=str(template.words["pages"]),
        blocks=tuple(_body(data, template)),
    )


def _body(data: AnswersData, template: Template) -> Iterator[Block]:
    told, name = Said(template), template.words["answers"]
    yield Heading(1, template.titles["answers"])
    yield facts(
        (name["number"], data.number),
        (name["project"], data.project),
        (name["lot"], data.lot),
        (name["version"], str(data.version)),
        (name["report"], Cell(digest(data.report), "small")),
    )
    names = {one.member: told.say("member", ref=one.member, name=one.name) for one in data.answers}
    rows = [(names[one.member], told.word("answered", one.outcome), moment(one.at), one.code) for one in data.answers]
    yield table(told.columns("answers", "l", "l10", "c", "c"), rows, noted=True)
    yield Paragraph(told.say("answers_note"), "note")
    yield Heading(2, told.say("opinions"))
    own = [one for one in data.answers if one.outcome != "signed"]
    if not own:
        yield Paragraph(told.say("no_opinions"), "nothing")
    for one in own:
        yield facts(
            (name["member"], names[one.member]),
            (name["outcome"], told.word("answered", one.outcome)),
            (name["at"], moment(one.at)),
            (name["text"], dash(one.text)),
        )
