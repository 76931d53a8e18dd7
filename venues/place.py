"""Centres, rooms and seats. The seat (席位), not the room, is what is booked, paired, seen and recorded."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

CentreId = NewType("CentreId", str)
RoomId = NewType("RoomId", str)
SeatId = NewType("SeatId", str)


class Grade(StrEnum):
    """What a centre is known to be able to do: provincial, city, able to lodge a committee overnight (隔夜)."""

    PROVINCE = "province"
    CITY = "city"
    OVERNIGHT = "overnight"


@dataclass(frozen=True, slots=True)
class Centre:
    """A public resource trading centre; `region` is its division code (GB/T 2260)."""

    id: CentreId
    name: str
    region: str
    grades: frozenset[Grade]


@dataclass(frozen=True, slots=True)
class Room:
    """An evaluation room of a centre."""

    id: RoomId
    centre: CentreId
    name: str


@dataclass(frozen=True, slots=True)
class Seat:
    """One workstation. `closed_because` is empty while the seat may be used."""

    id: SeatId
    room: RoomId
    centre: CentreId
    number: int
    closed_because: str = ""
