"""Private values: JSON under (case, shelf, key), encrypted at rest with the deployment's storage key.

AES-256-GCM (NIST SP 800-38D) with a random nonce; a value is bound to its place, so that none can be swapped.
"""

import json
import os
from collections.abc import Iterator

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, delete, insert, select, update

from conduct.ports import Json, StaleRevision
from storage.tables import private_value as table

NONCE_BYTES = 12


class Vault:
    """Seals and opens small values with one key of 32 bytes."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def seal(self, value: Json, place: str) -> bytes:
        """Nonce and ciphertext of a value, bound to its place."""
        nonce = os.urandom(NONCE_BYTES)
        plain = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
        return nonce + self._cipher.encrypt(nonce, plain, place.encode())

    def open(self, sealed: bytes, place: str) -> Json:
        """The value again. Raises `cryptography.exceptions.InvalidTag` if key or place differ."""
        plain = self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], place.encode())
        value: Json = json.loads(plain)
        return value


class TableShelf:
    """`conduct.ports.Shelf` on the table `private_value`."""

    def __init__(self, connection: Connection, vault: Vault, case: str, name: str) -> None:
        self._connection = connection
        self._vault = vault
        self._case = case
        self._name = name
        self._mine = (table.c.case == case) & (table.c.shelf == name)

    def get(self, key: str) -> Json | None:
        """See `conduct.ports.Shelf`."""
        sealed = self._connection.scalar(select(table.c.value).where(self._mine, table.c.key == key))
        return None if sealed is None else self._vault.open(sealed, self._place(key))

    def revision(self, key: str) -> int:
        """See `conduct.ports.Shelf`."""
        return self._connection.scalar(select(table.c.revision).where(self._mine, table.c.key == key)) or 0

    def put(self, key: str, value: Json, expected: int | None = None) -> int:
        """See `conduct.ports.Shelf`."""
        current = self.revision(key)
        if expected is not None and expected != current:
            raise StaleRevision(current)
        sealed = self._vault.seal(value, self._place(key))
        if current:
            change = update(table).where(self._mine, table.c.key == key).values(value=sealed, revision=current + 1)
            self._connection.execute(change)
        else:
            row = {"case": self._case, "shelf": self._name, "key": key, "revision": 1, "value": sealed}
            self._connection.execute(insert(table).values(row))
        return current + 1

    def delete(self, key: str) -> None:
        """See `conduct.ports.Shelf`."""
        self._connection.execute(delete(table).where(self._mine, table.c.key == key))

    def items(self) -> Iterator[tuple[str, Json]]:
        """See `conduct.ports.Shelf`."""
        rows = self._connection.execute(select(table.c.key, table.c.value).where(self._mine).order_by(table.c.key))
        for key, sealed in rows.all():
            yield key, self._vault.open(sealed, self._place(key))

    def _place(self, key: str) -> str:
        return f"{self._case}\n{self._name}\n{key}"
