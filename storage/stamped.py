"""Time stamps over signatures, kept by the SHA-256 of what they are over; only ever added to."""

from sqlalchemy import Connection, insert, select

from storage.tables import timestamp


def keep(connection: Connection, sha256: str, response: bytes) -> None:
    """Keep a stamp; where one stands already, that one stays."""
    if of(connection, sha256) is None:
        connection.execute(insert(timestamp), {"sha256": sha256, "response": response})


def of(connection: Connection, sha256: str) -> bytes | None:
    """The stamp over the bytes of this digest, None while there is none."""
    found = connection.scalar(select(timestamp.c.response).where(timestamp.c.sha256 == sha256))
    return None if found is None else bytes(found)
