"""The real server with two changes for measuring: a password costs next to nothing, and `POST /floor` is served too.

The floor takes a body of the same size, makes one durable commit and one P-256 signature, and answers: what no server
that signs and keeps can do without. Everything else is `server.py` itself, on the same settings.
"""

import asyncio
import os
import socket
import sys
from dataclasses import replace
from pathlib import Path

from aiohttp import web

import server
from house import House, open_house
from settings import load
from signing.keys import SigningKey
from signing.keystore import Cost
from web.app import make_app
from web.services import Services

CHEAP = Cost(memory_kib=8, passes=1)


def floor(house: House, key: SigningKey) -> web.RouteDef:
    """The floor as a route on this house's own store."""

    async def answer(request: web.Request) -> web.Response:
        body = await request.json()
        await house.store.act(lambda tx: tx.shelf("floor", "floor").put(body["batch"], body))
        signature = await asyncio.to_thread(key.sign_digest, os.urandom(32))
        return web.json_response({"signature": signature.hex()})

    return web.post("/floor", answer)


def main() -> int:
    """Compose and serve until SIGTERM."""
    settings = load(Path("bid.toml"))
    listening = socket.create_server((settings.host, settings.port))
    opened = open_house(settings)
    house = replace(opened, activation=replace(opened.activation, cost=CHEAP))

    def make_app_with_floor(services: Services) -> web.Application:
        app = make_app(services)
        app.add_routes([floor(house, house.keys.seal.key)])
        return app

    setattr(server, "make_app", make_app_with_floor)  # noqa: B010 - a name the module imports, not one it offers
    asyncio.run(server.Server(house, listening).run())
    return 0


if __name__ == "__main__":
    sys.exit(main())
