"""A store in a folder of its own, with a fresh log key."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from storage.logs import LogKey
from storage.store import Store, new_key


@pytest.fixture
def log_key() -> LogKey:
    key = Ed25519PrivateKey.generate()
    return LogKey("test.example/log", key.public_key().public_bytes_raw(), key.sign)


@pytest.fixture
def storage_key() -> bytes:
    return new_key()


@pytest.fixture
def store(tmp_path: Path, log_key: LogKey, storage_key: bytes) -> Iterator[Store]:
    opened = Store(f"sqlite:///{tmp_path}/bid.sqlite", tmp_path / "objects", storage_key, log_key)
    yield opened
    opened.close()
