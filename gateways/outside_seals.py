"""Signatures made elsewhere: a trading system's over its package, a bidder's over its answer.

They come in any shape CMS allows, so the system's `openssl` judges them, in a process of its own, with a time limit.
"""

import asyncio
import tempfile
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

LIMIT_S = 10


class SealRefused(Exception):
    """The signature is not this certificate's over these bytes."""

    code = "seal.refused"


async def check(content: bytes, signature: bytes, signer: x509.Certificate) -> None:
    """Hold a detached CMS (DER) against the content and the one certificate that is trusted for it.

    Raises `SealRefused`; also when `openssl` takes longer than ten seconds.
    """
    with tempfile.TemporaryDirectory(prefix="seal-") as folder:
        place = Path(folder)
        await asyncio.to_thread(_write, place, content, signature, signer)
        process = await asyncio.create_subprocess_exec(
            "openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", "signature", "-content", "content",
            "-CAfile", "signer.pem", "-certfile", "signer.pem", "-nointern", "-partial_chain",
            "-purpose", "any", "-out", "checked",
            cwd=place, stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        try:
            status = await asyncio.wait_for(process.wait(), LIMIT_S)
        except TimeoutError:
            process.kill()
            await process.wait()
            raise SealRefused("time") from None
    if status != 0:
        raise SealRefused


def _write(place: Path, content: bytes, signature: bytes, signer: x509.Certificate) -> None:
    (place / "content").write_bytes(content)
    (place / "signature").write_bytes(signature)
    (place / "signer.pem").write_bytes(signer.public_bytes(Encoding.PEM))
