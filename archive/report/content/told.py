"""What every part of a report asks for: data, the template's sentences, how members and bidders are named."""

from collections.abc import Iterable
from dataclasses import dataclass

from archive.report.content import spelling
from archive.report.content.blocks import Column, Paragraph
from archive.report.content.template import Template
from archive.report.data import Member, ReportData


@dataclass(frozen=True, slots=True)
class Said:
    """The sentences of a template."""

    template: Template

    def say(self, key: str, **values: object) -> str:
        """A sentence of the template; `{@summaries}` in it is the number of that annex."""
        text = str(self.template.words[key])
        for annex in self.template.annexes if "{@" in text else ():
            text = text.replace("{@" + annex + "}", self.template.annex_number(annex))
        return text.format(**values) if values else text

    def word(self, table: str, key: str) -> str:
        """The word for a code."""
        return str(self.template.words[table][key])

    def joined(self, words: Iterable[str], separator: str = "semicolon") -> str:
        """Several in one sentence."""
        return self.say(separator).join(words)

    def columns(self, key: str, *widths: str) -> list[Column]:
        """Columns of these titles (`words.columns`); `l`, `c` or `r` for the side, then tenths of the width left."""
        titles = self.template.words["columns"][key]
        sides = {"l": "l", "c": "c", "r": "r"}
        return [
            Column(title, int(width[1:] or 0), sides[width[0]])  # type: ignore[arg-type]
            for title, width in zip(titles, widths, strict=True)
        ]


@dataclass(frozen=True, slots=True)
class Told(Said):
    """A report under its template."""

    data: ReportData

    def bidder(self, ref: str) -> str:
        """Short name and full name."""
        return self.say("bidder", ref=ref, name=next(one.name for one in self.data.bidders if one.ref == ref))

    def member(self, ref: str) -> str:
        """Alias and name."""
        return self.say("member", ref=ref, name=self._member(ref).name)

    def _member(self, ref: str) -> Member:
        return next(one for one in self.data.members if one.ref == ref)

    def seat(self, ref: str) -> str:
        """Venue and seat of a member."""
        one = self._member(ref)
        return f"{one.venue} {one.seat}"

    def result(self, figure: str) -> str:
        """A score as it stands, an evaluated price in groups."""
        return spelling.money(figure) if self.data.comparison.unit == "price" else figure

    @property
    def result_word(self) -> str:
        """What the result is called."""
        return self.word("result", self.data.comparison.unit)

    def nothing(self, key: str) -> Paragraph:
        """That there is nothing here."""
        return Paragraph(self.say(key), "nothing")

    def note(self, key: str, **values: object) -> Paragraph:
        """A sentence in small print."""
        return Paragraph(self.say(key, **values), "note")

    def signatures(self) -> Paragraph:
        """The signature row of a table that the whole committee answers for by signing the report."""
        seated = [self.member(one.ref) for one in self.data.members if one.state == "seated"]
        return self.note("signed_with_report", members=self.joined(seated, "separator"))
