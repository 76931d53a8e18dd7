"""A small whole case made by hand and written as a bag: every kind of object a bag holds, nothing from the server."""

import hmac
import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from archive.bag import BagSummary, write_bag
from archive.bag_source import BagSource, CaseLog, Document, Draw, Information, Lot, Report, Seal, Signatures, Tally
from archive.published import trust_files
from draw import chain, pool_file
from draw.lot import Turn, run
from draw.pool import Pool, Record, freeze, seal
from draw.request import Quota, Request
from draw.seed import Session
from draw.selection import NOBODY, Role, Roll, Want, first_wants
from draw.transcript import Result, Transcript
from draw.transcript import read as read_transcript
from evaluation.tally import compute, parse_case
from evaluation.tally.records import Records, document_from_records
from evaluation.tally.written import result_document
from signing import note
from signing.ca import Authority
from signing.canonical import canonical
from signing.crl import Revoked, make_crl
from signing.keys import MemoryKey
from signing.merkle import Tree, leaf_hash, root_of_entries
from signing.statement import Statement, entry
from tests.archive.authority import NOW, SIGNER, Holder, House, make, sign, stamp
from tests.archive.tiny_report import signed_inside, tiny_base

CASE, DEPLOYMENT = "E-2026-0001", "archive.example"
MEMBERS = ("m1", "m2", "m3")
BIDS = (
    {"id": "A", "name": "演示投标人甲", "price": "9000.00"},
    {"id": "B", "name": "演示投标人乙", "price": "9500.00"},
    {"id": "C", "name": "演示投标人丙", "price": "9500.00"},
)
SERVER = {"role": "server", "who": "server"}
AGENT = {"role": "agent", "who": "agent-1"}
CONFIRMING = {"role": "supervisor", "who": "supervisor-1"}
WITNESS = {"role": "witness", "who": "witness-1"}
PLEDGE, PDF = "评标纪律承诺书（演示）".encode(), tiny_base(MEMBERS)
ANSWER = "澄清答复（演示）".encode()
CRITERIA: dict[str, Any] = {
    "format": "bid-criteria/1",
    "title": "演示项目",
    "method": "comprehensive_evaluation",
    "limit": "10000.00",
    "clauses": [],
    "price": {"formula": "low_price_first", "weight": "30", "places": {"score": 2}},
    "groups": [
        {
            "id": "technical",
            "name": "技术",
            "max": "70",
            "over": "subtotal",
            "trim": [],
            "places": 2,
            "items": [
                {"id": "T1", "min": "0", "max": "40", "step": "0.5", "objective": False},
                {"id": "T2", "min": "0", "max": "30", "step": "0.5", "objective": False},
            ],
        }
    ],
    "ties": [{"rule": "lower_price"}],
    "candidates": 2,
}
OPENING = {
    "format": "bid-opening/1",
    "bids": [{"id": bid["id"], "price": bid["price"]} for bid in BIDS],
    "coefficients": {},
}
SIZES = (301, 5000, 4000)
"""Bytes of each segment of a take."""
BEGIN = datetime.fromtimestamp(NOW - 600, UTC)


VALUES: dict[str, Any] = {"method": {"ties_left": "lot"}}
"""What the verifier reads of the rule profile."""


def digest(data: bytes) -> str:
    """Hex SHA-256."""
    return sha256(data).hexdigest()


