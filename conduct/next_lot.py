"""The next lot (标段) of the case: opened by the leader once every member has answered the report of the one before.

Nothing of the finished lot changes any more, nor is signed; check-in, pledge and leader stand, the preparation begins
anew.
"""

from conduct import blinding, pending, pledging
from conduct.clarifying import NotTheLeader
from conduct.closing import demand_settled
from conduct.ports import SERVER, Actor, Tx
from evaluation import life
from evaluation.case import CaseId
from evaluation.lot import NoLotLeft


def open_next(tx: Tx, case: CaseId, actor: Actor) -> None:
    """Open the next lot in the order of the tender package, and its preparation.

    Raises `NotTheLeader`, `NoLotLeft`, `CommitteeIncomplete`, `ReportUnsigned`, `RollbackOpen`, `TieWaits` and what the
    procedure refuses.
    """
    state = tx.case(case)
    if actor.who != state.leader:
        raise NotTheLeader
    life.check(state, "lot.opened")
    lot = state.next_lot
    if lot is None:
        raise NoLotLeft
    pledging.demand_complete(state)
    demand_settled(state)
    tx.record(case, "lot.opened", {"by": actor.as_by(), "lot": lot.id})
    pending.drop_all(tx, case)
    blinding.commit(tx, case)
    tx.record(case, "stage.opened", {"by": SERVER.as_by(), "stage": "prep"})
