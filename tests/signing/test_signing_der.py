"""DER: only the shortest spelling is read, and times are written in one form."""

from datetime import UTC, datetime

import pytest

from signing import der


@pytest.mark.parametrize(
    "data",
    [
        "",
        "04",
        "0401",
        "040100ff",
        "04810100",
        "0482000100",
        "0480000000",
        "0485000000000100",
        "1f010100",
        "0482" + "0081" + "00" * 129,
    ],
)
def test_another_spelling_of_an_element_is_not_read(data: str) -> None:
    with pytest.raises(der.NotDer):
        der.read(bytes.fromhex(data))


@pytest.mark.parametrize("size", [0, 1, 127, 128, 255, 256, 65535, 65536])
def test_an_element_of_any_size_is_read_back(size: int) -> None:
    found = der.read(der.octets(bytes(size)))
    assert found.value(der.OCTET_STRING) == bytes(size)


@pytest.mark.parametrize(
    ("number", "data"),
    [(0, "020100"), (127, "02017f"), (128, "02020080"), (256, "02020100"), (2**64, "0209010000000000000000")],
)
def test_integers_are_as_short_as_they_can_be(number: int, data: str) -> None:
    assert der.integer(number).hex() == data


@pytest.mark.parametrize(
    ("year", "text"),
    [
        (1949, b"\x18\x0f19490102030405Z"),
        (1950, b"\x17\x0d500102030405Z"),
        (2049, b"\x17\x0d490102030405Z"),
        (2050, b"\x18\x0f20500102030405Z"),
    ],
)
def test_a_time_is_read_back_in_the_form_of_its_year(year: int, text: bytes) -> None:
    at = datetime(year, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert der.time(at) == text
    assert der.read_time(der.read(text)) == at


@pytest.mark.parametrize(
    "data",
    [
        b"\x18\x0f20260102030405Z",
        b"\x17\x0b2601020304Z",
        b"\x17\x0c26010203045Z",
        b"\x17\x0d261302030405Z",
        b"\x17\x0d2601020304 5Z",
        b"\x17\x11260102030405+0000",
        b"\x16\x0d260102030405Z",
        b"\x17\x0d\xff60102030405Z",
        b"\x17\x00",
    ],
)
def test_a_time_in_another_form_is_refused(data: bytes) -> None:
    with pytest.raises(der.NotDer):
        der.read_time(der.read(data))


def test_a_set_stands_in_ascending_order() -> None:
    assert der.set_of(b"\x04\x01\x02", b"\x02\x01\x01").hex() == "3106020101040102"
