"""A security key is the one of the credential that the log enrols, whatever a record says of itself."""

from pathlib import Path
from typing import Any

import pytest

from tests.archive import bag_example
from tests.archive.bag_example import CASE, Room
from tests.archive.test_verifier_bag import check

POINT = (
    "04"
    "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
    "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
)
"""The base point of P-256: nobody here holds a key that goes with it."""


def found(folder: Path, monkeypatch: pytest.MonkeyPatch, credential: str, keys: int) -> set[tuple[str, str]]:
    """(what, about whom) at step 6 over a bag whose log enrols m1 under a credential with so many security keys."""
    state = Room.state

    def registering(room: Room, kind: str, **body: Any) -> int:  # noqa: ANN401 - bodies are JSON
        if kind != "seat.enrolled" or body["member"] != "m1":
            return state(room, kind, **body)
        index = state(room, kind, **body | {"credential": credential})
        about = {"key": "a2V5", "point": POINT, "origin": "https://bid.example"}
        for _ in range(keys):
            state(room, "key.registered", who="m1", credential=credential, **about)
        return index

    monkeypatch.setattr(Room, "state", registering)
    bag_example.write(folder)
    verdict = check(folder / CASE, folder / "trust")
    return {(one.what, one.detail.split(" ")[-1]) for one in verdict.findings if one.step == 6}


def test_a_record_that_names_another_credential_does_not_escape_the_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = {("authorisation-credential", "m1"), ("security-key-missing", "m1")}
    assert found(tmp_path, monkeypatch, "c-enrolled", 1) == named


def test_a_second_key_for_a_credential_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert found(tmp_path, monkeypatch, "c-m1", 2) == {("security-key-missing", "m1"), ("security-key-twice", "c-m1")}


def test_a_member_without_the_key_that_the_rules_want_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(bag_example.VALUES, "password", {"security_key": True})
    bag_example.write(tmp_path)
    verdict = check(tmp_path / CASE, tmp_path / "trust")
    named = {one.object.split(" ")[4] for one in verdict.findings if one.what == "security-key-not-registered"}
    assert named == set(bag_example.MEMBERS)
