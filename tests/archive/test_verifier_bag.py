"""The verifier over a whole small bag: right as it is, and each thing wrong with it named by step and object."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from archive.verifier.findings import Status, Unusable, Verdict
from archive.verifier.verify import verify
from signing.merkle import Tree, leaf_hash
from tests.archive import bag_example
from tests.archive.authority import NOW, SIGNER, House, stamp
from tests.archive.remembered import remembered
from tests.faults import tamper

HOUSE = Path(__file__).resolve().parents[2]
Change = Callable[[Path], None]


def silent(what: str, done: int, total: int) -> None:
    """No progress in tests."""


@pytest.fixture(scope="module", autouse=True)
def _remembered() -> Iterator[None]:
    with remembered():
        yield


@pytest.fixture(scope="module")
def house() -> House:
    """The centre's own certificates."""
    return House.found()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, house: House) -> Path:
    """A folder with the bag and, beside it, what the centre published."""
    folder = tmp_path_factory.mktemp("made")
    bag_example.write(folder, house=house)
    return folder


@pytest.fixture(scope="module")
def stranger() -> House:
    return House.found("别人")


def check(bag: Path, trust: Path | None = None) -> Verdict:
    return verify(bag, trust, silent)


def objects(verdict: Verdict) -> set[tuple[int, str]]:
    """(step, object) of every finding."""
    return {(finding.step, finding.object) for finding in verdict.findings}


def forged(made: Path, folder: Path, change: Change) -> Verdict:
    """The verdict over a copy that was changed and whose lists and seal were made anew by the centre's own key."""
    bag = tamper.copy(made / bag_example.CASE, folder / "forged")
    change(bag)
    tamper.relist(bag)
    return check(bag, made / "trust")


def test_a_bag_as_written_is_right_and_trusted(made: Path) -> None:
    verdict = check(made / bag_example.CASE, made / "trust")
    assert verdict.findings == ()
    assert verdict.unchecked == ()
    assert verdict.status is Status.RIGHT


def test_without_trust_the_verdict_names_the_fingerprint_and_is_not_the_whole_one(made: Path) -> None:
    verdict = check(made / bag_example.CASE)
    assert (verdict.findings, verdict.status) == ((), Status.PARTLY_CHECKED)
    assert [one.why for one in verdict.unchecked] == ["who-sealed"]
    pem = made / "trust" / "root.pem"
    shown = subprocess.check_output(["openssl", "x509", "-in", pem, "-noout", "-fingerprint", "-sha256"], text=True)
    assert shown.split("=")[1].strip().replace(":", "").lower() == verdict.sealed_by


def test_what_is_no_bag_and_what_is_no_trust_is_an_unusable_call(made: Path, tmp_path: Path) -> None:
    with pytest.raises(Unusable):
        check(tmp_path)
    with pytest.raises(Unusable):
        check(made / bag_example.CASE, tmp_path)


def test_another_centres_trust_refuses_the_bag(made: Path, tmp_path: Path) -> None:
    bag_example.write(tmp_path)
    verdict = check(made / bag_example.CASE, tmp_path / "trust")
    assert {(2, "trust/root.pem"), (2, "trust/deployment.json"), (2, tamper.SEAL)} <= objects(verdict)


def test_files_beside_the_lists_missing_files_and_links_are_named(made: Path, tmp_path: Path) -> None:
    bag = tamper.copy(made / bag_example.CASE, tmp_path / "bag")
    (bag / "data" / "extra.txt").write_text("x")
    (bag / "stray.txt").write_text("x")
    (bag / "data" / "empty").mkdir()
    (bag / "data" / "report" / "report.pdf").unlink()
    (bag / "data" / "link").symlink_to("/etc/hostname")
    verdict = check(bag, made / "trust")
    named = {(finding.object, finding.what) for finding in verdict.findings if finding.step == 1}
    assert {
        ("data/extra.txt", "unlisted"),
        ("stray.txt", "unlisted"),
        ("data/empty", "not-a-file"),
        ("data/link", "not-a-file"),
        ("data/report/report.pdf", "missing"),
        ("bag-info.txt", "payload-oxum"),
    } <= named


