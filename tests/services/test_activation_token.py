"""The activation process with keys in a PKCS #11 token: it signs, also after a restart, and with no other token."""

import asyncio
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from conduct.activation.office import ActivationOffice
from conduct.activation.refusals import ActivationAway
from conduct.activation.setup import Setup, TokenPlace
from signing.cms import verify_detached
from signing.keystore import PasswordWrong
from storage.deployment_keys import DeploymentKeys
from tests.services.activation import CHEAP
from tests.services.test_activation import LEAVES, Member, creation, now

MODULE, PIN = Path("/usr/lib/softhsm/libsofthsm2.so"), "987654"


@pytest.fixture
def tokens(tmp_path: Path) -> Iterator[dict[str, TokenPlace]]:
    """Two tokens of one library."""
    (tmp_path / "tokens").mkdir()
    configuration = tmp_path / "softhsm2.conf"
    configuration.write_text(f"directories.tokendir = {tmp_path / 'tokens'}\nlog.level = ERROR\n", encoding="utf-8")
    (tmp_path / "pin").write_text(f"{PIN}\n", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOFTHSM2_CONF", str(configuration))
        for label in ("bid", "other"):
            command = ["softhsm2-util", "--init-token", "--free", "--label", label, "--so-pin", "12345678"]
            subprocess.run([*command, "--pin", PIN], check=True, capture_output=True, timeout=30)
        yield {label: TokenPlace(MODULE, label, tmp_path / "pin") for label in ("bid", "other")}


async def test_keys_of_a_token_sign_through_a_restart_and_under_no_other_token(
    keys: DeploymentKeys,
    tokens: dict[str, TokenPlace],
) -> None:
    async with asyncio.TaskGroup() as tasks:
        offices = {
            label: await ActivationOffice.start(Setup(keys.share, *keys.root_certificates, CHEAP, place), tasks)
            for label, place in tokens.items()
        }
        office = offices["bid"]
        member = Member(keys, await office.ask(creation()))
        for _ in range(2):
            released = await office.ask(member.asks())
            for leaf, pair in zip(LEAVES, released.signatures, strict=True):
                verify_detached(pair.cms, leaf, [keys.root.certificate], now())
            assert office.pid is not None
            os.kill(office.pid, signal.SIGKILL)
            with pytest.raises(ActivationAway):
                await office.ask(member.asks())
            await office.wait_ready()
        with pytest.raises(PasswordWrong):
            await office.ask(member.asks(b"804518"))
        with pytest.raises(ActivationAway):
            await offices["other"].ask(member.asks())
        for one in offices.values():
            await one.close()
