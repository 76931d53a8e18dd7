"""One attempt's secrets, and when they may be used: a chain of links and a key for the share of the sealed result.

A link is shown only for a context that holds this party's own commitment and stands in the log, and never for a second
context: whoever changes the request afterwards gets nothing. What the box is for is bound into it (HPKE, RFC 9180).
"""

import json
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from keyservice.refusals import AnotherContext, ChainExhausted, NoGrounds, NotLogged, NotMyCommitment

LINKS = 5
VERSION = "bid-draw/1"
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


@dataclass(frozen=True, slots=True)
class Secrets:
    """What one attempt needs: x0 and the share's private key (32 bytes each), and H of the context it was shown for."""

    secret: bytes = field(repr=False)
    share_secret: bytes = field(repr=False)
    context: str = ""

    def link(self, round_no: int) -> bytes:
        """The link of a round: x_(m-1-i). Raises `ChainExhausted`."""
        if not 0 <= round_no < LINKS:
            raise ChainExhausted
        return _hashed(self.secret, LINKS - 1 - round_no)

    @property
    def commitment(self) -> bytes:
        """x_m."""
        return _hashed(self.secret, LINKS)

    @property
    def share_key(self) -> bytes:
        """The public key that the share goes to."""
        return X25519PrivateKey.from_private_bytes(self.share_secret).public_key().public_bytes_raw()


def bound(secrets: Secrets, party: str, row: dict[str, Any], stated: dict[str, Any]) -> Secrets:
    """The secrets, bound to the context of this row. `stated` is the logged statement that names it.

    Raises `NotMyCommitment`, `NotLogged`, `AnotherContext`.
    """
    digest = sha256(row["context"].encode()).hexdigest()
    if _commitment(row["context"], party) != secrets.commitment.hex():
        raise NotMyCommitment
    body = stated["body"] if (stated["kind"], stated["case"]) == ("draw.context", row["case"]) else {}
    if (body.get("draw"), body.get("attempt"), body.get("digest")) != (row["draw"], row["attempt"], digest):
        raise NotLogged
    if secrets.context not in {"", digest}:
        raise AnotherContext
    return replace(secrets, context=digest)


def check_grounds(row: dict[str, Any], stated: list[dict[str, Any]]) -> None:
    """A supplementary draw was asked for and confirmed by two different people, for this draw and round.

    `stated` are the logged statements that the row gives as grounds. Raises `NoGrounds`.
    """
    wanted = {"replacement.requested", "replacement.confirmed"}
    bodies = {one["kind"]: one["body"] for one in stated if one["case"] == row["case"]}
    if bodies.keys() != wanted or any(body["round"] != row["round"] for body in bodies.values()):
        raise NoGrounds
    if len({body["by"]["who"] for body in bodies.values()}) != len(wanted):
        raise NoGrounds


def seal_link(secrets: Secrets, party: str, row: dict[str, Any]) -> bytes:
    """The link of the row's round, for the process and context of the row only."""
    return _seal(secrets.link(row["round"]), row, _info(row, secrets, party, "bid-reveal/1"))


def seal_share(secrets: Secrets, party: str, row: dict[str, Any]) -> bytes:
    """This party's share, opened and sealed again to the process of the row. Raises `InvalidTag` for another's."""
    purpose = _canonical({"h": secrets.context, "party": party, "round": row["round"], "v": "bid-share/1"})
    own = X25519PrivateKey.from_private_bytes(secrets.share_secret)
    share = _SUITE.decrypt(bytes.fromhex(row["share"]), own, purpose)
    return _seal(share, row, _info(row, secrets, party, "bid-share-back/1"))


def _info(row: dict[str, Any], secrets: Secrets, party: str, version: str) -> bytes:
    return _canonical({"h": secrets.context, "key": row["key"], "party": party, "round": row["round"], "v": version})


def _seal(plain: bytes, row: dict[str, Any], purpose: bytes) -> bytes:
    return _SUITE.encrypt(plain, X25519PublicKey.from_public_bytes(bytes.fromhex(row["key"])), purpose)


def _canonical(value: dict[str, Any]) -> bytes:
    """RFC 8785 of an object of ASCII text and small numbers."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def _hashed(link: bytes, times: int) -> bytes:
    for _ in range(times):
        link = sha256(link).digest()
    return link


def _commitment(context: str, party: str) -> str | None:
    try:
        stated = json.loads(context)
        commitment = stated["commits"][party] if stated["v"] == VERSION else None
    except (ValueError, TypeError, KeyError) as unreadable:
        raise NotMyCommitment from unreadable
    return commitment if isinstance(commitment, str) else None
