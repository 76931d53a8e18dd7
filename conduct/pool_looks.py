"""Looking at a person in an owner's own pool: by the exact identity number, or one row with a reason; each is logged.

The log names the owner's code and never a person; the words typed as reason stay sealed, their digest is logged. There
is no search by name.
"""

import hashlib
from enum import StrEnum

from conduct import directory
from conduct.directory import DEPLOYMENT
from conduct.ports import Actor, Tx
from expert_pool.expert import Enrolment

LOOKS = "pool_look"
LEAST_WORDS = 4


class LookReason(StrEnum):
    """Why somebody looks at a person: 核对资料, 联系专家, 处理投诉, 监督检查."""

    DATA_CHECK = "data-check"
    CONTACT = "contact"
    COMPLAINT = "complaint"
    INSPECTION = "inspection"


class NoSuchExpert(Exception):
    """This owner's pool holds no such expert; what others hold is not told."""

    code = "pool.no_such_expert"


class ReasonMissing(Exception):
    """A look needs a reason in words of one's own."""

    code = "pool.reason_missing"


def search(tx: Tx, actor: Actor, owner: str, id_number: str) -> str:
    """The owner's code of the person with exactly this identity number, "" when there is none; logged either way."""
    found = tx.pool.code_of(owner, _edition(tx, owner), tx.pool.key(id_number.strip().upper())) or ""
    tx.record(DEPLOYMENT, "pool.searched", {"by": actor.as_by(), "pool": owner, "expert": found})
    return found


def look(tx: Tx, actor: Actor, owner: str, code: str, reason: LookReason, words: str) -> Enrolment:
    """Open one row of the owner's pool. Raises `ReasonMissing`, `NoSuchExpert`, and then nothing is opened."""
    if len(words.strip()) < LEAST_WORDS:
        raise ReasonMissing
    found = tx.pool.enrolment(owner, _edition(tx, owner), code)
    if found is None:
        raise NoSuchExpert
    salt = tx.random(32)
    digest = hashlib.sha256(salt + words.encode()).hexdigest()
    tx.shelf(DEPLOYMENT, LOOKS).put(digest, {"salt": salt.hex(), "words": words})
    body = {"by": actor.as_by(), "pool": owner, "expert": code, "reason": str(reason), "words": digest}
    tx.record(DEPLOYMENT, "pool.looked", body)
    return found


def _edition(tx: Tx, owner: str) -> int:
    mine = directory.editions(tx).get(owner)
    if mine is None:
        raise NoSuchExpert
    return int(mine["edition"])
