"""A copy of the state is whole or refused, and comes back as it was."""

from pathlib import Path

import pytest

from storage import backup
from storage.logs import LogKeys
from storage.store import Store
from tests.storage.test_store import CASE, create


@pytest.fixture
def state(tmp_path: Path, log_keys: LogKeys, storage_key: bytes) -> Path:
    folder = tmp_path / "state"
    (folder / "db").mkdir(parents=True)
    store = Store(f"sqlite:///{folder}/db/bid.sqlite", folder / "objects", storage_key, log_keys)
    store.writer.submit(create).result()
    store.objects.put(b"a document")
    store.close()
    return folder


def test_a_copy_comes_back_with_every_statement_and_object(
    tmp_path: Path, state: Path, log_keys: LogKeys, storage_key: bytes
) -> None:
    backup.save(state, tmp_path / "copy")
    backup.load(tmp_path / "back", tmp_path / "copy")
    back = tmp_path / "back"
    again = Store(f"sqlite:///{back}/db/bid.sqlite", back / "objects", storage_key, log_keys)
    assert again.case(CASE).size == 1
    assert [path.read_bytes() for path in (back / "objects").rglob("*") if path.is_file()] == [b"a document"]
    again.close()


def test_a_changed_byte_in_a_copy_is_named_and_nothing_is_restored(tmp_path: Path, state: Path) -> None:
    copy = tmp_path / "copy"
    backup.save(state, copy)
    document = next(path for path in (copy / "objects").rglob("*") if path.is_file())
    document.write_bytes(b"another one")
    with pytest.raises(backup.BackupRefused, match=document.name):
        backup.load(tmp_path / "back", copy)
    assert not (tmp_path / "back").exists()


def test_a_state_that_exists_is_never_written_over(
    tmp_path: Path, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BID_STATE", str(state))
    assert backup.main(["backup", str(tmp_path / "copy")]) == 0
    assert backup.main(["restore", str(tmp_path / "copy")]) == 1
