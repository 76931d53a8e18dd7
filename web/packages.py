"""Files that come from outside: a trading system's package judged, read and kept before any transaction begins."""

import asyncio

from conduct import packages
from conduct.packages import Package
from web.services import Services


class NoTradingSystem(Exception):
    """This deployment takes packages from no trading system; its operator has set none."""

    code = "package.no_trading_system"


async def taken(services: Services, data: bytes, kind: str) -> Package:
    """A package of this type (`tender` / `opening`) whose signature is the trading system's; its files are kept.

    Raises `NoTradingSystem`, the refusals of `conduct.packages`, `SealRefused`.
    """
    if services.trading is None:
        raise NoTradingSystem
    manifest, signature = await asyncio.to_thread(packages.manifest_and_signature, data)
    await services.check_seal(manifest, signature, services.trading)
    package = await asyncio.to_thread(packages.read, data, kind, services.clock())
    for file in package.files:
        await asyncio.to_thread(services.store.objects.put, file.content)
    return package
