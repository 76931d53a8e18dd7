"""Renewals beside a sealed bag: right by the verifier and by hand, each broken link named, the bag untouched."""

import asyncio
import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from cryptography import x509

from archive import published, renewing
from archive.renewing import BagChanged
from archive.verifier import der, log, renewals, trust
from archive.verifier.bag import open_bag
from archive.verifier.context import Context
from archive.verifier.findings import Finding, Status, Unchecked, Unusable
from archive.verifier.hashing import hashing
from archive.verifier.verify import verify
from signing.cms import Chain
from signing.keys import MemoryKey
from signing.timestamp import Stamper
from tests.archive import bag_example
from tests.archive.authority import BEGIN, NOW, STAMPER, Holder, House, stamp
from tests.archive.remembered import remembered
from tests.archive.test_verifier_papers import OIDS, with_unknown_identifiers

DAY = 86400
ECDSA_SHA_256, ECDSA_SHA_512 = (der.oid(f"1.2.840.10045.4.3.{arc}") for arc in (2, 4))
ENDS = NOW // DAY * DAY + 2 * DAY


@pytest.fixture(scope="module", autouse=True)
def _remembered() -> Iterator[None]:
    with remembered():
        yield


@dataclass
class World:
    """A folder with a bag sealed at NOW, two renewals a day apart, and what the centre published."""

    house: House
    folder: Path

    @property
    def bag(self) -> Path:
        return self.folder / bag_example.CASE

    @property
    def chain(self) -> Path:
        return renewals.folder_of(self.bag)

    def renew(self, at: int, by: Holder | None = None) -> int:
        return asyncio.run(renewing.renew(self.bag, stamping(self.house, at, by), self.house.root.pem, unjudged))

    def found(self, now: int = NOW + 4 * DAY) -> list[tuple[str, str]]:
        """(object, what or why) of everything that step 14 says."""
        return [(one.object, one.what if isinstance(one, Finding) else one.why) for one in self.said(now)]

    def said(self, now: int = NOW + 4 * DAY) -> list[Finding | Unchecked]:
        """Everything that step 14 says."""
        bag, believed = open_bag(self.bag), trust.of_directory(self.folder / "trust")
        with hashing(bag) as hashes:
            read, _ = log.read(bag, believed, bag_example.CASE)
            context = Context(bag, hashes, read, believed, now)
            return list(renewals.check(context, renewals.open_renewals(self.chain)))

    def copy(self, to: Path) -> "World":
        shutil.copytree(self.folder, to)
        for path in to.rglob("*"):
            path.chmod(0o755)
        return World(self.house, to)


def stamping(house: House, at: int, by: Holder | None = None) -> renewing.Stamping:
    """An authority of this house whose clock stands at `at`."""
    one = by or house.stamper
    stamper = Stamper(Chain(one.certificate, house.issuing.certificate), MemoryKey(one.key))

    async def stamp(imprint: bytes) -> bytes:
        return stamper.stamp(imprint, datetime.fromtimestamp(at, UTC), at)

    return stamp


async def unjudged(_: Path) -> None:
    """What these tests renew is judged by themselves."""


def state_of(folder: Path) -> dict[str, tuple[bytes, int, int]]:
    """Bytes, times and modes of every file."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path): (path.read_bytes(), path.stat().st_mtime_ns, path.stat().st_mode) for path in files}


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A bag that was never renewed."""
    folder, house = tmp_path_factory.mktemp("sealed"), House.found()
    bag_example.write(folder, house=house)
    return World(house, folder)


@pytest.fixture(scope="module")
def renewed(tmp_path_factory: pytest.TempPathFactory, sealed: World) -> World:
    """Renewed twice, every byte of the bag as it was sealed."""
    world = World(sealed.house, tmp_path_factory.mktemp("renewed") / "all")
    shutil.copytree(sealed.folder, world.folder)
    before = state_of(world.bag)
    assert [world.renew(NOW + DAY), world.renew(NOW + 2 * DAY)] == [1, 2]
    assert state_of(world.bag) == before
    return world


def test_a_chain_of_two_is_right_by_the_whole_check(renewed: World) -> None:
    verdict = verify(renewed.bag, renewed.folder / "trust", lambda *_: None)
    assert (verdict.findings, verdict.unchecked, verdict.status) == ((), (), Status.RIGHT)


