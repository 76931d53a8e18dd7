"""The law on keeping records, on the real store: what has been stated stays (R-32)."""

from sqlalchemy import event

from evaluation.case import State
from storage.store import Store
from tests.services.evaluation import Evaluation

FORGOTTEN = ("private_value", "outbox", "index_", "pool_row")
"""What is no record: sealed drafts and codes of a case, messages that left, indexes, a pool edition not taken over."""


async def test_r_32_no_statement_signature_or_checkpoint_is_ever_deleted(evaluation: Evaluation, store: Store) -> None:
    deleted: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
        words = statement.split()
        if words[0].upper() == "DELETE":
            deleted.append(words[2])

    event.listen(store.engine, "before_cursor_execute", note)
    await evaluation.to_candidates()
    assert evaluation.state.state is State.RECHECK
    assert deleted, "nothing was deleted at all: the listener heard nothing"
    assert not [table for table in deleted if not table.startswith(FORGOTTEN)]
