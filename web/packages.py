"""Files that come from outside: a trading system's package judged, read and kept before any transaction begins."""

import asyncio

from cryptography import x509

from conduct import packages, provincial_result
from conduct.packages import Package
from conduct.provincial_result import Result
from signing.ca import sha256_of
from web.services import Services


class NoTradingSystem(Exception):
    """This deployment takes packages from no trading system; its operator has set none."""

    code = "package.no_trading_system"


class NoProvince(Exception):
    """This deployment takes no draws of another platform; its operator has set none."""

    code = "provincial.not_set"


async def taken(services: Services, data: bytes, kind: str) -> Package:
    """A package of this type (`tender` / `opening`) whose signature is the trading system's; its files are kept.

    Raises `NoTradingSystem`, the refusals of `conduct.packages`, `SealRefused`.
    """
    if services.trading is None:
        raise NoTradingSystem
    package = await _judged(services, data, kind, services.trading)
    for file in package.files:
        await asyncio.to_thread(services.store.objects.put, file.content)
    return package


async def drawn_elsewhere(services: Services, data: bytes) -> Result:
    """The province's result in a package with its signature; nothing of it is kept yet.

    Raises `NoProvince`, `ResultUnreadable`, the refusals of `conduct.packages`, `SealRefused`.
    """
    intake = services.provincial
    if intake is None:
        raise NoProvince
    package = await _judged(services, data, "experts", intake.certificate)
    return provincial_result.read(package, sha256_of(intake.certificate).hex(), intake.key)


async def _judged(services: Services, data: bytes, kind: str, signer: x509.Certificate) -> Package:
    manifest, signature = await asyncio.to_thread(packages.manifest_and_signature, data)
    await services.check_seal(manifest, signature, signer)
    return await asyncio.to_thread(packages.read, data, kind, services.clock())
