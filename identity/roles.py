"""The one table of roles (`docs/roles.md`): how each signs in, how long it may sit idle. It grants nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class Role(StrEnum):
    """What somebody is to the deployment or to one case; the values are the words of statements and tables."""

    AGENT = "agent"
    MAIN_STAFF = "main_staff"
    SUB_STAFF = "sub_staff"
    CHECKIN = "checkin"
    POOL_OWNER = "pool_owner"
    SUPERVISOR = "supervisor"
    WITNESS = "witness"
    ARCHIVIST = "archivist"
    MEMBER = "member"
    LEADER = "leader"
    BIDDER = "bidder"
    PARTY = "party"
    SYSTEM_ADMIN = "system_admin"
    SECURITY_ADMIN = "security_admin"
    AUDIT_ADMIN = "audit_admin"


class SignIn(StrEnum):
    """The three ways in of people; programs name themselves by an access token in each call."""

    PASSWORD = "password"  # noqa: S105 - a way of signing in, no password
    SEAT = "seat"
    LINK = "link"


@dataclass(frozen=True, slots=True)
class Admission:
    """How a role signs in and how long its session lives: without a request (`idle`) and in all (`absolute`)."""

    by: SignIn
    idle: timedelta
    absolute: timedelta


# Idle limits: GB/T 22239-2019 8.1.4.1 asks for one; an expert reads a bid for an hour without a click.
_OFFICE = Admission(SignIn.PASSWORD, timedelta(minutes=15), timedelta(hours=10))
_WATCH = Admission(SignIn.PASSWORD, timedelta(minutes=120), timedelta(hours=12))
_SEAT = Admission(SignIn.SEAT, timedelta(minutes=120), timedelta(hours=14))

ADMISSIONS: Mapping[Role, Admission] = {
    Role.AGENT: _WATCH,
    Role.MAIN_STAFF: _WATCH,
    Role.SUB_STAFF: _WATCH,
    Role.CHECKIN: _OFFICE,
    Role.POOL_OWNER: _OFFICE,
    Role.SUPERVISOR: _WATCH,
    Role.WITNESS: _WATCH,
    Role.ARCHIVIST: _OFFICE,
    Role.MEMBER: _SEAT,
    Role.LEADER: _SEAT,
    Role.BIDDER: Admission(SignIn.LINK, timedelta(minutes=30), timedelta(hours=2)),
    Role.PARTY: _WATCH,
    Role.SYSTEM_ADMIN: _OFFICE,
    Role.SECURITY_ADMIN: _OFFICE,
    Role.AUDIT_ADMIN: _OFFICE,
}

ADMINISTRATORS = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN})
BY_PASSWORD = frozenset(role for role, admission in ADMISSIONS.items() if admission.by is SignIn.PASSWORD)
AT_A_SEAT = frozenset(role for role, admission in ADMISSIONS.items() if admission.by is SignIn.SEAT)


class AdministratorsApart(Exception):
    """One person would hold two of the three administrators (separation of duties, GB/T 22239-2019 8.1.4.2)."""

    code = "role.administrators_apart"


class NoAccountForRole(Exception):
    """This role has no account: its holder enters by a seat or a link."""

    code = "role.no_account"


def check_grant(held: frozenset[Role], wanted: Role) -> None:
    """Refuse to give `wanted` to a person who holds `held`. Raises `NoAccountForRole`, `AdministratorsApart`."""
    if wanted not in BY_PASSWORD:
        raise NoAccountForRole
    if len((held | {wanted}) & ADMINISTRATORS) > 1:
        raise AdministratorsApart
