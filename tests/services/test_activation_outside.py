"""A key that lives elsewhere: what the process prepares for it is judged as ever, and what came back is verified."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding

from conduct.activation.keyholder import Keyholder
from conduct.activation.questions import Complete, Prepare, Prepared, Released, Sign
from conduct.activation.refusals import Expired, NotReleased, SignedOtherwise
from signing import pades, pdf
from signing.authorisation import LIFE
from signing.ca import Subject, Term, make_signer
from signing.cms import P256_ORDER, Chain, verify_detached
from signing.keys import MemoryKey, new_key
from signing.keystore import EnvelopeKeyStore
from signing.security_key import AssertionMissing
from storage.deployment_keys import DeploymentKeys
from tests.archive.tiny_report import tiny_base, tiny_picture
from tests.services.activation import CHEAP, Direct, roots_of
from tests.signing.touch import Touch

CASE = "E-2026-0001"
BASE = tiny_base(("m1", "m2"))
LEAVES = (b"s" * 32, sha256(BASE).digest())


@dataclass
class Elsewhere:
    """A key outside, its certificate, what is asked for it, and a process whose clock a test sets."""

    key: MemoryKey
    chain: Chain
    asked: Sign
    process: Direct
    now: list[datetime]

    @property
    def paper(self) -> bytes:
        """The report with this member's place left open."""
        mark = pdf.Mark("m1", "评委1", "同意并签署", self.asked.issued_at)
        return pdf.prepare(pdf.growth(BASE, BASE), mark, tiny_picture())

    async def prepare(self, asked: Sign | None = None) -> Prepared:
        return await self.process.ask(Prepare(asked or self.asked))

    def sign(self, prepared: Prepared) -> tuple[bytes, ...]:
        """What a provider does."""
        return tuple(map(self.key.sign_digest, prepared.digests))

    async def complete(self, prepared: Prepared, values: tuple[bytes, ...], asked: Sign | None = None) -> Released:
        return await self.process.ask(Complete(asked or self.asked, prepared.at, values))


@pytest.fixture
def elsewhere(keys: DeploymentKeys) -> Elsewhere:
    key, at = new_key(), datetime.now(UTC).replace(microsecond=0)
    term = Term(7, at - timedelta(seconds=1), at + timedelta(days=1))
    signer = make_signer(keys.issuing, Subject("评委1", "演示交易中心", CASE), key.public_key, term)
    asked = Sign(
        credential=f"{CASE}/m1/1",
        sealed=b"",
        password=memoryview(b""),
        certificate=signer.public_bytes(Encoding.DER),
        issuing=keys.issuing.certificate.public_bytes(Encoding.DER),
        case=CASE,
        purpose="report",
        leaves=LEAVES,
        display=b"d" * 32,
        nonce=b"n" * 16,
        issued_at=at,
    )
    now = [at]
    keyholder = Keyholder(EnvelopeKeyStore(b"s" * 32, CHEAP), roots_of(keys), lambda: now[0])
    return Elsewhere(key, Chain(signer, keys.issuing.certificate), asked, Direct(keyholder), now)


async def test_what_was_prepared_and_signed_outside_is_a_whole_release(
    elsewhere: Elsewhere, keys: DeploymentKeys
) -> None:
    paper = elsewhere.paper
    asked = replace(elsewhere.asked, paper=paper)
    prepared = await elsewhere.prepare(asked)
    assert len(prepared.digests) == len(LEAVES) + 1
    elsewhere.now[0] += timedelta(seconds=20)
    released = await elsewhere.complete(prepared, elsewhere.sign(prepared), asked)
    named = sha256(released.authorisation).digest()
    for leaf, pair in zip(LEAVES, released.signatures, strict=True):
        found = verify_detached(pair.cms, leaf, [keys.root.certificate], elsewhere.now[0])
        assert (found.authorisation_sha256, found.signed_at) == (named, prepared.at)
    last = pdf.growth(BASE, paper).revisions[-1]
    pades.check(elsewhere.chain, pades.attributes(last.digest(paper), elsewhere.chain, named), released.inside)


