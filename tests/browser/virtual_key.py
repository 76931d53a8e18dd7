"""Chromium's virtual authenticator on a page, and what a page that wishes ill asks of it and hands in."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from playwright.async_api import CDPSession, Page

from tests.browser.site import HERE, Site

Kind = dict[str, str | bool]
USB_KEY: Kind = {"protocol": "ctap2", "transport": "usb", "hasUserVerification": True, "isUserVerified": True}
COMPUTING: Kind = USB_KEY | {"ctap2Version": "ctap2_1", "hasPrf": True}
"""One that computes secrets of salts, which then help to seal its owner's signing key."""
EMPTY_PAGE = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 15\r\nConnection: close\r\n\r\n<!doctype html>"
)
# Asks the key as the server's own page does, but for what `other` changes: verification, the challenge.
TOUCHED = """
async ([asked, other]) => {
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const spelled = { "+": "-", "/": "_", "=": "" };
  const text = (raw) => btoa(String.fromCharCode(...new Uint8Array(raw))).replace(/[+/=]/g, (one) => spelled[one]);
  const { challenge, allowCredentials, userVerification } = { ...asked, ...other };
  const allowed = allowCredentials.map(({ id, type }) => ({ id: bytes(id), type }));
  const { response } = await navigator.credentials.get({
    publicKey: { challenge: bytes(challenge), allowCredentials: allowed, userVerification },
  });
  const names = ["authenticatorData", "clientDataJSON", "signature"];
  return Object.fromEntries(names.map((name) => [name, text(response[name])]));
}
"""
POSTED = """
async ([path, body]) => {
  const csrf = document.querySelector("input[name=csrf]").value;
  const headers = { "Content-Type": "application/json", Accept: "application/json", "X-CSRF-Token": csrf };
  const answer = await fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
  return answer.json();
}
"""

Json = dict[str, Any]


class Key:
    """The virtual authenticator of a page."""

    def __init__(self, page: Page, session: CDPSession, name: str) -> None:
        self.page = page
        self._session = session
        self._name = name

    async def say(self, command: str, **more: Any) -> Any:  # noqa: ANN401 - whatever the protocol answers
        """A command of the protocol's domain WebAuthn to this authenticator."""
        return await self._session.send(f"WebAuthn.{command}", {"authenticatorId": self._name, **more})

    async def touch(self, asked: Json, **other: str) -> dict[str, str]:
        """Its answer to what the server asked, as it goes into a form."""
        answer: dict[str, str] = await self.page.evaluate(TOUCHED, [asked, other])
        return answer

    async def credential(self) -> Json:
        """The one it holds, with its private half and its counter."""
        (credential,) = (await self.say("getCredentials"))["credentials"]
        return dict(credential)

    async def replace(self, credential: Json) -> None:
        """Hold this credential alone, as its copy on another authenticator would be."""
        await self.say("clearCredentials")
        await self.say("addCredential", credential=credential)


async def plug_in(page: Page, kind: Kind = USB_KEY) -> Key:
    """A USB key that recognises its owner, at this page and wherever it goes on."""
    session = await page.context.new_cdp_session(page)
    await session.send("WebAuthn.enable")
    added = await session.send("WebAuthn.addVirtualAuthenticator", {"options": kind})
    return Key(page, session, added["authenticatorId"])


@dataclass(frozen=True, slots=True)
class Pledge:
    """A member's pledge, signed by hand instead of by the page's script."""

    page: Page
    home: str
    password: str

    async def post(self, path: str, body: Mapping[str, object]) -> Json:
        """What the server answers to this page."""
        answer: Json = await self.page.evaluate(POSTED, [self.home + path, body])
        return answer

    async def asked(self) -> Json:
        """A pledge prepared anew, with what the key is asked about it."""
        prepared = await self.post("/prepare/pledge", {})
        return await self.asked_again(prepared["batch"])

    async def asked_again(self, batch: str) -> Json:
        """What the key is asked about this one from now on."""
        return {**await self.post("/sign/pledge/key", {"batch": batch}), "batch": batch}

    async def sign(self, asked: Json, security_key: str) -> str:
        """Hand in the key's answer; the refusal's code, or "signed"."""
        body = {"batch": asked["batch"], "password": self.password, "security_key": security_key}
        return str((await self.post("/sign/pledge", body)).get("code", "signed"))


@asynccontextmanager
async def another_origin(site: Site) -> AsyncIterator[str]:
    """The address of an empty page of the same host behind another port: the same relying party, another origin."""
    keys = site.settings.state / "keys"
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(keys / "tls.pem", keys / "tls.key")

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(EMPTY_PAGE)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, HERE, 0, ssl=context) as server:
        port = server.sockets[0].getsockname()[1]
        yield f"https://localhost:{port}"
