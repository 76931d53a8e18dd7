"""A take in the making: frames gather in clusters of a second, clusters in segments that end at key frames."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from media import vp8
from media.embedded.sdp import CLOCK_RATE
from media.engine import Medium
from media.record import matroska
from media.record.assembler import Frame, opus_duration_ms
from media.record.matroska import Block
from media.record.sidecar import utc_text
from media.record.take_file import SegmentTimes

CLUSTER_MS = 1000
# A burst of key frames, asked for by several who join, does not make a burst of segments.
_MIN_KEY_SEGMENT_MS = 1000
_DEFAULT_FRAME_MS = 100
# Beyond this the sender's clock and ours no longer tell the same story: another take.
_CLOCK_TOLERANCE_S = 10.0


class UtcClock:
    """UTC from the monotonic clock: a step of the system's time never reorders a recording."""

    def __init__(self, monotonic: float) -> None:
        self._anchor = datetime.now(UTC)
        self._monotonic = monotonic

    def text(self, monotonic: float) -> str:
        """The moment as in every record."""
        return utc_text(self._anchor + timedelta(seconds=monotonic - self._monotonic))


@dataclass(frozen=True, slots=True)
class TakeSink:
    """Where a take's bytes go, in order: `write` appends, `seal` closes the segment."""

    write: Callable[[bytes], None]
    seal: Callable[[SegmentTimes], None]


class Take:
    """Places frames on the take's own clock, which begins at 0 with its first frame."""

    def __init__(self, medium: Medium, first: Frame, clock: UtcClock, segment_ms: int) -> None:
        self.t0 = clock.text(first.arrival)
        self.size = vp8.size_of(first.data) if medium == "video" else (0, 0)
        self._medium = medium
        self._clock = clock
        self._segment_ms = segment_ms
        self._stamp0 = first.stamp
        self._arrival0 = first.arrival
        self._rate = CLOCK_RATE[medium]
        self._blocks: list[Block] = []
        self._segment: tuple[int, bool, float] | None = None
        self._last_ms = -1
        self._frame_ms = _DEFAULT_FRAME_MS

    @property
    def header(self) -> bytes:
        """The file's first bytes."""
        return matroska.vp8_header(*self.size) if self._medium == "video" else matroska.opus_header()

    @property
    def codec(self) -> str:
        """`vp8` or `opus`."""
        return "vp8" if self._medium == "video" else "opus"

    def fits(self, frame: Frame) -> bool:
        """Whether the frame continues this take: same picture size, a clock that agrees with ours."""
        media_s = (frame.stamp - self._stamp0) / self._rate
        if abs(media_s - (frame.arrival - self._arrival0)) > _CLOCK_TOLERANCE_S:
            return False
        return self._medium == "audio" or not frame.key or vp8.size_of(frame.data) == self.size

    def add(self, frame: Frame, sink: TakeSink) -> None:
        """Take the next frame; may write a cluster and close a segment before it."""
        pts = max((frame.stamp - self._stamp0) * 1000 // self._rate, self._last_ms + 1)
        if self._last_ms >= 0:
            self._frame_ms = pts - self._last_ms
        if self._segment is not None:
            if self._cuts_before(frame, pts - self._segment[0]):
                self._close_segment(pts, sink)
            elif self._blocks and pts - self._blocks[0].pts_ms >= CLUSTER_MS:
                self._close_cluster(pts, sink)
        if self._segment is None:
            self._segment = (pts, frame.key, frame.arrival)
        self._blocks.append(Block(pts, frame.key, frame.data))
        self._last_ms = pts

    def _cuts_before(self, frame: Frame, age_ms: int) -> bool:
        if self._medium == "audio":
            return age_ms >= self._segment_ms
        # A sender that never gives the key frame asked for must not keep a segment open for ever.
        return (
            frame.key and age_ms >= min(_MIN_KEY_SEGMENT_MS, self._segment_ms // 2)
        ) or age_ms >= 3 * self._segment_ms

    def wants_key_frame(self, now: float) -> bool:
        """Whether the open segment is so old that it should soon end."""
        return self._segment is not None and now - self._segment[2] >= self._segment_ms / 1000 - 0.35

    def finish(self, sink: TakeSink) -> None:
        """Close the last segment; its last frame lasts as long as the one before it, an Opus packet as it says."""
        if self._medium == "audio" and self._blocks:
            self._frame_ms = opus_duration_ms(self._blocks[-1].data)
        self._close_segment(self._last_ms + min(self._frame_ms, CLUSTER_MS), sink)

    def _close_cluster(self, end_ms: int, sink: TakeSink) -> None:
        blocks, self._blocks = self._blocks, []
        if blocks:
            sink.write(matroska.cluster(blocks, end_ms))

    def _close_segment(self, end_ms: int, sink: TakeSink) -> None:
        if self._segment is None:
            return
        self._close_cluster(end_ms, sink)
        start_ms, key, arrival = self._segment
        sink.seal(SegmentTimes(self._clock.text(arrival), start_ms, end_ms - start_ms, key))
        self._segment = None