async def test_a_wrong_value_inside_the_report_releases_nothing(elsewhere: Elsewhere) -> None:
    asked = replace(elsewhere.asked, paper=elsewhere.paper)
    prepared = await elsewhere.prepare(asked)
    *values, inside = elsewhere.sign(prepared)
    for wrong in (values[0], new_key().sign_digest(prepared.digests[-1])):
        with pytest.raises(SignedOtherwise):
            await elsewhere.complete(prepared, (*values, wrong), asked)
    await elsewhere.complete(prepared, (*values, inside), asked)


async def test_either_value_of_s_gives_the_same_file(elsewhere: Elsewhere) -> None:
    prepared = await elsewhere.prepare()
    values = [decode_dss_signature(value) for value in elsewhere.sign(prepared)]
    other = tuple(encode_dss_signature(r, P256_ORDER - s) for r, s in values)
    files = [await elsewhere.complete(prepared, given) for given in (elsewhere.sign(prepared), other)]
    assert files[0] == files[1]


async def test_values_for_anything_else_are_refused(elsewhere: Elsewhere) -> None:
    prepared = await elsewhere.prepare()
    values = elsewhere.sign(prepared)
    stranger = tuple(map(new_key().sign_digest, prepared.digests))
    for wrong in (values[::-1], stranger, (values[0], b""), (values[0], b"\x30\x00")):
        with pytest.raises(SignedOtherwise):
            await elsewhere.complete(prepared, wrong)
    for number in ((), values[:1], values * 2):
        with pytest.raises(NotReleased):
            await elsewhere.complete(prepared, number)
    # The right values under another act: other leaves, another display, another nonce, another second.
    acts = ({"leaves": (b"x" * 32, LEAVES[1])}, {"display": b"x" * 32}, {"nonce": b"x" * 16}, {"purpose": "pledge"})
    for change in acts:  # each of them a right act
        with pytest.raises(SignedOtherwise):
            await elsewhere.complete(prepared, values, replace(elsewhere.asked, **change))
    elsewhere.now[0] += timedelta(seconds=5)
    with pytest.raises(SignedOtherwise):
        await elsewhere.complete(replace(prepared, at=prepared.at + timedelta(seconds=1)), values)
    await elsewhere.complete(prepared, values)


async def test_no_time_but_one_within_the_two_minutes_and_past_is_completed(elsewhere: Elsewhere) -> None:
    prepared = await elsewhere.prepare()
    values, issued = elsewhere.sign(prepared), elsewhere.asked.issued_at
    with pytest.raises(NotReleased):
        await elsewhere.complete(replace(prepared, at=issued + timedelta(seconds=1)), values)
    for at in (issued - timedelta(seconds=1), issued + LIFE + timedelta(seconds=1)):
        with pytest.raises(Expired):
            await elsewhere.complete(replace(prepared, at=at), values)
    elsewhere.now[0] = issued + LIFE
    await elsewhere.complete(prepared, values)
    elsewhere.now[0] += timedelta(seconds=1)
    for late in (elsewhere.prepare(), elsewhere.complete(prepared, values)):
        with pytest.raises(Expired):
            await late


Change = Callable[[Elsewhere], dict[str, Any]]


@pytest.mark.parametrize(
    "change",
    [
        lambda _: {"credential": f"{CASE}/m1/1/software"},
        lambda _: {"algorithms": "both"},
        lambda _: {"algorithms": "sm2"},
        lambda _: {"certificate": b"none"},
        lambda _: {"leaves": ()},
        lambda one: {"paper": one.paper + b"%\n"},
        lambda _: {"paper": BASE},
        lambda one: {"paper": one.paper, "leaves": LEAVES[::-1]},
    ],
)
async def test_what_no_key_here_would_sign_is_neither_prepared_nor_completed(
    elsewhere: Elsewhere, change: Change
) -> None:
    prepared = await elsewhere.prepare()
    asked = replace(elsewhere.asked, **change(elsewhere))
    for refused in (elsewhere.prepare(asked), elsewhere.complete(prepared, elsewhere.sign(prepared), asked)):
        with pytest.raises(NotReleased):
            await refused


async def test_a_security_key_answers_for_a_key_elsewhere_as_well(elsewhere: Elsewhere) -> None:
    asked = replace(elsewhere.asked, security_key=Touch().key)
    with pytest.raises(AssertionMissing):
        await elsewhere.prepare(asked)
