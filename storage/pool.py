"""The pools' rows: `expert_pool.ports.PoolRows` on the table `pool_row` (ADR 0220).

Facts and person of a row are two sealed values, each bound to its owner and code. In the clear stand the owner, the
owner's code, editions, and two keyed digests. Nothing here decides who may look.
"""

from collections.abc import Iterable, Iterator, Set

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, and_, bindparam, delete, func, insert, not_, select, update

from expert_pool import facts
from expert_pool.expert import Enrolment, Expert, ExpertId, Person, PersonKey, expert_id
from storage.shelves import Vault
from storage.tables import pool_row as table

LIVE = 2**31 - 1


class TablePool:
    """See `expert_pool.ports.PoolRows`."""

    def __init__(self, connection: Connection, vault: Vault) -> None:
        self._connection = connection
        self._vault = vault

    def key(self, id_number: str) -> PersonKey:
        """See `PoolRows`."""
        return PersonKey(self._vault.keyed_digest("pool person", id_number.encode()))

    def fingerprint(self, owner: str, enrolment: Enrolment) -> bytes:
        """See `PoolRows`."""
        line = [owner, enrolment.expert.id, facts.of_expert(enrolment.expert), facts.of_person(enrolment.person)]
        return self._vault.keyed_digest("pool row", msgspec.json.encode(line))

    def fingerprints(self, owner: str, edition: int) -> dict[str, bytes]:
        """See `PoolRows`."""
        rows = select(table.c.expert, table.c.fingerprint).where(_live(owner, edition))
        return {row.expert: row.fingerprint for row in self._connection.execute(rows)}

    def experts(self, owner: str, edition: int) -> Iterator[Expert]:
        """See `PoolRows`."""
        rows = select(table.c.expert, table.c.person, table.c.facts).where(_live(owner, edition))
        for code, person, sealed in self._connection.execute(rows.order_by(table.c.expert)):
            kept = self._vault.open(sealed, _place(owner, code, "facts"))
            yield facts.to_expert(kept, expert_id(owner, code), PersonKey(person))

    def enrolment(self, owner: str, edition: int, code: str) -> Enrolment | None:
        """See `PoolRows`."""
        row = self._row(owner, edition, code)
        if row is None:
            return None
        kept = self._vault.open(row.facts, _place(owner, code, "facts"))
        return Enrolment(facts.to_expert(kept, ExpertId(code), PersonKey(row.person)), self._opened(owner, row))

    def persons(self, owner: str, edition: int, codes: Set[str]) -> Iterator[tuple[str, Person]]:
        """See `PoolRows`."""
        rows = select(table.c.expert, table.c.person, table.c.facts, table.c.sealed).where(_live(owner, edition))
        for row in self._connection.execute(rows):
            if row.expert in codes:
                yield row.expert, self._opened(owner, row)

    def code_of(self, owner: str, edition: int, person: PersonKey) -> str | None:
        """See `PoolRows`."""
        rows = select(table.c.expert).where(_live(owner, edition), table.c.person == person)
        return self._connection.scalar(rows)

    def shared(self, owner: str, edition: int, other: str, other_edition: int) -> int:
        """See `PoolRows`."""
        theirs = select(table.c.person).where(_live(other, other_edition))
        rows = select(func.count()).select_from(table).where(_live(owner, edition), table.c.person.in_(theirs))
        return self._connection.scalar(rows) or 0

    def add(self, owner: str, edition: int, printed: Iterable[tuple[Enrolment, bytes]]) -> None:
        """See `PoolRows`."""
        rows = [
            {
                "owner": owner,
                "expert": str(one.expert.id),
                "since": edition,
                "until": LIVE,
                "person": self.key(one.person.id_number),
                "fingerprint": fingerprint,
                "facts": self._vault.seal(facts.of_expert(one.expert), _place(owner, one.expert.id, "facts")),
                "sealed": self._vault.seal(facts.of_person(one.person), _place(owner, one.expert.id, "person")),
            }
            for one, fingerprint in printed
        ]
        if rows:
            self._connection.execute(insert(table), rows)

    def end(self, owner: str, edition: int, codes: Iterable[str]) -> None:
        """See `PoolRows`."""
        rows = [{"code": code} for code in codes]
        ending = update(table).where(
            table.c.owner == owner, table.c.expert == bindparam("code"), table.c.until == LIVE, table.c.since < edition
        )
        if rows:
            self._connection.execute(ending.values(until=edition), rows)

    def discard(self, owner: str, edition: int) -> None:
        """See `PoolRows`."""
        self._connection.execute(delete(table).where(table.c.owner == owner, table.c.since == edition))
        ended = update(table).where(table.c.owner == owner, table.c.until == edition)
        self._connection.execute(ended.values(until=LIVE))

    def repeat(self, owner: str, edition: int, current: int, again: int) -> None:
        """See `PoolRows`."""
        copied = select(table).where(_live(owner, again), not_(_live(owner, current)))
        rows = [{**row, "since": edition, "until": LIVE} for row in self._connection.execute(copied).mappings()]
        ended = update(table).where(_live(owner, current), not_(_live(owner, again)))
        self._connection.execute(ended.values(until=edition))
        if rows:
            self._connection.execute(insert(table), rows)

    def forget(self, owner: str, needed: int) -> None:
        """See `PoolRows`."""
        self._connection.execute(delete(table).where(table.c.owner == owner, table.c.until <= needed))

    def _row(self, owner: str, edition: int, code: str) -> Row[str, bytes, bytes, bytes] | None:
        rows = select(table.c.expert, table.c.person, table.c.facts, table.c.sealed)
        return self._connection.execute(rows.where(_live(owner, edition), table.c.expert == code)).one_or_none()

    def _opened(self, owner: str, row: Row[str, bytes, bytes, bytes]) -> Person:
        return facts.to_person(self._vault.open(row.sealed, _place(owner, row.expert, "person")))


def _live(owner: str, edition: int) -> ColumnElement[bool]:
    return and_(table.c.owner == owner, table.c.since <= edition, table.c.until > edition)


def _place(owner: str, code: str, part: str) -> str:
    return f"pool\n{owner}\n{code}\n{part}"
