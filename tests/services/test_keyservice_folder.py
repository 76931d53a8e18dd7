"""A key service's folder: a secret is on the disk before it is used, survives a restart, and is for its owner alone."""

import stat
from base64 import b64encode
from dataclasses import replace
from pathlib import Path

import pytest

from keyservice.folder import BadFolder, Folder

KEY = b64encode(b"\x01" + bytes(32)).decode()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "keyservice.toml").write_text('party = "centre"\nserver = "https://bid.example:8443/"\n', "utf-8")
    (tmp_path / "token").write_text("a token\n", "utf-8")
    (tmp_path / "log.vkey").write_text(f"centre.example/log+00000000+{KEY}\n", "utf-8")
    return tmp_path


def test_a_secret_is_kept_before_it_is_committed_to_and_found_again_after_a_restart(folder: Path) -> None:
    made = Folder(folder).new_secrets("E-1", "experts", 1)
    assert Folder(folder).secrets("E-1", "experts", 1) == made
    assert Folder(folder).new_secrets("E-1", "experts", 1) == made, "a second start makes no second chain"
    assert Folder(folder).new_secrets("E-1", "experts", 2) != made, "a new attempt has a new chain"
    assert Folder(folder).secrets("E-1", "venues", 1) is None


def test_what_a_chain_is_bound_to_survives(folder: Path) -> None:
    kept = replace(Folder(folder).new_secrets("E-1", "experts", 1), context="ab" * 32)
    Folder(folder).keep("E-1", "experts", 1, kept)
    assert Folder(folder).secrets("E-1", "experts", 1) == kept


def test_a_secret_is_readable_by_its_owner_alone(folder: Path) -> None:
    Folder(folder).new_secrets("../E/1", "experts", 1)
    (file,) = (folder / "chains").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert file.parent == folder / "chains", "a case's number names no other folder"


def test_settings_are_read_and_a_fault_names_the_file(folder: Path) -> None:
    settings = Folder(folder).settings()
    assert (settings.party, settings.server, settings.token) == ("centre", "https://bid.example:8443", "a token")
    (folder / "token").unlink()
    with pytest.raises(BadFolder, match="token"):
        Folder(folder).settings()


def test_a_key_service_without_settings_does_not_start(tmp_path: Path) -> None:
    with pytest.raises(BadFolder, match=r"keyservice\.toml"):
        Folder(tmp_path).settings()
