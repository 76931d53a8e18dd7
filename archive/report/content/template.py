"""A report template: order and titles of parts and annexes, the cover, every sentence; a region brings its own file.

`templates/national.json` is complete; another says what differs (docs/report.md). `typesetting()` covers them all.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from archive.report.reading import ReportRefused

TEMPLATES: Final = Path(__file__).parents[1] / "templates"
FORMAT: Final = "bid-report-template/1"
BASE: Final = "national"
_NUMERALS: Final = "numerals"


@dataclass(frozen=True, slots=True)
class Template:
    """Parts and annexes by key in their order, and all words by key."""

    id: str
    title: str
    parts: tuple[str, ...]
    annexes: tuple[str, ...]
    cover: tuple[str, ...]
    letter: tuple[str, ...]
    letter_failed: tuple[str, ...]
    titles: Mapping[str, str]
    words: Mapping[str, Any]

    def part_title(self, key: str) -> str:
        """一、基本情况和数据表."""
        return str(self.words["part"]).format(number=self.numeral(self.parts.index(key)), title=self.titles[key])

    def annex_title(self, key: str) -> str:
        """附件一　签到表."""
        return str(self.words["annex"]).format(number=self.numeral(self.annexes.index(key)), title=self.titles[key])

    def annex_number(self, key: str) -> str:
        """附件一."""
        return str(self.words["annex"]).format(number=self.numeral(self.annexes.index(key)), title="").strip()

    def numeral(self, place: int) -> str:
        """The first is 一."""
        return str(self.words[_NUMERALS][place])


@cache
def load_template(name: str) -> Template:
    """The template of this name. Raises `ReportRefused` (`report.template`) for none, or one that lacks something."""
    path = TEMPLATES / f"{name}.json"
    if not name.isidentifier() or not path.is_file():
        raise ReportRefused("report.template", "$.template", f"no template is called {name}")
    own = json.loads(path.read_text(encoding="utf-8"))
    document = own if name == BASE else _merged(json.loads((TEMPLATES / f"{BASE}.json").read_text("utf-8")), own)
    template = Template(
        id=name,
        title=document["title"],
        parts=tuple(document["parts"]),
        annexes=tuple(document["annexes"]),
        cover=tuple(document["cover"]),
        letter=tuple(document["letter"]),
        letter_failed=tuple(document["letter_failed"]),
        titles=document["titles"],
        words=document["words"],
    )
    _check(own, template)
    return template


def _merged(base: dict[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """What a region says in place of the base; its titles and words one by one, its lists whole."""
    known = {**base, "based_on": BASE}
    for key, value in own.items():
        if key not in known or type(value) is not type(known[key]):
            raise ReportRefused("report.template", f"$.{key}", "not known in a template")
        if isinstance(value, dict):
            unknown = set(value) - set(base[key])
            if unknown:
                raise ReportRefused("report.template", f"$.{key}.{min(unknown)}", "not known in a template")
            known[key] = {**base[key], **value}
        else:
            known[key] = value
    return known


def _check(own: Mapping[str, Any], template: Template) -> None:
    """Every part of the law stands in it once; an annex may be left out, never invented."""
    if own["format"] != FORMAT or own["id"] != template.id:
        raise ReportRefused("report.template", "$.format", "another format, or the file has another name")
    base = template if template.id == BASE else load_template(BASE)
    if sorted(template.parts) != sorted(base.parts):
        raise ReportRefused("report.template", "$.parts", "the ten parts of the law, each once")
    if not set(template.annexes) <= set(base.annexes) or len(set(template.annexes)) != len(template.annexes):
        raise ReportRefused("report.template", "$.annexes", "known annexes, each once")
