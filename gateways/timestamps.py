"""An outside time-stamp authority, asked over HTTP (RFC 3161 §3.4); `openssl ts` judges each answer for its request.

Our own reader judges it as well; only for algorithms that it does not know is openssl's word enough.
"""

import asyncio
import secrets
import tempfile
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import aiohttp

from archive.verifier import timestamp
from archive.verifier.authorities import NotKnown
from archive.verifier.trust import certificates_in
from conduct.stamping import NotStamped
from gateways import bounded
from signing.timestamp import request

TIMEOUT = aiohttp.ClientTimeout(total=10)
MOST_BYTES = 64 * 1024
LIMIT_S = 10
MOST_APART_S = 300
NONCE_BITS = 64
QUERY, REPLY = "application/timestamp-query", "application/timestamp-reply"
ANSWERED = 200


class HttpAuthority:
    """The authority at `url`, believed under `certificates` (PEM); `policy` is the OID asked of it, or empty."""

    def __init__(self, url: str, policy: str, certificates: bytes) -> None:
        self._url = url
        self._policy = policy
        self._certificates = certificates
        self._trusted = certificates_in(certificates)
        self._session: aiohttp.ClientSession | None = None

    async def stamp(self, imprint: bytes) -> bytes:
        """A believed TimeStampResp over bytes of that SHA-256. Raises `NotStamped`."""
        asked = request(imprint, secrets.randbits(NONCE_BITS) | 1, self._policy)
        answer = await self._ask(asked)
        await self._judge(asked, answer)
        now = datetime.now(UTC).timestamp()
        try:
            stated = timestamp.read(answer)
            if self._trusted:
                with suppress(NotKnown):
                    # Its clock may be a little ahead of ours, which is looked at below.
                    timestamp.verify(answer, imprint, self._trusted, max(int(now), stated.at))
        except (timestamp.StampRefused, NotKnown) as refused:
            raise NotStamped(refused.code) from refused
        if abs(stated.at - now) > MOST_APART_S:
            raise NotStamped(f"clock: the authority says {datetime.fromtimestamp(stated.at, UTC):%Y-%m-%dT%H:%M:%SZ}")
        return answer

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    async def _ask(self, asked: bytes) -> bytes:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=TIMEOUT)
        headers = {"Content-Type": QUERY, "Accept": REPLY}
        try:
            async with self._session.post(self._url, data=asked, headers=headers, allow_redirects=False) as answer:
                if answer.status != ANSWERED or answer.content_type != REPLY:
                    raise NotStamped(f"status {answer.status}, {answer.content_type}")
                data = await bounded.body(answer, MOST_BYTES)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise NotStamped(type(error).__name__) from error
        except bounded.TooLong as error:
            raise NotStamped("longer than any stamp") from error
        return data

    async def _judge(self, asked: bytes, answer: bytes) -> None:
        with tempfile.TemporaryDirectory(prefix="stamp-") as folder:
            files = {"asked.tsq": asked, "answer.tsr": answer, "trusted.pem": self._certificates}
            await asyncio.to_thread(_write, Path(folder), files)
            process = await asyncio.create_subprocess_exec(
                "openssl", "ts", "-verify", "-queryfile", "asked.tsq", "-in", "answer.tsr", "-CAfile", "trusted.pem",
                "-partial_chain", cwd=folder, stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
            )  # fmt: skip
            try:
                _, words = await asyncio.wait_for(process.communicate(), LIMIT_S)
            except TimeoutError:
                process.kill()
                await process.wait()
                raise NotStamped("openssl gives no verdict") from None
        if process.returncode != 0:
            raise NotStamped(_reason(words))


def _reason(words: bytes) -> str:
    """The last reason that openssl names: `error:17800064:time stamp routines:…:message imprint mismatch:…`."""
    named = [line.split(":") for line in words.decode("ascii", "replace").splitlines() if ":error:" in line]
    return named[-1][5] if named and len(named[-1]) > len("error") else "not verified"


def _write(folder: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        (folder / name).write_bytes(content)
