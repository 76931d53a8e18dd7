"""Index tables for searching: written with each statement, and rebuilt from nothing but the statements."""

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from evaluation.case import Case, CaseId
from evaluation.fold import Logged, apply
from storage import logs
from storage.tables import INDEX_TABLES, index_case, index_segment, index_sheet, log_head, statement

# Made once, as in `shelves.py`: a member signs all sheets together.
_FORMER_SHEET = delete(index_sheet).where(
    index_sheet.c.case == bindparam("of_case"),
    index_sheet.c.member == bindparam("by_member"),
    index_sheet.c.bid == bindparam("on_bid"),
)
_SHEET = insert(index_sheet)
_SEGMENT = insert(index_segment)


def project(connection: Connection, before: Case, after: Case, logged: Logged) -> None:
    """Bring the index tables up to one more statement of a case, given the case before and after it."""
    if logged.kind == "segment.recorded":
        _segment(connection, after.id, logged)
        return
    if logged.kind == "sheet.signed":
        _sheet(connection, after.id, logged)
    known, row = _searched(before), _searched(after)
    if known == row:
        return
    if known:
        connection.execute(update(index_case).where(index_case.c.case == after.id).values(row))
    else:
        connection.execute(insert(index_case).values(created_at=logged.at, **row))


def _searched(case: Case) -> dict[str, str]:
    """What a case can be found by; nothing before it is created."""
    if case.info is None:
        return {}
    return {
        "case": case.id,
        "project": case.info.project,
        "title": case.info.title,
        "tenderer": case.info.tenderer,
        "agent": case.info.agent,
        "venue": case.venue,
        "state": case.state.value,
        "planned_start": case.info.planned_start,
        "closed_at": case.closed_at,
    }


def rebuild(connection: Connection) -> int:
    """Empty the index tables and write them again from the logs; returns how many statements were read."""
    for table in INDEX_TABLES:
        connection.execute(delete(table))
    read = 0
    for log in connection.scalars(select(log_head.c.log).where(log_head.c.log != logs.DEPLOYMENT)).all():
        case = Case(id=CaseId(log))
        rows = select(statement.c.idx, statement.c.bytes).where(statement.c.log == log).order_by(statement.c.idx)
        for index, data in connection.execute(rows).all():
            logged = logs.logged(index, data)
            before, case = case, apply(case, logged)
            project(connection, before, case, logged)
            read += 1
    return read


def _sheet(connection: Connection, case: CaseId, logged: Logged) -> None:
    member, bid = logged.body["member"], logged.body["bid"]
    connection.execute(_FORMER_SHEET, {"of_case": case, "by_member": member, "on_bid": bid})
    row = {"case": case, "member": member, "bid": bid, "idx": logged.index, "at": logged.at}
    connection.execute(_SHEET, row)


def _segment(connection: Connection, case: CaseId, logged: Logged) -> None:
    names = ("seat", "track", "take", "n", "off", "len", "sha256", "t0", "dur_ms")
    row = {name: logged.body[name] for name in names}
    row["sent"] = logged.body.get("sent", "")
    connection.execute(_SEGMENT, row | {"case": case, "idx": logged.index})
