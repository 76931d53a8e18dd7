"""The authorisation record (docs/cms.md): what the password released, read strictly and held against a signature."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from archive.verifier import security_key
from archive.verifier.security_key import Registered
from signing.canonical import NotCanonical, parse
from signing.merkle import root_of_entries

KEYS: Final = {"act", "leaves", "method", "v"}
METHODS: Final = {"pin": KEYS, "pin+key": KEYS | {"assertion"}}
ACT_KEYS: Final = {
    *("certSha256", "credentialID", "display", "exp", "hashAlgorithmOID", "hashes", "iat", "meeting", "nonce"),
    *("numSignatures", "purpose", "v"),
}
FIXED: Final = {"hashAlgorithmOID": "2.16.840.1.101.3.4.2.1", "v": "bid-sad/1"}
LIFE_S: Final = 120
MOST_LEAVES: Final = 10_000
HEX: Final = re.compile(r"[0-9a-f]{64}")
NONCE: Final = re.compile(r"[A-Za-z0-9_-]{21}[AQgw]")
PURPOSE: Final = re.compile(r"[a-z]+(-[a-z]+)*")


def _read(record: bytes) -> dict[str, Any] | None:
    """The record's value if its shape is the one of docs/records.md."""
    try:
        value: Any = parse(record)
    except NotCanonical:
        return None
    if not isinstance(value, dict) or value.get("v") != "bid-authorisation/1":
        return None
    if not isinstance(value.get("method"), str) or value.keys() != METHODS.get(value["method"]):
        return None
    act, listed = value["act"], value["leaves"]
    if not isinstance(act, dict) or act.keys() != ACT_KEYS or not isinstance(listed, list):
        return None
    return value if _is_act(act) and _are_leaves(listed) else None


def _is_act(act: dict[str, Any]) -> bool:
    texts = (("certSha256", HEX), ("display", HEX), ("nonce", NONCE), ("purpose", PURPOSE))
    spelled = all(isinstance(act[key], str) and form.fullmatch(act[key]) for key, form in texts)
    counted = all(type(act[key]) is int for key in ("exp", "iat", "numSignatures"))
    named = isinstance(act["credentialID"], str) and isinstance(act["hashes"], list)
    return spelled and counted and named and all(act[key] == value for key, value in FIXED.items())


def _are_leaves(listed: list[Any]) -> bool:
    spelled = all(isinstance(leaf, str) and HEX.fullmatch(leaf) for leaf in listed)
    return spelled and 1 <= len(listed) <= MOST_LEAVES and len(set(listed)) == len(listed)


def leaves(record: bytes) -> list[str]:
    """The digests released together, hex; none if the record is not one."""
    value = _read(record)
    return list(value["leaves"]) if value else []


def act_of(record: bytes) -> dict[str, Any] | None:
    """What the record authorises, if it is a record released by a password alone."""
    value = _read(record)
    return dict(value["act"]) if value and value["method"] == "pin" else None


def counter(record: bytes) -> int | None:
    """The counter in the security key's answer; None where there is no answer that can be read."""
    value = _read(record)
    return security_key.counter_of(value["assertion"]) if value and "assertion" in value else None


def display(record: bytes) -> str:
    """The digest (hex) of what was read back; "" where the record cannot be read."""
    value = _read(record)
    return str(value["act"]["display"]) if value else ""


def is_within(record: bytes, at: int) -> bool:
    """Whether Unix time `at` lies in the two minutes that the record says of itself."""
    value = _read(record)
    return value is not None and bool(value["act"]["iat"] <= at <= value["act"]["exp"])


def shows(record: bytes, contents: Mapping[str, bytes]) -> bool:
    """Whether `display` is SHA-256 over what was read back: the statements among the leaves, joined by line feeds."""
    value = _read(record)
    shown = b"\n".join(contents[leaf] for leaf in value["leaves"] if leaf in contents) if value else b""
    return value is not None and value["act"]["display"] == sha256(shown).hexdigest()


@dataclass(frozen=True, slots=True)
class Release:
    """What a signature says of its release: over content of which SHA-256, when, under which record (SHA-256).

    `certificate` and `credential` are those that the log enrols for the signer (the P-256 one by SHA-256, hex), `key`
    the security key registered for that credential.
    """

    leaf: bytes
    signed_at: int
    record: bytes | None
    certificate: str
    credential: str
    key: Registered | None = None


def faults(record: bytes, release: Release, case: str) -> Iterator[str]:
    """What keeps the record from covering the release; the numbers are those of docs/cms.md."""
    value = _read(record)
    if value is None:
        yield "authorisation-malformed"  # 1
        return
    yield from _leaf_faults(record, value, release)
    act = value["act"]
    if act["certSha256"] != release.certificate:
        yield "authorisation-certificate"  # 6
    if act["meeting"] != case:
        yield "authorisation-case"  # 6
    if act["exp"] != act["iat"] + LIFE_S or not act["iat"] <= release.signed_at <= act["exp"]:
        yield "authorisation-time"  # 7
    if act["credentialID"] != release.credential:
        yield "authorisation-credential"  # 8
    yield from _key_faults(value, release.key)  # 9


def _key_faults(value: dict[str, Any], key: Registered | None) -> Iterator[str]:
    if key is None and value["method"] != "pin":
        yield "security-key-unregistered"
    elif key is not None and (fault := security_key.fault(value, key)):
        yield fault


def _leaf_faults(record: bytes, value: dict[str, Any], release: Release) -> Iterator[str]:
    act, listed = value["act"], value["leaves"]
    if sha256(record).digest() != release.record:
        yield "name-is-not-the-digest"  # 2
    if release.leaf.hex() not in listed:
        yield "authorisation-leaf"  # 3
    yield from list_faults(act, listed)


def list_faults(act: Mapping[str, Any], listed: list[str]) -> Iterator[str]:
    """What keeps the act from being for this list."""
    if act["numSignatures"] != len(listed):
        yield "authorisation-count"  # 4
    released = listed[0] if len(listed) == 1 else root_of_entries(map(bytes.fromhex, listed)).hex()
    if act["hashes"] != [released]:
        yield "authorisation-root"  # 5
