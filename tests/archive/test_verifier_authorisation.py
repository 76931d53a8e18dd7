"""An authorisation record covers a signature by nine rules, and each of them refuses by its name."""

from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest

from archive.verifier import authorisation, cms
from signing.canonical import canonical, parse
from signing.merkle import root_of_entries
from tests.archive.authority import NOW, House, sign
from tests.archive.bag_example import CASE, Room

CONTENTS = (b"one", b"two", b"three")
LEAVES = [sha256(content).digest() for content in CONTENTS]
Value = dict[str, Any]


@pytest.fixture(scope="module")
def house() -> House:
    return House.found()


@pytest.fixture(scope="module")
def record(house: House) -> bytes:
    """A right record of three leaves."""
    room = Room(house, holders={"m1": house.signer})
    return room.authorise("m1", LEAVES, sha256(b"\n".join(CONTENTS)).hexdigest())


def faults(house: House, record: bytes, content: bytes = b"two", at: int = NOW) -> list[str]:
    """What the verifier says of a signature that names this record."""
    file = sign(house.signer, house.issuing, content, sha256(record).digest(), at)
    found = cms.read(file)
    release = authorisation.Release(found.digest, found.signed_at, found.authorisation, found.signer.sha256, "c-m1")
    return list(authorisation.faults(record, release, CASE))


def test_a_right_record_covers_each_of_its_leaves(house: House, record: bytes) -> None:
    assert [faults(house, record, content) for content in CONTENTS] == [[], [], []]
    assert authorisation.leaves(record) == [leaf.hex() for leaf in LEAVES]
    contents = dict(zip(authorisation.leaves(record), CONTENTS, strict=True))
    assert authorisation.shows(record, contents)
    assert not authorisation.shows(record, {**contents, LEAVES[0].hex(): b"else"})


def changed(record: bytes, change: Callable[[Value, Value], object]) -> bytes:
    value: Any = parse(record)
    change(value, value["act"])
    return canonical(value)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda value, act: act.update(numSignatures=2), "authorisation-count"),
        (lambda value, act: act.update(hashes=[LEAVES[0].hex()]), "authorisation-root"),
        (lambda value, act: act.update(certSha256="0" * 64), "authorisation-certificate"),
        (lambda value, act: act.update(meeting="E-2026-0002"), "authorisation-case"),
        (lambda value, act: act.update(exp=act["exp"] + 1), "authorisation-time"),
        (lambda value, act: act.update(credentialID="c-m2"), "authorisation-credential"),
        (lambda value, act: act.update(v="bid-sad/2"), "authorisation-malformed"),
        (lambda value, act: act.update(nonce="A" * 21 + "B"), "authorisation-malformed"),
        (lambda value, act: act.update(numSignatures=True), "authorisation-malformed"),
        (lambda value, act: act.update(extra=1), "authorisation-malformed"),
        (lambda value, act: value.update(method="none"), "authorisation-malformed"),
        (lambda value, act: value.update(leaves=[]), "authorisation-malformed"),
        (lambda value, act: value.update(leaves=[LEAVES[0].hex()] * 3), "authorisation-malformed"),
    ],
)
def test_each_rule_refuses_by_its_name(
    house: House, record: bytes, change: Callable[[Value, Value], object], fault: str
) -> None:
    assert faults(house, changed(record, change)) == [fault]


def test_other_content_and_other_times_are_not_covered(house: House, record: bytes) -> None:
    assert faults(house, record, b"four") == ["authorisation-leaf"]
    assert faults(house, record, at=NOW - 21) == ["authorisation-time"]
    assert faults(house, record, at=NOW + 101) == ["authorisation-time"]
    assert faults(house, record, at=NOW + 100) == []


def test_a_single_leaf_is_released_as_itself(house: House) -> None:
    room = Room(house, holders={"m1": house.signer})
    record = room.authorise("m1", LEAVES[:1], "0" * 64)
    assert faults(house, record, b"one") == []
    as_root = changed(record, lambda value, act: act.update(hashes=[root_of_entries(LEAVES[:1]).hex()]))
    assert faults(house, as_root, b"one") == ["authorisation-root"]


def test_a_record_in_another_spelling_is_none(house: House, record: bytes) -> None:
    assert faults(house, record.replace(b",", b", ", 1)) == ["authorisation-malformed"]
