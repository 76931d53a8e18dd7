"""What a bag is made of, as plain values: whoever closes a case gathers them, `archive.bag` writes them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path


def folder_of(folder: str, lot: str) -> str:
    """Where a lot's files lie: `data/report/1`; the folder itself where the tender is not divided."""
    return f"{folder}/{lot}" if lot else folder


@dataclass(frozen=True, slots=True)
class Information:
    """The lines of bag-info.txt that the log does not give; `date` is YYYY-MM-DD, `notice` "" where there is none."""

    organisation: str
    date: str
    profile: str
    profile_digest: str
    notice: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """A document by its name (its suffix is kept), its role and its bytes, or the file that holds them."""

    name: str
    role: str
    content: bytes | Path


@dataclass(frozen=True, slots=True)
class Draw:
    """One draw: transcript, frozen pool (lines), openings of the sealed order and of the list that stood afterwards.

    Canonical JSON but for the pool; `standing` is empty where nothing was re-screened.
    """

    transcript: bytes
    pool: bytes
    order: bytes
    standing: bytes = b""


@dataclass(frozen=True, slots=True)
class CaseLog:
    """The statements in order; checkpoints by size; the deployment's statement about the last one, with its proof."""

    statements: Sequence[bytes]
    checkpoints: Mapping[int, bytes]
    deployment_statement: bytes
    deployment_proof: bytes


@dataclass(frozen=True, slots=True)
class Tally:
    """Input and result of the computation (both empty when the tender failed before), and the criteria: JSON."""

    input: bytes
    result: bytes
    criteria: bytes


@dataclass(frozen=True, slots=True)
class Signatures:
    """The detached signatures over one content: the P-256 CMS and the SM2 twin, empty where none is wanted."""

    cms: bytes
    twin: bytes = b""

    @property
    def files(self) -> dict[str, bytes]:
        """Those that there are, by the ending of their names."""
        named = {".p7s": self.cms, ".sm2.cms": self.twin}
        return {ending: file for ending, file in named.items() if file}


@dataclass(frozen=True, slots=True)
class Report:
    """The PDF, the data it was made from, and each member's detached signatures over the PDF by member id.

    `signed` is the PDF with the signatures inside, closed, `validation` what pyHanko said of it (JSON); both are empty
    where nobody has signed.
    """

    pdf: bytes
    data: bytes
    signatures: Mapping[str, Signatures]
    signed: bytes = b""
    validation: bytes = b""
    voided: Mapping[str, "Voided"] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Voided:
    """A report that a replacement or a rollback made void, under its digest, with the signatures it already had."""

    pdf: bytes
    signatures: Mapping[str, Signatures]


@dataclass(frozen=True, slots=True)
class Seal:
    """The centre's detached CMS over the tag manifest, and the time stamp over that CMS."""

    signature: bytes
    timestamp: bytes


@dataclass(frozen=True, slots=True)
class Lot:
    """What the bag holds apart for each lot."""

    tally: Tally
    report: Report


@dataclass(frozen=True, slots=True)
class BagSource:
    """Everything of one case.

    `lots` by id, those that were begun; one under "" where the tender is not divided. `profile` is JSON, `signatures`
    are the detached ones by log index, `authorisations` the records' bytes, `answers` the bidders' signatures by
    clarification id, `draws` by name (`venues`, `experts`), `footage` files by their path under `data/footage/`
    (`A-01/camera/take01.webm`), `timestamps` the stamps of signatures by the SHA-256 (hex) of what they are over,
    `revoked` the issuing CA's list of certificates that sign no longer, `revoked_sm2` that of the SM2 issuing CA (empty
    where the profile wants no SM2 signatures),
    `trust` the files of `archive.published.trust_files`. A document from a package has the name (its path there) and
    the role that `package.received` gives it.
    """

    case: str
    information: Information
    log: CaseLog
    lots: Mapping[str, Lot]
    profile: bytes
    trust: Mapping[str, bytes]
    signatures: Mapping[int, Signatures] = field(default_factory=dict)
    authorisations: Sequence[bytes] = ()
    documents: Sequence[Document] = ()
    answers: Mapping[str, bytes] = field(default_factory=dict)
    draws: Mapping[str, Draw] = field(default_factory=dict)
    footage: Mapping[str, Path] = field(default_factory=dict)
    timestamps: Mapping[str, bytes] = field(default_factory=dict)
    revoked: bytes = b""
    revoked_sm2: bytes = b""
