"""A take in the making: frames gather in chunks of half a second, chunks in segments that end at key frames."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from media.embedded.sdp import CLOCK_RATE
from media.record.assembler import Frame, opus_duration_ms
from media.record.chunk import Block
from media.record.master import MASTERS
from media.record.sidecar import utc_text
from media.record.take_file import SegmentTimes

# What a killed process loses: frames are written when their chunk is whole.
CHUNK_MS = 500
# A burst of key frames, asked for by several who join, does not make a burst of segments.
_MIN_KEY_SEGMENT_MS = 1000
_DEFAULT_FRAME_MS = 100
_LONGEST_LAST_FRAME_MS = 1000
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

    def __init__(self, first: Frame, clock: UtcClock, segment_ms: int) -> None:
        self.t0 = clock.text(first.arrival)
        self.codec = first.codec
        self._master = MASTERS[self.codec.name]
        self.header = self._master.header(first.data)
        self._is_video = self.codec.medium == "video"
        self._clock = clock
        self._segment_ms = segment_ms
        self._stamp0 = first.stamp
        self._arrival0 = first.arrival
        self._rate = CLOCK_RATE[self.codec.medium]
        self._blocks: list[Block] = []
        self._segment: tuple[int, bool, float] | None = None
        self._last_ms = -1
        self._frame_ms = _DEFAULT_FRAME_MS

    def fits(self, frame: Frame) -> bool:
        """Whether the frame continues this take: it needs the same header, and its clock agrees with ours."""
        media_s = (frame.stamp - self._stamp0) / self._rate
        if abs(media_s - (frame.arrival - self._arrival0)) > _CLOCK_TOLERANCE_S:
            return False
        return not (self._is_video and frame.key) or self._master.header(frame.data) == self.header

    def stamp_at(self, pts_ms: int) -> int:
        """The RTP time stamp of a place on the take's clock."""
        return self._stamp0 + pts_ms * self._rate // 1000

    def silence_before(self, frame: Frame) -> float:
        """Seconds of the sender's clock between the last frame and this one."""
        return (frame.stamp - self._stamp0) / self._rate - max(0, self._last_ms) / 1000

    def add(self, frame: Frame, sink: TakeSink) -> None:
        """Take the next frame; may write a chunk and close a segment before it."""
        pts = max((frame.stamp - self._stamp0) * 1000 // self._rate, self._last_ms + 1)
        if self._last_ms >= 0:
            self._frame_ms = pts - self._last_ms
        if self._segment is not None:
            if self._cuts_before(frame, pts - self._segment[0]):
                self._close_segment(pts, sink)
            elif self._blocks and pts - self._blocks[0].pts_ms >= CHUNK_MS:
                self._close_chunk(pts, sink)
        if self._segment is None:
            self._segment = (pts, frame.key, frame.arrival)
        self._blocks.append(Block(pts, frame.key, frame.data))
        self._last_ms = pts

    def _cuts_before(self, frame: Frame, age_ms: int) -> bool:
        if not self._is_video:
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
        if not self._is_video and self._blocks:
            self._frame_ms = opus_duration_ms(self._blocks[-1].data)
        self._close_segment(self._last_ms + min(self._frame_ms, _LONGEST_LAST_FRAME_MS), sink)

    def _close_chunk(self, end_ms: int, sink: TakeSink) -> None:
        blocks, self._blocks = self._blocks, []
        if blocks:
            sink.write(self._master.chunk(blocks, end_ms))

    def _close_segment(self, end_ms: int, sink: TakeSink) -> None:
        if self._segment is None:
            return
        self._close_chunk(end_ms, sink)
        start_ms, key, arrival = self._segment
        sink.seal(SegmentTimes(self._clock.text(arrival), start_ms, end_ms - start_ms, key))
        self._segment = None