@dataclass
class Room:
    """Everything that happens in the case: the log grows by `state`, signatures by `state_signed`."""

    house: House
    log_key: Ed25519PrivateKey = field(default_factory=lambda: Ed25519PrivateKey.from_private_bytes(bytes(32)))
    statements: list[bytes] = field(default_factory=list)
    signatures: dict[int, Signatures] = field(default_factory=dict)
    authorisations: list[bytes] = field(default_factory=list)
    checkpoints: dict[int, bytes] = field(default_factory=dict)
    holders: dict[str, Holder] = field(default_factory=dict)
    documents: list[Document] = field(default_factory=list)
    bidder: Holder = field(default_factory=lambda: make("演示投标人甲", SIGNER))

    def statement(self, kind: str, body: dict[str, Any], case: str = CASE) -> bytes:
        """The bytes of a statement; salts and times follow from its place, so that a bag can be made again."""
        number = len(self.statements)
        salt = sha256(f"{case} {number}".encode()).digest()[:16]
        return Statement(kind, case, BEGIN + timedelta(milliseconds=number), salt, body).to_bytes()

    def state(self, kind: str, **body: Any) -> int:  # noqa: ANN401 - bodies are JSON
        """Log a statement; returns its index."""
        self.statements.append(self.statement(kind, body))
        return len(self.statements) - 1

    def enrol(self, holder_of: str, kind: str, **body: Any) -> None:  # noqa: ANN401 - bodies are JSON
        """Give somebody a certificate and log it."""
        self.state(kind, credential=f"c-{holder_of}", **self.certify(holder_of), **body)

    def certify(self, holder_of: str) -> dict[str, str]:
        """Issue a certificate; how an enrolment states it."""
        holder = self.holders[holder_of] = self.house.issuing.issue(f"评委 {holder_of}", SIGNER)
        return {"certificate": b64encode(holder.der).decode(), "certificate_sha256": digest(holder.der)}

    def sign(self, who: str, content: bytes, released: bytes) -> Signatures:
        """Somebody's signature over a content, under the authorisation record of that digest."""
        return Signatures(sign(self.holders[who], self.house.issuing, content, released))

    def trust(self) -> dict[str, bytes]:
        """What the centre publishes of itself beside what every centre does."""
        return {}

    def revoked_sm2(self) -> bytes:
        """The SM2 issuing CA's list, where there is such a CA."""
        return b""

    def sign_all(
        self, who: str, kind: str, bodies: Sequence[dict[str, Any]], extra: tuple[bytes, ...] = ()
    ) -> list[Signatures]:
        """Log statements that one password released together with further contents; signatures of the latter."""
        indexes = [self.state(kind, **body) for body in bodies]
        contents = [*(self.statements[index] for index in indexes), *extra]
        shown = b"\n".join(contents[: len(indexes)])
        record = self.authorise(who, [sha256(content).digest() for content in contents], digest(shown))
        released = sha256(record).digest()
        files = [self.sign(who, content, released) for content in contents]
        self.signatures.update(zip(indexes, files, strict=False))
        return files[len(indexes) :]

    def authorise(self, who: str, leaves: list[bytes], display: str) -> bytes:
        """The record of a password's release of these digests."""
        root = leaves[0] if len(leaves) == 1 else root_of_entries(leaves)
        act = {
            "certSha256": digest(self.holders[who].der),
            "credentialID": f"c-{who}",
            "display": display,
            "exp": NOW + 100,
            "hashAlgorithmOID": "2.16.840.1.101.3.4.2.1",
            "hashes": [root.hex()],
            "iat": NOW - 20,
            "meeting": CASE,
            "nonce": urlsafe_b64encode(sha256(b"".join(leaves)).digest()[:16]).rstrip(b"=").decode(),
            "numSignatures": len(leaves),
            "purpose": "score-sheet",
            "v": "bid-sad/1",
        }
        listed = [leaf.hex() for leaf in leaves]
        record = canonical({"act": act, "leaves": listed, "method": "pin", "v": "bid-authorisation/1"})
        self.authorisations.append(record)
        return record

    def vkey(self, origin: str) -> note.VerifierKey:
        """The log key under an origin."""
        return note.VerifierKey(origin, note.ED25519, self.log_key.public_key().public_bytes_raw())

    def head(self, origin: str, tree: Tree) -> bytes:
        """A signed checkpoint."""
        text = str(note.Checkpoint(origin, tree.size, tree.root()))
        return note.Note(text, (note.sign(text, self.vkey(origin), self.log_key.sign),)).to_bytes()

    def checkpoint(self) -> None:
        """Sign the log as it stands."""
        tree = Tree(leaf_hash(entry(raw)) for raw in self.statements)
        self.checkpoints[tree.size] = self.head(f"{DEPLOYMENT}/{CASE}", tree)

    def document(self, name: str, role: str, content: bytes) -> dict[str, Any]:
        """Keep a document; returns how a package names it."""
        self.documents.append(Document(name, role, content))
        return {"path": name, "role": role, "sha256": digest(content), "size": len(content)}


