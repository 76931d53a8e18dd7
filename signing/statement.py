"""What is stated in a log: kind, case, time, salt and body as canonical bytes, and the entry they make.

It never judges what a body says: that is for the owner of its kind. Standard library only.
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from signing.canonical import Json, canonical, digest, parse

VERSION = "bid/1"
SALT_BYTES = 16
KEYS = {"at", "body", "case", "kind", "salt", "v"}
KIND = re.compile(r"[a-z][a-z_]*\.[a-z][a-z_]*", re.ASCII)
CASE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII)


class StatementRefused(Exception):
    """Not a statement: `field` is the part that has no place in one (docs/records.md)."""

    code = "statement-refused"

    def __init__(self, field: str) -> None:
        super().__init__(f"{self.code}: {field}")
        self.field = field


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of docs/records.md.

    {"at":"2026-11-23T01:02:03.456Z","body":{…},"case":"E-2026-0001","kind":"sheet.signed",
     "salt":"<16 bytes, base64url, 22 characters>","v":"bid/1"}          without the line break and the spaces

    `at` is UTC in whole milliseconds, `salt` 16 random bytes, so that a log's hashes do not tell a guessable body.
    Raises StatementRefused on any other field.
    """

    kind: str
    case: str
    at: datetime
    salt: bytes
    body: Mapping[str, Json]

    def __post_init__(self) -> None:
        if not KIND.fullmatch(self.kind):
            raise StatementRefused("kind")
        if not CASE.fullmatch(self.case):
            raise StatementRefused("case")
        if self.at.tzinfo != UTC or self.at.microsecond % 1000:
            raise StatementRefused("at")
        if len(self.salt) != SALT_BYTES:
            raise StatementRefused("salt")

    def to_bytes(self) -> bytes:
        """The canonical bytes: what is stored once, signed, hashed into the log. Raises NotCanonical on the body."""
        return canonical(
            {
                "at": format_time(self.at),
                "body": self.body,
                "case": self.case,
                "kind": self.kind,
                "salt": _spelled(self.salt),
                "v": VERSION,
            }
        )

    @property
    def entry(self) -> bytes:
        """SHA-256 of the canonical bytes, 32 bytes."""
        return entry(self.to_bytes())


def entry(statement: bytes) -> bytes:
    """The entry that stands in the log for a statement's bytes: their SHA-256."""
    return digest(statement)


def parse_statement(data: bytes) -> Statement:
    """The statement whose bytes are `data`. Raises NotCanonical or StatementRefused; nothing is mended."""
    value = parse(data)
    if not isinstance(value, dict) or value.keys() != KEYS or value["v"] != VERSION:
        raise StatementRefused("keys")
    body = value["body"]
    if not isinstance(body, dict):
        raise StatementRefused("body")
    texts = {key: _text(value[key], key) for key in ("at", "case", "kind", "salt")}
    return Statement(texts["kind"], texts["case"], parse_time(texts["at"]), _salt(texts["salt"]), body)


def format_time(at: datetime) -> str:
    """`2026-11-23T01:02:03.456Z` for a UTC time in whole milliseconds."""
    return at.isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def parse_time(text: str) -> datetime:
    """The UTC time that `format_time` writes as `text`. Raises StatementRefused."""
    if not TIME.fullmatch(text):
        raise StatementRefused("at")
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise StatementRefused("at") from None


def _text(value: Json, field: str) -> str:
    if not isinstance(value, str):
        raise StatementRefused(field)
    return value


def _spelled(salt: bytes) -> str:
    return urlsafe_b64encode(salt).rstrip(b"=").decode()


def _salt(text: str) -> bytes:
    try:
        salt = urlsafe_b64decode(text + "==")
    except ValueError:
        raise StatementRefused("salt") from None
    # The only part that two spellings could share, by the unused bits of its last character.
    if _spelled(salt) != text:
        raise StatementRefused("salt")
    return salt
