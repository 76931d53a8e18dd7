"""How a seat fares: the plane's figures of what it sends and its own browser's of what it receives become one word.

Pure. The word is the worse of the two, with the figure that made it so; news older than five seconds is no news.
"""

from dataclasses import asdict, dataclass, replace
from typing import Literal

from conduct.ports import Json
from media.events import SeatQuality

Why = Literal["", "loss", "delay", "freeze"]

POOR_LOSS = 500
POOR_RTT_MS = 400
# In two seconds: a quarter of the time stood still.
POOR_FROZEN_MS = 500
FRESH_S = 5.0


@dataclass(frozen=True, slots=True)
class Felt:
    """What a browser felt in the last two seconds: loss in hundredths of a percent, round trip (−1 unknown), freezes.

    `step` is how far it saves traffic (docs/protocol-media.md §5): from 3 on its own camera sends less.
    """

    loss: int
    rtt_ms: int
    freezes: int
    frozen_ms: int
    step: int = 0


@dataclass(frozen=True, slots=True)
class Fares:
    """The word of a seat (`good`, `poor`, `down`), why, and the figures; `at` in monotonic seconds.

    `codec` is that of its pictures, empty without any: not every browser shows every codec.
    """

    code: Literal["good", "poor", "down"]
    why: Why
    loss: int
    rtt_ms: int
    bitrate_bps: int
    freezes: int
    frozen_ms: int
    step: int
    at: float
    codec: str = ""

    def told(self) -> Json:
        """What pages are told of it."""
        told = asdict(self)
        del told["at"]
        return told


def fares(sent: SeatQuality, felt: Felt | None, now: float) -> Fares:
    """The worse of both ways; a seat that sends nothing is down whatever its browser felt."""
    felt = felt or Felt(0, -1, 0, 0)
    loss, rtt_ms = max(sent.loss, felt.loss), max(sent.rtt_ms, felt.rtt_ms)
    why = _why(loss, rtt_ms, felt.frozen_ms)
    code = sent.code if sent.code != "good" or not why else "poor"
    way = (loss, rtt_ms, sent.bitrate_bps, felt.freezes, felt.frozen_ms)
    return Fares(code, why, *way, felt.step, now, sent.codec)


def _why(loss: int, rtt_ms: int, frozen_ms: int) -> Why:
    if loss >= POOR_LOSS:
        return "loss"
    if frozen_ms >= POOR_FROZEN_MS:
        return "freeze"
    return "delay" if rtt_ms >= POOR_RTT_MS else ""


def gone(last: Fares, now: float) -> Fares:
    """A seat that was lost."""
    return replace(last, code="down", bitrate_bps=0, at=now)


def is_fresh(fared: Fares, now: float) -> bool:
    """Whether this is still news; what is not counts as cut off."""
    return now - fared.at <= FRESH_S
