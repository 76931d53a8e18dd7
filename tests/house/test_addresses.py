"""The guard of tests/conftest.py stands: a test reaches this machine's own addresses and no others."""

import asyncio
import socket

import pytest

# TEST-NET-1 of RFC 5737: nobody's address.
STRANGER = "192.0.2.1"


def test_a_connection_to_a_stranger_is_refused(refused_addresses: list[str]) -> None:
    with socket.socket() as client, pytest.raises(OSError, match=STRANGER):
        client.connect((STRANGER, 443))
    assert refused_addresses == [STRANGER]
    refused_addresses.clear()


async def test_a_datagram_that_asyncio_would_lose_quietly_is_remembered(refused_addresses: list[str]) -> None:
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, local_addr=("127.0.0.1", 0))
    transport.sendto(b"\x00", (STRANGER, 3478))
    transport.close()
    assert refused_addresses == [STRANGER]
    refused_addresses.clear()


def test_a_name_that_is_not_local_is_not_looked_up(refused_addresses: list[str]) -> None:
    with pytest.raises(OSError, match=r"stun\.example"):
        socket.getaddrinfo("stun.example", 3478)
    assert refused_addresses == ["stun.example"]
    refused_addresses.clear()


async def test_this_machine_reaches_itself() -> None:
    async def close(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(close, "127.0.0.1", 0)
    async with server:
        reader, writer = await asyncio.open_connection("localhost", server.sockets[0].getsockname()[1])
        assert await reader.read() == b""
        writer.close()
        await writer.wait_closed()
