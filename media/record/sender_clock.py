"""When a sender captured what it sent, by its own clock: its reports pair that clock with RTP time (RFC 3550 §6.4.1).

Two tracks of one seat share that clock, whatever way their packets took. It says nothing of whether the clock is right.
"""

from datetime import UTC, datetime, timedelta

from media.record.sidecar import utc_text

_NTP_EPOCH = datetime(1900, 1, 1, tzinfo=UTC)
_HALF, _WHOLE = 1 << 31, 1 << 32
# A segment lasts some seconds and reports come every second or so: more would be a flood.
_MOST = 32


class SenderClock:
    """The reports of one stream; `rate` is its RTP clock in Hz."""

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._last: tuple[int, int] | None = None
        self._new: list[str] = []

    def take(self, ntp: int, rtp: int) -> None:
        """Take a report: 64-bit NTP time and the 32-bit RTP time stamp of the same instant."""
        if not ntp:
            return
        self._last = ntp, rtp
        if len(self._new) < _MOST:
            self._new.append(f"{ntp:016x}:{rtp}")

    def utc(self, stamp: int) -> str:
        """When the frame with this RTP time stamp was captured, by the last report; empty before the first."""
        if self._last is None:
            return ""
        ntp, rtp = self._last
        ticks = (stamp - rtp + _HALF) % _WHOLE - _HALF
        try:
            return utc_text(_NTP_EPOCH + timedelta(seconds=ntp / _WHOLE + ticks / self._rate))
        except OverflowError:  # a clock before the year 1: no clock
            return ""

    def reports(self) -> str:
        """The reports since the last call, `ntp:rtp` each: 16 hex digits and a number, with blanks between them."""
        told, self._new = " ".join(self._new), []
        return told
