"""One RTP stream as its receiver sees it: order, duplicates, loss, repair, clocks. Never forwards anything itself."""

from dataclasses import dataclass, field

from media.embedded import rtp
from media.embedded.rtcp import ReportBlock, SenderReport
from media.embedded.sdp import CLOCK_RATE, OfferedStream

CACHE_PACKETS = 512
NACK_EVERY_S = 0.04
NACK_TRIES = 6
# A gap wider than this is an outage, not loss: asking for it all would only add to the congestion.
MAX_GAP = 128
MAX_SILENCE_S = 1.0
# Who has sent none again of so many asked for never will.
FRUITLESS = 20
_FIRST_CYCLE = 1 << 16


@dataclass(slots=True)
class Loss:
    """Counters of one window of observation."""

    highest: int = 0
    received: int = 0


@dataclass(slots=True)
class _Missing:
    due: float
    tries: int = 0


@dataclass(slots=True)
class Inbound:
    """State of one arriving stream. Packets are known by their extended sequence number; `breaks` counts outages.

    `missing` are those that may still come: on the RTX stream, or, where there is none (sound), as they were.
    """

    stream: OfferedStream
    highest: int = -1
    received: int = 0
    repaired: int = 0
    octets: int = 0
    breaks: int = 0
    last_stamp: int = 0
    sender_clock: SenderReport | None = None
    sender_clock_at: float = 0.0
    _base: int = 0
    _jitter: float = 0.0
    _transit: float = 0.0
    _last_arrival: float = 0.0
    _cache: list[tuple[int, bytes] | None] = field(default_factory=lambda: [None] * CACHE_PACKETS)
    missing: dict[int, _Missing] = field(default_factory=dict)
    _fruitless: int = 0
    _reported: Loss = field(default_factory=Loss)
    _clock_rate: int = 0

    def __post_init__(self) -> None:
        self._clock_rate = CLOCK_RATE[self.stream.medium]

    def accept(self, packet: bytes, sequence: int, stamp: int, now: float) -> int | None:
        """Take a packet; give its extended number, or None for a duplicate or one too old to matter."""
        number = self.highest + 1
        if sequence == number & 0xFFFF and self.received and now - self._last_arrival <= MAX_SILENCE_S:
            # The next one, as nearly always: nothing is missing by it and nothing was there before.
            self.highest = number
            self._cache[number % CACHE_PACKETS] = (number, packet)
            self._last_arrival = now
        else:
            placed = self._place(packet, sequence, now)
            if placed is None:
                return None
            number = placed
            missing = self.missing.pop(number, None)
            if missing is not None and missing.tries:
                self.repaired += 1  # came because it was asked for: its time of arrival says nothing
                return number
        self.octets += len(packet)
        last = self.last_stamp
        if self.received:
            stamp = last + ((stamp - last + 0x80000000) & 0xFFFFFFFF) - 0x80000000
        self.received += 1
        self.last_stamp = stamp
        transit = now * self._clock_rate - stamp
        if self.received > 1:
            self._jitter += (abs(transit - self._transit) - self._jitter) / 16
        self._transit = transit
        return number

    def accept_repair(self, packet: bytes, now: float) -> tuple[int, bytes] | None:
        """Take a packet of the RTX stream; give (extended number, original packet) if it repaired something."""
        restored = rtp.restore(packet, self.stream.payload, self.stream.ssrc)
        if restored is None or self.highest < 0:
            return None
        number = self._place(restored[1], restored[0], now)
        if number is None:
            return None
        self.missing.pop(number, None)
        self.repaired += 1
        return number, restored[1]

    def _place(self, packet: bytes, sequence: int, now: float) -> int | None:
        if self.highest < 0:
            number = sequence + _FIRST_CYCLE
            self._base = number
            self.highest = number - 1
            self._reported.highest = number - 1
        else:
            number = rtp.unwrap(sequence, self.highest)
        slot = self._cache[number % CACHE_PACKETS]
        if number <= self.highest - CACHE_PACKETS or (slot is not None and slot[0] == number):
            return None
        self._cache[number % CACHE_PACKETS] = (number, packet)
        if number > self.highest:
            self._note_gap(number, now)
            self.highest = number
            self._last_arrival = now
        return number

    @property
    def is_repairable(self) -> bool:
        """Whether it is worth asking for what was lost."""
        return bool(self.stream.rtx_ssrc or self.repaired or self._fruitless < FRUITLESS)

    def _note_gap(self, number: int, now: float) -> None:
        # What was sent during an outage is past: asking for it would delay the present.
        # A silence in which nothing was sent is a pause: a screen on which nothing moves.
        missing = number - self.highest - 1
        is_outage = missing >= MAX_GAP or (missing > 0 and now - self._last_arrival > MAX_SILENCE_S)
        if is_outage and self.received:
            self.breaks += 1
            self.missing.clear()
        if is_outage or not self.is_repairable:
            return
        for lost in range(self.highest + 1, number):
            self.missing[lost] = _Missing(now)

    def cached(self, number: int) -> bytes | None:
        """A packet still at hand for retransmission."""
        slot = self._cache[number % CACHE_PACKETS]
        return slot[1] if slot is not None and slot[0] == number else None

    def is_missing(self, number: int) -> bool:
        """Whether a packet may still come by retransmission."""
        return number in self.missing

    def due_nacks(self, now: float) -> list[int]:
        """Sequence numbers to ask for now; each is asked for six times, 40 ms apart, then given up."""
        due = []
        for number, missing in list(self.missing.items()):
            if missing.due > now:
                continue
            if missing.tries == NACK_TRIES:
                del self.missing[number]
                self._fruitless += 1
                continue
            missing.tries += 1
            missing.due = now + NACK_EVERY_S
            due.append(number % rtp.SEQUENCE_MODULUS)
        return due

    @property
    def expected(self) -> int:
        """Packets sent so far, as their numbers tell."""
        return self.highest - self._base + 1 if self.highest >= 0 else 0

    @property
    def lost(self) -> int:
        """Packets that never came, repaired ones not counted."""
        return max(0, self.expected - self.received - self.repaired)

    def report(self, now: float) -> ReportBlock | None:
        """The report block since the last call (RFC 3550 §6.4.1): loss before repair, so that the sender slows down."""
        if self.highest < 0:
            return None
        expected = self.highest - self._reported.highest
        arrived = self.received - self._reported.received
        self._reported = Loss(self.highest, self.received)
        fraction = max(0, expected - arrived) * 256 // expected if expected else 0
        lsr, dlsr = 0, 0
        if self.sender_clock is not None:
            lsr = self.sender_clock.ntp >> 16 & 0xFFFFFFFF
            dlsr = min(int((now - self.sender_clock_at) * 65536), 0xFFFFFFFF)
        lost = self.expected - self.received
        return ReportBlock(self.stream.ssrc, min(fraction, 255), lost, self.highest, int(self._jitter), lsr, dlsr)
