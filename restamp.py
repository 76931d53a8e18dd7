"""`./run restamp`: a further time stamp over every sealed bag that is due (docs/renewals.md). Composes, and prints.

It needs the settings, keys and published files of the deployment, not its database: the server may run or not.
"""

import argparse
import asyncio
import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding

from archive.verifier.findings import Unusable
from conduct.restamping import RENEW_AFTER, NotPublished, Outcome, Restamping, Told
from conduct.shut_in import leave_no_core
from conduct.stamping import Embedded
from gateways.timestamps import HttpAuthority
from settings import BadSetting, Settings, load
from signing.cms import Chain
from signing.timestamp import Stamper
from storage.deployment_keys import open_stamp_keys

LOCK = ".restamp.lock"


class NothingHere(Exception):
    """There are no keys, no published files or no such bag: this is not the folder of a deployment."""

    code = "restamp.nothing_here"


class AnotherRun(Exception):
    """Another run goes through the bags."""

    code = "restamp.another_run"


def main(arguments: list[str]) -> int:
    """Restamp by the deployment's settings; 0 every bag renewed or recent, 1 one refused, 2 unusable call."""
    leave_no_core()
    parser = argparse.ArgumentParser(prog="./run restamp", description="a further time stamp over each sealed bag")
    parser.add_argument("cases", nargs="*", metavar="CASE", help="only these bags (default: all)")
    parser.add_argument("--older-than", type=int, metavar="DAYS", default=RENEW_AFTER.days, help="of the last stamp")
    options = parser.parse_args(arguments)
    try:
        settings = load(Path("bid.toml"))
        with _alone(settings.bags_folder):
            return asyncio.run(_run(settings, _bags(settings, options.cases), timedelta(days=options.older_than)))
    except NotPublished as refused:
        print(f"cannot restamp: {refused}: start the server once, it publishes them", file=sys.stderr)
        return 2
    except (BadSetting, NothingHere, AnotherRun, Unusable, OSError) as refused:
        print(f"cannot restamp: {refused}", file=sys.stderr)
        return 2


async def _run(settings: Settings, bags: list[Path], renew_after: timedelta) -> int:
    authority, certificates = _authority(settings)
    told: list[Told] = []

    def begin(bag: Path) -> None:
        print(f"{len(told) + 1}/{len(bags)} {bag.name} …", flush=True)

    def end(one: Told) -> None:
        told.append(one)
        print(f"{one.outcome} {one.bag} {one.words}", flush=True)
        if one.ends_soon:
            print(f"WARNING {one.bag} the last stamp's certificate ends {one.ends:%Y-%m-%d}", flush=True)

    try:
        are_good = await Restamping(authority, certificates, settings.trust, renew_after).run(bags, begin, end)
    finally:
        await authority.close()
    counted = ", ".join(f"{sum(one.outcome is outcome for one in told)} {outcome}" for outcome in Outcome)
    print(f"{len(told)} bags: {counted}", flush=True)
    return 0 if are_good else 1


def _bags(settings: Settings, cases: list[str]) -> list[Path]:
    """The sealed bags, or those that were named. Raises `NothingHere`."""
    found = {path.parent.name: path.parent for path in settings.bags_folder.glob("[!.]*/bagit.txt")}
    if missing := sorted(set(cases) - found.keys()):
        raise NothingHere(f"no bag {', '.join(missing)} under {settings.bags_folder}")
    return [found[name] for name in sorted(cases or found)]


def _authority(settings: Settings) -> tuple[Embedded | HttpAuthority, bytes]:
    """Who stamps, and the certificates (PEM) that it is believed under. Raises `NothingHere`."""
    if settings.timestamp_url:
        certificates = Path(settings.timestamp_certificates).read_bytes()
        return HttpAuthority(settings.timestamp_url, settings.timestamp_policy, certificates), certificates
    try:
        keys = open_stamp_keys(settings.state / "keys")
    except FileNotFoundError as missing:
        raise NothingHere(f"{missing.filename} is not there: start the server once, it makes the keys") from None
    stamper = Stamper(Chain(keys.stamp.certificate, keys.issuing), keys.stamp.key)
    return Embedded(stamper), keys.root.public_bytes(Encoding.PEM)


@contextmanager
def _alone(bags: Path) -> Iterator[None]:
    """Hold the bags against a second run; the lock ends with the process. Raises `AnotherRun`, `NothingHere`."""
    if not bags.is_dir():
        raise NothingHere(f"{bags} is not there")
    descriptor = os.open(bags / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AnotherRun("another run goes through the bags") from None
        yield
    finally:
        os.close(descriptor)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
