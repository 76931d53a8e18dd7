"""Step 14: the renewals beside the bag (docs/renewals.md), each a time stamp over everything before it, with SHA-512.

What a renewal says of itself is believed only as far as its stamp and the next one reach.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from archive.verifier import timestamp
from archive.verifier.authorities import Authority, NotKnown
from archive.verifier.bag import Bag, files_under
from archive.verifier.context import Context, Found
from archive.verifier.findings import Finding, Unchecked
from archive.verifier.hashing import THREADS
from archive.verifier.manifests import SEAL_STAMP
from archive.verifier.stamps import not_known, pairs
from archive.verifier.timestamp import Stamp, StampRefused
from archive.verifier.trust import certificates_in

STEP: Final = 14
SUFFIX: Final = ".renewals"
BAG_LIST, CHAIN_LIST, STAMP, STAMPING = "bag-sha512.txt", "chain-sha512.txt", "chain-sha512.txt.tsr", "timestamp.pem"
BESIDE: Final = (BAG_LIST, STAMPING, "VERIFY.txt", "verify.pyz")
"""What a renewal's chain lists of itself."""
FILES: Final = (*BESIDE, CHAIN_LIST, STAMP)


@dataclass(frozen=True, slots=True)
class Told:
    """A stamp that was believed at its own time: where it lies, and what it says."""

    name: str
    stamp: Stamp


def folder_of(bag: Path) -> Path:
    """Where a bag's renewals lie unless somebody says otherwise."""
    whole = bag.resolve()
    return whole.with_name(whole.name + SUFFIX)


def number_of(number: int) -> str:
    """The folder of the n-th renewal, counted from 1."""
    return f"{number:04d}"


def listed(digests: Mapping[str, str]) -> bytes:
    """A list as `sha512sum` writes and checks it: ascending by path."""
    return "".join(f"{digest}  {path}\n" for path, digest in sorted(digests.items())).encode()


def open_renewals(root: Path) -> Bag:
    """The files of the folder of renewals; there may be none."""
    return Bag(root, *files_under(root)) if root.is_dir() else Bag(root, {}, ())


def count(renewals: Bag) -> int:
    """How many renewals there are, numbered without hole."""
    number = 0
    while renewals.under(number_of(number + 1)):
        number += 1
    return number


def check(context: Context, renewals: Bag) -> Found:
    """Every renewal in its order, and whether the last stamp of all still stands."""
    numbers = range(1, count(renewals) + 1)
    yield from _check_files(renewals, numbers)
    own = partial(_sha512, context.bag.root)
    expected = listed(_all(own, context.bag.sizes)) if numbers else b""
    stamped = list(_in_the_bag(context))
    before = [one for one in stamped if one.name == SEAL_STAMP]
    yield from _check_sealed(context, before, stamped)
    for number in numbers:
        here = number_of(number)
        yield from _check_list(renewals, f"{here}/{BAG_LIST}", expected)
        yield from _check_list(renewals, f"{here}/{CHAIN_LIST}", _chain(renewals, number))
        claimed, name = renewals.read(f"{here}/{STAMPING}"), _name(f"{here}/{STAMP}")
        trusted = _trusted(context, claimed)
        try:
            told = Told(name, _stamp(context, renewals, number, trusted))
        except StampRefused as refused:
            yield Finding(STEP, name, "stamp", refused.code)
            return
        except NotKnown as unknown:
            yield not_known(context, (STEP, name), claimed, unknown)
            before = []  # what comes behind it is judged all the same
            continue
        yield from _check_order(before, told, trusted)
        before = [told]
    yield from _check_end(context, renewals, before, len(numbers))


def chain_of(renewals: Bag, number: int) -> dict[str, str]:
    """SHA-512 of what the n-th renewal's chain lists: all files of the former ones, and its own."""
    former = [f"{number_of(one)}/{name}" for one in range(1, number) for name in FILES]
    own = [f"{number_of(number)}/{name}" for name in BESIDE]
    return {path: _sha512(renewals.root, path) for path in (*former, *own) if path in renewals.sizes}


def _chain(renewals: Bag, number: int) -> bytes:
    return listed(chain_of(renewals, number))


def _name(path: str) -> str:
    return f"renewals/{path}"