def test_by_hand_each_line_of_the_paper_succeeds_and_fails_on_a_changed_byte(renewed: World, tmp_path: Path) -> None:
    world = renewed.copy(tmp_path / "by-hand")
    for number in ("0001", "0002"):
        paper = (world.chain / number / "VERIFY.txt").read_text(encoding="utf-8").splitlines()
        lines = "\n".join(line.strip() for line in paper if line.startswith("    "))
        assert run(lines, world.chain) == 0
    (world.chain / "0001" / "chain-sha512.txt").write_bytes(b"")
    assert run(lines, world.chain) != 0


def run(lines: str, folder: Path) -> int:
    return subprocess.run(["sh", "-ec", lines], cwd=folder, check=False, capture_output=True).returncode


def flipped(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


Change = Callable[[World], object]


@pytest.mark.parametrize(
    ("change", "named"),
    [
        pytest.param(lambda w: flipped(w.bag / "data/log/entries.txt"),
            ("renewals/0001/bag-sha512.txt data/log/entries.txt", "digest-differs"), id="a byte of the bag"),
        pytest.param(lambda w: (w.bag / "data/new").write_bytes(b""),
            ("renewals/0002/bag-sha512.txt data/new", "unlisted"), id="a file more in the bag"),
        pytest.param(lambda w: (w.bag / "data/revoked.crl").unlink(),
            ("renewals/0001/bag-sha512.txt data/revoked.crl", "missing"), id="a file less in the bag"),
        pytest.param(lambda w: flipped(w.chain / "0001/chain-sha512.txt.tsr"),
            ("renewals/0001/chain-sha512.txt.tsr", "stamp"), id="a byte of the first stamp"),
        pytest.param(lambda w: flipped(w.chain / "0001/verify.pyz"),
            ("renewals/0002/chain-sha512.txt 0001/verify.pyz", "digest-differs"), id="a byte that the next covers"),
        pytest.param(lambda w: flipped(w.chain / "0002/timestamp.pem"),
            ("renewals/0002/chain-sha512.txt 0002/timestamp.pem", "digest-differs"), id="a byte of its own"),
        pytest.param(lambda w: flipped(w.chain / "0002/chain-sha512.txt"),
            ("renewals/0002/chain-sha512.txt.tsr", "stamp"), id="a byte of what is stamped"),
        pytest.param(lambda w: (w.chain / "0002/VERIFY.txt").unlink(),
            ("renewals/0002/VERIFY.txt", "missing"), id="a file less"),
        pytest.param(lambda w: (w.chain / "0003.txt").write_bytes(b""),
            ("renewals/0003.txt", "unlisted"), id="a file more"),
        pytest.param(lambda w: shutil.rmtree(w.chain / "0001"),
            ("renewals/0002/chain-sha512.txt.tsr", "unlisted"), id="the first link gone"),
        pytest.param(lambda w: w.renew(NOW + DAY + 1),
            ("renewals/0003/chain-sha512.txt.tsr", "renewal-out-of-order"), id="before the one it renews"),
    ],
)  # fmt: skip
def test_a_broken_link_is_named(renewed: World, tmp_path: Path, change: Change, named: tuple[str, str]) -> None:
    world = renewed.copy(tmp_path / "changed")
    change(world)
    assert named in world.found()


def test_what_is_right_is_not_named(renewed: World) -> None:
    assert renewed.found() == []


def test_a_stamp_that_had_ended_when_it_was_renewed_breaks_the_chain(sealed: World, tmp_path: Path) -> None:
    world = sealed.copy(tmp_path / "late")
    ends = NOW + 2 * DAY
    short = sealed.house.issuing.issue("时间戳二", STAMPER, days=(ends - int(BEGIN.timestamp())) // DAY)
    world.renew(NOW + DAY, short)
    assert world.found(NOW + DAY) == []
    assert world.found(ends + DAY) == [("renewals/0001/chain-sha512.txt.tsr", "stamp-ended")]
    world.renew(ends + DAY)
    assert world.found() == [("renewals/0002/chain-sha512.txt.tsr", "renewal-too-late")]


def sealed_with_short_stamps(folder: Path, patch: pytest.MonkeyPatch, seal_at: int) -> World:
    """A bag whose signatures' stamps end a day after they were made; the seal's, of `seal_at`, does not."""
    house = House.found()
    short = replace(
        house, stamper=house.issuing.issue("时间戳二", STAMPER, days=(ENDS - int(BEGIN.timestamp())) // DAY)
    )
    with patch.context() as within:
        within.setattr(
            bag_example, "stamps", lambda _, signed: {bag_example.digest(one): stamp(short, one) for one in signed}
        )
        within.setattr(bag_example, "stamp", partial(stamp, at=seal_at))
        bag_example.write(folder, house=house)
    return World(house, folder)


def test_a_signatures_stamp_may_end_once_the_seals_stamp_covers_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = sealed_with_short_stamps(tmp_path, monkeypatch, NOW)
    assert world.found(ENDS + DAY) == []
    world.renew(ENDS + DAY)
    assert world.found(ENDS + 2 * DAY) == []


def test_a_signatures_stamp_that_ended_before_the_seal_is_not_checked_before_and_after_a_renewal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = sealed_with_short_stamps(tmp_path, monkeypatch, ENDS + 1)
    said = world.found(ENDS + DAY)
    assert len(said) > 1
    assert {why for _, why in said} == {"stamp-ended-early"}
    assert {path.rpartition(".")[2] for path, _ in said} == {"tsr"}
    world.renew(ENDS + DAY)
    assert world.found(ENDS + 2 * DAY) == said


def test_a_bag_without_renewals_says_when_its_own_stamp_has_ended(sealed: World) -> None:
    assert sealed.found() == []
    assert sealed.found(NOW + 3650 * DAY) == [("tagmanifest-sha256.txt.tsr", "stamp-ended")]


def test_a_stamp_by_a_stranger_is_refused(sealed: World, tmp_path: Path) -> None:
    world, stranger = sealed.copy(tmp_path / "stranger"), House.found("别人")
    asyncio.run(renewing.renew(world.bag, stamping(stranger, NOW + DAY), stranger.root.pem, unjudged))
    assert world.found() == [("renewals/0001/chain-sha512.txt.tsr", "stamp")]


def test_a_former_authority_stays_believed_once_it_is_published_as_such(renewed: World, tmp_path: Path) -> None:
    world, other = renewed.copy(tmp_path / "moved"), House.found("另一")
    folder = world.folder / "trust"
    before = {path.name: path.read_bytes() for path in folder.glob("*.pem")}
    (folder / published.TIMESTAMP).write_bytes(other.root.pem)
    assert verify(world.bag, folder, lambda *_: None).status is Status.WRONG
    (folder / published.FORMER).write_bytes(published.former_stamping(before, other.root.pem, datetime.now(UTC)))
    asyncio.run(renewing.renew(world.bag, stamping(other, NOW + 3 * DAY), other.root.pem, unjudged))
    verdict = verify(world.bag, folder, lambda *_: None)
    assert (verdict.findings, verdict.status) == ((), Status.RIGHT)


def test_a_former_authority_is_believed_up_to_the_change_alone(sealed: World, tmp_path: Path) -> None:
    """Else the holder of its key, of the centre's own above all, makes a later case anew."""
    world, other = sealed.copy(tmp_path / "moved"), House.found("另一")
    folder = world.folder / "trust"
    before = {path.name: path.read_bytes() for path in folder.glob("*.pem")}
    (folder / published.TIMESTAMP).write_bytes(other.root.pem)

    def changed(at: int) -> bytes:
        moment = datetime.fromtimestamp(at, UTC)
        (folder / published.FORMER).write_bytes(published.former_stamping(before, other.root.pem, moment))
        return (folder / published.FORMER).read_bytes()

    former = changed(NOW)
    assert x509.load_pem_x509_certificates(former) == [world.house.root.certificate]
    assert verify(world.bag, folder, lambda *_: None).status is Status.RIGHT
    again = {published.FORMER: former, published.TIMESTAMP: other.root.pem}
    assert published.former_stamping(again, other.root.pem, datetime.now(UTC)) == former
    assert not published.former_stamping(again, world.house.root.pem, datetime.now(UTC)).count(former)

    changed(NOW - DAY)
    findings = verify(world.bag, folder, lambda *_: None).findings
    assert ("tagmanifest-sha256.txt.tsr", "stamp", "stamp-path") in [(f.object, f.what, f.detail) for f in findings]
    assert {f.detail for f in findings} == {"stamp-path"}

    (folder / published.FORMER).write_bytes(world.house.root.pem)
    with pytest.raises(Unusable, match="timestamp-former"):
        verify(world.bag, folder, lambda *_: None)


def test_an_algorithm_that_the_centres_own_authority_never_used_is_wrong_also_after_a_change(
    sealed: World, tmp_path: Path
) -> None:
    """The bag says who stamped it: an outside authority of later years excuses nothing."""
    world, other = sealed.copy(tmp_path / "moved"), House.found("另一")
    folder, stamped = world.folder / "trust", world.bag / "tagmanifest-sha256.txt.tsr"
    before, found, after = stamped.read_bytes().rpartition(ECDSA_SHA_256)
    assert found
    stamped.write_bytes(before + ECDSA_SHA_512 + after)
    first = verify(world.bag, folder, lambda *_: None)
    pems = {path.name: path.read_bytes() for path in folder.glob("*.pem")}
    (folder / published.TIMESTAMP).write_bytes(other.root.pem)
    (folder / published.FORMER).write_bytes(published.former_stamping(pems, other.root.pem, datetime.now(UTC)))
    verdict = verify(world.bag, folder, lambda *_: None)
    assert (verdict.findings, verdict.status) == (first.findings, Status.WRONG)
    assert [(one.object, one.what) for one in verdict.findings] == [(stamped.name, "stamp")]


def test_nothing_is_stamped_where_a_file_is_no_longer_what_the_manifests_say(sealed: World, tmp_path: Path) -> None:
    world = sealed.copy(tmp_path / "changed")
    flipped(world.bag / "data/revoked.crl")
    with pytest.raises(BagChanged, match="revoked"):
        world.renew(NOW + DAY)
    assert names_in(world.folder) == names_in(sealed.folder)


def test_a_kill_at_any_flush_leaves_no_half_renewal_and_is_made_good(sealed: World, tmp_path: Path) -> None:
    world = sealed.copy(tmp_path / "killed")
    world.renew(NOW + DAY)
    before = state_of(world.bag) | state_of(world.chain)
    kills = 0
    while killed_at(kills + 1, world):
        kills += 1
        after = state_of(world.bag) | state_of(world.chain)
        number = renewals.count(renewals.open_renewals(world.chain))
        assert after.items() >= before.items()
        assert number == 2 or after == before
        assert world.found() == []
        renewing.tidy(world.bag)
        assert names_in(world.folder) == names_in(sealed.folder) | {world.chain.name}
        shutil.rmtree(world.chain / "0002", ignore_errors=True)
    assert kills >= len(renewals.FILES) + 2
    assert renewals.count(renewals.open_renewals(world.chain)) == 2


def killed_at(flush: int, world: World) -> bool:
    """Renew in a process that is killed before its n-th flush; whether it came so far."""
    child = os.fork()
    if child == 0:
        left, settle = [flush], os.fsync

        def counted(descriptor: int) -> None:
            left[0] -= 1
            if not left[0]:
                os.kill(os.getpid(), signal.SIGKILL)
            settle(descriptor)

        os.fsync = counted  # type: ignore[assignment]
        try:
            world.renew(NOW + 2 * DAY)
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


def test_an_unknown_identifier_anywhere_in_a_renewals_stamp_is_a_finding_about_it(
    renewed: World, tmp_path: Path
) -> None:
    world = renewed.copy(tmp_path / "unknown")
    for number in ("0001", "0002"):
        stamped = world.chain / number / renewals.STAMP
        right, named = stamped.read_bytes(), f"renewals/{number}/{renewals.STAMP}"
        changes = dict(with_unknown_identifiers(right))
        assert len(changes) > len(OIDS)
        for what, changed in changes.items():
            stamped.write_bytes(changed)
            wrong = {(one.object, one.what) for one in world.said() if isinstance(one, Finding)}
            assert (named, "stamp") in wrong, (number, what)
        stamped.write_bytes(right)
    assert world.found() == []


def test_behind_a_renewal_by_an_algorithm_that_is_not_known_the_next_are_judged_all_the_same(
    sealed: World, tmp_path: Path
) -> None:
    """An outside authority may have its own: what it stamped is listed as unchecked, what lies behind it is not."""
    world = sealed.copy(tmp_path / "outside")
    outside = House.found("另一")
    asyncio.run(renewing.renew(world.bag, stamping(outside, NOW + DAY), outside.root.pem, unjudged))
    first = world.chain / "0001" / renewals.STAMP
    before, _, after = first.read_bytes().rpartition(ECDSA_SHA_256)
    first.write_bytes(before + ECDSA_SHA_512 + after)
    world.renew(NOW + 2 * DAY)
    assert world.found() == [("renewals/0001/chain-sha512.txt.tsr", "stamp")]
    verdict = verify(world.bag, world.folder / "trust", lambda *_: None)
    assert [(one.step, one.object, one.why) for one in verdict.unchecked] == [
        (14, "renewals/0001/chain-sha512.txt.tsr", "stamp")
    ]
    flipped(world.chain / "0002/chain-sha512.txt")
    assert ("renewals/0002/chain-sha512.txt.tsr", "stamp") in world.found()
    verdict = verify(world.bag, world.folder / "trust", lambda *_: None)
    assert verdict.status is Status.WRONG