PARTIES = ("centre", "supervisor", "witness")
LINKS = 3


def secret(name: str, party: str) -> bytes:
    """A party's secret for a draw."""
    return sha256(f"{name} {party}".encode()).digest()


def salt_of(key: bytes, what: bytes) -> bytes:
    """The salt of a sealed list, from the draw's own key."""
    return hmac.digest(key, what, "sha256")


def draw(room: Room, name: str, records: Sequence[Record], count: int, form: dict[str, Any] | None = None) -> Draw:
    """A draw by three parties, logged step by step; one with a form is asked for by the server, and needs no second."""
    pool = freeze(seal(record, sha256(f"{name} {record.id}".encode()).digest()) for record in records)
    request = Request(CASE, (Quota(count),), terms=digest(canonical(form)) if form else "")
    commits = tuple((party, chain.commitment(secret(name, party), LINKS)) for party in PARTIES)
    persons = tuple((party, party) for party in PARTIES)
    session = Session(request, pool.root, len(pool.entries), commits, legal_persons=persons)
    asked = {"draw": name, "request": form or request.to_json(), "at": "2026-11-22T23:00:00.000Z"}
    room.state("draw.requested", by=SERVER if form else AGENT, **asked)
    if not form:
        room.state("draw.confirmed", by=AGENT, draw=name)
    room.state("draw.frozen", draw=name, root=pool.root.hex(), size=len(pool.entries), excluded={})
    for party, commit in commits:
        about = {"draw": name, "attempt": 1, "party": party, "legal_person": party, "host": party == "centre"}
        room.state("draw.committed", by=SERVER, **about, commit=commit.hex(), share_key=digest(party.encode()))
    context = session.context()
    room.state("draw.context", draw=name, attempt=1, context=context.decode(), digest=digest(context))
    return draw_round(room, name, session, pool, 0)


def draw_round(room: Room, name: str, session: Session, pool: Pool, round_no: int, roll: Roll = NOBODY) -> Draw:
    """One round: the links, the host's first, and the sealed order; a supplementary one is for one more member."""
    reveals = tuple((party, chain.reveal(secret(name, party), LINKS, round_no)) for party in PARTIES)
    wants = (Want(0, Role.MEMBER, 1),) if round_no else first_wants(session.request)
    turn = Turn(round_no, reveals, wants, roll)
    for party, link in reveals:
        room.state("draw.revealed", draw=name, attempt=1, round=round_no, party=party, reveal=digest(b"reveal" + link))
    outcome = run(session, turn, pool)
    order = [one.record.id for one in outcome.ordered]
    salt = salt_of(outcome.key, b"order-salt")
    opening = canonical({"salt": salt.hex(), "order": order})
    transcript = Transcript(session, turn, Result.of(outcome)).to_bytes()
    sealed = {"order": digest(salt + canonical(order)), "transcript": digest(transcript), "sealed": digest(b"sealed")}
    room.state("draw.sealed", draw=name, attempt=1, round=round_no, **sealed)
    return Draw(transcript, pool_file.write(pool.entries), opening)


def supplement(room: Room, first: Draw) -> Draw:
    """One of those drawn falls ill after the desk opened: asked for by one, confirmed by another, drawn anew."""
    drawn = read_transcript(first.transcript)
    gone, *standing = drawn.result.selections[0].taken
    about = {"draw": "experts", "round": 1}
    room.state("replacement.requested", by=AGENT, **about, member="", place="main", reason="health")
    room.state("replacement.confirmed", by=CONFIRMING, **about)
    room.state("draw.extended", attempt=1, **about)
    roll = Roll(tuple(sorted(standing)), ((gone, "health"),))
    return draw_round(room, "experts", drawn.session, freeze(pool_file.read(first.pool)), 1, roll)


