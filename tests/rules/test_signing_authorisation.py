"""Authorisation records: one spelling, and exactly what they released is covered."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest

from signing.authorisation import (
    Authorisation,
    AuthorisationMalformed,
    AuthorisationNotForThis,
    parse_authorisation,
)
from signing.canonical import canonical, parse

AT = datetime(2026, 11, 22, 7, 46, 40, tzinfo=UTC)
LEAVES = tuple(sha256(bytes([number])).digest() for number in range(5))
RECORD = Authorisation(
    leaves=LEAVES,
    credential="E-2026-0001/m3/1",
    certificate_sha256=b"\xce" * 32,
    case="E-2026-0001",
    purpose="score-sheet",
    display=b"\xd1" * 32,
    nonce=bytes(range(16)),
    issued_at=AT,
)


def _root(leaves: tuple[bytes, ...]) -> str:
    """RFC 6962 root of five, by hand."""
    a, b, c, d, e = (sha256(b"\x00" + leaf).digest() for leaf in leaves)
    ab, cd = sha256(b"\x01" + a + b).digest(), sha256(b"\x01" + c + d).digest()
    return sha256(b"\x01" + sha256(b"\x01" + ab + cd).digest() + e).hexdigest()


def test_a_record_is_the_bytes_of_the_manual() -> None:
    leaves = ",".join(f'"{leaf.hex()}"' for leaf in LEAVES)
    expected = (
        f'{{"act":{{"certSha256":"{"ce" * 32}","credentialID":"E-2026-0001/m3/1","display":"{"d1" * 32}",'
        f'"exp":1795333720,"hashAlgorithmOID":"2.16.840.1.101.3.4.2.1","hashes":["{_root(LEAVES)}"],"iat":1795333600,'
        '"meeting":"E-2026-0001","nonce":"AAECAwQFBgcICQoLDA0ODw","numSignatures":5,"purpose":"score-sheet",'
        f'"v":"bid-sad/1"}},"leaves":[{leaves}],"method":"pin","v":"bid-authorisation/1"}}'
    )
    assert RECORD.to_bytes() == expected.encode()
    assert RECORD.sha256 == sha256(expected.encode()).digest()
    assert parse_authorisation(expected.encode()) == RECORD


def test_one_leaf_is_released_as_itself() -> None:
    single = replace(RECORD, leaves=LEAVES[:1])
    assert single.released == LEAVES[0]
    assert single.act()["hashes"] == [LEAVES[0].hex()]
    assert parse_authorisation(single.to_bytes()) == single


@pytest.mark.parametrize("leaf", LEAVES)
@pytest.mark.parametrize("after", [timedelta(0), timedelta(seconds=120)])
def test_every_leaf_is_covered_for_two_minutes(leaf: bytes, after: timedelta) -> None:
    RECORD.check_covers(leaf, RECORD.certificate_sha256, RECORD.case, AT + after)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"content_sha256": bytes(32)}, "leaves"),
        ({"content_sha256": RECORD.released}, "leaves"),
        ({"certificate_sha256": bytes(32)}, "certificate"),
        ({"case": "E-2026-0002"}, "case"),
        ({"signed_at": AT - timedelta(seconds=1)}, "time"),
        ({"signed_at": AT + timedelta(seconds=121)}, "time"),
    ],
)
def test_nothing_else_is_covered(change: dict[str, Any], field: str) -> None:
    right: dict[str, Any] = {
        "content_sha256": LEAVES[2],
        "certificate_sha256": RECORD.certificate_sha256,
        "case": RECORD.case,
        "signed_at": AT,
    }
    RECORD.check_covers(**right)
    with pytest.raises(AuthorisationNotForThis) as refusal:
        RECORD.check_covers(**(right | change))
    assert (refusal.value.code, refusal.value.field) == ("authorisation-not-for-this", field)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"leaves": ()}, "leaves"),
        ({"leaves": (LEAVES[0], LEAVES[0])}, "leaves"),
        ({"leaves": tuple(number.to_bytes(32) for number in range(10_001))}, "leaves"),
        ({"leaves": (LEAVES[0][:31],)}, "digests"),
        ({"display": b""}, "digests"),
        ({"certificate_sha256": b""}, "digests"),
        ({"credential": ""}, "credential"),
        ({"case": ""}, "case"),
        ({"purpose": "Score"}, "purpose"),
        ({"nonce": bytes(15)}, "nonce"),
        ({"issued_at": AT.replace(microsecond=1)}, "issued_at"),
        ({"issued_at": AT.replace(tzinfo=None)}, "issued_at"),
    ],
)
def test_a_field_outside_its_form_makes_no_record(change: dict[str, Any], field: str) -> None:
    with pytest.raises(AuthorisationMalformed) as refusal:
        replace(RECORD, **change)
    assert refusal.value.field == field


@pytest.mark.parametrize(
    ("part", "change"),
    [
        ("act", {"numSignatures": 4}),
        ("act", {"exp": 1795333721}),
        ("act", {"iat": "1795333600"}),
        ("act", {"iat": 2**53 - 1}),
        ("act", {"iat": 253402300799}),
        ("act", {"iat": None}),
        ("act", {"hashes": ["00" * 32]}),
        ("act", {"hashes": []}),
        ("act", {"v": "bid-sad/2"}),
        ("act", {"hashAlgorithmOID": "1.2.156.10197.1.401"}),
        ("act", {"nonce": "AAECAwQFBgcICQoLDA0ODx"}),
        ("act", {"nonce": "文"}),
        ("act", {"nonce": None}),
        ("act", {"display": "D1" * 32}),
        ("act", {"meeting": 1}),
        ("act", {"more": 1}),
        ("record", {"method": "none"}),
        ("record", {"v": "bid-authorisation/2"}),
        ("record", {"leaves": [leaf.hex() for leaf in LEAVES[::-1]]}),
        ("record", {"leaves": "00"}),
        ("record", {"leaves": 1}),
        ("record", {"act": []}),
        ("record", {"more": 1}),
    ],
)
def test_bytes_that_say_anything_else_are_no_record(part: str, change: dict[str, Any]) -> None:
    record = parse(RECORD.to_bytes())
    assert isinstance(record, dict)
    act = record["act"]
    assert isinstance(act, dict)
    wrong = record | change if part == "record" else record | {"act": act | change}
    with pytest.raises(AuthorisationMalformed):
        parse_authorisation(canonical(wrong))


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", RECORD.to_bytes() + b"\n", RECORD.to_bytes().replace(b",", b", ")])
def test_bytes_of_another_spelling_are_no_record(data: bytes) -> None:
    with pytest.raises(AuthorisationMalformed):
        parse_authorisation(data)
