"""How a refusal is written down: its HTTP status and three sentences. Owns no refusal."""

from dataclasses import dataclass
from http import HTTPStatus

from web.i18n import _


@dataclass(frozen=True, slots=True)
class Words:
    """A refusal as a person reads it; `field` names the form field it is about, if it is about one."""

    status: HTTPStatus
    what: str
    safe: str
    do: str
    field: str = ""


NOTHING_CHANGED = _("没有任何内容被改动。")
FORM_KEPT = _("没有任何内容被改动；您填写的其他内容还在。")