def record_footage(room: Room, folder: Path, sizes: Sequence[int]) -> dict[str, Path]:
    """One take of synthetic bytes for each member's camera, with its sidecar and a named gap."""
    footage: dict[str, Path] = {}
    for number, member in enumerate(MEMBERS):
        seat = f"A-0{number + 1}"
        about: dict[str, Any] = {"seat": seat, "track": "camera", "take": 1}
        codec, suffix = ("h264", ".mp4") if member == MEMBERS[-1] else ("vp8", ".webm")
        name, bodies, content = f"{seat}/camera/take01{suffix}", [], bytearray()
        bodies.append(("take.started", {**about, "codec": codec, "file": name}))
        for place, size in enumerate(sizes):
            block = (sha256(f"{member} {place}".encode()).digest() * (size // 32 + 1))[:size]
            times = {"t0": "2026-11-22T23:10:00.000Z", "pts_ms": place * 4000, "dur_ms": 4000, "key": place > 0}
            segment = {**about, "n": place, "off": len(content), "len": size, "sha256": digest(block), **times}
            bodies.append(("segment.recorded", segment))
            content += block
        gap = {"from": "2026-11-22T23:20:00.000Z", "to": "2026-11-22T23:20:09.000Z", "reason": "network"}
        for kind, body in bodies:
            room.state(kind, **body)
        room.state("gap.named", seat=seat, track="camera", **gap)
        lines = [{**body, "case": CASE, "v": 1} for _, body in bodies] + [{**about, **gap, "case": CASE, "v": 1}]
        take = folder / name
        take.parent.mkdir(parents=True, exist_ok=True)
        take.write_bytes(content)
        take.with_suffix(".jsonl").write_bytes(b"".join(canonical(line) + b"\n" for line in lines))
        footage |= {name: take, name.replace(suffix, ".jsonl"): take.with_suffix(".jsonl")}
    return footage


def sheet(member: str, bid: str) -> dict[str, Any]:
    """A filled sheet."""
    first, second = ("38.5", "25.0") if bid == "A" else ("35.0", "28.5")
    return {
        "member": member,
        "alias": f"评委{member[1]}",
        "bid": bid,
        "scores": {"T1": first, "T2": second},
        "subtotals": {"technical": "63.50"},
        "comments": {},
    }


def score(room: Room) -> list[dict[str, Any]]:
    """Every member signs a sheet of every bid; the bodies."""
    sheets = [sheet(m, str(bid["id"])) for m in MEMBERS for bid in BIDS]
    for m in MEMBERS:
        room.sign_all(m, "sheet.signed", [one for one in sheets if one["member"] == m])
    return sheets


def open_case(room: Room) -> tuple[bytes, dict[str, Draw]]:
    """From the application to the open committee; returns the profile and the draws."""
    profile = canonical({"id": "demo", "v": 1, "values": VALUES})
    room.state(
        "case.created",
        by=AGENT,
        project="P-1",
        title="演示项目",
        tenderer="演示招标人",
        agent="演示代理",
        region="000000",
        lot="1",
        limit="10000.00",
        planned_start="2026-11-22T23:00:00.000Z",
        profile={"id": "demo", "digest": digest(profile)},
        demo=True,
    )
    tender = room.document("招标文件.txt", "tender", "招标文件（演示）".encode())
    room.state(
        "package.received",
        by=AGENT,
        type="tender",
        package=digest(b"zip 1"),
        files=[tender],
        criteria=digest(canonical(CRITERIA)),
    )
    draws = {
        "venues": draw(room, "venues", [Record(f"V-{n}") for n in range(4)], 2),
        "experts": draw(room, "experts", [Record(f"E{n:03d}", 1 + n % 3) for n in range(12)], 3),
    }
    prk = bytes.fromhex(json.loads(draws["experts"].transcript)["result"]["prk"])
    salt, standing = salt_of(prk, b"standing-salt"), json.loads(draws["experts"].order)["order"][:3]
    draws["experts"] = replace(draws["experts"], standing=canonical({"salt": salt.hex(), "order": standing}))
    room.state("draw.rescreened", order=digest(salt + canonical(standing)))
    found = dict.fromkeys(("arithmetic", "texts", "traces", "unread"), 0)
    findings = canonical({"format": "bid-precheck/1", **{name: [] for name in found}})
    kept = room.document("precheck.json", "precheck", findings)
    room.state("precheck.stated", findings=kept["sha256"], **found)
    draws["experts-1"] = supplement(room, draws["experts"])
    opening = [room.document("opening.json", "opening", canonical(OPENING))]
    opening.append(room.document("bids/A.txt", "bid", "投标文件甲（演示）".encode()))
    opening.append(room.document("certificates/A.pem", "certificate", room.bidder.pem))
    room.state("package.received", by=AGENT, type="opening", package=digest(b"zip 2"), files=opening, bids=list(BIDS))
    room.checkpoint()
    for number, member in enumerate(MEMBERS):
        room.enrol(member, "seat.enrolled", member=member, seat=f"A-0{number + 1}")
    room.enrol("witness-1", "person.enrolled", who="witness-1", role="witness")
    about = {"kind": "expert", "venue": "A", "seat": "A", "categories": []}
    rows = [{"member": m, "alias": f"评委{m[1]}", "name": f"专家{m}", **about} for m in MEMBERS]
    transcripts = {name: digest(one.transcript) for name, one in draws.items()}
    room.state("committee.opened", members=rows, transcripts=transcripts)
    return profile, draws


def cast_lot(room: Room, given: dict[str, Any], groups: Sequence[Sequence[str]]) -> tuple[Draw, dict[str, Any]]:
    """The lot over the bids that a tally's input leaves equal; with it what the next input says was drawn."""
    kept = room.document("tally/ties.json", "tied_tally", canonical(given))
    form = {"bids": [list(group) for group in groups], "case": CASE, "input": kept["sha256"]}
    bids = [bid for group in groups for bid in group]
    drawn = draw(room, "ties", [Record(bid) for bid in bids], len(bids), form)
    order = json.loads(drawn.order)["order"]
    room.state("draw.opened", draw="ties", order=order, transcripts={"ties": digest(drawn.transcript)})
    return drawn, {"draw": "ties", "order": order}


def evaluate(room: Room) -> tuple[bytes, bytes, bytes, Draw]:
    """Pledges, sheets, the answer to a question, the tally, a lot over B and C, which are equal.

    Returns input, result, the bidder's signature and the lot.
    """
    room.document("承诺书.txt", "pledge", PLEDGE)
    for m in MEMBERS:
        pledge = {"text": digest(PLEDGE), "bidders": ["甲", "乙"], "recusal": "none"}
        room.sign_all(m, "pledge.signed", [{"member": m, "alias": f"评委{m[1]}", **pledge}])
    room.document("answer.txt", "clarification", ANSWER)
    asked = {"text": "请说明（演示）", "due": "2026-11-22T23:40:00.000Z", "link": digest(b"link")}
    room.state("clarification.asked", id="q1", bid="A", pages=[1], **asked)
    builder = pkcs7.PKCS7SignatureBuilder().set_data(ANSWER)
    builder = builder.add_signer(room.bidder.certificate, room.bidder.key, SHA256())
    options = (pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary)
    answered = builder.sign(Encoding.DER, options)
    about = {
        "file": digest(ANSWER),
        "size": len(ANSWER),
        "seal": digest(room.bidder.der),
        "signature": digest(answered),
    }
    room.state("clarification.answered", id="q1", **about)
    room.state("clarification.confirmed", by=AGENT, id="q1")
    records = Records(CRITERIA, OPENING, MEMBERS, score(room), [], ties_left="lot")
    lot, drawn = cast_lot(room, document_from_records(records), [["B", "C"]])
    given = document_from_records(replace(records, drawn=[drawn]))
    result = result_document(compute(parse_case(given)))
    room.state("tally.computed", input=digest(canonical(given)), result=digest(canonical(result)), rows=result["rows"])
    return canonical(given), canonical(result), answered, lot


def sign_report(room: Room, data: bytes) -> Report:
    """Two members sign, the third refuses on record."""
    room.state("report.rendered", version=1, report=digest(PDF), data=digest(data))
    signatures: dict[str, Signatures] = {}
    for m in MEMBERS:
        outcome = "refused" if m == "m3" else "signed"
        body = {"member": m, "alias": f"评委{m[1]}", "outcome": outcome, "report": digest(PDF), "opinion": ""}
        files = room.sign_all(m, "report.signed", [body], () if outcome == "refused" else (PDF,))
        signatures.update((m, file) for file in files)
    room.sign_all("witness-1", "witness.stated", [{"by": WITNESS, "text": "全程见证（演示）"}])
    answered = [(m, f"评委{m[1]}", room.holders[m], pair.cms) for m, pair in signatures.items()]
    return Report(PDF, data, signatures, signed=signed_inside(room.house, PDF, answered), validation=b"{}")


def source(folder: Path, sizes: Sequence[int] = SIZES, house: House | None = None) -> tuple[BagSource, Room]:
    """What the bag is made of; footage lies at `folder/footage`, what the centre published at `folder/trust`."""
    room = Room(house or House.found())
    profile, draws = open_case(room)
    footage = record_footage(room, folder / "footage", sizes)
    given, result, answered, draws["ties"] = evaluate(room)
    data = canonical({"report": 1})
    report = sign_report(room, data)
    room.state("case.closed", by=SERVER, stages={})
    room.checkpoint()
    statement, proof = witness_of_the_deployment(room)
    made = BagSource(
        case=CASE,
        information=Information("演示交易中心", "2026-11-23", "demo", digest(profile), "演示数据，无法律效力"),
        log=CaseLog(room.statements, room.checkpoints, statement, proof),
        lots={"": Lot(Tally(given, result, canonical(CRITERIA)), report)},
        profile=profile,
        trust=publish(room, folder / "trust"),
        signatures=room.signatures,
        authorisations=room.authorisations,
        documents=room.documents,
        answers={"q1": answered},
        draws=draws,
        footage=footage,
        timestamps=stamps(
            room,
            [file for one in (*room.signatures.values(), *report.signatures.values()) for file in one.files.values()],
        ),
        revoked=revocations(room),
        revoked_sm2=room.revoked_sm2(),
    )
    return made, room


def revocations(room: Room, at: datetime = BEGIN + timedelta(days=1), without: str = "") -> bytes:
    """The issuing CA's list: every certificate of the room but one, ended at a time."""
    issuing = Authority(room.house.issuing.certificate, MemoryKey(room.house.issuing.key))
    serials = (holder.certificate.serial_number for who, holder in room.holders.items() if who != without)
    return make_crl(issuing, [Revoked(serial, at, "ended") for serial in serials], at)


def stamps(room: Room, signatures: Iterable[bytes]) -> dict[str, bytes]:
    """A time stamp over each signature."""
    return {digest(signature): stamp(room.house, signature) for signature in signatures}


def seal_of(house: House, tag_manifest: bytes) -> Seal:
    """The centre's seal."""
    signature = sign(house.signer, house.issuing, tag_manifest)
    return Seal(signature, stamp(house, signature))


def publish(room: Room, folder: Path) -> dict[str, bytes]:
    """Write what the centre tells the world into a folder; returns it."""
    house = room.house
    stamping = house.stamping.root.pem if house.stamping else b""
    ders = (house.root.der, house.issuing.der, house.signer.der)
    files = trust_files("演示交易中心", *ders, room.vkey(DEPLOYMENT), stamping) | room.trust()
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return files


def write(
    folder: Path, sizes: Sequence[int] = SIZES, target: Path | None = None, house: House | None = None
) -> tuple[BagSummary, Room]:
    """The bag, at `folder/E-2026-0001` if no target is given."""
    made, room = source(folder, sizes, house)
    house = room.house
    return write_bag(target or folder / CASE, made, lambda data: seal_of(house, data)), room


def witness_of_the_deployment(room: Room) -> tuple[bytes, bytes]:
    """The deployment's statement about the case's last checkpoint, and its proof among other statements."""
    tree = Tree(leaf_hash(entry(raw)) for raw in room.statements)
    about = {"origin": f"{DEPLOYMENT}/{CASE}", "size": tree.size, "root": tree.root().hex()}
    statement = room.statement("case.checkpoint", about, "deployment")
    deployment = Tree(leaf_hash(bytes([number]) * 32) for number in range(5))
    index = deployment.append(entry(statement))
    deployment.append(bytes(32))
    path = tuple(deployment.inclusion(index))
    proof = note.Proof(index, path, note.parse_note(room.head(DEPLOYMENT, deployment)))
    return statement, proof.to_bytes()
