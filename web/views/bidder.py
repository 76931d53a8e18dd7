"""The bidder's page behind a one-time link: one question, one sealed answer. Who asks is nowhere in it."""

import asyncio
import hashlib
from dataclasses import asdict

from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from msgspec import Struct

from conduct import clarifying
from conduct.ports import Json, Tx
from evaluation.clarification import SealUnknown, Upload
from web.pages import page
from web.policy import ANYBODY, PAPERS, route
from web.visit import Visit

HEAD = 8


class SealedAnswer(Struct, forbid_unknown_fields=True):
    """The answer as a PDF and the detached signature (CMS, DER) of the bidder's own certificate over it."""

    file: bytes
    signature: bytes


@route("GET", "/b/{token}", ANYBODY)
async def question(visit: Visit) -> web.Response:
    """The question behind a one-time link, and until when it can be answered."""
    token = visit.request.match_info["token"]
    return page(visit, "bidder.html", await visit.services.store.read(lambda tx: _view(tx, token)))


@route("POST", "/b/{token}", ANYBODY, body=SealedAnswer, rate=PAPERS, form=question)
async def answer(visit: Visit, form: SealedAnswer) -> web.Response:
    """Answer once: a PDF under the seal that the opening package knows for this bidder."""
    token, services = visit.request.match_info["token"], visit.services
    certificate = await services.store.read(lambda tx: _certificate(tx, token))
    await services.check_seal(form.file, form.signature, certificate)
    seal = certificate.fingerprint(SHA256()).hex()
    head, size, digest = form.file[:HEAD], len(form.file), hashlib.sha256(form.file).hexdigest()
    signature = hashlib.sha256(form.signature).hexdigest()

    def give(tx: Tx) -> None:
        clarifying.answer(tx, token, Upload(head, size, digest, seal, tx.now), signature)

    for content in (form.file, form.signature):
        await asyncio.to_thread(services.store.objects.put, content)
    await services.store.act(give)
    return visit.done(f"/b/{token}", {"answered": True})


def _view(tx: Tx, token: str) -> Json:
    case, found = clarifying.find(tx, token)
    return asdict(clarifying.shown_to_bidder(tx.case(case), found)) | {"is_answered": bool(found.answer)}


def _certificate(tx: Tx, token: str) -> x509.Certificate:
    """The certificate that the opening package brought for the bidder. Raises `BadLink`, `SealUnknown`."""
    case, found = clarifying.find(tx, token)
    for one in tx.case(case).documents:
        if (one.role, one.path) == ("certificate", f"certificates/{found.bid}.pem"):
            return x509.load_pem_x509_certificate(tx.get_object(one.sha256))
    raise SealUnknown
