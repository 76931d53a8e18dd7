"""Seals by keys of others (a bidder's answer): ordinary detached CMS with P-256 under a certificate known beforehand.

No path is built: the certificate is the one that came with the opening package, byte for byte. What other algorithms or
encodings such a seal may use is not judged here but said to be unchecked.
"""

from base64 import b64decode

from archive.verifier import cms, der, p256, suites, x509


class NotJudged(ValueError):
    """A form of signature or certificate that this verifier does not know: neither right nor wrong."""

    code = "outside-signature"


def verify(file: bytes, digest: bytes, certificate: x509.Certificate) -> bool:
    """Whether the one signer in `file` signed content of SHA-256 `digest` with that key (RFC 5652 §5.4)."""
    try:
        attributes, value = _take_out(der.read(file))
        found = dict(_attribute(one) for one in attributes.of(cms.CONTEXT_0).children)
        stated = found[cms.MESSAGE_DIGEST].of(der.OCTET_STRING).content
        r, s = x509.signature_of(value.of(der.OCTET_STRING).content)
    except (der.NotDer, KeyError, ValueError) as error:
        raise NotJudged(str(error)) from error
    return stated == digest and p256.verify(certificate.point, der.encode(der.SET, attributes.content), r, s)


def _take_out(file: der.Element) -> tuple[der.Element, der.Element]:
    """The signed attributes and the signature value of the only signer."""
    name, wrapped = file.fields(der.SEQUENCE, 2)
    (content,) = wrapped.fields(cms.CONTEXT_0, 1)
    (info,) = content.of(der.SEQUENCE).children[-1].fields(der.SET, 1)
    _, _, algorithm, attributes, signature_algorithm, value = info.of(der.SEQUENCE).children[:6]
    is_known = algorithm.children[0].raw == der.read(suites.SHA256).children[0].raw
    if name.raw != suites.P256.signed_data or not is_known or signature_algorithm.raw != suites.ECDSA_WITH_SHA256:
        raise NotJudged("another algorithm")
    return attributes, value


def _attribute(attribute: der.Element) -> tuple[bytes, der.Element]:
    name, values = attribute.fields(der.SEQUENCE, 2)
    return name.raw, values.fields(der.SET, 1)[0]


def certificate_in(pem: bytes) -> bytes:
    """The encoding of the first certificate in a PEM file, however its writer spelled it; b"" if there is none."""
    body = pem.partition(b"-----BEGIN CERTIFICATE-----")[2].partition(b"-----END CERTIFICATE-----")[0]
    try:
        return b64decode(b"".join(body.split()), validate=True)
    except ValueError:
        return b""


def certificate(raw: bytes) -> x509.Certificate:
    """The certificate of that encoding. Raises NotJudged."""
    try:
        found = x509.read(raw)
    except x509.NotACertificate as error:
        raise NotJudged(str(error)) from error
    if found.suite is not suites.P256:
        raise NotJudged("not a P-256 key")
    return found
