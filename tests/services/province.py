"""The province's platform: what it draws, signs and seals to a server; the people are visibly synthetic."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from conduct import importing, provincial_result, venue_draw
from conduct import packages as reading
from conduct.ports import stamp
from conduct.provincial_result import Result
from demo import case_example_a as example
from demo import packages as papers
from signing import hpke
from signing.ca import sha256_of
from tests.services.evaluation import AGENT, CASE, REPRESENTATIVE_ID, Evaluation

SALT = bytes(range(32))
KEY = X25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
ROWS = (
    ("1", "A08", "main", "member", 1),
    ("2", "A08", "sub-1", "member", 2),
    ("3", "A02", "sub-1", "member", 3),
    ("4", "B01", "sub-2", "member", 4),
    ("5", "B01", "sub-2", "alternate", 6),
    ("6", "B01", "sub-2", "alternate", 5),
)


def number_of(person: str) -> str:
    """An identity number that nobody has."""
    return f"0000001970010100{person}X"


def row(person: str, category: str, place: str, role: str, order: int) -> dict[str, Any]:
    """A row of the result as the province writes it."""
    id_hash = sha256(SALT + number_of(person).upper().encode()).hexdigest()
    name = f"演示省级专家{person}"
    return {
        "id_hash": id_hash, "name": name, "category": category, "place": place, "role": role, "order": order,
    }  # fmt: skip


class Province:
    """The platform with its certificate; `package` gives the bytes of a result for the case."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.party = papers.make_party("演示省级平台")

    def package(self, *, sealed_for: str = CASE, case: str = CASE, **changed: Any) -> bytes:  # noqa: ANN401 - JSON
        rows = changed.pop("experts", [row(*one) for one in ROWS])
        told = json.dumps({"salt": SALT.hex(), "experts": rows}).encode()
        box = hpke.seal(told, hpke.raw_public(KEY), provincial_result.purpose(sealed_for))
        early = stamp(datetime.now(UTC) - timedelta(minutes=1))
        data: Mapping[str, Any] = {"request": "P-1", "project": example.PROJECT["code"], "drawn_at": early} | changed
        return papers.write_experts_package(self.folder, self.party, case, box, dict(data), early).read_bytes()

    def result(self, **changed: Any) -> Result:  # noqa: ANN401 - JSON
        """The same, read."""
        package = reading.read(self.package(**changed), "experts", datetime.now(UTC))
        return provincial_result.read(package, sha256_of(self.party.certificate).hex(), KEY)


class DrawnElsewhere(Evaluation):
    """The people of Example A in a case whose experts the province drew and called."""

    async def draw_experts(self) -> None:
        """The agent hands the result in."""
        await self.do(importing.take, AGENT, Province(self.folder).result())

    async def open_bids(self) -> None:
        """Nobody is called from here, whoever the bidders are."""
        await self.take_opening()

    def expected(self) -> list[tuple[str, str]]:
        """Venue and identity number of the members, the representative last."""
        places = self.store.look(lambda tx: venue_draw.places(tx, CASE))
        members = [(str(places[place]["venue"]), number_of(who)) for who, _, place, role, _ in ROWS if role == "member"]
        return [*members, ("V1", REPRESENTATIVE_ID)]