def without_line(number: int) -> Change:
    """Take a line out of the log, and out of the entries."""

    def change(bag: Path) -> None:
        for name in ("log.jsonl", "entries.txt"):
            path = bag / "data" / "log" / name
            lines = path.read_bytes().splitlines(keepends=True)
            path.write_bytes(b"".join(lines[: number - 1] + lines[number:]))

    return change


def cut_off(bag: Path) -> None:
    """End the log at its first checkpoint, consistently: the later statements never happened."""
    checkpoints = sorted((bag / "data/log/checkpoints").iterdir())
    size = int(checkpoints[0].stem)
    checkpoints[-1].unlink()
    for name in ("log.jsonl", "entries.txt"):
        path = bag / "data" / "log" / name
        path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:size]))


def swap_signatures(bag: Path) -> None:
    """Put one member's signature in another's place."""
    first, second = sorted((bag / "data" / "report" / "signatures").glob("*.p7s"))
    content = first.read_bytes()
    first.write_bytes(second.read_bytes())
    second.write_bytes(content)


def swap_stamps(bag: Path) -> None:
    """Put one signature's time stamp beside another's."""
    first, second = sorted((bag / "data" / "report" / "signatures").glob("*.tsr"))
    content = first.read_bytes()
    first.write_bytes(second.read_bytes())
    second.write_bytes(content)


def swap_segments(bag: Path) -> None:
    """Exchange two takes of equal length."""
    first, second = (bag / f"data/footage/A-0{n}/camera/take01.webm" for n in (1, 2))
    content = first.read_bytes()
    first.write_bytes(second.read_bytes())
    second.write_bytes(content)


def longer_take(bag: Path) -> None:
    """Append a byte that no segment names."""
    with (bag / "data/footage/A-01/camera/take01.webm").open("ab") as file:
        file.write(b"x")


def other_score(bag: Path) -> None:
    """Change a score in the tally's input, and say so in its digest's place nowhere."""
    path = bag / "data/tally/tally.json"
    path.write_bytes(path.read_bytes().replace(b'"T1":"38.5"', b'"T1":"39.5"', 1))


def gone(path: str) -> Change:
    """Remove a file."""
    return lambda bag: (bag / path).unlink()


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (without_line(40), (3, "data/log/checkpoints")),
        (cut_off, (3, "data/log/log.jsonl")),
        (swap_signatures, (10, "data/report/signatures/m1.p7s report.signed m1")),
        (swap_stamps, (12, "data/report/signatures/m1.tsr")),
        (gone("data/report/signatures/m2.tsr"), (12, "data/report/signatures/m2.tsr")),
        (gone("tagmanifest-sha256.txt.tsr"), (12, "tagmanifest-sha256.txt.tsr")),
        (swap_segments, (11, "data/footage/A-02/camera/take01.webm segment 1")),
        (longer_take, (11, "data/footage/A-01/camera/take01.webm")),
        (other_score, (9, "data/tally/tally.json sheets[0]")),
        (gone("data/draw/experts-pool.jsonl"), (8, "data/draw/experts-pool.jsonl")),
        (gone("data/report/signatures/m2.p7s"), (10, "data/report/signatures/m2.p7s")),
        (gone("data/log/deployment/proof.txt"), (4, "data/log/deployment/proof.txt")),
        (gone("data/footage/A-03/camera/take01.jsonl"), (11, "data/footage/A-03/camera/take01.jsonl line 1")),
    ],
)
def test_a_consistent_looking_forgery_is_named_where_it_was_made(
    made: Path, tmp_path: Path, change: Change, named: tuple[int, str]
) -> None:
    assert named in objects(forged(made, tmp_path, change))


