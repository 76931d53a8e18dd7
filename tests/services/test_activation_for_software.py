"""The activation process and other software's digests: its data opens nothing anywhere else, and only for a while."""

import os
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256

from conduct.activation.keyholder import Keyholder
from conduct.activation.other_software import OtherSoftware
from conduct.activation.questions import Authorise, Create, Hashes, SignHashes
from conduct.activation.refusals import Expired, NotReleased, SadRefused
from conduct.activation.setup import Setup, TokenPlace, read_line
from signing.authorisation import parse_authorisation
from signing.keystore import EnvelopeKeyStore, PasswordWrong
from signing.security_key import SecurityKey
from storage.deployment_keys import DeploymentKeys
from tests.services.activation import CHEAP, Direct, roots_of
from tests.services.test_activation import CASE, CREDENTIAL, LEAVES, PASSWORD, Member, now

BESIDE = f"{CREDENTIAL}/software"


class Process:
    """An activation process with a clock that can be set."""

    def __init__(self, keys: DeploymentKeys) -> None:
        self.at = now()
        keystore = EnvelopeKeyStore(keys.share.read_bytes(), CHEAP)
        other = OtherSoftware(keystore, self.clock)
        self.direct = Direct(Keyholder(keystore, roots_of(keys), self.clock, other))
        self.shut = Direct(Keyholder(keystore, roots_of(keys), self.clock))

    def clock(self) -> datetime:
        return self.at

    async def authorise(self, hashes: Hashes, password: bytes = PASSWORD) -> bytes:
        return (await self.direct.ask(Authorise(hashes, memoryview(password)))).sad


@pytest.fixture
def process(keys: DeploymentKeys) -> Process:
    return Process(keys)


@pytest.fixture
async def hashes(keys: DeploymentKeys, process: Process) -> Hashes:
    made = await process.direct.ask(Create(BESIDE, memoryview(PASSWORD), os.urandom(32)))
    certificate = Member(keys, made).certificate
    return Hashes(BESIDE, made.sealed, certificate, CASE, LEAVES, os.urandom(16), process.at)


async def test_each_digest_is_signed_and_the_record_says_for_whom(process: Process, hashes: Hashes) -> None:
    signed = await process.direct.ask(SignHashes(hashes, await process.authorise(hashes)))
    record = parse_authorisation(signed.authorisation)
    assert (record.leaves, record.purpose) == (LEAVES, "software")
    key = x509.load_der_x509_certificate(hashes.certificate).public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    for leaf, value in zip(LEAVES, signed.signatures, strict=True):
        key.verify(value, leaf, ec.ECDSA(Prehashed(SHA256())))


async def test_a_wrong_password_authorises_nothing(process: Process, hashes: Hashes) -> None:
    with pytest.raises(PasswordWrong):
        await process.authorise(hashes, b"804518")


async def test_activation_data_holds_for_nothing_but_what_it_was_given_for(process: Process, hashes: Hashes) -> None:
    sad = await process.authorise(hashes)
    assert PASSWORD not in sad
    for other in (
        replace(hashes, leaves=LEAVES[:1]),
        replace(hashes, leaves=LEAVES[::-1]),
        replace(hashes, case="E-2026-0002"),
        replace(hashes, nonce=os.urandom(16)),
        replace(hashes, issued_at=hashes.issued_at + timedelta(seconds=1)),
    ):
        with pytest.raises(SadRefused):
            await process.direct.ask(SignHashes(other, sad))
    for spoilt in (b"", sad[:-1], bytes([sad[0] ^ 1]) + sad[1:], os.urandom(len(sad))):
        with pytest.raises(SadRefused):
            await process.direct.ask(SignHashes(hashes, spoilt))


async def test_a_process_that_was_started_again_knows_no_activation_data(
    process: Process, hashes: Hashes, keys: DeploymentKeys
) -> None:
    sad = await process.authorise(hashes)
    with pytest.raises(SadRefused):
        await Process(keys).direct.ask(SignHashes(hashes, sad))


async def test_the_processs_own_clock_ends_activation_data(process: Process, hashes: Hashes) -> None:
    sad = await process.authorise(hashes)
    process.at += timedelta(seconds=120)
    await process.direct.ask(SignHashes(hashes, sad))
    process.at += timedelta(seconds=1)
    with pytest.raises(Expired):
        await process.direct.ask(SignHashes(hashes, sad))


async def test_another_keys_certificate_is_refused(process: Process, hashes: Hashes, keys: DeploymentKeys) -> None:
    made = await process.direct.ask(Create(BESIDE, memoryview(PASSWORD), os.urandom(32)))
    foreign = replace(hashes, certificate=Member(keys, made).certificate)
    with pytest.raises(NotReleased):
        await process.authorise(foreign)


async def test_the_key_of_sheets_signs_no_digest_of_other_software(process: Process, keys: DeploymentKeys) -> None:
    made = await process.direct.ask(Create(CREDENTIAL, memoryview(PASSWORD), os.urandom(32)))
    own = Hashes(CREDENTIAL, made.sealed, Member(keys, made).certificate, CASE, LEAVES, os.urandom(16), process.at)
    with pytest.raises(NotReleased):
        await process.authorise(own)
    with pytest.raises(NotReleased):
        await process.direct.ask(SignHashes(own, os.urandom(60)))
    # Under the other name its envelope does not open: it was sealed for its own.
    with pytest.raises(PasswordWrong):
        await process.authorise(replace(own, credential=BESIDE))


async def test_a_key_behind_a_security_key_signs_no_digest_under_the_name_it_is_sealed_for(
    process: Process, keys: DeploymentKeys
) -> None:
    security_key = SecurityKey(b"key", b"\x04" + bytes(64), "https://example.org")
    made = await process.direct.ask(Create(CREDENTIAL, memoryview(PASSWORD), os.urandom(32), security_key))
    sealed_for = security_key.binding(CREDENTIAL)
    own = Hashes(sealed_for, made.sealed, Member(keys, made).certificate, CASE, LEAVES, os.urandom(16), process.at)
    with pytest.raises(NotReleased):
        await process.authorise(own)


async def test_the_key_for_other_software_signs_no_sheet(process: Process, keys: DeploymentKeys) -> None:
    made = await process.direct.ask(Create(BESIDE, memoryview(PASSWORD), os.urandom(32)))
    with pytest.raises(NotReleased):
        await process.direct.ask(Member(keys, made).asks(credential=BESIDE))


async def test_where_the_api_is_off_no_digest_is_answered_and_sheets_are(
    process: Process, hashes: Hashes, keys: DeploymentKeys
) -> None:
    sad = await process.authorise(hashes)
    with pytest.raises(NotReleased):
        await process.shut.ask(Authorise(hashes, memoryview(PASSWORD)))
    with pytest.raises(NotReleased):
        await process.shut.ask(SignHashes(hashes, sad))
    made = await process.shut.ask(Create(CREDENTIAL, memoryview(PASSWORD), os.urandom(32)))
    await process.shut.ask(Member(keys, made).asks())


@pytest.mark.parametrize("token", [None, TokenPlace(Path("/lib/token.so"), "software", Path("/pin"))])
@pytest.mark.parametrize("licensed", [None, Path("/licensed")])
@pytest.mark.parametrize("signs", [False, True])
def test_the_start_up_line_says_whether_digests_are_answered(
    token: TokenPlace | None, licensed: Path | None, signs: bool
) -> None:
    setup = Setup(Path("/share"), Path("/root"), Path("/sm2"), CHEAP, token, licensed, signs)
    assert read_line(setup.to_line()) == setup
