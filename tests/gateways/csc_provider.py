"""A cloud signature provider over the CSC API 1.0.4.0, served on this machine: SCAL2, PINs counted, SADs used once.

It does as the API says, or as a test tells it to misbehave at one of the calls.
"""

import asyncio
import os
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives.serialization import Encoding

from signing.ca import Term, make_signer
from signing.keys import MemoryKey, new_key
from tests.gateways.licensed_ca import External, LicensedCaServer, authorities

TOKEN = "the-centres-token"
ECDSA, SHA256, P256 = "1.2.840.10045.4.3.2", "2.16.840.1.101.3.4.2.1", "1.2.840.10045.3.1.7"
TRIES = 3
METHODS = ["info", "credentials/list", "credentials/info", "credentials/authorize", "signatures/signHash"]
Json = dict[str, Any]
Misbehave = Callable[[Json, Json], Any]
"""What was asked and what would have been answered, to what is answered: JSON, or a whole response."""


@dataclass
class Held:
    """A key of somebody's, its certificates (DER) and PIN; `says` changes what is told of it."""

    key: MemoryKey
    chain: list[bytes]
    pin: str
    wrong: int = 0
    says: Json = field(default_factory=dict)


class Denied(Exception):
    """An error of the API."""

    def __init__(self, error: str, words: str, status: int = 400) -> None:
        super().__init__(error)
        self.answer = web.json_response({"error": error, "error_description": words}, status=status)


@dataclass
class CscProvider:
    """Its CA, keys by credential, credentials by account, activation data not used yet, and every call made of it."""

    ca: LicensedCaServer = field(default_factory=lambda: authorities("演示云签名服务"))
    keys: dict[str, Held] = field(default_factory=dict)
    accounts: dict[str, list[str]] = field(default_factory=dict)
    activations: dict[str, tuple[str, list[str]]] = field(default_factory=dict)
    asked: list[tuple[str, Json]] = field(default_factory=list)
    misbehave: dict[str, Misbehave] = field(default_factory=dict)
    url: str = ""

    def give(self, account: str, name: tuple[str, str, str], pin: str, days: int = 29) -> Held:
        """A credential for an account, certified on a name (designation, organisation, case)."""
        alias, organisation, case = name
        key, now = new_key(), datetime.now(UTC).replace(microsecond=0)
        term = Term(len(self.keys) + 100, now - timedelta(minutes=1), now + timedelta(days=days))
        signer = make_signer(self.ca.issuing, External(alias, organisation, case), key.public_key, term)
        chain = [one.public_bytes(Encoding.DER) for one in (signer, self.ca.issuing.certificate)]
        credential = f"credential-{len(self.keys)}"
        self.keys[credential] = held = Held(key, chain, pin)
        self.accounts.setdefault(account, []).append(credential)
        return held

    def calls(self, method: str) -> list[Json]:
        """What was asked of one method."""
        return [asked for name, asked in self.asked if name == method]

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Every call."""
        method, asked = request.match_info["method"], await request.json()
        shown = request.headers.get("Authorization")
        if shown != (None if method == "info" else f"Bearer {TOKEN}"):
            return Denied("invalid_token", "no such token", 401).answer
        self.asked.append((method, asked))
        try:
            answer: Any = self._answers[method](asked)
        except Denied as denied:
            return denied.answer
        if method in self.misbehave:
            answer = self.misbehave[method](asked, answer)
            answer = await answer if asyncio.iscoroutine(answer) else answer
            if isinstance(answer, web.StreamResponse):
                return answer
        return web.json_response(answer)

    @property
    def _answers(self) -> Mapping[str, Callable[[Json], Json]]:
        return {
            "info": lambda _: {"specs": "1.0.4.0", "name": "演示云签名服务", "methods": METHODS},
            "credentials/list": lambda asked: {"credentialIDs": self.accounts.get(asked["userID"], [])},
            "credentials/info": self._info,
            "credentials/authorize": self._authorize,
            "signatures/signHash": self._sign,
        }

    def _held(self, asked: Json) -> Held:
        if asked["credentialID"] not in self.keys:
            raise Denied("invalid_request", "Invalid parameter credentialID")
        return self.keys[asked["credentialID"]]

    def _info(self, asked: Json) -> Json:
        held = self._held(asked)
        assert (asked["certificates"], asked["authInfo"]) == ("chain", True)
        told = {
            "key": {"status": "enabled", "algo": [ECDSA], "len": 256, "curve": P256},
            "cert": {"status": "valid", "certificates": [b64encode(one).decode() for one in held.chain]},
            "authMode": "explicit",
            "SCAL": "2",
            "PIN": {"presence": "true", "format": "N"},
            "OTP": {"presence": "false"},
            "multisign": 2,
        }
        return told | held.says

    def _authorize(self, asked: Json) -> Json:
        held = self._held(asked)
        if held.wrong >= TRIES:
            raise Denied("access_denied", "the credential is locked")
        if asked["numSignatures"] != len(asked["hash"]) or len(asked["hash"]) > self._info_of(held)["multisign"]:
            raise Denied("invalid_request", "Numbers of signatures is too high")
        if asked["PIN"] != held.pin:
            held.wrong += 1
            raise Denied("invalid_pin", "The PIN is invalid")
        held.wrong = 0
        sad = os.urandom(24).hex()
        self.activations[sad] = (asked["credentialID"], asked["hash"])
        return {"SAD": sad, "expiresIn": 120}

    def _info_of(self, held: Held) -> Json:
        return {"multisign": 2} | held.says

    def _sign(self, asked: Json) -> Json:
        held = self._held(asked)
        if (asked["signAlgo"], asked["hashAlgo"]) != (ECDSA, SHA256):
            raise Denied("invalid_request", "Invalid parameter signAlgo")
        if self.activations.pop(asked["SAD"], None) != (asked["credentialID"], asked["hash"]):
            raise Denied("invalid_request", "Invalid parameter SAD")
        return {"signatures": [b64encode(held.key.sign_digest(b64decode(one))).decode() for one in asked["hash"]]}


@asynccontextmanager
async def csc_provider() -> AsyncIterator[CscProvider]:
    """One that answers."""
    made = CscProvider()
    app = web.Application()
    app.router.add_post("/csc/v1/{method:.+}", made.answer)
    async with TestServer(app) as server:
        made.url = str(server.make_url("/csc/v1"))
        yield made
