"""The parties of a draw and the draw process, in this process: what the tests of flows act with."""

import asyncio
import hashlib
import os
from datetime import UTC, datetime
from typing import TypeVar

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from conduct.revealing import Box
from conduct.sealed_draw import wire
from conduct.sealed_draw.keeper import Keeper
from conduct.sealed_draw.questions import Question
from draw import chain
from signing import hpke

A = TypeVar("A")
PARTIES = ("agent-org", "centre", "supervision")
HOST = "centre"
LINKS = 3


class BesideProcess:
    """A `DrawProcess` without a process: a real keeper, asked through the bytes of the pipe."""

    def __init__(self) -> None:
        self.start_again()

    def start_again(self) -> None:
        """A new key, and nothing known, as after a death."""
        self.keeper = Keeper(X25519PrivateKey.generate(), os.urandom)
        self.started = datetime.now(UTC)

    @property
    def key(self) -> str:
        return self.keeper.key

    async def ask(self, question: Question[A]) -> A:
        await asyncio.sleep(0)
        answer: A = wire.read_answer(question, wire.answered(self.keeper, wire.write_question(question)))
        return answer


class DrawParty:
    """One party: a chain and a share key for each draw."""

    def __init__(self, party: str) -> None:
        self.party = party
        self.secrets: dict[str, bytes] = {}
        self.share_key = X25519PrivateKey.generate()

    def committed(self, draw: str) -> tuple[str, str]:
        """A new chain; its commitment and the share key, hex."""
        self.secrets[draw] = os.urandom(32)
        return chain.commitment(self.secrets[draw], LINKS).hex(), hpke.raw_public(self.share_key).hex()

    def box(self, draw: str, context: str, key: str, round_no: int = 0, link: bytes | None = None) -> Box:
        """The link of a round (or another one), sealed to the process with this key."""
        purpose = hpke.info(h=context, key=key, party=self.party, round=round_no, v="bid-reveal/1")
        shown = link or chain.reveal(self.secrets[draw], LINKS, round_no)
        return Box(round_no, key, hpke.seal(shown, bytes.fromhex(key), purpose))

    def share_box(self, context: str, key: str, share: str) -> Box:
        """A share that came sealed to this party, sealed to the process."""
        opened = hpke.unseal(bytes.fromhex(share), self.share_key, self._info(context, "bid-share/1"))
        purpose = hpke.info(h=context, key=key, party=self.party, round=0, v="bid-share-back/1")
        return Box(0, key, hpke.seal(opened, bytes.fromhex(key), purpose))

    def _info(self, context: str, version: str) -> bytes:
        return hpke.info(h=context, party=self.party, round=0, v=version)


def digest_of(link: bytes) -> str:
    """What the log says of a link."""
    return hashlib.sha256(b"reveal" + link).hexdigest()
