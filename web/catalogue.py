"""Keeps the English catalogue whole: `python -m web.catalogue` takes in new literals, drops what is said no more."""

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from web.i18n import CATALOGUE

WEB = CATALOGUE.parents[1]
METHODS = [
    ("**/vendor/**", "ignore"),
    ("**.py", "python"),
    ("templates/**.html", "jinja2.ext.babel_extract"),
    ("static/**.js", "javascript"),
]
OPTIONS = {"templates/**.html": {"trim_blocks": "true", "lstrip_blocks": "true"}}
KEYWORDS = {"_": None, "say": None}


def extracted() -> Catalog:
    """Every literal of the pages, marked by `_` in Python and templates, said by `say` in browser code."""
    found = Catalog(locale="en", project="remote-bid-evaluation", charset="utf-8")
    literals = extract_from_dir(WEB, METHODS, OPTIONS, keywords=KEYWORDS, strip_comment_tags=False)
    for path, _line, literal, _comments, context in literals:
        found.add(literal, locations=[(path, 1)], context=context)
    return found


def translated() -> Catalog:
    """The committed English catalogue."""
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="en")


def merge() -> Catalog:
    """The literals of today with the translations there are."""
    known, today = translated(), extracted()
    for message in today:
        former = known.get(message.id, context=message.context) if message.id else None
        if former is not None:
            message.string = former.string
    return today


if __name__ == "__main__":
    whole = merge()
    with CATALOGUE.open("wb") as out:
        write_po(out, whole, width=120, sort_output=True, omit_header=True, ignore_obsolete=True)
    for untranslated in (message.id for message in whole if message.id and not message.string):
        print(untranslated)
