"""RSA signatures and outside authorities' certificates against pyca/cryptography, what is right and each fault."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from archive.verifier.authorities import Authority, NotKnown, RsaKey, path_to, read

DIGESTS = {"sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512()}
MESSAGE = b"a stamp's attributes"
SINCE = datetime(2026, 1, 1, tzinfo=UTC)
YEAR = (SINCE, SINCE + timedelta(days=365))
AT = int((SINCE + timedelta(days=30)).timestamp())
Private = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def public(key: rsa.RSAPrivateKey) -> RsaKey:
    numbers = key.public_key().public_numbers()
    return RsaKey(numbers.n, numbers.e)


@pytest.mark.parametrize("name", DIGESTS)
def test_signatures_of_another_library_verify_and_changed_ones_do_not(key: rsa.RSAPrivateKey, name: str) -> None:
    ours = public(key)
    value = key.sign(MESSAGE, padding.PKCS1v15(), DIGESTS[name])
    assert ours.verify(name, MESSAGE, value)
    changed = bytes([value[0], value[1] ^ 1, *value[2:]])
    others = [other for other in DIGESTS if other != name]
    number = int.from_bytes(value, "big")
    assert not ours.verify(name, MESSAGE + b".", value)
    assert not ours.verify(name, MESSAGE, changed)
    assert not any(ours.verify(other, MESSAGE, value) for other in others)
    assert not ours.verify(name, MESSAGE, value[:-1])
    assert not ours.verify(name, MESSAGE, b"\0" + value)
    if number + ours.modulus < 1 << 2048:
        assert not ours.verify(name, MESSAGE, (number + ours.modulus).to_bytes(256, "big"))


def test_a_padding_that_is_not_the_one_of_the_standard_is_refused(key: rsa.RSAPrivateKey) -> None:
    """Among them Bleichenbacher's of 2006: a short padding with the digest in front of what is left over."""
    ours, numbers = public(key), key.private_numbers()
    good = pow(
        int.from_bytes(key.sign(MESSAGE, padding.PKCS1v15(), hashes.SHA256()), "big"), ours.exponent, ours.modulus
    )
    block = good.to_bytes(256, "big")
    info = block[block.index(b"\0", 2) + 1 :]
    for wrong in (
        b"\0\1" + b"\xff" * 8 + b"\0" + info + bytes(256 - 11 - len(info)),
        b"\0\2" + block[2:],
        block[:2] + b"\xfe" + block[3:],
    ):
        assert len(wrong) == len(block)
        value = pow(int.from_bytes(wrong, "big"), numbers.d, ours.modulus)
        assert not ours.verify("sha256", MESSAGE, value.to_bytes(256, "big"))


Life = tuple[datetime, datetime]


def certificate(
    name: str, of: Private, issuer: str, by: Private, path_length: int | None = None, life: Life = YEAR
) -> Authority:
    """A certificate, an authority's with a path length."""
    names = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, one)]) for one in (issuer, name)]
    is_ca = path_length is not None
    usage = dict.fromkeys(
        ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "encipher_only"), False
    )
    made = (
        x509.CertificateBuilder(names[0], names[1], of.public_key(), 7, *life)
        .add_extension(x509.BasicConstraints(is_ca, path_length), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=not is_ca, key_cert_sign=is_ca, crl_sign=is_ca, decipher_only=False, **usage
            ),
            critical=True,
        )
        .sign(by, hashes.SHA256())
    )
    return read(made.public_bytes(Encoding.DER))


def test_a_path_leads_over_both_kinds_of_keys_and_each_break_in_it_is_found(key: rsa.RSAPrivateKey) -> None:
    curve, stranger = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root = certificate("root", key, "root", key, 1)
    middle = certificate("middle", curve, "root", key, 0)
    signer = certificate("signer", curve, "middle", curve)
    assert path_to(signer, [middle], [root], AT)
    assert path_to(signer, [], [middle], AT)
    assert not path_to(signer, [], [root], AT)
    assert not path_to(signer, [middle], [], AT)
    assert not path_to(signer, [middle], [root], AT + 400 * 86400)
    assert not path_to(signer, [certificate("middle", curve, "root", key)], [root], AT)
    assert not path_to(certificate("signer", curve, "middle", stranger), [middle], [root], AT)
    low = certificate("low", curve, "middle", curve, 0)
    assert not path_to(certificate("signer", curve, "low", curve), [low, middle], [root], AT)


def test_of_two_certificates_of_one_name_and_key_the_one_that_lived_then_leads_on() -> None:
    """An authority has its CA certified anew, years before the old certificate ends."""
    root, middle, own = (ec.generate_private_key(ec.SECP256R1()) for _ in range(3))

    def life(first: int, last: int) -> Life:
        return datetime(first, 1, 1, tzinfo=UTC), datetime(last, 1, 1, tzinfo=UTC)

    top = certificate("root", root, "root", root, 1, life(2015, 2045))
    old, new = (certificate("middle", middle, "root", root, 0, life(*years)) for years in ((2020, 2030), (2026, 2040)))
    signer = certificate("signer", own, "middle", middle, life=life(2023, 2028))
    at = int(datetime(2024, 6, 1, tzinfo=UTC).timestamp())
    for carried in permutations((old, new)):
        assert path_to(signer, carried, [top], at) == (signer, old, top)
        assert path_to(signer, [], carried, at) == (signer, old)


@pytest.mark.parametrize(
    "made",
    [
        lambda: rsa.generate_private_key(65537, 1024),  # noqa: S505 - it must be refused
        lambda: ec.generate_private_key(ec.SECP384R1()),
    ],
)
def test_a_weak_or_unknown_key_is_not_judged(key: rsa.RSAPrivateKey, made: "type[Private]") -> None:
    with pytest.raises(NotKnown):
        certificate("other", made(), "root", key)
