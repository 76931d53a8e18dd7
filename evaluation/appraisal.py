"""The form for an expert's conduct in one case (履职评价, 一标一评): yes or no, and a remark where something was wrong.

The form is data (`appraisal.json`); who may fill it and when is not decided here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib import resources
from typing import Any, Final, cast

from evaluation.tally.reading import Reader, load_json
from signing.canonical import canonical

FORMAT: Final = "bid-appraisal/1"


class AnswersIncomplete(Exception):
    """Every item of the form has exactly one answer."""

    code = "appraisal.incomplete"


class AppraisalRemarkMissing(Exception):
    """A no is explained: it follows the expert."""

    code = "appraisal.remark_missing"


@dataclass(frozen=True, slots=True)
class Item:
    """A sentence that is true of an expert who did well."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Form:
    """The sentences in their order, and the digest by which an answered form names them."""

    title: str
    items: tuple[Item, ...]
    digest: str

    def check(self, answers: Mapping[str, bool], remark: str) -> None:
        """Refuse what is no complete appraisal. Raises `AnswersIncomplete`, `AppraisalRemarkMissing`."""
        if set(answers) != {item.id for item in self.items}:
            raise AnswersIncomplete
        if not all(answers.values()) and not remark.strip():
            raise AppraisalRemarkMissing


@cache
def load_form() -> Form:
    """The form that comes with the product."""
    document = load_json(resources.files("evaluation").joinpath("appraisal.json").read_bytes())
    reader = Reader(document)
    reader.choice("format", (FORMAT,))
    reader.text("id")
    items = []
    for row in reader.rows("items"):
        items.append(Item(row.text("id"), row.text("text")))
        row.end()
    title = reader.text("title")
    reader.end()
    return Form(title, tuple(items), sha256(canonical(cast(Mapping[str, Any], document))).hexdigest())
