"""The body of an answer from outside: read to its end in however many pieces it comes, never further than allowed."""

from aiohttp import ClientResponse


class TooLong(Exception):
    """An answer longer than any that is asked for; each gateway says it in its own terms."""

    code = "gateways.too_long"


async def body(answer: ClientResponse, most: int) -> bytes:
    """All of it, `most` bytes at most. Raises `TooLong`, and what reading raises."""
    data = bytearray()
    async for piece in answer.content.iter_any():
        data += piece
        if len(data) > most:
            raise TooLong
    return bytes(data)