def _check_files(renewals: Bag, numbers: range) -> Iterator[Finding]:
    wanted = {f"{number_of(number)}/{name}" for number in numbers for name in FILES}
    for path in sorted(wanted - renewals.sizes.keys()):
        yield Finding(STEP, _name(path), "missing")
    for path in sorted(renewals.sizes.keys() - wanted):
        yield Finding(STEP, _name(path), "unlisted")
    for path in renewals.strange:
        # A first renewal that was never finished leaves the folder empty.
        if path != "." or numbers:
            yield Finding(STEP, _name(path), "not-a-file")


def _check_list(renewals: Bag, path: str, expected: bytes) -> Iterator[Finding]:
    """The list is the one that the files give now; where it is not, the first line that differs is named."""
    found = renewals.read(path)
    if found == expected or path not in renewals.sizes:
        return
    stated, true = ({line[130:]: line[:128] for line in data.decode("utf-8", "replace").split("\n")[:-1]}
                    for data in (found, expected))  # fmt: skip
    differing = sorted(one for one in stated.keys() | true.keys() if stated.get(one) != true.get(one))
    for one in differing:
        what = "digest-differs" if one in stated and one in true else "missing" if one in stated else "unlisted"
        yield Finding(STEP, f"{_name(path)} {one}", what)
    if not differing:
        yield Finding(STEP, _name(path), "not-its-one-form")


def _stamp(context: Context, renewals: Bag, number: int, trusted: tuple[Authority, ...]) -> Stamp:
    here = number_of(number)
    imprint = hashlib.sha512(renewals.read(f"{here}/{CHAIN_LIST}")).digest()
    return timestamp.verify(renewals.read(f"{here}/{STAMP}"), imprint, trusted, context.now)


def _check_sealed(context: Context, seal: list[Told], stamped: list[Told]) -> Iterator[Unchecked]:
    """The seal's stamp covers every signature's: from its time on it is the only one in the bag that must stand."""
    for sealed in seal:
        for one in stamped:
            # Nodes of one authority may differ by seconds; which of two stamps came first is no question here.
            if not _stands(one.stamp, context.trust.stampers, max(one.stamp.at, sealed.stamp.at)):
                yield Unchecked(STEP, one.name, "stamp-ended-early")


def _check_order(before: list[Told], told: Told, trusted: tuple[Authority, ...]) -> Iterator[Finding]:
    """This stamp renews the one before it: that is not younger, and was still believed at its time."""
    for one in before:
        if told.stamp.at < one.stamp.at:
            yield Finding(STEP, told.name, "renewal-out-of-order", one.name)
        elif not _stands(one.stamp, trusted, told.stamp.at):
            yield Finding(STEP, told.name, "renewal-too-late", one.name)


def _check_end(context: Context, renewals: Bag, last: list[Told], number: int) -> Iterator[Unchecked]:
    trusted = _trusted(context, renewals.read(f"{number_of(number)}/{STAMPING}") if number else b"")
    for one in last:
        if not _stands(one.stamp, trusted, context.now):
            yield Unchecked(STEP, one.name, "stamp-ended")


def _stands(stamp: Stamp, trusted: tuple[Authority, ...], at: int) -> bool:
    """Whether a stamp is believed at Unix time `at`; a path over a certificate that is not known leads nowhere."""
    try:
        return bool(timestamp.path_at(stamp, trusted, at))
    except NotKnown:
        return False


def _trusted(context: Context, claimed: bytes) -> tuple[Authority, ...]:
    """What stamps are believed under: what the centre published; where nobody says, what the renewal claims as well."""
    published = context.trust.stampers
    return published if context.trust.is_published else (*published, *certificates_in(claimed))


def _in_the_bag(context: Context) -> Iterator[Told]:
    """The stamps in the bag that can be read and judged; what is wrong with others is named by step 12."""
    for signature, path in pairs(context):
        if path not in context.bag.sizes or signature not in context.bag.sizes:
            continue
        try:
            stamp = timestamp.read(context.bag.read(path))
            if timestamp.path_at(stamp, context.trust.stampers, stamp.at):
                yield Told(path, stamp)
        except (StampRefused, NotKnown):
            continue


def _all(digest: Callable[[str], str], paths: Mapping[str, int]) -> dict[str, str]:
    """Digests of many files, the large ones first, on two threads."""
    ordered = sorted(paths, key=lambda path: (-paths[path], path))
    with ThreadPoolExecutor(THREADS) as pool:
        return dict(zip(ordered, pool.map(digest, ordered), strict=True))


def _sha512(root: Path, path: str) -> str:
    with (root / path).open("rb") as file:
        return hashlib.file_digest(file, "sha512").hexdigest()
