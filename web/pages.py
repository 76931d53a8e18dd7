"""Templates to HTML: one environment a language, autoescape, nothing undefined. Owns no text and no rule."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit, urlunsplit

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from web.i18n import TAGS, Language, script_words, translations
from web.parsing import TYPED
from web.policy import SAFE_METHODS
from web.static import assets
from web.visit import Visit, as_json

# The refusals that a page is shown again for.
FAULTS: web.RequestKey[tuple[Any, ...]] = web.RequestKey("faults", tuple)

TEMPLATES = Path(__file__).parent / "templates"
BEIJING = timezone(timedelta(hours=8))


@dataclass(frozen=True, slots=True)
class Heading:
    """What the header of a case's page shows; `stage` is a translated word, `parties` what the trade calls each."""

    code: str
    title: str
    stage: str
    demo: bool
    parties: Mapping[str, str]
    lot: str = ""


@cache
def environment(language: Language) -> Environment:
    """The templates in one language."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.install_gettext_translations(translations(language), newstyle=True)  # type: ignore[attr-defined]
    made.globals["asset"] = assets().address
    made.globals["lang"] = TAGS[language]
    made.globals["script_words"] = json.dumps(dict(script_words(language)), ensure_ascii=False).replace("<", "\\u003c")
    made.filters["clock"] = beijing
    made.filters["moment"] = moment
    return made


def beijing(moment: datetime) -> str:
    """An instant as Beijing time with seconds."""
    return moment.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S")


def moment(stamp: str) -> str:
    """A stamp of a statement as Beijing time with seconds; nothing for nothing."""
    return beijing(datetime.fromisoformat(stamp)) if stamp else ""


def page(visit: Visit, template: str, values: Mapping[str, Any], status: int = 200) -> web.Response:
    """A page, or its values as JSON for a script that asked for them (the demo reads pages this way)."""
    if visit.wants_json:
        return as_json(values, status)
    address = _address(visit.request)
    given = {
        "visit": visit,
        "here": address.path,
        "back": urlunsplit(("", "", address.path, address.query, "")),
        "csrf": visit.session.csrf if visit.session else "",
        "heading": None,
        "faults": visit.request.get(FAULTS, ()),
        "typed": _typed_again(visit.request),
        **values,
    }
    text = environment(visit.language).get_template(template).render(given)
    answer = web.Response(text=text, status=status, content_type="text/html", charset="utf-8")
    # A length may tell of a page's secrets (BREACH), but only who is of this site: a stranger's call brings no cookie.
    answer.enable_compression()
    return answer


def _typed_again(request: web.Request) -> str:
    """The form that is shown again with its fault, as JSON for `shell.js`: its address and what was typed into it."""
    if not request.get(FAULTS):
        return ""
    told = {"action": request.path, "fields": request.get(TYPED, {})}
    return json.dumps(told, ensure_ascii=False).replace("<", "\\u003c")


def _address(request: web.Request) -> SplitResult:
    """Where the reader is: an answer to a form stands on the page of the form, which alone can be opened again."""
    return urlsplit(request.path_qs if request.method in SAFE_METHODS else request.headers.get("Referer", "/"))
