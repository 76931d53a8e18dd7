"""Where the profile in a bag wants the second screen, each member's signature has its word on record before it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from archive.bag_source import Signatures
from tests.archive import bag_example
from tests.archive.bag_example import CASE, VALUES, Room, digest
from tests.archive.test_verifier_bag import check

WANTED = VALUES | {"password": {"second_screen": True}}
MISSING = "second-screen-missing"


def found(folder: Path, monkeypatch: pytest.MonkeyPatch, *, without: str, other: str = "") -> set[tuple[str, str]]:
    """(what, about whom) at step 6 when the screen's word is missing for one and is of something else for another."""
    sign_all = Room.sign_all

    def after_its_screen(
        room: Room, who: str, kind: str, bodies: Sequence[dict[str, Any]], extra: tuple[bytes, ...] = ()
    ) -> list[Signatures]:
        if who == without or not who.startswith("m"):
            return sign_all(room, who, kind, bodies, extra)
        place = len(room.statements)
        room.statements.append(b"")  # its place: what it says is known when the statements behind it are
        files = sign_all(room, who, kind, bodies, extra)
        signed = room.statements[place + 1 :]
        del room.statements[place:]
        shown = digest(b"\n".join(signed) if who != other else b"")
        room.state("screen.shown", member=who, display=shown)
        room.statements.extend(signed)
        return files

    monkeypatch.setattr(bag_example, "VALUES", WANTED)
    monkeypatch.setattr(Room, "sign_all", after_its_screen)
    bag_example.write(folder)
    verdict = check(folder / CASE, folder / "trust")
    return {(one.what, one.detail.split(" ")[-1]) for one in verdict.findings if one.step == 6}


def test_a_screens_word_before_each_signature_is_what_the_profile_wants(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert found(tmp_path, monkeypatch, without="") == set()


def test_whoever_signed_without_a_screen_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert found(tmp_path, monkeypatch, without="m2", other="m1") == {(MISSING, "m1"), (MISSING, "m2")}