def test_a_signed_checkpoint_of_another_history_is_named_with_the_stretch(made: Path, tmp_path: Path) -> None:
    """What a log key shows to one reader and not to another comes to light when both notes lie side by side."""
    room = bag_example.Room(House.found())
    other = Tree(leaf_hash(bytes([number]) * 32) for number in range(40))
    note = room.head(f"{bag_example.DEPLOYMENT}/{bag_example.CASE}", other)

    def change(bag: Path) -> None:
        (bag / "data/log/checkpoints/000000040.note").write_bytes(note)

    found = [one for one in forged(made, tmp_path, change).findings if one.what == "root-differs"]
    agreed = int(min((made / bag_example.CASE / "data/log/checkpoints").iterdir()).stem)
    assert [(one.object, one.detail) for one in found] == [
        ("data/log/checkpoints/000000040.note", f"data/log/log.jsonl lines {agreed + 1}-40")
    ]


def test_a_seal_by_another_certificate_of_the_same_centre_is_refused(made: Path, tmp_path: Path, house: House) -> None:
    bag = tamper.copy(made / bag_example.CASE, tmp_path / "bag")
    member = House(house.root, house.issuing, house.issuing.issue("评委9", SIGNER), house.stamper)
    tamper.reseal(bag, member)
    assert [one.what for one in check(bag, made / "trust").findings] == ["not-the-sealing-certificate"]


def test_a_planted_stamp_is_named_with_its_reason(made: Path, tmp_path: Path, house: House, stranger: House) -> None:
    path = "data/report/signatures/m1.tsr"
    signature = (made / bag_example.CASE / "data/report/signatures/m1.p7s").read_bytes()
    member = replace(house, stamper=house.signer)
    planted = {
        "stamp-path": (stamp(stranger, signature), stamp(member, signature)),
        "stamp-time": (stamp(house, signature, 2**31),),
        "stamp-early": (stamp(house, signature, NOW - 400),),
        "stamp-imprint": (stamp(house, signature + b"x"),),
        "stamp-malformed": (b"", signature),
    }
    for code, responses in planted.items():
        for response in responses:

            def plant(bag: Path, response: bytes = response) -> None:
                (bag / path).write_bytes(response)

            found = [(one.object, one.detail) for one in forged(made, tmp_path, plant).findings if one.step == 12]
            assert found == [(path, code)]
            shutil.rmtree(tmp_path / "forged")


def test_stamps_of_an_outside_authority_are_judged_by_the_certificate_the_centre_published(
    tmp_path: Path, house: House, stranger: House
) -> None:
    """Its certificates are published beside the centre's own root; without them its stamps are nobody's."""
    mixed = replace(house, stamping=stranger)
    bag_example.write(tmp_path, house=mixed)
    bag = tmp_path / bag_example.CASE
    assert check(bag, tmp_path / "trust").status is Status.RIGHT
    (tmp_path / "trust" / "timestamp.pem").unlink()
    refused = [one for one in check(bag, tmp_path / "trust").findings if one.step == 12]
    assert {one.detail for one in refused} == {"stamp-path"}
    assert len(refused) > len(bag_example.MEMBERS)


def test_a_demonstration_that_hides_it_is_named(made: Path, tmp_path: Path, house: House) -> None:
    bag = tamper.copy(made / bag_example.CASE, tmp_path / "bag")
    lines = (bag / "bag-info.txt").read_bytes().splitlines(keepends=True)
    (bag / "bag-info.txt").write_bytes(b"".join(lines[:-1]))
    tamper.reseal(bag, house)
    assert objects(check(bag, made / "trust")) == {(1, "bag-info.txt Bid-Notice")}


def test_a_missing_signature_is_named_and_its_authorisation_left_unused(made: Path, tmp_path: Path) -> None:
    path = tamper.kinds(made / bag_example.CASE)["signature"][0]
    found = forged(made, tmp_path, gone(path))
    assert (5, path) in objects(found)
    assert "leaf-unused" in {finding.what for finding in found.findings}


