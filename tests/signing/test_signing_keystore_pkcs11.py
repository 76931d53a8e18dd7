"""Keys in a PKCS #11 token (SoftHSM 2): what the envelope promises holds, and the key is in no other memory."""

import gc
import subprocess
from collections.abc import Callable, Iterator
from hashlib import sha256

import PyKCS11
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from signing import cms
from signing.ca import Subject, make_signer
from signing.keystore import Beside, Cost, EnvelopeKeyStore, PasswordWrong, Prf, SealedKeyMalformed, TokenFailed
from signing.keystore_pkcs11 import Token, TokenKeyStore
from signing.sm2 import new_sm2_key
from tests.signing.touch import Touch
from tests.signing.world import CASE, CENTRE, SIGNED, WORLD, term

MODULE, PIN = "/usr/lib/softhsm/libsofthsm2.so", "987654"
CHEAP = Cost(memory_kib=64, passes=1, lanes=1)
SHARE, SALT = bytes(range(32)), bytes(range(32, 64))
CREDENTIAL, PASSWORD = "E-2026-0001/m3/1", b"804517"

MakeToken = Callable[[str], Token]


@pytest.fixture(scope="module")
def make_token(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MakeToken]:
    folder = tmp_path_factory.mktemp("token")
    (folder / "tokens").mkdir()
    configuration = folder / "softhsm2.conf"
    configuration.write_text(f"directories.tokendir = {folder / 'tokens'}\nlog.level = ERROR\n", encoding="utf-8")

    def make(label: str) -> Token:
        command = ["softhsm2-util", "--init-token", "--free", "--label", label, "--so-pin", "12345678", "--pin", PIN]
        subprocess.run(command, check=True, capture_output=True, timeout=30)
        return Token(MODULE, label, PIN)

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOFTHSM2_CONF", str(configuration))
        yield make


@pytest.fixture(scope="module")
def token(make_token: MakeToken) -> Token:
    return make_token("bid")


@pytest.fixture
def store(token: Token) -> TokenKeyStore:
    return TokenKeyStore(token, SHARE, CHEAP)


def _objects(token: Token) -> int:
    with token.session("count") as session:
        return len(session.findObjects([]))


def test_a_key_in_the_token_signs_sheets_that_are_judged_like_all_others(store: TokenKeyStore) -> None:
    made = store.create(CREDENTIAL, PASSWORD, SALT)
    key = store.open(CREDENTIAL, PASSWORD, made.sealed).key
    made.public_key.verify(key.sign_digest(sha256(b"content").digest()), b"content", ec.ECDSA(SHA256()))
    member = make_signer(WORLD.issuing, Subject("评委3", CENTRE, CASE), made.public_key, term(0x2003))
    content, chain = sha256(b"sheet").digest(), cms.Chain(member, WORLD.issuing.certificate)
    signed = cms.sign_detached(content, key, chain, SIGNED, sha256(b"record").digest())
    assert cms.verify_detached(signed, content, WORLD.roots, SIGNED).chain.signer == member


def test_nothing_but_share_password_and_credential_opens_a_key(token: Token, store: TokenKeyStore) -> None:
    sealed = store.create(CREDENTIAL, PASSWORD, SALT).sealed
    other_share = TokenKeyStore(token, SHARE[::-1], CHEAP)
    for by, credential, password in (
        (store, CREDENTIAL, b"804518"),
        (store, "E-2026-0001/m4/1", PASSWORD),
        (other_share, CREDENTIAL, PASSWORD),
    ):
        with pytest.raises(PasswordWrong):
            by.open(credential, password, sealed)


def test_another_token_opens_no_key_even_with_password_and_share(store: TokenKeyStore, make_token: MakeToken) -> None:
    sealed = store.create(CREDENTIAL, PASSWORD, SALT).sealed
    with pytest.raises(TokenFailed):
        TokenKeyStore(make_token("another"), SHARE, CHEAP).open(CREDENTIAL, PASSWORD, sealed)


def test_a_security_keys_prf_seals_a_tokens_key_and_its_twin_anew_at_each_opening(store: TokenKeyStore) -> None:
    touch = Touch()
    for twin, version in ((None, 6), (new_sm2_key(), 8)):
        made = store.create(CREDENTIAL, PASSWORD, SALT, Beside(twin, Prf(touch.computed(SALT))))
        opened = store.open(CREDENTIAL, PASSWORD, made.sealed, touch.prf(SALT, SHARE))
        again = store.open(CREDENTIAL, PASSWORD, opened.resealed, touch.prf(SHARE, SALT))
        assert (made.sealed[0], opened.resealed[0]) == (version, version)
        made.public_key.verify(again.key.sign_digest(sha256(b"sheet").digest()), b"sheet", ec.ECDSA(SHA256()))
        with pytest.raises(PasswordWrong):
            store.open(CREDENTIAL, PASSWORD, opened.resealed, touch.prf(SALT, SHARE))


def test_the_token_gives_no_opened_key_away_and_keeps_none(token: Token, store: TokenKeyStore) -> None:
    before = _objects(token)
    made = store.create(CREDENTIAL, PASSWORD, SALT)
    assert _objects(token) == before
    key = store.open(CREDENTIAL, PASSWORD, made.sealed).key
    assert _objects(token) == before + 1
    with token.session("look") as session:
        keys = session.findObjects([(PyKCS11.CKA_CLASS, PyKCS11.CKO_PRIVATE_KEY)])
        assert [session.getAttributeValue(one, [PyKCS11.CKA_VALUE]) for one in keys] == [[None]]
    del key, keys
    gc.collect()
    assert _objects(token) == before


def test_the_wrapping_key_is_made_once(token: Token) -> None:
    TokenKeyStore(token, SHARE, CHEAP)
    before = _objects(token)
    TokenKeyStore(token, SHARE, CHEAP)
    assert _objects(token) == before


def test_a_key_of_one_store_is_none_of_the_other(store: TokenKeyStore) -> None:
    whole = EnvelopeKeyStore(SHARE, CHEAP)
    with pytest.raises(SealedKeyMalformed):
        store.open(CREDENTIAL, PASSWORD, whole.create(CREDENTIAL, PASSWORD, SALT).sealed)
    with pytest.raises(SealedKeyMalformed):
        whole.open(CREDENTIAL, PASSWORD, store.create(CREDENTIAL, PASSWORD, SALT).sealed)


@pytest.mark.parametrize(
    ("module", "label", "pin"), [("/no/such.so", "bid", PIN), (MODULE, "no such token", PIN), (MODULE, "bid", "0000")]
)
@pytest.mark.usefixtures("token")
def test_a_token_that_is_not_there_or_not_ours_is_said(module: str, label: str, pin: str) -> None:
    with pytest.raises(TokenFailed):
        Token(module, label, pin)
