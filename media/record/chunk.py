"""What a master is made of whatever its file format: blocks, one frame each, in chunks that are whole or not there."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Block:
    """One frame: place on the take's clock in milliseconds, and whether it can be decoded alone."""

    pts_ms: int
    key: bool
    data: bytes


@dataclass(frozen=True, slots=True)
class Span:
    """A whole chunk found in a file: its bytes are `start … end`."""

    start: int
    end: int
    pts_ms: int
    end_ms: int
    key: bool


class MalformedChunk(ValueError):
    """These bytes are no chunk as this house writes them."""

    code = "bad-chunk"
