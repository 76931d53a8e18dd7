"""Two shares give a secret back, whichever two; one gives nothing; shares that cannot belong together are refused."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signing.shamir import SharesDiffer, join, split


@given(st.binary(min_size=1, max_size=40), st.integers(2, 7), st.data())
def test_any_two_shares_give_the_secret_back(secret: bytes, count: int, data: st.DataObject) -> None:
    shares = split(secret, count, data.draw(st.binary(min_size=len(secret), max_size=len(secret))))
    assert {join(pair) for pair in combinations(shares, 2)} == {secret}


def test_one_share_fits_every_secret() -> None:
    share = split(b"\x2a", 3, b"\x07")[0]
    # For each secret there is a slope that gives this very share: it tells nothing.
    fitting = {
        secret for secret in range(256) for slope in range(256) if split(bytes([secret]), 1, bytes([slope]))[0] == share
    }
    assert fitting == set(range(256))


def test_a_known_split() -> None:
    # 0x53 · 0xca = 0x01 in this field (FIPS 197 §4.2): f(0xca) = 0 xor 0x53·0xca.
    assert split(b"\x00", 0xCA, b"\x53")[-1] == b"\xca\x01"


@pytest.mark.parametrize(
    "pair", [(b"\x01\x02", b"\x01\x03"), (b"\x01\x02", b"\x02\x03\x04"), (b"\x00\x02", b"\x01\x03")]
)
def test_shares_that_cannot_belong_together_are_refused(pair: tuple[bytes, bytes]) -> None:
    with pytest.raises(SharesDiffer):
        join(pair)
