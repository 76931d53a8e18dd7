"""Passwords, shares, seeds and tokens stand in no log, no error, no representation and no core file."""

import asyncio
import json
import logging
import os
import subprocess
import sys
import traceback
from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from conduct.activation.keyholder import act_of
from conduct.activation.office import ActivationOffice
from conduct.activation.questions import Create, Sign
from conduct.activation.setup import Setup
from media.relay import Relay
from settings import Settings
from signing.ca import Subject, Term, make_signer
from signing.keys import load_public
from signing.keystore import Cost, PasswordWrong, Prf, PrfMissing
from signing.password import PasswordWeak
from signing.security_key import encoded
from storage.deployment_keys import DeploymentKeys
from storage.store import Store
from tests.house.tree import ROOT
from tests.services.activation import office_of
from tests.signing.touch import Touch
from tests.web import fakes
from web.security_keys import Answer, read

CASE, CREDENTIAL = "E-2026-0001", "E-2026-0001/m3/1"
PASSWORD, WRONG, WEAK = b"804517", b"694283", b"123456"
TOKEN = "a-token-that-only-the-provider-knows"


def spellings(secret: bytes) -> tuple[str, ...]:
    """How a secret may stand in a text."""
    return (secret.hex(), b64encode(secret).decode(), repr(secret)[2:-1], str(list(secret)))


def secrets_of(keys: DeploymentKeys) -> tuple[str, ...]:
    raw = (keys.share.read_bytes(), keys.storage, keys.log_seed)
    private = tuple(one.key.private_bytes()[-40:] for one in (keys.root, keys.issuing, keys.seal, keys.stamp))
    return tuple(spelling for one in (*raw, *private) for spelling in spellings(one))


def asked(keys: DeploymentKeys, made_public: bytes, sealed: bytes) -> Sign:
    now = datetime.now(UTC).replace(microsecond=0)
    term = Term(5, now - timedelta(minutes=1), now + timedelta(days=1))
    signer = make_signer(keys.issuing, Subject("评委3", "演示交易中心", CASE), load_public(made_public), term)
    office = office_of(keys)
    return Sign(
        credential=CREDENTIAL, sealed=sealed, password=memoryview(PASSWORD), certificate=der(signer),
        issuing=der(office.issuing.certificate), case=CASE, purpose="score-sheet", leaves=(bytes(32),),
        display=bytes(32), nonce=os.urandom(16), issued_at=now,
    )  # fmt: skip


def der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.DER)


async def test_nothing_that_signs_or_refuses_says_a_password_or_a_key(
    keys: DeploymentKeys, store: Store, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """The real activation process under the most talkative log there is; each refusal with its whole trace."""
    caplog.set_level(logging.DEBUG)
    logging.getLogger("bid.of_a_test").debug("listening")
    said: list[str] = []
    async with asyncio.TaskGroup() as tasks:
        office = await ActivationOffice.start(
            Setup(keys.share, *keys.root_certificates, Cost(memory_kib=64, passes=1)), tasks
        )
        with pytest.raises(PasswordWeak) as weak:
            await office.ask(Create(CREDENTIAL, memoryview(WEAK), os.urandom(32)))
        made = await office.ask(Create(CREDENTIAL, memoryview(PASSWORD), os.urandom(32)))
        question = asked(keys, made.public_key, made.sealed)
        with pytest.raises(PasswordWrong) as wrong:
            await office.ask(replace(question, password=memoryview(WRONG)))
        await office.ask(question)
        touch, salt, fresh = Touch(), os.urandom(32), os.urandom(32)
        computing = Create(CREDENTIAL, memoryview(PASSWORD), salt, touch.key, prf=Prf(touch.computed(salt)))
        sealed = await office.ask(computing)
        touched = replace(asked(keys, sealed.public_key, sealed.sealed), security_key=touch.key)
        touched = replace(touched, assertion=touch.answer(act_of(touched)[1].challenge), prf=touch.prf(salt, fresh))
        with pytest.raises(PrfMissing) as missing:
            await office.ask(replace(touched, prf=None))
        with pytest.raises(PasswordWrong) as stale:
            await office.ask(replace(touched, prf=touch.prf(fresh, salt)))
        released = await office.ask(touched)
        secret = [touch.computed(one).tobytes() for one in (salt, fresh)]
        said += [repr(one) for one in (question, made, computing, touched, answer_of(touch, salt, fresh))]
        said += [part for one in (weak, wrong, missing, stale) for part in trace(one.value)]
        said.append(released.authorisation.decode())
        await office.close()
    await store.act(lambda tx: tx.shelf(CASE, "credential").put("m3", {"sealed": b64encode(made.sealed).decode()}))
    output = capfd.readouterr()
    text = "\n".join((*said, caplog.text, output.out, output.err))
    assert "listening" in text
    computed = [spelling for one in secret for spelling in (*spellings(one), encoded(one))]
    for hidden in (*(one.decode() for one in (PASSWORD, WRONG, WEAK)), *secrets_of(keys), *computed):
        assert hidden not in text, hidden


def answer_of(touch: Touch, *salts: bytes) -> Answer:
    """As a page posts it: what was computed is parted from what becomes evidence, and wiped when it was used."""
    said = touch.answer(bytes(32)).to_json()
    answer = read(json.dumps(said | {"prf": [encoded(touch.computed(one).tobytes()) for one in salts]}))
    assert answer.assertion is not None
    assert answer.assertion.to_json() == said
    assert answer.prf(salts[1]) == touch.prf(*salts)
    shown = replace(answer, computed=tuple(map(bytearray, answer.computed)))
    answer.wipe()
    assert not any(map(any, answer.computed))
    return shown


def trace(error: BaseException) -> list[str]:
    return traceback.format_exception(error)


def test_no_value_shows_its_secret_when_it_is_printed(keys: DeploymentKeys) -> None:
    house = fakes.house()
    services = replace(house.services, provider_token=TOKEN, setup_token=TOKEN)
    relay = Relay(("turns:turn.example:443?transport=tcp",), TOKEN)
    shown = repr((keys, services, relay, Settings(provider_token=TOKEN)))
    for secret in (TOKEN, *secrets_of(keys)):
        assert secret not in shown


@pytest.mark.parametrize(
    ("module", "first"), [("server", "load"), ("restamp", "load")], ids=["the server", "the yearly round"]
)
def test_what_holds_the_centres_keys_leaves_no_core_file(module: str, first: str, tmp_path: Path) -> None:
    """The limit stands before the settings are read."""
    program = (
        f"import resource, {module}\n"
        "def look(*_):\n"
        "    print(resource.getrlimit(resource.RLIMIT_CORE))\n"
        "    raise OSError\n"
        f"{module}.{first} = look\n"
        f"{module}.main({'' if module == 'server' else '[]'})\n"
    )
    environment = {"PATH": os.defpath, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    command = [sys.executable, "-c", program]
    ran = subprocess.run(command, cwd=tmp_path, env=environment, check=False, capture_output=True, text=True)
    assert ran.stdout.splitlines()[0] == "(0, 0)", ran.stderr
