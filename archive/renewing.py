"""Writes a renewal of a sealed bag (docs/renewals.md): it appears whole under its number or not at all, beside the bag.

No byte of the bag or of a former renewal is ever opened for writing.
"""

import hashlib
import shutil
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from string import Template
from typing import Final

from archive import pyz
from archive.durable import settle, sync_folder
from archive.verifier import timestamp
from archive.verifier.authorities import Authority, NotKnown
from archive.verifier.bag import Bag, open_bag
from archive.verifier.findings import Unusable
from archive.verifier.manifests import LINE, MANIFEST, SEAL, SEAL_STAMP, TAG_MANIFEST
from archive.verifier.renewals import (
    BAG_LIST,
    CHAIN_LIST,
    STAMP,
    STAMPING,
    chain_of,
    count,
    folder_of,
    listed,
    number_of,
    open_renewals,
)
from archive.verifier.timestamp import StampRefused
from archive.verifier.trust import certificates_in

TEMPLATE: Final = Path(__file__).with_name("templates") / "RENEWAL.txt"
BLOCK: Final = 1 << 20
UNLISTED: Final = {TAG_MANIFEST, SEAL, SEAL_STAMP}
"""What stands in no manifest of the bag: the verifier judges these three by the signature."""

Stamping = Callable[[bytes], Awaitable[bytes]]
"""A believed TimeStampResp over data of that SHA-512."""
Judging = Callable[[Path], Awaitable[None]]
"""Looks at the folder that the renewals would then be, and raises where it must not be kept."""


class BagChanged(Exception):
    """A file of the bag is no longer what its manifests say, though the bag was just checked; the message names it."""

    code = "renewal.bag_changed"


@dataclass(frozen=True, slots=True)
class Last:
    """The last stamp over a bag: the renewal's number (0: the seal's), when, and until when its certificates live."""

    number: int
    at: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class Chain:
    """A bag, and its renewals as they stand."""

    bag: Bag
    renewals: Bag

    @property
    def number(self) -> int:
        """How many renewals there are."""
        return count(self.renewals)


def open_chain(path: Path) -> Chain:
    """The bag at `path` with its renewals. Raises `Unusable`."""
    return Chain(open_bag(path), open_renewals(folder_of(path)))


def last_of(path: Path, trusted: tuple[Authority, ...]) -> Last | None:
    """The last stamp over a bag as these certificates believe it; None where it cannot be read or believed."""
    try:
        chain = open_chain(path)
        number = chain.number
        last = chain.renewals.read(f"{number_of(number)}/{STAMP}") if number else chain.bag.read(SEAL_STAMP)
        stamp = timestamp.read(last)
        through = timestamp.path_at(stamp, trusted, stamp.at)
    except (StampRefused, NotKnown, Unusable):
        return None
    if not through:
        return None
    ends = min(one.not_after for one in through)
    return Last(number, datetime.fromtimestamp(stamp.at, UTC), datetime.fromtimestamp(ends, UTC))


def claimed(path: Path) -> tuple[Authority, ...]:
    """The certificates that a bag and its last renewal themselves name: good for dates, no verdict."""
    try:
        chain = open_chain(path)
    except Unusable:
        return ()
    last = chain.renewals.read(f"{number_of(chain.number)}/{STAMPING}")
    return certificates_in(chain.bag.read("trust/timestamp.pem") + last)


async def renew(path: Path, stamping: Stamping, certificates: bytes, judging: Judging) -> int:
    """Add a renewal to the bag at `path`; returns its number. `certificates`: PEM under which its stamp is believed.

    Raises `BagChanged`, `OSError`, and what `stamping` and `judging` refuse; the former renewals then stand as before.
    """
    chain = open_chain(path)
    making = Path(tempfile.mkdtemp(prefix=_prefix(path), dir=path.parent))
    try:
        number = chain.number + 1
        own = making / number_of(number)
        own.mkdir()
        _put(own / BAG_LIST, listed({name: _digest(chain.bag, name, _stated(chain.bag)) for name in chain.bag.sizes}))
        _put(own / STAMPING, certificates)
        _put(own / "verify.pyz", pyz.build())
        _put(own / "VERIFY.txt", _by_hand(path.name, number))
        covered = listed(_covered(chain, making, number))
        _put(own / CHAIN_LIST, covered)
        _put(own / STAMP, await stamping(hashlib.sha512(covered).digest()))
        for former in map(number_of, range(1, number)):
            shutil.copytree(chain.renewals.root / former, making / former)
        await judging(making)
        _publish(own, folder_of(path))
    finally:
        shutil.rmtree(making, ignore_errors=True)
    return number


def tidy(path: Path) -> None:
    """Remove what a killed run had begun beside the bag at `path`."""
    for begun in path.parent.glob(f"{_prefix(path)}*"):
        shutil.rmtree(begun)


def _prefix(path: Path) -> str:
    return f".{path.name}.renewal."


def _covered(chain: Chain, making: Path, number: int) -> dict[str, str]:
    """What the new renewal's chain lists: the former ones as they lie, its own files as they were just made."""
    return chain_of(chain.renewals, number) | chain_of(open_renewals(making), number)


def _stated(bag: Bag) -> dict[str, str]:
    """SHA-256 of the bag's files by the manifests that were just judged."""
    text = bag.read(MANIFEST).decode() + bag.read(TAG_MANIFEST).decode()
    return {found[2]: found[1] for found in map(LINE.fullmatch, text.splitlines()) if found}


def _digest(bag: Bag, path: str, stated: dict[str, str]) -> str:
    """SHA-512 of a file that still is what the manifests say. Raises `BagChanged`."""
    running, known = hashlib.sha512(), hashlib.sha256()
    with (bag.root / path).open("rb") as file:
        for block in iter(partial(file.read, BLOCK), b""):
            running.update(block)
            known.update(block)
    if path not in UNLISTED and known.hexdigest() != stated.get(path):
        raise BagChanged(path)
    return running.hexdigest()


def _by_hand(bag: str, number: int) -> bytes:
    before = f"{number_of(number - 1)}/{CHAIN_LIST}" if number > 1 else ""
    text = Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        bag=bag,
        here=number_of(number),
        before_stamp=f"{before}.tsr" if before else f"../{bag}/{SEAL_STAMP}",
        before_data=before or f"../{bag}/{SEAL}",
        before_trust=f"{number_of(number - 1)}/{STAMPING}" if before else f"../{bag}/trust/timestamp.pem",
    )
    return text.encode()


def _put(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)
        settle(file)


def _publish(own: Path, folder: Path) -> None:
    """Give the renewal its number, and have every folder's entries on the disk."""
    own.chmod(0o755)
    sync_folder(own)
    folder.mkdir(exist_ok=True)
    sync_folder(folder.parent)
    own.rename(folder / own.name)
    sync_folder(folder)
