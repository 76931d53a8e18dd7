"""What was read back and waits for its signature: one batch for each person and purpose, on a shelf of the case.

Owns when such a batch falls. A batch that has fallen is signed no more, not even from a page that still shows it: it is
looked for again after the password, in the transaction that would state it.
"""

from conduct.ports import Tx
from evaluation.case import CaseId

SHELF = "pending"


def drop(tx: Tx, case: CaseId, who: str) -> None:
    """Somebody takes no part any more: what it was about to sign falls."""
    shelf = tx.shelf(case, SHELF)
    for key in [key for key, _ in shelf.items() if key.startswith(f"{who}/")]:
        shelf.delete(key)


def drop_all(tx: Tx, case: CaseId) -> None:
    """What the batches speak of stands no longer (a rollback, another lot): nobody signs what was read back before."""
    tx.forget_shelves(case, (SHELF,))
