"""Canonical JSON: the bytes of RFC 8785 for house values, every refusal by its code, one spelling for parsed bytes."""

import math
import unicodedata
from base64 import b32encode
from enum import StrEnum
from fractions import Fraction

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from signing.canonical import NotCanonical, canonical, digest, parse, short_code


def _is_nfc(text: str) -> bool:
    return unicodedata.is_normalized("NFC", text)


TEXTS = st.text(st.characters(codec="utf-8")).filter(_is_nfc)
INTEGERS = st.integers(-(2**53) + 1, 2**53 - 1)
VALUES = st.recursive(
    st.none() | st.booleans() | INTEGERS | TEXTS,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(TEXTS, inner, max_size=5),
    max_leaves=20,
)


@given(VALUES)
def test_bytes_are_those_of_an_independent_writer_and_parse_back(value: object) -> None:
    data = canonical(value)
    assert data == rfc8785.dumps(value)  # type: ignore[arg-type]
    assert parse(data) == value


@pytest.mark.parametrize(
    ("value", "data"),
    [
        # RFC 8785 §3.2.3: keys sort by UTF-16 code units, so the emoji (D83D DE00) stands before U+FFE5.
        (
            {"€": "Euro Sign", "\r": "Carriage Return", "1": "One", "\U0001f600": "Emoji", "\x80": "Control"},
            '{"\\r":"Carriage Return","1":"One","\x80":"Control","€":"Euro Sign","😀":"Emoji"}',
        ),
        ({"￥": 1, "\U0001f600": 2}, '{"😀":2,"￥":1}'),
        # §3.2.2.2: short escapes, lower-case hex for other controls, everything else as it is.
        ('€$\x0f\nA\'B"\\\\"/', '"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"'),
        ("\b\t\f\x00\x1f\x7f", '"\\b\\t\\f\\u0000\\u001f\x7f"'),
        # www.json.org test data `arrays` and `french` of the reference implementation.
        ([56, {"d": True, "10": None, "1": []}], '[56,{"1":[],"10":null,"d":true}]'),
        (
            {"peach": "a", "péché": "b", "pêche": "c", "sin": "d"},
            '{"peach":"a","péché":"b","pêche":"c","sin":"d"}',
        ),
        ({}, "{}"),
        (2**53 - 1, "9007199254740991"),
        (1 - 2**53, "-9007199254740991"),
    ],
)
def test_published_examples_have_their_published_bytes(value: object, data: str) -> None:
    assert canonical(value) == data.encode()
    assert parse(data.encode()) == value


def test_a_tuple_is_a_list_and_a_named_text_is_its_text() -> None:
    class Kind(StrEnum):
        EXPERT = "expert"

    assert canonical({"k": (Kind.EXPERT, "m3")}) == b'{"k":["expert","m3"]}'


def _nested(depth: int) -> object:
    value: object = 1
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("value", "code", "where"),
    [
        ({"score": 91.5}, "canonical-float", "$.score"),
        (math.nan, "canonical-float", "$"),
        ([1, 2**53], "canonical-integer", "$[1]"),
        (-(2**53), "canonical-integer", "$"),
        ({"name": "e\u0301"}, "canonical-nfc", "$.name"),
        ({"e\u0301": 1}, "canonical-nfc", "$"),
        ("\ud83d", "canonical-surrogate", "$"),
        ({"\udc00": 1}, "canonical-surrogate", "$"),
        ({"a": {1: "x"}}, "canonical-key", "$.a"),
        ({None: 1}, "canonical-key", "$"),
        (b"bytes", "canonical-type", "$"),
        ([{1, 2}], "canonical-type", "$[0]"),
        (Fraction(1, 2), "canonical-type", "$"),
        (_nested(65), "canonical-depth", "$" + "[0]" * 65),
    ],
)
def test_a_value_without_one_spelling_is_refused_by_name(value: object, code: str, where: str) -> None:
    with pytest.raises(NotCanonical) as refusal:
        canonical(value)
    assert (refusal.value.code, refusal.value.where) == (code, where)


def test_sixty_four_levels_are_allowed() -> None:
    assert parse(canonical(_nested(64))) == _nested(64)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "canonical-syntax"),
        (b'{"a":1', "canonical-syntax"),
        (b'{"a":1}\n', "canonical-spelling"),
        (b'{"a": 1}', "canonical-spelling"),
        (b'{"b":1,"a":2}', "canonical-spelling"),
        (b'{"a":1,"a":1}', "canonical-spelling"),
        (b'"\\u0041"', "canonical-spelling"),
        (b'"\\/"', "canonical-spelling"),
        (b'"\\u000F"', "canonical-spelling"),
        (b"-0", "canonical-spelling"),
        (b"01", "canonical-syntax"),
        (b"1.0", "canonical-float"),
        (b"1e2", "canonical-float"),
        (b"1e999", "canonical-float"),
        (b"NaN", "canonical-float"),
        (b"9007199254740992", "canonical-integer"),
        (b"9" * 5000, "canonical-syntax"),
        (b'"\\ud800"', "canonical-surrogate"),
        (b'"\xff"', "canonical-syntax"),
        (b'"\xed\xa0\x80"', "canonical-syntax"),
        (b"\xef\xbb\xbf1", "canonical-syntax"),
        ('"e\u0301"'.encode(), "canonical-nfc"),
        (b"[" * 100_000, "canonical-depth"),
        (b"[" * 70 + b"]" * 70, "canonical-depth"),
    ],
)
def test_bytes_of_another_spelling_are_refused_by_name(data: bytes, code: str) -> None:
    with pytest.raises(NotCanonical) as refusal:
        parse(data)
    assert refusal.value.code == code


@given(VALUES, st.data())
def test_a_changed_byte_is_never_the_same_value(value: object, data: st.DataObject) -> None:
    right = canonical(value)
    place = data.draw(st.integers(0, len(right) - 1))
    wrong = bytearray(right)
    wrong[place] ^= data.draw(st.integers(1, 255))
    try:
        found = parse(bytes(wrong))
    except NotCanonical:
        return
    assert canonical(found) == wrong != right


def test_the_short_code_is_the_first_forty_bits_in_crockfords_letters() -> None:
    assert short_code(bytes(32)) == "0000-0000"
    assert short_code(b"\xff" * 32) == "ZZZZ-ZZZZ"
    # 00000 00001 00010 00011 00100 00101 00110 00111, by hand.
    assert short_code(bytes.fromhex("00443214c7") + b"rest") == "0123-4567"
    crockford = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "0123456789ABCDEFGHJKMNPQRSTVWXYZ")
    letters = b32encode(digest(b"abc"))[:8].decode().translate(crockford)
    assert short_code(digest(b"abc")) == f"{letters[:4]}-{letters[4:]}"


def test_the_digest_is_sha_256() -> None:
    assert digest(b"abc").hex() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
