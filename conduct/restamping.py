"""The yearly round over the sealed bags: due, checked by the second process, stamped anew beside the bag, or refused.

One bag that is refused never holds up the next; a run that was killed is simply made again (docs/renewals.md).
"""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Final

from archive import pyz, renewing
from archive.renewing import BagChanged
from archive.verifier.authorities import Authority
from archive.verifier.trust import of_directory, raw_certificates_in
from conduct.attesting import VerifierFailed, judge
from conduct.stamping import Authority as TimeAuthority
from conduct.stamping import NotStamped

RENEW_AFTER: Final = timedelta(days=300)
WARN_BEFORE: Final = timedelta(days=400)
WRONG: Final = 1
MOST_NAMED: Final = 3


class NotPublished(Exception):
    """The centre does not publish the authority that is to stamp: what it stamped would be found wrong for ever."""

    code = "restamp.not_published"


class BagWrong(Exception):
    """The verifier found a bag, or the renewal that was about to be kept, wrong; the message says what and where."""

    code = "restamp.bag_wrong"


class Outcome(StrEnum):
    """What became of one bag."""

    RENEWED = "renewed"
    RECENT = "recent"
    REFUSED = "REFUSED"


@dataclass(frozen=True, slots=True)
class Told:
    """What became of a bag, in words: the renewal's number, the last stamp's time, or why it was refused."""

    bag: str
    outcome: Outcome
    words: str
    ends: datetime | None = None

    @property
    def ends_soon(self) -> bool:
        """Whether the last stamp's certificate must be followed by another before the next year is over."""
        return self.ends is not None and self.ends - datetime.now(UTC) < WARN_BEFORE


@dataclass(frozen=True, slots=True)
class Restamping:
    """Who stamps, under which certificates (PEM) the stamp is believed, and the folder of what the centre publishes."""

    authority: TimeAuthority
    certificates: bytes
    trust: Path
    renew_after: timedelta = RENEW_AFTER

    async def run(self, bags: Iterable[Path], begin: Callable[[Path], None], end: Callable[[Told], None]) -> bool:
        """Go through the bags; `begin` and `end` hear of each. Returns whether none was refused.

        Raises `NotPublished`, `Unusable` where the folder of published files cannot be used.
        """
        believed = await asyncio.to_thread(self._believed)
        are_good = True
        for bag in bags:
            begin(bag)
            told = await self._look(bag, believed)
            are_good &= told.outcome is not Outcome.REFUSED
            end(told)
        return are_good

    def _believed(self) -> tuple[Authority, ...]:
        """The authorities as published, among the present ones the one that stamps now."""
        published = of_directory(self.trust)
        if not {*raw_certificates_in(published.stamping)}.issuperset(raw_certificates_in(self.certificates)):
            raise NotPublished(f"{self.trust} does not hold the time-stamp authority's certificates yet")
        return published.stampers

    async def _look(self, bag: Path, believed: tuple[Authority, ...]) -> Told:
        try:
            await asyncio.to_thread(renewing.tidy, bag)
            last = await asyncio.to_thread(renewing.last_of, bag, believed)
            now = datetime.now(UTC)
            if last is not None and now - last.at < self.renew_after:
                return Told(bag.name, Outcome.RECENT, f"stamped {last.at:%Y-%m-%d}", last.ends)
            if last is not None and last.ends < now:
                return Told(bag.name, Outcome.REFUSED, f"the last stamp's certificate ended {last.ends:%Y-%m-%d}")
            return await self._renewed(bag, believed)
        except BagWrong as wrong:
            return Told(bag.name, Outcome.REFUSED, str(wrong))
        except (BagChanged, NotStamped, VerifierFailed, OSError) as refused:
            return Told(bag.name, Outcome.REFUSED, f"{type(refused).__name__} {refused}".strip())

    async def _renewed(self, bag: Path, believed: tuple[Authority, ...]) -> Told:
        judging = partial(self._judge, await asyncio.to_thread(pyz.build), bag)
        await judging()
        number = await renewing.renew(bag, self.authority.stamp, self.certificates, judging)
        last = await asyncio.to_thread(renewing.last_of, bag, believed)
        return Told(bag.name, Outcome.RENEWED, f"renewal {number}", last.ends if last else None)

    async def _judge(self, program: bytes, bag: Path, chain: Path | None = None) -> None:
        """Have a second process check the bag with its renewals, or with those in `chain`. Raises `BagWrong`."""
        verdict = await judge(program, bag, self.trust, chain)
        if verdict["status"] == WRONG:
            named = [f"{one['object']}: {one['what']} {one['detail']}".strip() for one in verdict["findings"]]
            more = f" and {len(named) - MOST_NAMED} more" if len(named) > MOST_NAMED else ""
            raise BagWrong("; ".join(named[:MOST_NAMED]) + more)
