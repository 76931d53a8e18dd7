"""How well a seat's streams arrive: a window of a few seconds becomes one of three words with its numbers."""

from collections import deque
from typing import Literal

from media.embedded.inbound import Inbound

Code = Literal["good", "poor", "down"]

_WINDOW = 3
_POOR_LOSS = 500
_POOR_RTT_MS = 400


class Quality:
    """Loss in hundredths of a percent (before repair) and bits per second, over the last three seconds."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, int, int, int]] = deque(maxlen=_WINDOW + 1)

    def observe(self, now: float, sources: list[Inbound]) -> None:
        """Take a sample of the running counters."""
        expected = sum(source.expected for source in sources)
        received = sum(source.received for source in sources)
        self._samples.append((now, expected, received, sum(source.octets for source in sources)))

    @property
    def loss(self) -> int:
        """Share of packets that did not come at first."""
        if len(self._samples) < 2:  # noqa: PLR2004
            return 0
        (_, expected0, received0, _), (_, expected, received, _) = self._samples[0], self._samples[-1]
        due = expected - expected0
        return max(0, due - (received - received0)) * 10_000 // due if due else 0

    @property
    def bitrate_bps(self) -> int:
        """What arrives."""
        if len(self._samples) < 2:  # noqa: PLR2004
            return 0
        (start, _, _, octets0), (end, _, _, octets) = self._samples[0], self._samples[-1]
        return int(8 * (octets - octets0) / max(end - start, 0.001))

    def code(self, rtt_ms: int) -> Code:
        """`poor` from 5 % loss or 400 ms, else `good`; `down` is for the room to say."""
        return "poor" if self.loss >= _POOR_LOSS or rtt_ms >= _POOR_RTT_MS else "good"
