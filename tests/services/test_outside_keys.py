"""A whole case whose members' keys live at a provider, from pledge to report: strangers' tools judge the bag."""

import json
from asyncio.subprocess import PIPE, create_subprocess_exec
from base64 import b64decode, b64encode
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding

from conduct import reporting
from conduct.authorising import Office
from storage.deployment_keys import DeploymentKeys
from storage.store import Store
from tests.archive.test_bag_writing import by_hand, instructions
from tests.gateways.csc_provider import CscProvider, csc_provider
from tests.services.evaluation import CASE
from tests.services.outside_keys import Names, OutsideEvaluation, with_provider
from tests.services.test_reporting import answer, printed, seal, to_summary

REISSUED = "评委1"
ALIASES = ("评委1", "评委2", "评委3", "评委4", "评委5")


async def sealed(served: CscProvider, store: Store, office: Office, keys: DeploymentKeys, folder: Path) -> Path:
    """The bag of the case, judged right by the stranger's program."""
    evaluation = OutsideEvaluation(store, with_provider(office, served), folder)
    evaluation.names = Names(served, office.organisation)
    await to_summary(evaluation)
    await evaluation.another_key(evaluation.member(REISSUED).who)
    await evaluation.sum_up()
    await reporting.render(store, CASE)
    for alias in ALIASES:
        await answer(evaluation, alias, "signed")
    verdict = await seal(evaluation, keys, folder, served.ca.root.certificate)
    assert (verdict.status, verdict.findings, verdict.unchecked) == (0, (), ())
    assert evaluation.office.outside is not None
    await evaluation.office.outside.provider.close()
    return folder / CASE


async def test_a_case_signed_at_a_provider_is_accepted_by_the_verifier_openssl_and_pdfsig(
    store: Store, office: Office, keys: DeploymentKeys, tmp_path: Path
) -> None:
    async with csc_provider() as served:
        bag = await sealed(served, store, office, keys, tmp_path)
        root = served.ca.root.certificate.public_bytes(Encoding.PEM)
        address = served.url
    assert (bag / "trust/licensed.pem").read_bytes() == root

    lines = store.look(lambda tx: [json.loads(data) for _, data in tx.statements(CASE)])
    enrolled = [one["body"] for one in lines if one["kind"] in {"seat.enrolled", "certificate.reissued"}]
    assert [one["provider"] for one in enrolled] == [address] * (len(ALIASES) + 1)
    certificates = {one["certificate"] for one in enrolled}
    assert certificates == {b64encode(held.chain[0]).decode() for held in served.keys.values()}

    # The provider was told digests and nothing else, the PIN with those alone that it then signed.
    asked, signed = served.calls("credentials/authorize"), served.calls("signatures/signHash")
    assert [one["hash"] for one in asked] == [one["hash"] for one in signed]
    assert {len(b64decode(digest)) for one in asked for digest in one["hash"]} == {32}
    assert not served.activations

    assert "第三方电子认证证书" in printed((bag / "data/report/report.pdf").read_bytes())
    commands = [line for line in instructions(bag) if "licensed.pem" in line]
    assert commands
    for command in commands:
        assert command.startswith("openssl cms -verify")
        assert by_hand(command, bag) == 0, command
    judge = await create_subprocess_exec("pdfsig", "-nocert", str(bag / "data/report/signed.pdf"), stdout=PIPE)
    assert (await judge.communicate())[0].count(b"Signature is Valid") == len(ALIASES)