def test_every_kind_of_object_and_every_root_file_is_found_changed(made: Path, tmp_path: Path) -> None:
    bag = tamper.copy(made / bag_example.CASE, tmp_path / "bag")
    assert set(tamper.kinds(bag)) == set(tamper.KINDS) - {"twin"}  # this case is signed by P-256 alone
    for path in [paths[-1] for paths in tamper.kinds(bag).values()] + tamper.kinds(bag)["root"]:
        for offset in (0, len((bag / path).read_bytes()) // 2, -1):
            tamper.mutate(bag, path, offset)
            found = objects(check(bag, made / "trust"))
            assert [name for _, name in found if name.split(" ")[0].startswith(path)], (path, offset)
            tamper.mutate(bag, path, offset)
    assert check(bag, made / "trust").status is Status.RIGHT


def test_a_forger_with_another_key_is_refused_and_the_inner_layers_still_name_the_change(
    made: Path, tmp_path: Path, stranger: House
) -> None:
    for kind, paths in tamper.kinds(made / bag_example.CASE).items():
        for place, path in enumerate({paths[0], paths[-1]} if kind not in tamper.SEALED_ONLY else ()):
            bag = tamper.copy(made / bag_example.CASE, tmp_path / kind / str(place))
            tamper.mutate(bag, path, len((bag / path).read_bytes()) // 2)
            tamper.reseal(bag, stranger)
            assert (2, tamper.SEAL) in objects(check(bag, made / "trust"))
            inner = {found for step, found in objects(check(bag)) if step > 2}
            assert [found for found in inner if found.startswith(path.removesuffix(".p7s"))], (path, inner)
            shutil.rmtree(bag)


def test_a_forger_who_brings_his_own_root_is_refused_by_trust_and_loses_every_signature(
    made: Path, tmp_path: Path, stranger: House
) -> None:
    bag = tamper.copy(made / bag_example.CASE, tmp_path / "bag")
    tamper.replace_root(bag, stranger)
    tamper.reseal(bag, stranger)
    assert {(2, "trust/root.pem"), (2, "trust/issuing.pem")} & objects(check(bag, made / "trust"))
    alone = check(bag)
    assert alone.sealed_by == stranger.root.read.sha256
    lost = {finding.object.split(" ")[0] for finding in alone.findings if finding.detail == "cms-path"}
    kinds = tamper.kinds(bag)
    assert lost == {*kinds["signature"], *kinds["report-signature"], "data/report/signed.pdf"}


def test_the_changed_line_of_the_log_is_named_exactly(made: Path, tmp_path: Path) -> None:
    log = (made / bag_example.CASE / "data/log/log.jsonl").read_bytes()
    at = log.index('"演示代理"'.encode()) + 4

    def change(bag: Path) -> None:
        tamper.mutate(bag, "data/log/log.jsonl", at)

    found = forged(made, tmp_path, change)
    assert (3, "data/log/log.jsonl line 1") in objects(found)
    assert not [finding for finding in found.findings if finding.what == "root-differs"]


def test_the_zip_application_runs_in_the_bag_without_site_or_environment(made: Path) -> None:
    bag = made / bag_example.CASE
    command = [sys.executable, "-I", "-S", "verify.pyz", "--trust", "../trust"]
    done = subprocess.run(command, cwd=bag, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "全部核验通过" in done.stdout
    done = subprocess.run([*command[:-2], "--json"], cwd=bag, capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert json.loads(done.stdout)["status"] == 3
    done = subprocess.run([*command[:4], "/nowhere"], cwd=bag, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert not list(bag.rglob("__pycache__"))


def test_every_code_a_step_yields_has_words_in_both_languages() -> None:
    words = json.loads((HOUSE / "archive/verifier/words.json").read_text(encoding="utf-8"))
    source = "".join(path.read_text(encoding="utf-8") for path in (HOUSE / "archive/verifier").glob("*.py"))
    for code, pair in words["what"].items():
        assert f'"{code}"' in source, code
        assert len(pair) == 2
