"""What a thief of the database gets, with each key more that he has: docs/threats.md says the same."""

import sqlite3
from base64 import b64decode, b64encode
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from sqlalchemy import select

from conduct import closing
from conduct.ports import Json
from evaluation.case import CaseId
from signing.keystore import Cost, EnvelopeKeyStore, PasswordWrong, SealedKey
from storage.deployment_keys import DeploymentKeys
from storage.shelves import Vault
from storage.store import Store
from storage.tables import private_value

CASE = CaseId("E-2026-0001")
CREDENTIAL, PASSWORD = f"{CASE}/m3/1", b"804517"
CHEAP = Cost(memory_kib=64, passes=1, lanes=1)
PLACE = f"{CASE}\ncredential\nm3"


@pytest.fixture
async def made(store: Store, keys: DeploymentKeys) -> SealedKey:
    """A member's key as the server keeps it."""
    sealed = EnvelopeKeyStore(keys.share.read_bytes(), CHEAP).create(CREDENTIAL, PASSWORD, bytes(range(32)))
    row = {"credential": CREDENTIAL, "sealed": b64encode(sealed.sealed).decode(), "tries": 0}
    await store.act(lambda tx: tx.shelf(CASE, "credential").put("m3", row))
    return sealed


def all_bytes(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.glob("bid.sqlite*")))


def stolen(tmp_path: Path) -> tuple[bytes, bytes]:
    """Every byte of the database and its write-ahead file, and the one value in it that holds a key."""
    data = all_bytes(tmp_path)
    with sqlite3.connect(tmp_path / "bid.sqlite") as thief:
        (value,) = thief.execute("SELECT value FROM private_value WHERE shelf = 'credential'").fetchone()
    thief.close()
    return data, value


def opened(value: bytes, storage_key: bytes, place: str) -> Json:
    return Vault(storage_key).open(value, place)


async def test_a_stolen_database_opens_no_members_key(tmp_path: Path, made: SealedKey, keys: DeploymentKeys) -> None:
    data, value = stolen(tmp_path)
    assert value in data
    for clear in (made.sealed, b64encode(made.sealed), PASSWORD, keys.share.read_bytes(), keys.storage):
        assert clear not in data
    assert opened(value, keys.storage, PLACE)["credential"] == CREDENTIAL
    with pytest.raises(InvalidTag):
        opened(value, bytes(32), PLACE)


async def test_without_the_share_no_password_opens_a_key(tmp_path: Path, made: SealedKey, store: Store) -> None:
    row = store.look(lambda tx: tx.shelf(CASE, "credential").get("m3"))  # what the storage key gives
    assert row is not None
    sealed = b64decode(row["sealed"])
    assert sealed == made.sealed
    with pytest.raises(PasswordWrong):
        EnvelopeKeyStore(bytes(32), CHEAP).open(CREDENTIAL, PASSWORD, sealed)


async def test_with_database_and_share_the_six_digits_fall(made: SealedKey, keys: DeploymentKeys) -> None:
    """Not prevented, as the page of threats says: who has both needs a million tries at the most, and no server."""
    thief = EnvelopeKeyStore(keys.share.read_bytes(), CHEAP)
    for guess in range(804500, 804600):
        try:
            key = thief.open(CREDENTIAL, f"{guess:06d}".encode(), made.sealed).key
        except PasswordWrong:
            continue
        break
    assert (f"{guess:06d}".encode(), key.public_key) == (PASSWORD, made.public_key)


async def test_a_destroyed_key_is_in_no_page_of_the_database_nor_of_a_copy(
    tmp_path: Path, made: SealedKey, store: Store
) -> None:
    with store.engine.connect() as connection:
        value = connection.scalar(select(private_value.c.value).where(private_value.c.shelf == "credential"))
    assert value
    assert made.sealed
    assert "credential" in closing.FORGOTTEN
    await store.act(lambda tx: tx.forget_shelves(CASE, closing.FORGOTTEN))
    with sqlite3.connect(tmp_path / "bid.sqlite") as live, sqlite3.connect(tmp_path / "copy.sqlite") as copy:
        live.backup(copy)
    live.close()
    copy.close()
    assert value not in (tmp_path / "copy.sqlite").read_bytes()
    store.close()
    assert value not in all_bytes(tmp_path)
