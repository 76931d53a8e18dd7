"""Whether a subscriber's way is too narrow for pictures: receiver reports and refused sends in, one fact out. Pure.

Random loss is repaired by retransmission and is no congestion; a quarter of all packets gone twice in a row is.
"""

from media.embedded.rtcp import ReceiverReport

_HEAVY = 0.25
_WINDOW_S = 0.9
_WINDOW_PACKETS = 20
_WINDOWS = 2
_FIRST_REST_S = 2.0
_LONGEST_REST_S = 16.0
_CALM_S = 10.0


class Congestion:
    """Pictures rest for 2 s at first, each time that they are too much again twice as long, 16 s at most."""

    def __init__(self) -> None:
        self._highest: dict[int, int] = {}
        self._expected = 0.0
        self._lost = 0.0
        self._since = 0.0
        self._heavy = 0
        self._rest_s = _FIRST_REST_S
        self._until = 0.0

    def is_resting(self, now: float) -> bool:
        """Whether pictures are held back now."""
        return now < self._until

    def on_report(self, report: ReceiverReport, now: float) -> None:
        """Take one stream's report block."""
        known = self._highest.get(report.ssrc)
        self._highest[report.ssrc] = report.highest
        if known is None or report.highest <= known:
            self._since = self._since or now
            return
        self._expected += report.highest - known
        self._lost += (report.highest - known) * report.fraction_lost / 256
        if now - self._since >= _WINDOW_S and self._expected >= _WINDOW_PACKETS:
            self._judge(self._lost / self._expected, now)
            self._expected = self._lost = 0.0
            self._since = now

    def _judge(self, loss: float, now: float) -> None:
        self._heavy = self._heavy + 1 if loss >= _HEAVY else 0
        if self._heavy >= _WINDOWS:
            self._rest(now)

    def on_refused(self, now: float) -> None:
        """The kernel would not take a packet for this subscriber."""
        self._rest(now)

    def _rest(self, now: float) -> None:
        if self.is_resting(now):
            return
        if now - self._until > _CALM_S:
            self._rest_s = _FIRST_REST_S
        self._until = now + self._rest_s
        self._rest_s = min(2 * self._rest_s, _LONGEST_REST_S)
