"""What is asked of a lot: quotas in a fixed order, units kept out, a cap per unit. Hashed before any party reveals.

```
{"exclude":["U03"],"project":"BID-2026-0001","quotas":[{"cat":"A08","n":3},{"cat":"B01","n":2}],"unitCap":1}
```
A key whose value is its default is left out, so each request has one spelling.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from hashlib import sha256
from typing import Any

from draw.pool import Record
from draw.refusal import NotOneSpelling
from signing.canonical import canonical

Json = dict[str, Any]
Regions = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Quota:
    """`count` members and `alternates` from one category (empty: any) for one place (empty: anywhere).

    A place is a word such as `sub-1`; which regions it stands for may stay sealed, see `Places`.
    """

    count: int
    category: str = ""
    alternates: int = 0
    place: str = ""

    def __post_init__(self) -> None:
        if self.count < 0 or self.alternates < 0 or self.count + self.alternates == 0:
            raise NotOneSpelling("quota.n", f"{self.count}+{self.alternates}")

    def to_json(self) -> Json:
        """`{"cat","n","alternates","place"}` without the keys that hold a default."""
        stated: Json = {"n": self.count}
        if self.category:
            stated["cat"] = self.category
        if self.alternates:
            stated["alternates"] = self.alternates
        if self.place:
            stated["place"] = self.place
        return stated


@dataclass(frozen=True, slots=True)
class Places:
    """The regions each place stands for, with the 32-byte salt that hides them until they are opened.

    The request carries only `digest()`, so people can ask for "two members at sub venue 1" before anybody knows
    which city that is, and nobody can choose the city after the reveals.
    """

    salt: bytes = field(repr=False)
    regions: tuple[tuple[str, tuple[str, ...]], ...] = field(repr=False)

    def to_json(self) -> Json:
        """`{"regions":{place:[code,…]},"salt":hex}`."""
        return {"salt": self.salt.hex(), "regions": {place: list(codes) for place, codes in self.regions}}

    def digest(self) -> str:
        """Hex SHA-256 over salt ‖ canonical regions."""
        return sha256(self.salt + canonical(self.to_json()["regions"])).hexdigest()

    def as_map(self) -> dict[str, tuple[str, ...]]:
        """Place → region codes."""
        return dict(self.regions)


@dataclass(frozen=True, slots=True)
class Request:
    """One lot. `places` and `terms` are hex SHA-256: of the sealed places, of the form this request was made from."""

    project: str
    quotas: tuple[Quota, ...]
    exclude: tuple[str, ...] = ()
    unit_cap: int = 0
    places: str = ""
    terms: str = ""

    def __post_init__(self) -> None:
        if not self.quotas:
            raise NotOneSpelling("request.quotas", "none")
        if list(self.exclude) != sorted(set(self.exclude)):
            raise NotOneSpelling("request.exclude", "ascending, each once")
        if self.unit_cap < 0:
            raise NotOneSpelling("request.unitCap", str(self.unit_cap))

    def to_json(self) -> Json:
        """The value whose canonical bytes are hashed into the context."""
        stated: Json = {"project": self.project, "quotas": [quota.to_json() for quota in self.quotas]}
        if self.exclude:
            stated["exclude"] = list(self.exclude)
        if self.unit_cap:
            stated["unitCap"] = self.unit_cap
        if self.places:
            stated["places"] = self.places
        if self.terms:
            stated["terms"] = self.terms
        return stated

    def digest(self) -> bytes:
        """SHA-256 of the canonical request."""
        return sha256(canonical(self.to_json())).digest()


def scarcest_first(quotas: Iterable[Quota], records: Sequence[Record], regions: Regions) -> tuple[Quota, ...]:
    """The quotas by ascending ratio of matching records to people wanted, ties by category and place.

    Members of a rare category are taken before a common one can use them up. The order is fixed in the request.
    """

    def abundance(quota: Quota) -> tuple[Fraction, str, str]:
        matching = sum(1 for record in records if matches(quota, record, regions) is None)
        return Fraction(matching, quota.count + quota.alternates), quota.category, quota.place

    return tuple(sorted(quotas, key=abundance))


def matches(quota: Quota, record: Record, regions: Regions) -> str | None:
    """The reason code why a record cannot fill a quota (`category`, `region`), or None when it can."""
    if quota.category and quota.category not in record.categories:
        return "category"
    if quota.place and record.region not in regions.get(quota.place, ()):
        return "region"
    return None
