"""Whoever stole something tries to sign with it, with and without a security key: each row of docs/threats.md."""

import sqlite3
from base64 import b64decode, b64encode
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag

from archive.verifier import authorisation, cms
from archive.verifier import x509 as strangers
from archive.verifier.security_key import Registered
from conduct import closing
from signing.authorisation import Authorisation
from signing.ca import Subject, Term, make_issuing, make_root, make_signer, sha256_of
from signing.cms import Chain, sign_detached
from signing.keys import SigningKey, new_key
from signing.keystore import ALONE, Beside, Cost, EnvelopeKeyStore, PasswordWrong, Prf, PrfMissing, is_under_prf
from signing.security_key import Assertion, SecurityKey
from storage import backup
from storage.deployment_keys import SHARE, STORAGE, DeploymentKeys, open_keys
from storage.logs import LogKeys
from storage.shelves import Vault
from storage.store import Store
from tests.signing.touch import Touch

CASE, WHO = "E-2026-0001", "m3"
CREDENTIAL, PASSWORD = f"{CASE}/m3/1", b"804517"
PLACE = f"{CASE}\ncredential\n{WHO}"
GUESSES = range(804500, 804520)
SALT = bytes(range(32))
CHEAP = Cost(memory_kib=64, passes=1, lanes=1)
CENTRE = "演示交易中心"
SHEET = sha256(b"a sheet that the member never saw").digest()
NOW = datetime.now(UTC).replace(microsecond=0)
TERM = (NOW - timedelta(minutes=4), NOW + timedelta(days=1))


@dataclass
class Deployment:
    """A running centre with one member's key; `registered` is the security key beside it, as the log states it."""

    folder: Path
    keys: DeploymentKeys
    store: Store
    chain: Chain
    touched: Touch | None

    @property
    def registered(self) -> SecurityKey | None:
        return self.touched.key if self.touched else None

    def faults(self, key: SigningKey, chain: Chain, assertion: Assertion | None = None) -> list[str]:
        """What the stranger's verifier has against a sheet signed by this key under this certificate."""
        act = act_of(self.chain)
        record = replace(act, assertion=assertion).to_bytes()
        file = sign_detached(SHEET, key, chain, NOW, sha256(record).digest())
        root = strangers.read_pem((self.folder / "keys" / "root.pem").read_bytes())
        try:
            signature = cms.verify(file, SHEET, root, int(NOW.timestamp()))
        except cms.CmsRefused as refused:
            return [refused.code]
        held = Registered(self.registered.point, self.registered.origin) if self.registered else None
        said = (signature.digest, signature.signed_at, signature.authorisation, signature.signer.sha256)
        return list(authorisation.faults(record, authorisation.Release(*said, CREDENTIAL, held), CASE))


def act_of(chain: Chain) -> Authorisation:
    """What a thief writes in the member's name."""
    return Authorisation(
        leaves=(SHEET,), credential=CREDENTIAL, certificate_sha256=sha256_of(chain.signer), case=CASE,
        purpose="score-sheet", display=bytes(32), nonce=bytes(16), issued_at=NOW,
    )  # fmt: skip


@pytest.fixture(params=["password alone", "security key", "security key that computes"])
def centre(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Deployment]:
    folder = tmp_path / "state"
    for name in ("db", "objects"):
        (folder / name).mkdir(parents=True)
    keys = open_keys(folder / "keys", CENTRE, ["localhost"], NOW)
    touched = None if request.param == "password alone" else Touch()
    name = touched.key.binding(CREDENTIAL) if touched else CREDENTIAL
    beside = Beside(prf=Prf(touched.computed(SALT))) if touched and request.param.endswith("computes") else ALONE
    made = EnvelopeKeyStore(keys.share.read_bytes(), CHEAP).create(name, PASSWORD, SALT, beside)
    signer = make_signer(keys.issuing, Subject("评委3", CENTRE, CASE), made.public_key, Term(7, *TERM))
    store = Store(
        f"sqlite:///{folder}/db/bid.sqlite",
        folder / "objects",
        keys.storage,
        LogKeys("test.example/log", keys.log_seed),
    )
    row = {"credential": CREDENTIAL, "sealed": b64encode(made.sealed).decode()}
    store.writer.submit(lambda tx: tx.shelf(CASE, "credential").put(WHO, row)).result()
    yield Deployment(folder, keys, store, Chain(signer, keys.issuing.certificate), touched)
    store.close()


def value_in(database: Path) -> bytes:
    """The one sealed value that holds a member's key."""
    with sqlite3.connect(database) as thief:
        (value,) = thief.execute("SELECT value FROM private_value WHERE shelf = 'credential'").fetchone()
    thief.close()
    return bytes(value)


def sealed_in(database: Path, storage_key: bytes) -> bytes:
    row = Vault(storage_key).open(value_in(database), PLACE)
    return b64decode(str(row["sealed"]))


def guessed(share: bytes, name: str, sealed: bytes, prf: Prf | None = None) -> SigningKey:
    """The key by trying digits. Raises `PasswordWrong` where none opens it, `PrfMissing`."""
    store = EnvelopeKeyStore(share, CHEAP)
    for guess in GUESSES:
        try:
            return store.open(name, f"{guess:06d}".encode(), sealed, prf).key
        except PasswordWrong:
            continue
    raise PasswordWrong


