"""What the deployment knows beside its cases: venues and their seats, the parties of draws, the pool of experts."""

import hashlib
from collections.abc import Set
from dataclasses import dataclass

from conduct.ports import Json, Tx
from expert_pool.expert import Enrolment, Expert, ExpertId, Person, expert_id, one_row_a_person, owner_and_code

DEPLOYMENT = "deployment"
# The shelf of a case that names the editions frozen for it, and the deployment's shelf of the pools' owners.
POOL = "pool"
OWNERS = "pool_owner"
_STATED = ("edition", "file", "size")


class NoPool(Exception):
    """No pool of experts has been imported."""

    code = "pool.missing"


@dataclass(frozen=True, slots=True)
class Venue:
    """A centre with its region and its seats."""

    code: str
    name: str
    region: str
    seats: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Party:
    """An organisation that takes part in draws with a key service of its own; `host`: it runs this server."""

    id: str
    legal_person: str
    token_hash: str
    host: bool = False


def add_venue(tx: Tx, venue: Venue) -> None:
    """Publish a venue or its new seats; published seats bind it."""
    row = {"name": venue.name, "region": venue.region, "seats": list(venue.seats)}
    tx.shelf(DEPLOYMENT, "venue").put(venue.code, row)


def venues(tx: Tx) -> dict[str, Venue]:
    """All venues by code."""
    rows = tx.shelf(DEPLOYMENT, "venue").items()
    return {code: Venue(code, row["name"], row["region"], tuple(row["seats"])) for code, row in rows}


def add_party(tx: Tx, party: Party) -> None:
    """Admit an organisation to draws."""
    row = {"legal_person": party.legal_person, "token_hash": party.token_hash, "host": party.host}
    tx.shelf(DEPLOYMENT, "party").put(party.id, row)


def parties(tx: Tx) -> dict[str, Party]:
    """All parties by id."""
    rows = tx.shelf(DEPLOYMENT, "party").items()
    return {name: Party(name, row["legal_person"], row["token_hash"], row["host"]) for name, row in rows}


def party_of_token(tx: Tx, token: str) -> Party | None:
    """The party that holds this access token."""
    wanted = token_hash(token)
    return next((party for party in parties(tx).values() if party.token_hash == wanted), None)


def token_hash(token: str) -> str:
    """The digest under which an access token is kept."""
    return hashlib.sha256(f"party\n{token}".encode()).hexdigest()


def editions(tx: Tx, case: str = DEPLOYMENT) -> dict[str, Json]:
    """Owner → `{edition, file, size}` of every pool that stands, or of those frozen for a case. Raises `NoPool`."""
    if case == DEPLOYMENT:
        rows = tx.shelf(DEPLOYMENT, OWNERS).items()
        found = {owner: {name: row[name] for name in _STATED} for owner, row in rows if row["edition"]}
    else:
        found = (tx.shelf(case, POOL).get("current") or {}).get("editions", {})
    if not found:
        raise NoPool
    return found


def experts(tx: Tx, case: str = DEPLOYMENT) -> tuple[Expert, ...]:
    """Everybody in all pools, one row a person with the other owners' rows behind it: the newest editions, or those
    frozen for a case. Raises `NoPool`."""
    found = sorted(editions(tx, case).items())
    return one_row_a_person(expert for owner, one in found for expert in tx.pool.experts(owner, one["edition"]))


def enrolled(tx: Tx, case: str, ids: Set[str]) -> tuple[Enrolment, ...]:
    """Those of a case's frozen pools whose ids are listed, with the persons: for the draw process alone."""
    persons: dict[str, Person] = {}
    for owner, one in editions(tx, case).items():
        codes = {code for whose, code in map(owner_and_code, map(ExpertId, ids)) if whose == owner}
        persons |= {expert_id(owner, code): who for code, who in tx.pool.persons(owner, one["edition"], codes)}
    rows = ((expert, row) for expert in experts(tx, case) for row in expert.rows)
    return tuple(Enrolment(expert.speaking_as(row), persons[row.id]) for expert, row in rows if row.id in persons)


def freeze_pool(tx: Tx, case: str) -> tuple[Expert, ...]:
    """Keep today's pools for a case's whole life: who was drawn stays who it was, whatever is imported later."""
    tx.shelf(case, POOL).put("current", {"editions": editions(tx)})
    return experts(tx, case)


def frozen_from(tx: Tx, case: str) -> list[Json]:
    """`[{pool, edition, file, size}]`: which pools a case's frozen pool was made of, as its log says it."""
    return [{"pool": owner} | one for owner, one in sorted(editions(tx, case).items())]
