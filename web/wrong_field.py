"""Which field of a body is wrong and how, told from what msgspec says of it. Reads no body and judges none."""

import re
from dataclasses import dataclass


class UnreadableBody(Exception):
    """The body is not what the route takes: broken, of another shape, or with a field that nobody knows."""

    code = "request.unreadable"

    def __init__(self, reason: str = "", field: str = "", limit: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.field = field
        self.fills = {"limit": limit}


class FieldMissing(UnreadableBody):
    """A field that must be filled in is absent or empty."""

    code = "request.field_missing"


class FieldTooLong(UnreadableBody):
    """A text or a list is longer than its field takes."""

    code = "request.field_too_long"


class FieldNoNumber(UnreadableBody):
    """A field wants a whole number."""

    code = "request.field_no_number"


class FieldOutOfRange(UnreadableBody):
    """A number is smaller or larger than its field takes."""

    code = "request.field_out_of_range"


class FieldNoTime(UnreadableBody):
    """A field wants a date and a time."""

    code = "request.field_no_time"


class FieldNoChoice(UnreadableBody):
    """A value is none of those to choose from."""

    code = "request.field_no_choice"


class FieldMisspelt(UnreadableBody):
    """A text is not spelled as its field wants it: letters, digits, their number."""

    code = "request.field_misspelt"


@dataclass(frozen=True, slots=True)
class _Saying:
    """A sentence of msgspec, and the refusal it stands for; a group `limit` is told to the reader."""

    pattern: re.Pattern[str]
    refusal: type[UnreadableBody]


# The first that fits. `Expected X, got Y` is the sentence for a value of another kind.
_SAYINGS = tuple(
    _Saying(re.compile(pattern), refusal)
    for pattern, refusal in (
        (r"missing required field `(?P<field>[^`]+)`", FieldMissing),
        (r"Expected `\w+` of length >= ", FieldMissing),
        (r"Expected `\w+` of length <= (?P<limit>\d+)", FieldTooLong),
        (r"Expected `(?:int|float|decimal)` (?P<limit>[<>]=? \S+)", FieldOutOfRange),
        (r"Expected `(?:int|float|decimal)`|Invalid decimal|Integer value out of range", FieldNoNumber),
        (r"Expected `(?:datetime|date)`|Invalid RFC3339", FieldNoTime),
        (r"Invalid enum value|Expected `bool`|Invalid value", FieldNoChoice),
        (r"Expected `", FieldMisspelt),
        (r"Invalid base64|matching regex", FieldMisspelt),
    )
)
_PLACE = re.compile(r" - at `\$\.?(?P<path>[^`]*)`$")


def refusal_of(said: str) -> UnreadableBody:
    """The refusal for a `ValidationError`'s words; the field is named as forms name it, a row's by its list."""
    place = _PLACE.search(said)
    path = re.split(r"\[|\.", place["path"])[0] if place else ""
    for saying in _SAYINGS:
        found = saying.pattern.search(said)
        if found:
            groups = found.groupdict()
            return saying.refusal(said, path or groups.get("field", ""), groups.get("limit", ""))
    return UnreadableBody(said, path)
