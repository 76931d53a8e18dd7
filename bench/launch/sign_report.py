"""`sign_report.py`: what a report with seven signatures inside costs, as one JSON object; processor time.

`report7_s`: seven signatures as the server makes them (picture, revision, the check of the activation process, value,
stamp, filling) and the closing stamp, on a whole report of Example A. `validate_ms`: one of them by the stranger's
program, its share of the taking apart included.
"""

import asyncio
import json
import time

from cryptography.hazmat.primitives.serialization import Encoding

from archive.report.render import render_report
from archive.verifier import authorities, pades, x509
from signing import pdf
from signing.pdf_fields import reserve
from tests.archive.report_example import example_a
from tests.signing.signed_report import member, picture, signed_report
from tests.signing.world import WORLD

MEMBERS, ROUNDS = 7, 5


def seven_frames() -> bytes:
    """The report of Example A with frames for seven."""
    value = example_a()
    last = value["signatures"][-1]
    for number in range(len(value["signatures"]) + 1, MEMBERS + 1):
        value["signatures"].append({**last, "file": f"report/signatures/m{number}.p7s"})
    return asyncio.run(render_report(value))


def main() -> None:
    """Measure and print."""
    base = seven_frames()
    members = [member(number) for number in range(1, MEMBERS + 1)]
    picture(base, members[0], "同意并签署")  # the font is open in a running server
    signing, judging, data = [], [], b""
    for _ in range(ROUNDS):
        reserve.cache_clear()
        began = time.process_time()
        data = signed_report(base, members)
        signing.append(time.process_time() - began)
    for _ in range(ROUNDS):
        judging.append(judge(base, data))
    figures = {"report7_s": min(signing), "validate_ms": min(judging) / (MEMBERS + 1) * 1000}
    print(json.dumps(figures))


def judge(base: bytes, data: bytes) -> float:
    """Processor seconds of the stranger's whole judgement: seven signatures, their stamps, the closing stamp."""
    for known in (reserve, x509.read, x509.is_signed_by):
        known.cache_clear()
    began, later = time.process_time(), int(time.time()) + (1 << 25)
    raw = WORLD.root.certificate.public_bytes(Encoding.DER)
    root, trusted = x509.read(raw), (authorities.read(raw),)
    for one in pdf.growth(base, data).revisions:
        if one.mark is None:
            pades.verify_token(one.content, one.digest(data), trusted, later)
        else:
            inner = pades.verify(one.content, one.digest(data), root, int(one.mark.at.timestamp()))
            pades.verify_stamp(inner, trusted, later)
    return time.process_time() - began


if __name__ == "__main__":
    main()
