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
    """State of one arriving stream. Packets are known by their extended sequence number; `breaks` counts outages."""

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
    _missing: dict[int, _Missing] = field(default_factory=dict)
    _reported: Loss = field(default_factory=Loss)

    def accept(self, packet: bytes, sequence: int, now: float) -> int | None:
        """Take a packet; give its extended number, or None for a duplicate or one too old to matter."""
        number = self._place(packet, sequence, now)
        if number is not None:
            self.received += 1
            self.octets += len(packet)
            self._clock(packet, now)
        return number

    def accept_repair(self, packet: bytes, now: float) -> tuple[int, bytes] | None:
        """Take a packet of the RTX stream; give (extended number, original packet) if it repaired something."""
        restored = rtp.restore(packet, self.stream.payload, self.stream.ssrc)
        if restored is None or self.highest < 0:
            return None
        number = self._place(restored[1], restored[0], now)
        if number is None:
            return None
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
        else:
            self._missing.pop(number, None)
        return number

    def _note_gap(self, number: int, now: float) -> None:
        # What was sent during an outage is past: asking for it would delay the present.
        is_outage = number - self.highest > MAX_GAP or now - self._last_arrival > MAX_SILENCE_S
        if is_outage and self.received:
            self.breaks += 1
            self._missing.clear()
        if is_outage or not self.stream.rtx_ssrc:
            return
        for lost in range(self.highest + 1, number):
            self._missing[lost] = _Missing(now)

    def _clock(self, packet: bytes, now: float) -> None:
        _, _, stamp, _ = rtp.fields(packet)
        self.last_stamp = rtp.unwrap_stamp(stamp, self.last_stamp) if self.received > 1 else stamp
        transit = now * CLOCK_RATE[self.stream.medium] - self.last_stamp
        if self.received > 1:
            self._jitter += (abs(transit - self._transit) - self._jitter) / 16
        self._transit = transit

    def cached(self, number: int) -> bytes | None:
        """A packet still at hand for retransmission."""
        slot = self._cache[number % CACHE_PACKETS]
        return slot[1] if slot is not None and slot[0] == number else None

    @property
    def is_missing_some(self) -> bool:
        """Whether there is anything to ask again for."""
        return bool(self._missing)

    def is_missing(self, number: int) -> bool:
        """Whether a packet may still come by retransmission."""
        return number in self._missing

    def due_nacks(self, now: float) -> list[int]:
        """Sequence numbers to ask for now; each is asked for six times, 40 ms apart, then given up."""
        due = []
        for number, missing in list(self._missing.items()):
            if missing.due > now:
                continue
            if missing.tries == NACK_TRIES:
                del self._missing[number]
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
