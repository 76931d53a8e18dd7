"""Who answers in the activation process: opens a key, signs what its password released, verifies, forgets.

Nothing leaves it but a whole release that was verified. It keeps no key between two questions.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from conduct import stalls
from conduct.activation.other_software import OtherSoftware
from conduct.activation.outside import Act
from conduct.activation.papers import open_paper
from conduct.activation.questions import (
    FOR_SOFTWARE,
    Authorise,
    Complete,
    Create,
    Created,
    Prepare,
    Question,
    Released,
    Sign,
    SignaturePair,
    SignHashes,
)
from conduct.activation.refusals import ActivationAway, Expired, NotReleased
from conduct.activation.twins import Twin, open_twin
from signing import csr, pades
from signing.authorisation import Authorisation, AuthorisationRefused
from signing.ca import Subject, sha256_of
from signing.cms import Chain, CmsRefused, sign_detached, verify_detached
from signing.keystore import Beside, KeyStore, OpenedKey, SealedKeyMalformed, TokenFailed
from signing.security_key import AssertionMissing, SecurityKey, check_assertion
from signing.sm2 import new_sm2_key

Roots = Sequence[x509.Certificate]
Leaves = Sequence[bytes]


class Keyholder:
    """Answers with one key store, the roots to verify against (P-256 and SM2), and a clock of its own (UTC).

    Without an `OtherSoftware` it signs no digest that other software sends.
    """

    def __init__(
        self, keystore: KeyStore, roots: Roots, clock: Callable[[], datetime], other: OtherSoftware | None = None
    ) -> None:
        self._keystore = keystore
        self._roots = roots
        self._clock = clock
        self._other = other

    def answer(self, question: Question[Any]) -> Any:  # noqa: ANN401 - the answer's type is the question's
        """Answer a question. Raises the refusals of `refusals`."""
        try:
            match question:
                case Create():
                    return self.create(question)
                case Sign():
                    return self.sign(question)
                case Prepare():
                    return _outside(question.asked).prepare(self._clock())
                case Complete():
                    return _outside(question.asked).complete(question, self._roots, self._clock())
                case Authorise():
                    return self._for_software().authorise(question)
                case SignHashes():
                    return self._for_software().sign(question)
        except TokenFailed as failed:
            # A token that was pulled out may come back: nothing was signed, the try is taken back.
            raise ActivationAway from failed
        raise TypeError(f"{type(question).__name__} is no question of this process")

    def _for_software(self) -> OtherSoftware:
        if self._other is None:
            raise NotReleased
        return self._other

    def create(self, question: Create) -> Created:
        """A new key. Raises `PasswordRefused`, `PrfMissing`."""
        sealed_for = _sealed_for(question.credential, question.security_key)
        twin = None if question.algorithms == "p256" else new_sm2_key()
        beside = Beside(twin, question.prf)
        made = self._keystore.create(sealed_for, question.password, question.salt, beside)
        spki = made.public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        request = b""
        if question.subject:
            key = self._keystore.open(sealed_for, question.password, made.sealed, question.prf).key
            request = csr.request(Subject(*question.subject), key)
        return Created(spki, made.sealed, twin.public_key.spki if twin else b"", request)

    def sign(self, question: Sign) -> Released:
        """All signatures of one release, or none.

        Raises `PasswordWrong`, `Expired`, `NotReleased`, and `SecurityKeyRefused` and `PrfMissing` before the password
        is tried.
        """
        chain, record = _read(question)
        paper = open_paper(question.paper, record, chain) if question.paper else None
        twin = None if question.algorithms == "p256" else open_twin(question.twin, record, paper)
        with self._opened(question, chain) as opened:
            stalls.passed("opened")
            at = self._clock().replace(microsecond=0)
            if not record.issued_at <= at <= record.expires_at:
                raise Expired
            own = question.algorithms != "sm2"
            cms = [sign_detached(leaf, opened.key, chain, at, record.sha256) if own else b"" for leaf in record.leaves]
            twins = twin.sign(opened.twin, at, record.sha256) if twin else [b""] * len(cms)
            inside = pades.sign(opened.key, paper.attributes) if paper else b""
        signatures = tuple(map(SignaturePair, cms, twins))
        try:
            self._check(signatures, record.leaves, twin, at)
            if paper:
                paper.check(inside, at)
        except CmsRefused as refused:
            raise NotReleased from refused
        stalls.passed("signed")
        return Released(record.to_bytes(), signatures, inside, opened.resealed)

    def _check(self, pairs: Sequence[SignaturePair], leaves: Leaves, twin: Twin | None, at: datetime) -> None:
        """Every signature made, before it is believed. Raises a CmsRefused."""
        for number, (leaf, pair) in enumerate(zip(leaves, pairs, strict=True)):
            if pair.cms:
                verify_detached(pair.cms, leaf, self._roots, at)
            if twin:
                verify_detached(pair.twin, twin.digests[number], self._roots, at)

    @contextmanager
    def _opened(self, question: Sign, chain: Chain) -> Iterator[OpenedKey]:
        """The keys for exactly one release: those of this certificate. Raises `PasswordWrong`, `NotReleased`."""
        try:
            sealed_for = _sealed_for(question.credential, question.security_key)
            opened = self._keystore.open(sealed_for, question.password, question.sealed, question.prf)
        except SealedKeyMalformed as malformed:
            raise NotReleased from malformed
        if opened.key.public_key != chain.signer.public_key():
            raise NotReleased
        yield opened


def act_of(question: Sign) -> tuple[Chain, Authorisation]:
    """The certificates and the act that a question names, without a security key's answer.

    Raises `NotReleased`, also for the name of a key made for other software.
    """
    if question.credential.endswith(FOR_SOFTWARE):
        raise NotReleased
    try:
        chain = Chain(*map(x509.load_der_x509_certificate, (question.certificate, question.issuing)))
        record = Authorisation(
            leaves=question.leaves,
            credential=question.credential,
            certificate_sha256=sha256_of(chain.signer),
            case=question.case,
            purpose=question.purpose,
            display=question.display,
            nonce=question.nonce,
            issued_at=question.issued_at,
        )
    except (ValueError, AuthorisationRefused) as refused:
        raise NotReleased from refused
    return chain, record


def _read(question: Sign) -> tuple[Chain, Authorisation]:
    """The same with the security key's answer, where one is registered. Raises `NotReleased`, `SecurityKeyRefused`."""
    chain, record = act_of(question)
    if question.security_key is None:
        return chain, record
    if question.assertion is None:
        raise AssertionMissing
    check_assertion(question.assertion, question.security_key, record.challenge)
    return chain, replace(record, assertion=question.assertion)


def _outside(question: Sign) -> Act:
    """What a key elsewhere is to release. Raises `NotReleased`, `SecurityKeyRefused`."""
    if question.algorithms != "p256":
        raise NotReleased
    return Act.of(*_read(question), question.paper)


def _sealed_for(credential: str, security_key: SecurityKey | None) -> str:
    return credential if security_key is None else security_key.binding(credential)
