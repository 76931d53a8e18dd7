"""A store in a folder of its own, with a fresh log key."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.logs import LogKeys
from storage.store import Store


@pytest.fixture
def log_keys() -> LogKeys:
    return LogKeys("test.example/log", os.urandom(32))


@pytest.fixture
def storage_key() -> bytes:
    return os.urandom(32)


@pytest.fixture
def store(tmp_path: Path, log_keys: LogKeys, storage_key: bytes) -> Iterator[Store]:
    opened = Store(f"sqlite:///{tmp_path}/bid.sqlite", tmp_path / "objects", storage_key, log_keys)
    yield opened
    opened.close()
