"""The flows on a real store in a folder of its own; the people of Example A act on it one after the other."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from conduct.authorising import Office
from storage.deployment_keys import DeploymentKeys, open_keys
from storage.logs import LogKeys
from storage.store import Store
from tests.services.activation import office_of
from tests.services.evaluation import Evaluation


@pytest.fixture
def keys(tmp_path: Path) -> DeploymentKeys:
    return open_keys(tmp_path / "keys", "演示交易中心", ["localhost"], datetime.now(UTC))


@pytest.fixture
def store(tmp_path: Path, keys: DeploymentKeys) -> Iterator[Store]:
    log_keys = LogKeys("test.example/log", keys.log_seed)
    opened = Store(f"sqlite:///{tmp_path}/bid.sqlite", tmp_path / "objects", keys.storage, log_keys)
    yield opened
    opened.close()


@pytest.fixture
def office(keys: DeploymentKeys) -> Office:
    return office_of(keys)


@pytest.fixture
def evaluation(store: Store, office: Office, tmp_path: Path) -> Evaluation:
    return Evaluation(store, office, tmp_path)
