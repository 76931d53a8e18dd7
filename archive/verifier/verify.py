"""The whole check in its order: reads, hashes each byte once, runs the numbered steps of docs/archive-format.md."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from archive.verifier import (
    blinds,
    documents,
    draws,
    followed,
    footage,
    key_demanded,
    log,
    manifests,
    papers,
    renewals,
    revoked,
    seal,
    signed,
    software,
    stamps,
    tallies,
    ties,
    trust,
    votes,
)
from archive.verifier.bag import Bag, open_bag
from archive.verifier.context import Context, Found
from archive.verifier.findings import Finding, Unchecked, Unusable, Verdict
from archive.verifier.hashing import Hashes, Progress, hashing

LAST_STEP: Final = 14
FOOTAGE_STEP: Final = 11
BROKEN: Final = (KeyError, TypeError, ValueError, AttributeError, IndexError)
"""What a value of another shape raises deep inside a step; the step then cannot run, which is a finding."""

STEPS: Final[tuple[tuple[int, Callable[[Context], Found]], ...]] = (
    (1, manifests.check_information),
    (4, log.check_deployment),
    (5, signed.check),
    (5, votes.check),
    (6, signed.check_authorisations),
    (software.STEP, software.check),
    (key_demanded.STEP, key_demanded.check),
    (7, documents.check),
    (8, draws.check),
    (8, ties.check),
    (8, followed.check),
    (9, blinds.check),
    (9, tallies.check),
    (10, signed.check_report),
    (papers.STEP, papers.check),
    (stamps.STEP, stamps.check),
    (revoked.STEP, revoked.check),
)
"""The steps that need no footage: they run beside its hashing."""


def verify(bag_path: Path, trust_path: Path | None, progress: Progress, chain_path: Path | None = None) -> Verdict:
    """Check the bag with its renewals (beside it, or at `chain_path`), against the trust in a directory if given.

    Raises Unusable, never on what a bag holds.
    """
    bag = open_bag(bag_path)
    if chain_path and not chain_path.is_dir():
        raise Unusable(str(chain_path), "no-renewals")
    chain = renewals.open_renewals(chain_path or renewals.folder_of(bag_path))
    outside = trust.of_directory(trust_path) if trust_path else None
    case = manifests.information(bag).get("External-Identifier", "")
    with hashing(bag) as hashes:
        found = list(_run(bag, chain, outside, Judging(case, hashes, progress)))
    findings = sorted({one for one in found if isinstance(one, Finding)})
    unchecked = {one for one in found if isinstance(one, Unchecked)}
    if outside is None:
        unchecked.add(Unchecked(2, "trust/root.pem", "who-sealed"))
    return Verdict(
        case=case,
        check_code=manifests.check_code(bag),
        sealed_by=_fingerprint(bag),
        is_trusted=outside is not None,
        findings=tuple(findings),
        unchecked=tuple(sorted(unchecked)),
    )


def _fingerprint(bag: Bag) -> str:
    try:
        return trust.of_bag(bag).root.sha256
    except trust.TrustRefused:
        return ""


@dataclass(frozen=True, slots=True)
class Judging:
    """What one run of the check goes with."""

    case: str
    hashes: Hashes
    progress: Progress


def _run(bag: Bag, chain: Bag, outside: trust.Trust | None, judging: Judging) -> Found:
    now, case, hashes, progress = int(time.time()), judging.case, judging.hashes, judging.progress
    hashes.begin_files()
    try:
        believed = outside or trust.of_bag(bag)
        read, findings = log.read(bag, believed, case)
    except (trust.TrustRefused, *BROKEN) as error:
        # Without a root and a log key nothing can be judged but the manifests.
        yield Finding(2, f"trust/{error}", "unusable-trust")
        hashes.finish(progress)
        yield from manifests.check(bag, hashes)
        return
    hashes.begin_parts(footage.ranges(read))
    if outside:
        yield from trust.compare(bag, outside)
    yield from seal.check(bag, believed, now)
    yield from findings
    context = Context(bag, hashes, read, believed, now)
    for number, step in STEPS:
        progress("step", number, LAST_STEP)
        yield from _guarded(number, step, context)
    hashes.finish(progress)
    yield from manifests.check(bag, hashes)
    yield from _guarded(FOOTAGE_STEP, footage.check, context)
    progress("step", renewals.STEP, LAST_STEP)
    yield from _guarded(renewals.STEP, partial(renewals.check, renewals=chain), context)


def _guarded(number: int, step: Callable[[Context], Found], context: Context) -> Iterator[Finding | Unchecked]:
    try:
        yield from step(context)
    except BROKEN as error:
        yield Finding(number, f"step {number}", "step-cannot-run", f"{type(error).__name__} {error}")
