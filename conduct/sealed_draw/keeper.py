"""The draw process without its pipe: a key, the attempts it knows, one answer a question. Values and arithmetic only.

What it holds lives in this object's memory and nowhere else; chance comes in as a function.
"""

from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from conduct.sealed_draw import committee, result
from conduct.sealed_draw.attempt import Attempt
from conduct.sealed_draw.questions import (
    Acquaint,
    CountStanding,
    Drawn,
    DrawNow,
    Held,
    Holding,
    Match,
    Matched,
    Open,
    Plan,
    Question,
    Ref,
    Succeed,
    TakeLink,
    Taken,
    TakeShare,
)
from conduct.sealed_draw.refusals import KeyGone, NotAcquainted, ShareRefused, Unreadable
from draw.chain import LINK_BYTES
from signing import hpke

NEEDED = 2
REVEAL = b"reveal"


class Keeper:
    """Holds links and orders. Make one for each start of the process: its key is never another's."""

    def __init__(self, key: X25519PrivateKey, random: Callable[[int], bytes]) -> None:
        self._key = key
        self._random = random
        self._attempts: dict[Ref, Attempt] = {}
        self.key = hpke.raw_public(key).hex()

    def answer(self, question: Question[Any]) -> Any:  # noqa: ANN401 - the answer's type is the question's
        """Answer a question. Raises the refusals of `refusals` and of `draw.refusal`."""
        return _ANSWERS[type(question)](self, question)

    def attempt(self, ref: Ref) -> Attempt:
        """A known attempt. Raises `NotAcquainted`."""
        if ref not in self._attempts:
            raise NotAcquainted
        return self._attempts[ref]

    def acquaint(self, known: Acquaint) -> None:
        """Make an attempt known; one that is known stays as it is, its links with it."""
        if known.ref not in self._attempts:
            self._attempts[known.ref] = Attempt(known)

    def held(self, _: Held) -> tuple[Holding, ...]:
        """All links in memory."""
        return tuple(
            Holding(ref, round_no, party) for ref, one in self._attempts.items() for round_no, party in one.links
        )

    def take_link(self, asked: TakeLink) -> Taken:
        """Open a party's box and keep its link if it is the committed one."""
        attempt = self.attempt(asked.ref)
        link = self._unseal(attempt, asked, "bid-reveal/1")
        if len(link) != LINK_BYTES:
            raise Unreadable
        return Taken(attempt.take(asked.round_no, asked.party, link), result.digest(REVEAL + link))

    def take_share(self, asked: TakeShare) -> bool:
        """Keep a party's share; two legal persons' open the sealed result, and its links are here again."""
        attempt = self.attempt(asked.ref)
        if (
            asked.round_no >= len(attempt.past)
            or result.digest(asked.result) != attempt.past[asked.round_no].logged.sealed
        ):
            raise ShareRefused
        shares = attempt.shares.setdefault(asked.round_no, {})
        shares[attempt.party(asked.party).legal_person] = self._unseal(attempt, asked, "bid-share-back/1")
        if len(shares) < NEEDED:
            return False
        try:
            pair = list(shares.values())[-NEEDED:]
            stated = result.open_result(asked.result, attempt.session.digest(), asked.round_no, pair)
        except ShareRefused:
            # Which of the two is wrong cannot be told: both are asked for again.
            shares.clear()
            raise
        attempt.restore(stated)
        attempt.round(asked.round_no)
        return True

    def draw(self, asked: DrawNow) -> Drawn:
        """Draw a round, and seal its transcript to the parties."""
        attempt = self.attempt(asked.ref)
        drawn = attempt.round(asked.round_no, asked.roll)
        context = attempt.session.digest()
        sealed = result.seal_result(drawn.transcript, context, asked.round_no, attempt.parties, self._random)
        return attempt.seal(asked.round_no, asked.roll, sealed)

    def match(self, asked: Match) -> Matched | None:
        """相符 or 不符."""
        return committee.match(self.attempt(asked.ref), asked, self._random(LINK_BYTES))

    def _unseal(self, attempt: Attempt, asked: TakeLink | TakeShare, version: str) -> bytes:
        if asked.key != self.key:
            raise KeyGone
        context = attempt.session.digest().hex()
        purpose = hpke.info(h=context, key=self.key, party=asked.party, round=asked.round_no, v=version)
        try:
            return hpke.unseal(asked.sealed, self._key, purpose)
        except hpke.NotForThis as closed:
            raise Unreadable from closed


_ANSWERS: dict[type, Callable[[Keeper, Any], Any]] = {
    Acquaint: Keeper.acquaint,
    Held: Keeper.held,
    TakeLink: Keeper.take_link,
    TakeShare: Keeper.take_share,
    DrawNow: Keeper.draw,
    Plan: lambda keeper, asked: committee.plan(keeper.attempt(asked.ref), asked),
    CountStanding: lambda keeper, asked: committee.count(keeper.attempt(asked.ref), asked),
    Succeed: lambda keeper, asked: committee.succession(keeper.attempt(asked.ref), asked),
    Match: Keeper.match,
    Open: lambda keeper, asked: committee.opened(keeper.attempt(asked.ref), asked),
}
