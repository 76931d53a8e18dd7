"""The hot path: one arriving packet becomes an encrypted datagram for each of many subscribers.

Everything that can be is settled when a `FanOut` is made: memory, addresses, keys, what is added to sequence numbers
and time stamps. For a packet and a subscriber remain one copy, one header, one encryption; one system call for all, and
for several packets of a picture that came together. It decides nothing: who is in it is for the track to say.
"""

import struct
from dataclasses import dataclass
from typing import Any

from media.codecs import OPUS
from media.embedded.datagrams import SLOT_BYTES, Slot, lengths
from media.embedded.peer import Peer
from media.embedded.port import MediaPort
from media.embedded.rtc import MAX_TRAILER, Protector, protect

_HEADER = struct.Struct("!BBHII")
# Without the SSRC, which stands in each leg's memory from the beginning.
_HEAD = struct.Struct("!HHI")
_MARKER = 0x80
# Packets of one picture that travel together where they came together.
_MOST_AT_ONCE = 4
_MAX_PACKET = SLOT_BYTES - MAX_TRAILER


@dataclass(frozen=True, slots=True)
class Lane:
    """One subscriber of the fan: what makes the publisher's numbers its own; `floor` is the first it may see."""

    peer: Peer
    protector: Protector
    ssrc: int
    floor: int
    sequence_shift: int
    stamp_shift: int


class FanOut:
    """Subscribers that follow the same stream. `highest`, `stamp` and `sent_at` are those of the newest packet sent.

    `packets` and `octets` count what each lane got since the fan was made.
    """

    __slots__ = (
        "_floor", "_is_single", "_lanes", "_outbox", "_payload", "_port", "_rows", "_size", "_used",
        "highest", "octets", "packets", "sent_at", "stamp",
    )  # fmt: skip

    def __init__(self, port: MediaPort, payload: int, lanes: list[Lane]) -> None:
        self._lanes = lanes
        self._payload = payload
        self._floor = max(lane.floor for lane in lanes)
        self._port = port
        self._outbox = port.outbox([lane.peer.name for lane in lanes], 1 if payload == OPUS.payload else _MOST_AT_ONCE)
        self._rows = [[_leg(lane, slot) for lane, slot in zip(lanes, row, strict=True)] for row in self._outbox.rows]
        self._is_single = len(self._rows) == 1
        self._used = self._size = 0
        self.highest, self.stamp, self.sent_at = -1, 0, 0.0
        self.packets = self.octets = 0

    def send(self, number: int, packet: bytes, now: float) -> None:
        """Send a packet on to everybody whose beginning it does not precede, at the latest with the port's `flush`."""
        size = len(packet)
        if size > _MAX_PACKET:
            return
        first, second, _, stamp, _ = _HEADER.unpack_from(packet)
        second = second & _MARKER | self._payload
        if number < self._floor:
            self._send_late(number, packet, second, stamp)
            return
        if self._used and size > self._size:
            self.flush()  # only the last of those that travel together may differ, and be shorter
        legs = self._rows[self._used]
        self._outbox.lengths[self._used][:] = lengths(size, len(legs))
        head, rest = first << 8 | second, slice(12, size)
        body, write, encrypt = packet[rest], _HEAD.pack_into, protect
        for view, pointer, length, context, sequence_shift, stamp_shift in legs:
            view[rest] = body
            write(view, 0, head, number + sequence_shift & 0xFFFF, stamp + stamp_shift & 0xFFFFFFFF)
            if encrypt(context, pointer, length):
                length[0] = 0  # never in clear: an empty datagram is nothing to anybody
        if number > self.highest:
            self.highest, self.stamp, self.sent_at = number, stamp, now
        self.packets += 1
        self.octets += size - _HEADER.size
        self._used += 1
        if self._is_single:
            self.flush()
        else:
            self._keep(size)

    def _keep(self, size: int) -> None:
        """Send what there is, or wait for the next packet of the same picture."""
        if self._used == 1:
            self._size = size
        if self._used == len(self._rows) or size < self._size:
            self.flush()
        else:
            self._port.hold(self)

    def flush(self) -> None:
        """Send what is encrypted and not under way yet."""
        used, self._used = self._used, 0
        for refused in self._outbox.send(used) if used else ():
            peer = self._lanes[refused].peer
            if used == 1:
                peer.unsent += 1
                continue
            # A device that cannot segment (EIO), or a full buffer: one by one, each counted by itself.
            self._port.on_refused_segments(self._outbox.errno)
            for row in self._outbox.rows[:used]:
                peer.send_raw(row[refused].view[: row[refused].length[0]])

    def _send_late(self, number: int, packet: bytes, second: int, stamp: int) -> None:
        """What was repaired after somebody new began goes to those who were there before."""
        for lane in self._lanes:
            if number >= lane.floor:
                sequence, moved = number + lane.sequence_shift, stamp + lane.stamp_shift
                header = (second, sequence & 0xFFFF, moved & 0xFFFFFFFF, lane.ssrc)
                datagram = lane.protector.rtp(packet, header)
                if datagram is not None:
                    lane.peer.send_raw(datagram)


def _leg(lane: Lane, slot: Slot) -> tuple[memoryview, Any, Any, Any, int, int]:
    """A lane as one tuple: unpacking it is cheaper than looking up six attributes."""
    _HEADER.pack_into(slot.view, 0, 0, 0, 0, 0, lane.ssrc)
    return (slot.view, slot.pointer, slot.length, lane.protector.context, lane.sequence_shift, lane.stamp_shift)
