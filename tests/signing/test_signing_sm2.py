"""SM2: the examples of the standard, both ways of computing against each other, openssl as the outside judge."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signing import sm2_libcrypto, sm2_python
from signing.sm2 import IDENTITY, NotSm2Key, Sm2Key, Sm2PublicKey, load_sm2_key, new_sm2_key, parse_sm2_public
from signing.sm2_python import SM2, Curve

# GB/T 32918.2 annex A.2, a curve for examples.
EXAMPLE = Curve(
    p=0x8542D69E4C044F18E8B92435BF6FF7DE457283915C45517D722EDB8B08F1DFC3,
    a=0x787968B4FA32C3FD2417842E73BBFEFF2F3C848B6831D7E0EC65228B3937E498,
    b=0x63E4C6D3B23B0C849CF84241484BFE48F61D59A5B16BA06E6E12D1DA27C5249A,
    gx=0x421DEBD61B62EAB6746434EBC3CC315E32220B3BADD50BDC4C4E6C147FEDD43D,
    gy=0x0680512BCBB42C07D47349D2153B70C4E5D7FDFCBFA36EA1A85841B9E46E09A2,
    n=0x8542D69E4C044F18E8B92435BF6FF7DD297720630485628D5AE74EE7C32E79B7,
)
# (curve, identity, private key, nonce, r, s), each over "message digest".
STANDARD = {
    "32918.2": (
        EXAMPLE,
        b"ALICE123@YAHOO.COM",
        0x128B2FA8BD433C6C068C8D803DFF79792A519A55171B1B650C23661D15897263,
        0x6CB28D99385C175C94F94E934817663FC176D925DD72B727260DBAAE1FB2F96F,
        0x40F1EC59F793D9F49E09DCEF49130D4194F79FB1EED2CAA55BACDB49C4E755D1,
        0x6FC6DAC32C5D5CF10C77DFB20F7C2EB667A457872FB09EC56327A67EC7DEEBE7,
    ),
    "32918.5": (
        SM2,
        IDENTITY,
        0x3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8,
        0x59276E27D506861A16680F3AD9C02DCCEF3CC1FA3CDBE4CE6D54B80DEAC1BC21,
        0xF5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3,
        0xB1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA,
    ),
}
KEY = Sm2Key(STANDARD["32918.5"][2])


@pytest.fixture(params=["libcrypto", "python"])
def key(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Sm2Key:
    if request.param == "python":
        monkeypatch.setattr(sm2_libcrypto, "library", lambda: None)
    return Sm2Key(STANDARD["32918.5"][2])


@pytest.mark.parametrize("name", sorted(STANDARD))
def test_the_examples_of_the_standard_come_out(name: str) -> None:
    curve, identity, private, nonce, r, s = STANDARD[name]
    public = sm2_python.public_of(private, curve)
    e = int.from_bytes(sm2_python.sm3(sm2_python.z(public, identity, curve), b"message digest"))
    assert sm2_python.sign_with(private, e, nonce, curve) == (r, s)
    assert sm2_python.verify(public, e, r, s, curve)
    assert not sm2_python.verify(public, e + 1, r, s, curve)


def test_the_digest_of_abc_is_that_of_the_standard() -> None:
    # GB/T 32905 annex A.1.
    assert sm2_python.sm3(b"abc").hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"


def test_a_signature_holds_for_its_message_alone(key: Sm2Key) -> None:
    signature = key.sign(b"sheet")
    assert key.public_key.verify(b"sheet", signature)
    assert not key.public_key.verify(b"shee7", signature)
    assert not new_sm2_key().public_key.verify(b"sheet", signature)


def test_a_signature_has_one_spelling(key: Sm2Key) -> None:
    signature = key.sign(b"sheet")
    for other in (signature + b"\x00", signature[:-1], b"\x30\x81" + signature[1:], b""):
        assert not key.public_key.verify(b"sheet", other)


@settings(max_examples=25, deadline=None)
@given(private=st.integers(1, SM2.n - 2), message=st.binary(max_size=200))
def test_each_way_of_computing_accepts_the_others_signatures(private: int, message: bytes) -> None:
    native = Sm2Key(private)
    public = native.public_key
    e = public.digest(message)
    r, s = sm2_python.sign(private, int.from_bytes(e))
    assert sm2_python.sign(private, int.from_bytes(e)) == (r, s)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sm2_libcrypto, "library", lambda: None)
        plain = Sm2Key(private)
    assert plain.public_key.verify(message, native.sign(message))
    assert public.verify(message, plain.sign(message))


@pytest.mark.parametrize("r_and_s", [(0, 1), (1, 0), (SM2.n, 1), (1, SM2.n), (1, SM2.n - 1)])
def test_numbers_outside_their_range_are_no_signature(r_and_s: tuple[int, int]) -> None:
    assert not sm2_python.verify(KEY.public_key.point, 5, *r_and_s)


def test_openssl_accepts_a_signature_under_the_standards_identity(key: Sm2Key, tmp_path: Path) -> None:
    (tmp_path / "key.der").write_bytes(key.public_key.spki)
    (tmp_path / "sheet").write_bytes(b"sheet")
    (tmp_path / "signature").write_bytes(key.sign(b"sheet"))
    command = [
        *["openssl", "dgst", "-sm3", "-sigopt"],
        f"distid:{IDENTITY.decode()}",
        *["-verify", "key.der", "-keyform", "DER", "-signature", "signature", "sheet"],
    ]
    judged = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False, timeout=30)
    assert judged.stdout == b"Verified OK\n", judged.stderr


def test_keys_are_read_as_they_are_written_and_in_no_other_way() -> None:
    assert load_sm2_key(KEY.private_bytes()).private_bytes() == KEY.private_bytes()
    assert parse_sm2_public(KEY.public_key.spki).point == KEY.public_key.point
    for wrong in (b"", KEY.private_bytes()[:-1], KEY.private_bytes() + b"\x00"):
        with pytest.raises(NotSm2Key):
            load_sm2_key(wrong)
    for wrong in (b"", KEY.public_key.spki[:-1] + b"\x00", b"\x00" + KEY.public_key.spki):
        with pytest.raises(NotSm2Key):
            parse_sm2_public(wrong)


def test_what_is_no_scalar_or_no_point_is_no_key() -> None:
    for scalar in (0, SM2.n - 1, SM2.n):
        with pytest.raises(NotSm2Key):
            Sm2Key(scalar)
    with pytest.raises(NotSm2Key):
        Sm2PublicKey((SM2.gx, SM2.gy + 1))


def test_libcrypto_takes_no_key_of_another_curve() -> None:
    with pytest.raises(sm2_libcrypto.LibcryptoRefused):
        sm2_libcrypto.Key(KEY.private_bytes().replace(bytes.fromhex("2a811ccf5501822d"), bytes(8)), is_private=True)
