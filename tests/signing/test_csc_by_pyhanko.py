"""Another's software signs a PDF through the started server: pyHanko's CSC client; pdfsig and pyHanko judge it."""

import io
import ssl
from asyncio.subprocess import PIPE, create_subprocess_exec
from base64 import b64encode
from pathlib import Path
from typing import Any

import aiohttp
from pyhanko.keys import load_cert_from_pemder
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import PdfSignatureMetadata, async_sign_pdf
from pyhanko.sign.signers.csc_signer import (
    CSCAuthorizationInfo,
    CSCAuthorizationManager,
    CSCServiceSessionInfo,
    CSCSigner,
    fetch_certs_in_csc_credential,
)
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from demo import documents
from evaluation.case import MemberId
from identity.roles import Role
from identity.sessions import Holder
from signing.statement import parse_statement
from storage.transaction import Transaction
from tests.browser.site import BEFORE_THE_PLEDGE, Site, at_work, pair, prepared, serving, session
from tests.services.csc import give_software_key
from tests.services.evaluation import CASE, PASSWORD
from web.cookies import SEAT, SESSION

MEMBER = MemberId("m1")


class Authorising(CSCAuthorizationManager):
    """Asks for activation data over exactly the digests that are about to be signed."""

    def __init__(self, session: aiohttp.ClientSession, *told: Any) -> None:  # noqa: ANN401 - as the library wants
        super().__init__(*told)
        self._session = session

    async def authorize_signature(self, hash_b64s: list[str]) -> CSCAuthorizationInfo:
        url = self.csc_session_info.endpoint_url("credentials/authorize")  # type: ignore[no-untyped-call]
        asked = self.format_csc_auth_request(pin=PASSWORD, hash_b64s=hash_b64s)
        async with self._session.post(url, json=asked, headers=self.auth_headers, raise_for_status=True) as answer:
            return self.parse_csc_auth_response(await answer.json())


async def prepared_site(folder: Path) -> tuple[Site, dict[str, str]]:
    """A seated committee; what a member's browser sends with each call."""
    site = await prepared(folder, BEFORE_THE_PLEDGE, ())
    site.further["csc_name"] = "演示云签名"

    def enter(tx: Transaction) -> tuple[str, tuple[str, str]]:
        member, seat = tx.case(CASE).members[MEMBER], "a-paired-browser"
        paired = pair(tx, seat, member.venue, member.seat)
        return seat, session(tx, Holder(Role.MEMBER, MEMBER, member.venue, CASE, paired, member.seat))

    async with at_work(site) as evaluation:
        await give_software_key(evaluation, MEMBER)
        seat, (cookie, csrf) = await evaluation.store.act(enter)
    return site, {"Cookie": f"{SEAT}={seat}; {SESSION}={cookie}", "X-CSRF-Token": csrf, "Accept": "application/json"}


async def test_pyhanko_signs_a_pdf_with_a_members_key_and_pdfsig_and_pyhanko_judge_it(tmp_path: Path) -> None:
    site, browser = await prepared_site(tmp_path)
    root = site.folder / "var" / "trust" / "root.pem"
    connector = aiohttp.TCPConnector(ssl=ssl.create_default_context(cafile=str(root)))
    async with serving(site), aiohttp.ClientSession(connector=connector) as client:
        async with client.post(f"{site.origin}/cases/{CASE}/software", json={}, headers=browser) as answer:
            told = await answer.json()
            assert answer.status == 200, told
        service = CSCServiceSessionInfo(told["service"], told["credential"], oauth_token=told["access_token"])
        credential = await fetch_certs_in_csc_credential(client, service)
        assert (credential.hash_pinning_required, credential.max_batch_size) == (True, 100)
        signer = CSCSigner(client, Authorising(client, service, credential))
        paper = IncrementalPdfFileWriter(io.BytesIO(documents.authorisation_pdf()))
        about = PdfSignatureMetadata(field_name="Signature", md_algorithm="sha256")
        signed = (await async_sign_pdf(paper, about, signer)).getvalue()
    assert not site.complaints()

    (tmp_path / "signed.pdf").write_bytes(signed)
    found = PdfFileReader(io.BytesIO(signed)).embedded_signatures[0]
    anchor = load_cert_from_pemder(str(root))  # type: ignore[no-untyped-call]
    trusted = ValidationContext(trust_roots=[anchor], allow_fetching=False)
    status = await async_validate_pdf_signature(found, trusted)
    assert status.bottom_line
    judge = await create_subprocess_exec("pdfsig", "-nocert", str(tmp_path / "signed.pdf"), stdout=PIPE)
    assert b"Signature is Valid" in (await judge.communicate())[0]
    async with at_work(site) as evaluation:
        lines = evaluation.store.look(lambda tx: [parse_statement(data) for _, data in tx.statements(CASE)])
    stated = {one.kind: one.body for one in lines if one.kind.startswith("software.")}
    assert list(stated) == ["software.enrolled", "software.admitted", "software.signed"]
    value = found.signer_info["signature"].native
    assert stated["software.signed"]["signatures"] == [b64encode(value).decode()]
