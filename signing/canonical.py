"""The one spelling of a value: RFC 8785 bytes of what the house writes down, their digest and its 8-character code.

Standard library only. It never mends a value: what has no single spelling everywhere is refused by name.
"""

import json
import unicodedata
from collections.abc import Mapping
from hashlib import sha256

INTEGER_LIMIT = 2**53
DEPTH_LIMIT = 64
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

Json = dict[str, "Json"] | list["Json"] | str | int | bool | None


class NotCanonical(Exception):
    """A value or bytes with no place in the house's canonical JSON; `where` is the path to it, like `$.rows[3].bid`."""

    code = "not-canonical"

    def __init__(self, where: str) -> None:
        super().__init__(f"{self.code}: {where}")
        self.where = where


class FloatRefused(NotCanonical):
    """A binary fraction: its decimal spelling depends on the reader. Scores and money are decimal strings."""

    code = "canonical-float"


class IntegerTooLarge(NotCanonical):
    """An integer of 2^53 or more (or −2^53 or less), which readers with doubles would change."""

    code = "canonical-integer"


class NotNfc(NotCanonical):
    """A text that is not in Unicode normalisation form C, so that two spellings would look the same."""

    code = "canonical-nfc"


class LoneSurrogate(NotCanonical):
    """A text with half of a surrogate pair: it has no UTF-8."""

    code = "canonical-surrogate"


class KeyNotText(NotCanonical):
    """An object key that is not a text."""

    code = "canonical-key"


class TypeRefused(NotCanonical):
    """A value that JSON has no word for."""

    code = "canonical-type"


class TooDeep(NotCanonical):
    """Lists and objects nested more than 64 deep."""

    code = "canonical-depth"


class NotJson(NotCanonical):
    """Bytes that are not UTF-8 or not JSON."""

    code = "canonical-syntax"


class OtherSpelling(NotCanonical):
    """JSON whose canonical bytes are others: spaces, key order, escapes, repeated keys."""

    code = "canonical-spelling"


def canonical(value: object) -> bytes:
    """RFC 8785 bytes of `value`: mappings with text keys, lists, tuples, texts, integers below 2^53, bool, None.

    Raises NotCanonical (FloatRefused, IntegerTooLarge, NotNfc, LoneSurrogate, KeyNotText, TypeRefused, TooDeep).
    """
    ordered = _ordered(value, "$", 0)
    # For these values the C encoder writes exactly the escapes of RFC 8785 §3.2.2.2 (held against rfc8785 in tests).
    return json.dumps(ordered, ensure_ascii=False, separators=(",", ":")).encode()


def parse(data: bytes) -> Json:
    """The value whose canonical bytes are `data`. Raises NotCanonical if there is none: bytes have one spelling."""
    try:
        value: Json = json.loads(data.decode())
    except RecursionError:
        raise TooDeep("$") from None
    except ValueError as error:
        # Undecodable UTF-8, wrong syntax, or an integer of thousands of digits.
        raise NotJson("$") from error
    if canonical(value) != data:
        raise OtherSpelling("$")
    return value


def digest(data: bytes) -> bytes:
    """SHA-256 of `data`, 32 bytes."""
    return sha256(data).digest()


def short_code(of_digest: bytes) -> str:
    """The 校验码 that people compare: the first 40 bits of a digest in Crockford's base 32, as `XXXX-XXXX`."""
    bits = int.from_bytes(of_digest[:5])
    letters = "".join(CROCKFORD[bits >> shift & 31] for shift in range(35, -1, -5))
    return f"{letters[:4]}-{letters[4:]}"


def _ordered(value: object, where: str, depth: int) -> Json:
    """`value` rebuilt of plain types, keys in order of their UTF-16 code units (RFC 8785 §3.2.3), each part judged."""
    if depth > DEPTH_LIMIT:
        raise TooDeep(where)
    if isinstance(value, str):
        return _text(value, where)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return _integer(value, where)
    if isinstance(value, Mapping):
        return _object(value, where, depth)
    if isinstance(value, list | tuple):
        return [_ordered(item, f"{where}[{place}]", depth + 1) for place, item in enumerate(value)]
    raise FloatRefused(where) if isinstance(value, float) else TypeRefused(where)


def _object(value: Mapping[object, object], where: str, depth: int) -> dict[str, Json]:
    names = []
    for key in value:
        if not isinstance(key, str):
            raise KeyNotText(where)
        names.append(_text(key, where))
    # Plain names sort alike as texts and as code units, and nearly all names are plain.
    names.sort(key=None if all(map(str.isascii, names)) else _code_units)
    return {name: _ordered(value[name], f"{where}.{name}", depth + 1) for name in names}


def _code_units(name: str) -> bytes:
    return name.encode("utf-16-be")


def _text(value: str, where: str) -> str:
    if value.isascii():
        return value
    try:
        value.encode()
    except UnicodeEncodeError:
        raise LoneSurrogate(where) from None
    if not unicodedata.is_normalized("NFC", value):
        raise NotNfc(where)
    return value


def _integer(value: int, where: str) -> int:
    if not -INTEGER_LIMIT < value < INTEGER_LIMIT:
        raise IntegerTooLarge(where)
    return value
