"""Step 1: the bag's own lists. Every file listed once and equal, none beside them, the figures of bag-info.txt."""

import re
from collections.abc import Iterator
from hashlib import sha256
from typing import Final

from archive.verifier.bag import Bag
from archive.verifier.context import Context, Found, suites_of
from archive.verifier.findings import Finding
from archive.verifier.hashing import Hashes
from archive.verifier.suites import SM2

MANIFEST, TAG_MANIFEST = "manifest-sha256.txt", "tagmanifest-sha256.txt"
SEAL, SEAL_STAMP = "tagmanifest-sha256.txt.p7s", "tagmanifest-sha256.txt.tsr"
BAGIT: Final = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
TRUST_FILES: Final = (
    *("trust/deployment.json", "trust/issuing.pem", "trust/log.vkey", "trust/root.pem"),
    "trust/timestamp.pem",
)
LICENSED: Final = "trust/licensed.pem"
"""The root of a licensed CA, in the bags of centres that have one."""
TAG_FILES: Final = sorted(("bagit.txt", "bag-info.txt", MANIFEST, "VERIFY.txt", "verify.pyz", *TRUST_FILES))
"""Every file outside data/ but the tag manifest, its signature and the stamp over that, `LICENSED`: these alone."""
SM2_TRUST: Final = frozenset(("trust/sm2-issuing.pem", "trust/sm2-root.pem"))
"""And these two where the rule profile wants SM2 signatures (`check_information`)."""
LINE: Final = re.compile(r"([0-9a-f]{64})  (\S.*)")
LABELS: Final = (
    *("Source-Organization", "External-Identifier", "Bagging-Date", "Payload-Oxum"),
    *("Bid-Profile", "Bid-Log-Size", "Bid-Log-Root"),
)
NOTICE: Final = "Bid-Notice"


def information(bag: Bag) -> dict[str, str]:
    """The labels and values of bag-info.txt; nothing if it is not spelled in its one form."""
    text = bag.read("bag-info.txt").decode("utf-8", "replace")
    pairs = [line.partition(": ")[::2] for line in text.split("\n")[:-1]]
    labels = [label for label, _ in pairs]
    is_spelled = "".join(f"{label}: {value}\n" for label, value in pairs) == text
    return dict(pairs) if is_spelled and labels in ([*LABELS], [*LABELS, NOTICE]) else {}


def check(bag: Bag, hashes: Hashes) -> Iterator[Finding]:
    """The lists against the files."""
    payload, tags = set(bag.under("data")), {*TAG_FILES} | (SM2_TRUST | {LICENSED}) & bag.sizes.keys()
    yield from _check_list(bag, hashes, MANIFEST, payload)
    yield from _check_list(bag, hashes, TAG_MANIFEST, tags)
    for path in sorted(bag.sizes.keys() - payload - {*tags, TAG_MANIFEST, SEAL, SEAL_STAMP}):
        yield Finding(1, path, "unlisted")
    for path in bag.strange:
        yield Finding(1, path, "not-a-file")
    if SEAL not in bag.sizes:
        yield Finding(1, SEAL, "missing")
    if bag.read("bagit.txt") != BAGIT:
        yield Finding(1, "bagit.txt", "not-its-one-form")
    stated = information(bag)
    if not stated:
        yield Finding(1, "bag-info.txt", "not-its-one-form")
    elif stated["Payload-Oxum"] != f"{sum(bag.sizes[path] for path in payload)}.{len(payload)}":
        yield Finding(1, "bag-info.txt", "payload-oxum", stated["Payload-Oxum"])


def _check_list(bag: Bag, hashes: Hashes, name: str, wanted: set[str]) -> Iterator[Finding]:
    """One manifest: ascending by path, two spaces, each wanted file once with its digest."""
    stated: dict[str, str] = {}
    text = bag.read(name).decode("utf-8", "replace")
    for number, line in enumerate(text.split("\n")[:-1], start=1):
        found = LINE.fullmatch(line)
        if not found or found[2] in stated:
            yield Finding(1, f"{name} line {number}", "not-its-one-form")
            continue
        stated[found[2]] = found[1]
    if text != "".join(f"{digest}  {path}\n" for path, digest in sorted(stated.items())):
        yield Finding(1, name, "not-its-one-form")
    for path in sorted(stated.keys() | wanted):
        if path not in stated:
            yield Finding(1, path, "unlisted", name)
        elif path not in bag.sizes or path not in wanted:
            yield Finding(1, path, "missing" if path in wanted or path not in bag.sizes else "unlisted", name)
        elif hashes.of(path) != stated[path]:
            yield Finding(1, path, "digest-differs", name)


def check_information(context: Context) -> Found:
    """Still step 1: what bag-info.txt says of the case against the log, and whether SM2's trust is there as wanted."""
    wants_sm2 = SM2 in suites_of(context)
    for path in sorted(SM2_TRUST):
        if (path in context.bag.sizes) != wants_sm2:
            yield Finding(1, path, "missing" if wants_sm2 else "unlisted")
    stated = information(context.bag)
    created = context.log.of("case.created")[:1]
    if not stated or not created:
        return
    profile = created[0].body["profile"]
    wanted = {
        "Bid-Profile": f"{profile['id']} {profile['digest']}",
        "Bid-Log-Size": str(context.log.size),
        "Bid-Log-Root": context.log.root.hex(),
    }
    for label, value in wanted.items():
        if stated[label] != value:
            yield Finding(1, f"bag-info.txt {label}", "not-as-logged", stated[label])
    if (NOTICE in stated) != bool(created[0].body["demo"]):
        yield Finding(1, f"bag-info.txt {NOTICE}", "not-as-logged")


def check_code(bag: Bag) -> str:
    """The bag's 校验码: SHA-256 of the tag manifest, hex."""
    return sha256(bag.read(TAG_MANIFEST)).hexdigest()
