"""A party's key service on the wire: asks what is due, checks the log's checkpoint itself, commits, reveals."""

import asyncio
import hashlib
from base64 import b64decode
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from demo.client import Person, Refused, Site
from demo.parties import KeyService, Message, Receipt

POLL_S = 0.3
KEY_ID = 4
DASH = "— "


class CheckpointRefused(Exception):
    """The checkpoint is not signed by the log's published key."""


async def run_key_service(site: Site, party: str, token: str, vkey: str) -> None:
    """Serve every draw of the deployment for ever; one chain a draw and attempt."""
    line = Person(site, party, token)
    services: dict[tuple[str, str, int], KeyService] = {}
    due: dict[bytes, dict[str, Any]] = {}

    async def logged(digest: bytes) -> Receipt:
        return receipt_of(due[digest], vkey)

    try:
        while True:
            for row in await line.get("/draws"):
                key = (row["case"], row["draw"], row["attempt"])
                service = services.setdefault(key, KeyService(party, logged))
                path = f"/cases/{row['case']}/draws/{row['draw']}"
                if row["needs"] == "commit":
                    await service.commit(_post(line, f"{path}/commit", "commit"))
                else:
                    due[bytes.fromhex(row["digest"])] = row
                    await service.reveal(row["context"].encode(), _post(line, f"{path}/reveal", "link"))
            await asyncio.sleep(POLL_S)
    finally:
        await line.close()


def _post(line: Person, path: str, field: str):  # type: ignore[no-untyped-def]
    async def post(message: Message) -> None:
        try:
            await line.post(path, **{field: message.value.hex()})
        except Refused as refused:
            if refused.code not in {"draw.already_committed", "draw.not_open"}:
                raise

    return post


def receipt_of(row: dict[str, Any], vkey: str) -> Receipt:
    """The receipt of the logged context, its checkpoint's signature verified with the published key.

    Format: c2sp.org/tlog-proof and signed-note. Raises `CheckpointRefused`.
    """
    head, _, note = row["proof"].partition("\n\n")
    _, index_line, *path = head.split("\n")
    text, _, signatures = note.rpartition("\n\n")
    text += "\n"
    _check_signature(text, signatures, vkey)
    _, size, root, *_ = text.split("\n")
    return Receipt(
        statement=row["statement"].encode(),
        index=int(index_line.removeprefix("index ")),
        size=int(size),
        path=tuple(b64decode(line) for line in path if line),
        root=b64decode(root),
    )


def _check_signature(text: str, signatures: str, vkey: str) -> None:
    key = b64decode(vkey.split("+", 2)[2])[1:]
    name = text.split("\n", maxsplit=1)[0]
    key_id = hashlib.sha256(name.encode() + b"\n\x01" + key).digest()[:KEY_ID]
    for line in signatures.splitlines():
        signer, _, encoded = line.removeprefix(DASH).rpartition(" ")
        raw = b64decode(encoded)
        if signer == name and raw[:KEY_ID] == key_id:
            Ed25519PublicKey.from_public_bytes(key).verify(raw[KEY_ID:], text.encode())
            return
    raise CheckpointRefused(name)
