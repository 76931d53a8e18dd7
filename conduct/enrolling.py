"""Keys under a password just set, their certificates, and the statements that enrol them; the desk's word for another.

Nothing is stated before the key, and a licensed CA's certificate where there is one, are there.
"""

import hashlib
import json
from base64 import b64encode
from dataclasses import dataclass

from cryptography import x509

from conduct import certifying, other_software, revoking, security_keys
from conduct.activation.questions import Create
from conduct.authorising import Office
from conduct.licensed import Identity
from conduct.outside_keys import CredentialSpent, OutsideKey, ProviderChanged
from conduct.ports import Actor, Json, Tx
from conduct.tries import NotEnrolled
from evaluation.case import CaseId
from signing.algorithms import Algorithms
from signing.ca import Subject
from signing.keystore import Prf
from signing.security_key import SecurityKey


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key made for somebody under the password just set: public half (DER), what is stored of the private half.

    `twin` is the public half of the SM2 key beside it, empty where the case's profile wants none.
    """

    credential: str
    public_key: bytes
    sealed: bytes
    security_key: SecurityKey | None = None
    twin: bytes = b""
    chain: tuple[bytes, bytes] | None = None
    """A licensed CA's certificate and its issuing one, DER."""
    outside: OutsideKey | None = None
    """The key at the provider, where it lives there: then there is nothing of it here."""


@dataclass(frozen=True, slots=True)
class KeyRules:
    """What a case asks of a key: the security key it is bound to, if any, and by which algorithms it signs.

    `identity`: for whom a licensed CA is asked for its certificate; None where the centre's own issues it.
    `prf`: what the security key computed of the new key's salt, if it computes.
    """

    security_key: SecurityKey | None = None
    algorithms: Algorithms = "p256"
    identity: Identity | None = None
    prf: Prf | None = None


PLAIN = KeyRules()


async def make_key(office: Office, credential: str, password: str, salt: bytes, rules: KeyRules = PLAIN) -> NewKey:
    """A fresh key under a password, and under a security key where one was registered.

    For an `identity` its certificate is asked of the licensed CA, where there is one. Raises `PasswordRefused`, why the
    activation process does not answer, and the refusals of `licensed`.
    """
    identity = rules.identity if office.licensed is not None else None
    named = (identity.alias, office.organisation, identity.case) if identity else ()
    typed = memoryview(password.encode())
    question = Create(credential, typed, salt, rules.security_key, rules.algorithms, named, rules.prf)
    made = await office.activation.ask(question)
    chain = None
    if office.licensed is not None and identity is not None:
        chain = await office.licensed.certify(made.csr, Subject(*named), made.public_key, identity)
    return NewKey(credential, made.public_key, made.sealed, rules.security_key, made.twin, chain)


def key_elsewhere(credential: str, found: OutsideKey, security_key: SecurityKey | None) -> NewKey:
    """A key at the provider, as it is enrolled here."""
    return NewKey(credential, b"", b"", security_key, chain=found.chain, outside=found)


def enrol(tx: Tx, case: CaseId, office: Office, member: str, key: NewKey) -> None:
    """Issue a member's case-long certificate and state it; a second one replaces the first.

    Raises `KeyNeeded`, `CredentialSpent`.
    """
    security_keys.demand(tx, case, key.security_key)
    state = tx.case(case)
    row = next(one for one in state.members.values() if one.id == member)
    body = {"member": member, "seat": row.seat} | _issue(tx, case, office, member, key, row.alias)
    tx.record(case, "seat.enrolled", body)
    security_keys.state(tx, case, member, key)


def reissue(tx: Tx, case: CaseId, actor: Actor, second: str, member: str) -> None:
    """The desk has checked the identity again: the old key is forgotten, the seat may set a new password."""
    credentials = tx.shelf(case, "credential")
    if (row := credentials.get(member)) is not None:
        revoking.revoke(tx, row, "superseded")
    credentials.delete(member)
    other_software.forget(tx, case, member)
    shelf = tx.shelf(case, "reissue")
    shelf.put(member, {"by": actor.as_by(), "second": second})


def enrol_again(tx: Tx, case: CaseId, office: Office, member: str, key: NewKey) -> None:
    """State the certificate that replaces a locked or forgotten one.

    Raises `NotEnrolled` without the desk's word, `KeyNeeded`, `CredentialSpent`, and `ProviderChanged` where a key made
    here would take the place of one at a provider.
    """
    security_keys.demand(tx, case, key.security_key)
    if key.outside is None and _was_elsewhere(tx, case, member):
        raise ProviderChanged
    shelf = tx.shelf(case, "reissue")
    word = shelf.get(member)
    if word is None:
        raise NotEnrolled
    shelf.delete(member)
    alias = next(one.alias for one in tx.case(case).members.values() if one.id == member)
    body = {**word, "member": member} | _issue(tx, case, office, member, key, alias)
    tx.record(case, "certificate.reissued", body)
    security_keys.state(tx, case, member, key)


def enrol_person(tx: Tx, case: CaseId, office: Office, actor: Actor, key: NewKey) -> None:
    """A certificate for somebody with an account, such as the witness."""
    body = {"who": actor.who, "role": actor.role} | _issue(tx, case, office, actor.who, key, actor.who)
    tx.record(case, "person.enrolled", body)
    security_keys.state(tx, case, actor.who, key)


def _was_elsewhere(tx: Tx, case: CaseId, member: str) -> bool:
    """Whether the log says that a member of the case had its key at a provider."""
    stated = [json.loads(data)["body"] for kind in revoking.ENROLLING for _, data in tx.statements(case, kind)]
    return any(body.get("member") == member and "provider" in body for body in stated)


def _refuse_spent(tx: Tx, case: CaseId, found: OutsideKey) -> None:
    """Raises `CredentialSpent`: its certificate may have been enrolled, or ended, while the provider was asked."""
    if x509.load_der_x509_certificate(found.chain[0]).serial_number in revoking.spent(tx, case):
        raise CredentialSpent(found.credential)


def _issue(tx: Tx, case: CaseId, office: Office, who: str, key: NewKey, name: str) -> Json:
    if key.outside is not None:
        _refuse_spent(tx, case, key.outside)
    names = (name, office.organisation)
    data, issuing = key.chain or (certifying.certify(tx, case, office.issuing, names, key.public_key), b"")
    twin = certifying.certify_twin(office.sm2_issuing, data, names, case, key.twin) if key.twin else b""
    row = certifying.stored(key.credential, key.sealed, data)
    row |= {"twin": b64encode(twin).decode(), "issuing": b64encode(issuing).decode()}
    row |= {"tries": 0, "open": 0, **security_keys.to_row(key.security_key)}
    row |= key.outside.to_row() if key.outside else {}
    tx.shelf(case, "credential").put(who, row)
    held = {"provider": key.outside.address} if key.outside else {}
    named = {"sm2_certificate": row["twin"], "sm2_certificate_sha256": hashlib.sha256(twin).hexdigest()}
    return certifying.stated(key.credential, data) | (named if twin else {}) | held
