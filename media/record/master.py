"""How each codec is kept in a file. A master has a header, then whole chunks, and only ever grows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from media import vp8
from media.codecs import H264, OPUS, VP8
from media.record import fmp4, matroska
from media.record.chunk import Block, Span


@dataclass(frozen=True, slots=True)
class Master:
    """A file format for one codec.

    `header` is made of the take's first frame: a key frame that asks for another header begins another take. `chunk`
    holds blocks up to an end in milliseconds. `whole_chunks` finds those that are complete in a file's bytes from an
    offset on, and raises `MalformedChunk`.
    """

    suffix: str
    header: Callable[[bytes], bytes]
    chunk: Callable[[list[Block], int], bytes]
    whole_chunks: Callable[[bytes, int], list[Span]]


def _vp8_header(key_frame: bytes) -> bytes:
    return matroska.vp8_header(*vp8.size_of(key_frame))


def _opus_header(_packet: bytes) -> bytes:
    return matroska.opus_header()


MASTERS: Mapping[str, Master] = {
    VP8.name: Master(".webm", _vp8_header, matroska.cluster, matroska.whole_clusters),
    OPUS.name: Master(".webm", _opus_header, matroska.cluster, matroska.whole_clusters),
    H264.name: Master(".mp4", fmp4.header, fmp4.fragment, fmp4.whole_fragments),
}
