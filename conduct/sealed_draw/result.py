"""The sealed result of a draw: its transcript under a fresh key, the key in shares of which two legal persons' suffice.

The bytes stand in docs/draw-protocol.md. Sealing needs a process; opening needs two parties.
"""

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from conduct.sealed_draw.questions import Party
from conduct.sealed_draw.refusals import ShareRefused
from signing import hpke, shamir
from signing.canonical import NotCanonical, canonical, parse

VERSION = "bid-sealed-draw/1"
KEY_BYTES, NONCE_BYTES = 32, 12
Random = Callable[[int], bytes]


def share_purpose(context_digest: bytes, party: str, round_no: int) -> bytes:
    """What a share sent to a party is for."""
    return hpke.info(h=context_digest.hex(), party=party, round=round_no, v="bid-share/1")


def seal_result(
    transcript: bytes, context_digest: bytes, round_no: int, parties: Sequence[Party], random: Random
) -> bytes:
    """The canonical bytes of the sealed result, with a share for each party."""
    key, nonce = random(KEY_BYTES), random(NONCE_BYTES)
    persons = sorted({party.legal_person for party in parties})
    of_person = dict(zip(persons, shamir.split(key, len(persons), random(KEY_BYTES)), strict=True))
    box = nonce + AESGCM(key).encrypt(nonce, transcript, _bound(context_digest, round_no))
    shares = {
        party.id: hpke.seal(
            of_person[party.legal_person], party.share_key, share_purpose(context_digest, party.id, round_no)
        ).hex()
        for party in parties
    }
    return canonical({"box": box.hex(), "shares": shares, "v": VERSION})


def share_of(result: bytes, party: str) -> str:
    """The sealed share of a party (hex), empty when it has none."""
    return str(_read(result)["shares"].get(party, ""))


def open_result(result: bytes, context_digest: bytes, round_no: int, shares: Sequence[bytes]) -> bytes:
    """The transcript, from two legal persons' shares. Raises `ShareRefused`."""
    box = bytes.fromhex(_read(result)["box"])
    try:
        key = shamir.join(shares)
        return AESGCM(key).decrypt(box[:NONCE_BYTES], box[NONCE_BYTES:], _bound(context_digest, round_no))
    except (shamir.SharesDiffer, InvalidTag, ValueError) as closed:
        raise ShareRefused from closed


def digest(result: bytes) -> str:
    """What the log says of a sealed result."""
    return sha256(result).hexdigest()


def _bound(context_digest: bytes, round_no: int) -> bytes:
    return context_digest + bytes((round_no,))


def _read(result: bytes) -> dict[str, Any]:
    try:
        stated: Any = parse(result)
    except NotCanonical as broken:
        raise ShareRefused from broken
    if stated["v"] != VERSION:
        raise ShareRefused
    return dict(stated)
