"""Members certified by a licensed CA: judged under the root published for it, and under no other."""

from base64 import b64encode
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.x509 import Certificate

from archive import published
from archive.verifier import signed, x509
from archive.verifier.bag import open_bag
from conduct.opinion import _statements, _whose_certificates
from signing.cms import Chain
from tests.archive import authority, bag_example, tiny_report
from tests.archive.authority import SIGNER, Holder, House
from tests.archive.bag_example import CASE, MEMBERS, Room, digest
from tests.archive.test_verifier_bag import check, objects


class Made:
    """A bag in which these members have certificates of a licensed CA, and what the centre published."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, licensed: tuple[str, ...]) -> None:
        self.folder, self.ca = folder, House.found("电子认证机构")
        enrol, sign, trust_files = Room.enrol, authority.sign, published.trust_files

        def enrolled(room: Room, whose: str, kind: str, **body: Any) -> None:  # noqa: ANN401 - bodies are JSON
            if whose not in licensed:
                return enrol(room, whose, kind, **body)
            holder = room.holders[whose] = self.ca.issuing.issue(f"评委 {whose}", SIGNER)
            about = {"credential": f"c-{whose}", "certificate": b64encode(holder.der).decode()}
            room.state(kind, **about, certificate_sha256=digest(holder.der), **body)
            return None

        def signed(signer: Holder, issuing: Holder, *content: Any) -> bytes:  # noqa: ANN401 - as it takes
            own = signer.read.issuer == self.ca.issuing.read.subject
            return sign(signer, self.ca.issuing if own else issuing, *content)

        def files(*told: Any) -> dict[str, bytes]:  # noqa: ANN401 - as it takes
            return trust_files(*told) | published.licensed_file(self.ca.root.der)

        def chain(signer: Certificate, issuing: Certificate) -> Chain:
            own = signer.issuer == self.ca.issuing.certificate.subject
            return Chain(signer, self.ca.issuing.certificate if own else issuing)

        monkeypatch.setattr(Room, "enrol", enrolled)
        monkeypatch.setattr(tiny_report, "Chain", chain)
        monkeypatch.setattr(bag_example, "sign", signed)
        monkeypatch.setattr(bag_example, "trust_files", files)
        bag_example.write(folder)

    @property
    def trust(self) -> Path:
        return self.folder / "trust"

    @property
    def said(self) -> str:
        """Whose certificates the opinion says they are."""
        files = open_bag(self.folder / CASE)
        return _whose_certificates(files, list(_statements(files)))

    def findings(self, *, trust: bool = True) -> set[tuple[int, str]]:
        return objects(check(self.folder / CASE, self.trust if trust else None))


def test_a_bag_of_members_certified_elsewhere_holds_under_the_published_root(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Made(tmp_path, monkeypatch, MEMBERS)
    assert (made.findings(), made.findings(trust=False)) == (set(), set())
    assert (made.trust / "licensed.pem").read_bytes() == x509.pem(made.ca.root.der)
    assert made.said == "licensed"


@pytest.mark.parametrize("licensed", [(), MEMBERS[:1]])
def test_where_one_certificate_is_internal_the_opinion_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, licensed: tuple[str, ...]
) -> None:
    made = Made(tmp_path, monkeypatch, licensed)
    assert (made.findings(), made.said) == (set(), "internal")


def test_a_root_that_the_centre_did_not_publish_is_not_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Made(tmp_path, monkeypatch, MEMBERS)
    (made.trust / "licensed.pem").write_bytes(x509.pem(House.found("电子认证机构").root.der))
    found = made.findings()
    assert (2, "trust/licensed.pem") in found
    assert {step for step, _ in found} >= {2, 5, 10}
    (made.trust / "licensed.pem").unlink()
    assert (2, "trust/licensed.pem") in made.findings()
    (made.trust / "licensed.pem").write_bytes(b"none")
    with pytest.raises(Exception, match=r"licensed\.pem"):
        made.findings()


PROVIDER = (5, "provider-certificate")


@pytest.fixture
def held_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """A member's key is said to be held by a provider."""
    state = Room.state

    def naming(room: Room, kind: str, **body: Any) -> int:  # noqa: ANN401 - bodies are JSON
        held = {"provider": "https://sign.example/csc/v1"} if kind == "seat.enrolled" and body["member"] == "m1" else {}
        return state(room, kind, **body, **held)

    monkeypatch.setattr(Room, "state", naming)


@pytest.mark.parametrize(("licensed", "finding"), [(MEMBERS, set()), ((), {PROVIDER})])
def test_a_key_said_to_be_held_by_a_provider_is_certified_elsewhere(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    held_elsewhere: None,
    licensed: tuple[str, ...],
    finding: set[tuple[int, str]],
) -> None:
    made = Made(tmp_path, monkeypatch, licensed)
    assert {(one.step, one.what) for one in check(made.folder / CASE, made.trust).findings} == finding


def test_a_second_issuing_ca_of_the_centres_own_is_no_providers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, held_elsewhere: None
) -> None:
    centre, elsewhere = House.found(), House.found("电子认证机构")
    second = replace(elsewhere, issuing=centre.root.issue("外部云签名二级", authority.ca(0)))
    monkeypatch.setattr(House, "found", lambda label="": second if label else centre)
    made = Made(tmp_path, monkeypatch, MEMBERS)
    assert {(one.step, one.what) for one in check(made.folder / CASE, made.trust).findings} == {PROVIDER}


def test_what_cannot_be_read_as_the_centres_issuing_ca_is_a_finding_and_stops_no_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, held_elsewhere: None
) -> None:
    monkeypatch.setattr(signed, "_issuing", lambda _: [])  # as where the member signed nothing
    made = Made(tmp_path, monkeypatch, MEMBERS)
    (made.folder / CASE / "trust/issuing.pem").write_bytes(b"none")
    found = check(made.folder / CASE, made.trust)
    assert PROVIDER in {(one.step, one.what) for one in found.findings}
    assert "step-cannot-run" not in {one.what for one in found.findings}
