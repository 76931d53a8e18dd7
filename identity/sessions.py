"""Sessions: an opaque 256-bit name in a cookie, its SHA-256 in a table, limits by role. Owns no cookie and no clock."""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime

from identity.roles import ADMISSIONS, Role

TOKEN_BYTES = 32


class SessionOver(Exception):
    """No session, or it ended: by log-out, idleness, its age, or because the role was taken away."""

    code = "session.over"


class ForgedRequest(Exception):
    """An unsafe request that this site's own page did not send (ASVS 3.5.1)."""

    code = "request.forged"


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody signed in. `digest` names it in tables; `csrf` stays the same for its whole life.

    `who` is the account, the member's id in `case`, or the party for whom `account` acts; `seat` is the digest of
    the device a member's session is bound to, `place` the label on that seat.
    """

    digest: str
    csrf: str
    role: Role
    who: str
    created: datetime
    seen: datetime
    venue: str = ""
    case: str = ""
    seat: str = ""
    place: str = ""
    account: str = ""


@dataclass(frozen=True, slots=True)
class Holder:
    """For whom a session is opened; the fields are those of `Session`."""

    role: Role
    who: str
    venue: str = ""
    case: str = ""
    seat: str = ""
    place: str = ""
    account: str = ""


def token(random: bytes) -> str:
    """The cookie's value for 32 random bytes: base64url without padding, 43 characters."""
    if len(random) != TOKEN_BYTES:
        raise ValueError("a token is made of 32 random bytes")
    return base64.urlsafe_b64encode(random).rstrip(b"=").decode()


def digest(value: str) -> str:
    """What stands in the table for a cookie's value: a stolen table opens no session (ASVS 7.2.3)."""
    return hashlib.sha256(value.encode()).hexdigest()


def opened(holder: Holder, cookie: str, csrf: str, now: datetime) -> Session:
    """A new session under the name `cookie`; both values are fresh tokens (a session is never renamed or reused)."""
    return Session(
        digest=digest(cookie),
        csrf=csrf,
        role=holder.role,
        who=holder.who,
        created=now,
        seen=now,
        venue=holder.venue,
        case=holder.case,
        seat=holder.seat,
        place=holder.place,
        account=holder.account,
    )


def check_alive(session: Session, now: datetime) -> None:
    """Raise `SessionOver` once the role's idle or absolute limit has passed."""
    limits = ADMISSIONS[session.role]
    if now - session.seen >= limits.idle or now - session.created >= limits.absolute:
        raise SessionOver


def check_token(session: Session, sent: str) -> None:
    """Raise `ForgedRequest` unless `sent` is this session's own token."""
    if not hmac.compare_digest(session.csrf.encode(), sent.encode()):
        raise ForgedRequest
