"""Private values: JSON under (case, shelf, key), encrypted at rest with the deployment's storage key.

AES-256-GCM (NIST SP 800-38D) with a random nonce; a value is bound to its place, so that none can be swapped.
"""

import hmac
import os
from collections.abc import Iterator

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, bindparam, delete, insert, select, update

from conduct.ports import Json, StaleRevision
from storage.tables import private_value as table

NONCE_BYTES = 12

# Made once: building a statement anew costs more than running it, and every call reads a shelf.
_MINE = (table.c.case == bindparam("in_case")) & (table.c.shelf == bindparam("on_shelf"))
_THIS = _MINE & (table.c.key == bindparam("under_key"))
_VALUE = select(table.c.value).where(_THIS)
_REVISION = select(table.c.revision).where(_THIS)
_ALL = select(table.c.key, table.c.value).where(_MINE).order_by(table.c.key)
_UNDER = (
    select(table.c.key, table.c.value, table.c.revision)
    .where(_MINE & (table.c.key >= bindparam("first")) & (table.c.key < bindparam("beyond")))
    .order_by(table.c.key)
)
_NEW = insert(table)
_CHANGED = update(table).where(_THIS).values(value=bindparam("sealed"), revision=bindparam("next"))
_GONE = delete(table).where(_THIS)


class Vault:
    """Seals and opens small values with one key of 32 bytes."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)
        # A key of its own for digests: what is learnt of them says nothing about what is sealed.
        self._digest_key = hmac.digest(key, b"bid/1 keyed digests", "sha256")

    def keyed_digest(self, purpose: str, data: bytes) -> bytes:
        """HMAC-SHA-256 of the data, another for each purpose: equal for equal data, without the key no way to try."""
        return hmac.digest(self._digest_key, purpose.encode() + b"\n" + data, "sha256")

    def seal(self, value: Json, place: str) -> bytes:
        """Nonce and ciphertext of a value, bound to its place."""
        nonce = os.urandom(NONCE_BYTES)
        plain = msgspec.json.encode(value)
        return nonce + self._cipher.encrypt(nonce, plain, place.encode())

    def open(self, sealed: bytes, place: str) -> Json:
        """The value again. Raises `cryptography.exceptions.InvalidTag` if key or place differ."""
        plain = self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], place.encode())
        value: Json = msgspec.json.decode(plain)
        return value


class TableShelf:
    """`conduct.ports.Shelf` on the table `private_value`."""

    def __init__(self, connection: Connection, vault: Vault, case: str, name: str) -> None:
        self._connection = connection
        self._vault = vault
        self._case = case
        self._name = name

    def get(self, key: str) -> Json | None:
        """See `conduct.ports.Shelf`."""
        sealed = self._connection.scalar(_VALUE, self._at(key))
        return None if sealed is None else self._vault.open(sealed, self._place(key))

    def revision(self, key: str) -> int:
        """See `conduct.ports.Shelf`."""
        return self._connection.scalar(_REVISION, self._at(key)) or 0

    def put(self, key: str, value: Json, expected: int | None = None) -> int:
        """See `conduct.ports.Shelf`."""
        current = self.revision(key)
        if expected is not None and expected != current:
            if current and self.get(key) == value:
                return current
            raise StaleRevision(current)
        sealed = self._vault.seal(value, self._place(key))
        if current:
            self._connection.execute(_CHANGED, self._at(key) | {"sealed": sealed, "next": current + 1})
        else:
            row = {"case": self._case, "shelf": self._name, "key": key, "revision": 1, "value": sealed}
            self._connection.execute(_NEW, row)
        return current + 1

    def delete(self, key: str) -> None:
        """See `conduct.ports.Shelf`."""
        self._connection.execute(_GONE, self._at(key))

    def items(self) -> Iterator[tuple[str, Json]]:
        """See `conduct.ports.Shelf`."""
        for key, sealed in self._connection.execute(_ALL, {"in_case": self._case, "on_shelf": self._name}).all():
            yield key, self._vault.open(sealed, self._place(key))

    def under(self, beginning: str) -> Iterator[tuple[str, Json, int]]:
        """See `conduct.ports.Shelf`."""
        span = {"first": beginning, "beyond": beginning[:-1] + chr(ord(beginning[-1]) + 1)}
        wanted = {"in_case": self._case, "on_shelf": self._name} | span
        for key, sealed, revision in self._connection.execute(_UNDER, wanted).all():
            yield key, self._vault.open(sealed, self._place(key)), revision

    def _at(self, key: str) -> dict[str, object]:
        return {"in_case": self._case, "on_shelf": self._name, "under_key": key}

    def _place(self, key: str) -> str:
        return f"{self._case}\n{self._name}\n{key}"
