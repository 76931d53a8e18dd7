"""Packages from outside on their way in: judged and read, rehearsed, shown with every fault, kept until taken over."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from aiohttp import web
from cryptography import x509
from msgspec import Struct

from conduct import packages, provincial_result, receiving
from conduct.packages import Package, PackageRefused, Problem
from conduct.ports import Json, Tx
from conduct.provincial_result import Result
from conduct.receiving import SEALED_ROLES
from signing.ca import sha256_of
from web.office_words import in_words
from web.package_words import CLAUSES, FIELDS, FORMULAS, METHODS, ROLES, words_for
from web.services import Services
from web.visit import Visit

PROBLEMS: web.RequestKey[tuple[Problem, ...]] = web.RequestKey("package_problems", tuple)
LISTED = 200


class NoTradingSystem(Exception):
    """This deployment takes packages from no trading system; its operator has set none."""

    code = "package.no_trading_system"


class NoProvince(Exception):
    """This deployment takes no draws of another platform; its operator has set none."""

    code = "provincial.not_set"


class Accepted(Struct, forbid_unknown_fields=True):
    """The package that was looked at, by its SHA-256."""

    package: str


@dataclass(frozen=True, slots=True)
class Incoming:
    """A file handed in: its bytes, the type it should be, where it will wait, and what was chosen with it."""

    data: bytes
    kind: str
    place: tuple[str, str]
    beside: Mapping[str, str] = field(default_factory=dict)


async def hand_in(visit: Visit, incoming: Incoming, rehearsed: Callable[[Tx, Package], object]) -> str:
    """Judge, read and rehearse a package, and let it wait; its SHA-256. Nothing of any case changes.

    `rehearsed(tx, package)` is what taking over will do. Raises `NoTradingSystem`, `NoProvince`, `SealRefused`, a
    `PackageRefused` with every problem (the page lists them), and what the rehearsal refuses.
    """
    services = visit.services
    try:
        package = await _judged(services, incoming.data, incoming.kind)
        await receiving.rehearse(services.store, lambda tx: rehearsed(tx, package))
    except PackageRefused as refused:
        visit.request[PROBLEMS] = refused.problems
        raise
    await services.store.act(lambda tx: receiving.keep(tx, incoming.place, package, incoming.beside))
    return package.sha256


def shown(visit: Visit, tx: Tx, place: tuple[str, str]) -> Json:
    """What a page shows of a package: the one that waits, or the problems of the one just handed in."""
    problems = visit.request.get(PROBLEMS, ())
    told = [words_for(one, visit.language) for one in problems[:LISTED]]
    found = None if problems else receiving.waiting(tx, place)
    bring = receiving.preview(tx, found[0]) | {"beside": found[1]} if found else None
    return {"problems": told, "more_problems": max(0, len(problems) - LISTED), "waiting": bring}


def file_words(visit: Visit) -> Json:
    """What a page with a package calls files, methods, formulas, clauses and fields."""
    tables = {"file_roles": ROLES, "methods": METHODS, "formulas": FORMULAS, "clause_types": CLAUSES, "fields": FIELDS}
    return {name: in_words(table, visit.language) for name, table in tables.items()}


def result_in(services: Services, package: Package) -> Result:
    """The province's result in its package. Raises `NoProvince`, `ResultUnreadable`."""
    if services.provincial is None:
        raise NoProvince
    signer = sha256_of(services.provincial.certificate).hex()
    return provincial_result.read(package, signer, services.provincial.key)


async def _judged(services: Services, data: bytes, kind: str) -> Package:
    """A package whose seal is its sender's; its files are kept, those sealed to this server with the package alone."""
    manifest, signature = await asyncio.to_thread(packages.manifest_and_signature, data)
    await services.check_seal(manifest, signature, _sender(services, kind))
    package = await asyncio.to_thread(packages.read, data, kind, services.clock())
    for file in package.files:
        if file.role not in SEALED_ROLES:
            await asyncio.to_thread(services.store.objects.put, file.content)
    return package


def _sender(services: Services, kind: str) -> x509.Certificate:
    if kind == "experts":
        if services.provincial is None:
            raise NoProvince
        return services.provincial.certificate
    if services.trading is None:
        raise NoTradingSystem
    return services.trading
