"""The activation process where a licensed CA certifies: it requests with a new key, and believes that CA's root."""

import asyncio
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from conduct.activation.office import ActivationOffice
from conduct.activation.questions import Create, Created, Sign
from conduct.activation.refusals import NotReleased
from conduct.activation.setup import Setup
from signing.cms import verify_detached
from storage.deployment_keys import DeploymentKeys
from tests.gateways.licensed_ca import LicensedCaServer, authorities
from tests.services.activation import CENTRE, CHEAP
from tests.services.test_activation import CASE, CREDENTIAL, LEAVES, PASSWORD, Member


async def test_a_key_is_requested_for_and_signs_under_the_licensed_root_alone(
    keys: DeploymentKeys, tmp_path: Path
) -> None:
    ca, root = authorities(), tmp_path / "licensed.pem"
    root.write_bytes(ca.root.certificate.public_bytes(Encoding.PEM))
    async with asyncio.TaskGroup() as tasks:
        office = await ActivationOffice.start(Setup(keys.share, *keys.root_certificates, CHEAP, licensed=root), tasks)
        named = ("评委3", CENTRE, CASE)
        made = await office.ask(Create(CREDENTIAL, memoryview(PASSWORD), os.urandom(32), None, "p256", named))
        signer, issuing = ca.certify(x509.load_der_x509_csr(made.csr))
        released = await office.ask(asked(keys, made, signer, issuing))
        stranger = certified_by(authorities("另一家机构"), made)
        with pytest.raises(NotReleased):
            await office.ask(asked(keys, made, *stranger))
        await office.close()
    found = verify_detached(released.signatures[0].cms, LEAVES[0], [ca.root.certificate], datetime.now(UTC))
    assert found.chain.signer == x509.load_der_x509_certificate(signer)


def asked(keys: DeploymentKeys, made: Created, signer: bytes, issuing: bytes) -> Sign:
    return Member(keys, made).asks(certificate=signer, issuing=issuing)


def certified_by(ca: LicensedCaServer, made: Created) -> list[bytes]:
    return ca.certify(x509.load_der_x509_csr(made.csr))
