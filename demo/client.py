"""A person with a browser's manners: cookies, CSRF token, JSON in and out. Knows none of the house."""

import ssl
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import aiohttp
from yarl import URL

Json = dict[str, Any]
TIMEOUT = aiohttp.ClientTimeout(total=60)
OK = 300


class Refused(Exception):
    """The server said no, and why."""

    def __init__(self, status: int, answer: Json) -> None:
        super().__init__(f"{status} {answer.get('code')}: {answer.get('what', '')}")
        self.status = status
        self.code = str(answer.get("code", ""))
        self.answer = answer


@dataclass(frozen=True, slots=True)
class Site:
    """Where the server is and how its certificate is judged."""

    origin: str
    tls: ssl.SSLContext


class Person:
    """One person at one browser. `name` is for the log of the demo only; `address` is this machine's to call from."""

    def __init__(self, site: Site, name: str, token: str = "", address: str = "") -> None:
        self.name = name
        self.site = site
        self._csrf = ""
        self._token = token
        self._session = aiohttp.ClientSession(
            cookie_jar=aiohttp.CookieJar(unsafe=True),
            connector=aiohttp.TCPConnector(ssl=site.tls, local_addr=(address, 0) if address else None),
            timeout=TIMEOUT,
        )

    async def close(self) -> None:
        """Close the browser."""
        await self._session.close()

    async def log_in(self, password: str) -> "Person":
        """Log in with the account's password."""
        self._csrf = (await self.post("/login", name=self.name, password=password))["csrf"]
        return self

    async def enter(self, code: str) -> Json:
        """At the paired seat: exchange the 席位码 for the membership."""
        entered = await self.post("/seat/enter", code=code)
        self._csrf = entered["csrf"]
        return entered

    def take_over(self, cookies: dict[str, str], csrf: str) -> "Person":
        """Go on with a session that was opened elsewhere."""
        self._session.cookie_jar.update_cookies(cookies, URL(self.site.origin))
        self._csrf = csrf
        return self

    async def post(self, path: str, **body: object) -> Json:
        """Send JSON and return the answer. Raises `Refused`."""
        answer: Json = await self._ask("POST", path, json=body)
        return answer

    async def upload(self, path: str, files: dict[str, bytes], **fields: str) -> Json:
        """Send a form with files."""
        form = aiohttp.FormData()
        for name, value in fields.items():
            form.add_field(name, value)
        for name, content in files.items():
            form.add_field(name, BytesIO(content), filename=name, content_type="application/octet-stream")
        answer: Json = await self._ask("POST", path, data=form)
        return answer

    async def hand_in(self, page: str, files: dict[str, bytes], **fields: str) -> Json:
        """Upload a package at its page and, once it was found sound, accept it."""
        waits = await self.upload(page, files, **fields)
        return await self.post(f"{page}/accept", package=waits["package"])

    async def get(self, path: str) -> Any:  # noqa: ANN401 - whatever JSON the route answers
        """Fetch JSON."""
        return await self._ask("GET", path)

    async def fetch(self, path: str, headers: dict[str, str] | None = None) -> bytes:
        """Fetch bytes. Raises `Refused`."""
        return (await self.weigh(path, headers))[0]

    async def weigh(self, path: str, headers: dict[str, str] | None = None) -> tuple[bytes, int]:
        """Fetch bytes, and tell how many crossed the line for them. Raises `Refused`."""
        async with self._session.get(self.site.origin + path, headers=headers or {}) as answer:
            if answer.status >= OK:
                raise Refused(answer.status, {"code": "", "what": await answer.text()})
            return await answer.read(), int(answer.headers["Content-Length"])

    def cookie_header(self) -> str:
        """The cookies as a header, for the seat's picture and sound, which travel from a process of their own."""
        return "; ".join(f"{cookie.key}={cookie.value}" for cookie in self._session.cookie_jar)

    async def _ask(self, method: str, path: str, **sent: Any) -> Any:  # noqa: ANN401 - aiohttp's own arguments
        headers = {"Accept": "application/json", "Origin": self.site.origin}
        if self._csrf:
            headers["X-CSRF-Token"] = self._csrf
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        async with self._session.request(method, self.site.origin + path, headers=headers, **sent) as answer:
            is_json = answer.content_type == "application/json"
            said = await answer.json() if is_json else {"what": (await answer.text())[:300]}
            if answer.status >= OK:
                raise Refused(answer.status, said)
            return said
