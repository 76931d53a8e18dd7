"""What the deployment knows beside its cases: venues and their seats, the parties of draws, the pool of experts."""

import hashlib
from dataclasses import dataclass
from functools import lru_cache

from conduct.ports import Actor, Tx
from expert_pool import pool_import
from expert_pool.expert import Expert

DEPLOYMENT = "deployment"
POOL = "pool"


class PoolRefused(Exception):
    """The file has problems; nothing of it was taken over."""

    code = "pool.refused"

    def __init__(self, problems: tuple[pool_import.Problem, ...]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = problems


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


def check_pool(data: bytes) -> tuple[Expert, ...]:
    """The experts in a CSV file (docs/pool-csv.md). Raises `PoolRefused` with every problem by line and column."""
    read = pool_import.read(data)
    if read.problems:
        raise PoolRefused(read.problems)
    return read.accepted


def import_pool(tx: Tx, actor: Actor, data: bytes) -> int:
    """Replace the pool by a checked file; returns the number of experts. Raises `PoolRefused`, and nothing changes."""
    accepted = check_pool(data)
    digest = hashlib.sha256(data).hexdigest()
    tx.shelf(DEPLOYMENT, POOL).put("current", {"csv": data.decode("utf-8-sig"), "sha256": digest})
    body = {"by": actor.as_by(), "pool": actor.who, "file": digest, "accepted": len(accepted), "root": digest}
    tx.record(DEPLOYMENT, "pool.imported", body)
    return len(accepted)


def experts(tx: Tx, case: str = DEPLOYMENT) -> tuple[Expert, ...]:
    """The whole pool: the newest, or the one frozen for a case. Raises `NoPool`."""
    row = tx.shelf(case, POOL).get("current")
    if row is None:
        raise NoPool
    return _parsed(row["csv"])


def freeze_pool(tx: Tx, case: str) -> tuple[Expert, ...]:
    """Keep today's pool for a case's whole life: who was drawn stays who it was, whatever is imported later."""
    found = experts(tx)
    tx.shelf(case, POOL).put("current", tx.shelf(DEPLOYMENT, POOL).get("current") or {})
    return found


@lru_cache(maxsize=2)
def _parsed(text: str) -> tuple[Expert, ...]:
    """The experts of a checked file; a draw's calls read the same pool many times."""
    return check_pool(text.encode())