def test_with_the_database_alone_nothing_is_signed_that_is_believed(centre: Deployment) -> None:
    value = value_in(centre.folder / "db" / "bid.sqlite")
    with pytest.raises(InvalidTag):
        Vault(bytes(32)).open(value, PLACE)
    own = new_key()
    assert centre.faults(own, centre.chain) == ["cms-signature"]
    root = make_root(Subject("根证书", CENTRE), new_key(), 1, TERM[0])
    issuing = make_issuing(root, Subject("签发证书", CENTRE), new_key(), 2, TERM[0])
    mine = make_signer(issuing, Subject("评委3", CENTRE, CASE), own.public_key, Term(7, *TERM))
    assert centre.faults(own, Chain(mine, issuing.certificate)) == ["cms-path"]


def test_with_database_and_storage_key_no_digits_open_a_key_to_sign_with(centre: Deployment) -> None:
    sealed = sealed_in(centre.folder / "db" / "bid.sqlite", centre.keys.storage)
    for name in (CREDENTIAL, centre.registered.binding(CREDENTIAL) if centre.registered else CREDENTIAL):
        with pytest.raises(PasswordWrong):
            guessed(bytes(32), name, sealed, Prf(memoryview(bytes(32))) if is_under_prf(sealed) else None)


def sign_as_the_table_says(centre: Deployment, state: Path) -> None:
    """With database, storage key and share: six digits fall; where a security key is registered, it is missed.

    Where that one computes, they do not fall: the right ones open nothing without it.
    """
    sealed = sealed_in(state / "db" / "bid.sqlite", (state / "keys" / STORAGE).read_bytes())
    share = (state / "keys" / SHARE).read_bytes()
    if centre.touched is None or centre.registered is None:
        assert centre.faults(guessed(share, CREDENTIAL, sealed), centre.chain) == []
        return
    if is_under_prf(sealed):
        opens_with_the_key_alone(centre, share, sealed)
        return
    with pytest.raises(PasswordWrong):
        guessed(share, CREDENTIAL, sealed)
    # Point and origin stand in the log, so the thief knows what the key was sealed for.
    key = guessed(share, centre.registered.binding(CREDENTIAL), sealed)
    earlier = centre.touched.answer(replace(act_of(centre.chain), nonce=b"another act ....").challenge)
    forged = Touch().answer(act_of(centre.chain).challenge)
    assert centre.faults(key, centre.chain) == ["security-key-missing"]
    assert centre.faults(key, centre.chain, earlier) == ["security-key-challenge"]
    assert centre.faults(key, centre.chain, forged) == ["security-key-signature"]
    touched = centre.touched.answer(act_of(centre.chain).challenge)
    assert centre.faults(key, centre.chain, touched) == []  # what only the owner's touch gives


def opens_with_the_key_alone(centre: Deployment, share: bytes, sealed: bytes) -> None:
    """The right digits are among those tried; another key computes something else of the same salt."""
    assert centre.touched is not None
    name, thief = centre.touched.key.binding(CREDENTIAL), EnvelopeKeyStore(share, CHEAP)
    with pytest.raises(PrfMissing):
        guessed(share, name, sealed)
    for other in (Touch().computed(SALT), centre.touched.computed(SALT[::-1]), memoryview(bytes(32))):
        with pytest.raises(PasswordWrong):
            guessed(share, name, sealed, Prf(other))
    captured, fresh = centre.touched.computed(SALT), bytes(range(1, 33))
    opened = thief.open(name, PASSWORD, sealed, centre.touched.prf(SALT, fresh))
    assert centre.faults(opened.key, centre.chain) == ["security-key-missing"]
    # After that signature what was captured before opens nothing; the copy of before it still does.
    with pytest.raises(PasswordWrong):
        guessed(share, name, opened.resealed, Prf(captured))
    assert guessed(share, name, sealed, Prf(captured)).public_key == opened.key.public_key


def test_with_database_and_share_a_thief_signs_until_the_close_but_not_past_a_security_key(centre: Deployment) -> None:
    sign_as_the_table_says(centre, centre.folder)


def test_a_backup_of_an_open_case_signs_as_the_state_itself_and_one_made_after_the_close_holds_no_key(
    centre: Deployment, tmp_path: Path
) -> None:
    value = value_in(centre.folder / "db" / "bid.sqlite")
    sealed = sealed_in(centre.folder / "db" / "bid.sqlite", centre.keys.storage)
    backup.save(centre.folder, tmp_path / "while-open")
    sign_as_the_table_says(centre, tmp_path / "while-open")

    centre.store.writer.submit(lambda tx: tx.forget_shelves(CASE, closing.FORGOTTEN)).result()
    backup.save(centre.folder, tmp_path / "after")
    copied = b"".join(path.read_bytes() for path in (tmp_path / "after").rglob("*") if path.is_file())
    assert copied
    for gone in (value, sealed, b64encode(sealed)):
        assert gone not in copied
    with pytest.raises(TypeError):
        value_in(tmp_path / "after" / "db" / "bid.sqlite")
