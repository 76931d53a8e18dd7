"""清标 of a case: once a lot, after bids were opened, in children of their own; the findings are stated in the log.

Findings are hints to the committee (docs/precheck.md). A file that cannot be read is a finding, never a failure.
"""

import asyncio
import json
import os
import sys
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from conduct.ports import Json, Store, Tx
from conduct.rulebook import opening_document
from evaluation import bill
from evaluation.case import Case, CaseId, Document, State
from evaluation.lot import owner_of
from evaluation.precheck import arithmetic, traces
from evaluation.tally.reading import Reader
from evaluation.tender import Opening, read_opening
from signing.canonical import canonical

FORMAT = "bid-precheck/1"
SHELF = "precheck"
LIMIT_S = 600.0
CHILDREN = 1
"""How many read at the same time, whatever number of cases wait: the server they run beside has committees to serve."""
MOST_ANSWER = 64 * 1024**2
TREE = Path(__file__).parent.parent
COMMAND = (sys.executable, "-m", "conduct.precheck_worker")
TENDER_ROLES = frozenset({"tender_document", "clarification"})


def is_due(state: Case) -> bool:
    """Whether bids are open, nobody has checked them yet, and the committee may still make use of it."""
    return bool(state.bids) and not state.precheck and State.OPENED.rank <= state.state.rank < State.SUMMARY.rank


async def run(store: Store, case: CaseId, turn: asyncio.Semaphore) -> None:
    """Read, compare, reckon and state; begun anew after a crash, for only the whole counts.

    Each child waits for its `turn`; cases that share one take turns file by file.
    """
    documents = await store.read(lambda tx: _papers(tx, case))
    read: dict[str, Json] = {}
    for done, document in enumerate(documents):
        await store.act(lambda tx, done=done: _progress(tx, case, done, len(documents)))  # type: ignore[misc]
        content = await store.read(lambda tx, sha256=document.sha256: tx.get_object(sha256))  # type: ignore[misc]
        read[document.path] = await _ask("text", content, turn)
    await store.act(lambda tx: _progress(tx, case, len(documents), len(documents)))
    texts = await _ask("compare", json.dumps(_texts(documents, read)).encode(), turn)
    await store.act(lambda tx: _state(tx, case, read, texts))


def findings(tx: Tx, case: CaseId) -> Json | None:
    """What was found, or None before."""
    digest = tx.case(case).precheck
    found: Json | None = json.loads(tx.get_object(digest)) if digest else None
    return found


def progress(tx: Tx, case: CaseId) -> Json:
    """How many files are read, of how many; nothing before it began."""
    return tx.shelf(case, SHELF).get("progress") or {"done": 0, "of": 0}


def _progress(tx: Tx, case: CaseId, done: int, whole: int) -> None:
    if is_due(tx.case(case)):  # it may have been ended and sealed meanwhile: then nothing is written beside it
        tx.shelf(case, SHELF).put("progress", {"done": done, "of": whole})


def _papers(tx: Tx, case: CaseId) -> list[Document]:
    """The bids, and the tender's papers that every bidder had before it."""
    documents = tx.case(case).documents
    return [one for one in documents if one.role in TENDER_ROLES | {"bid"}]


def _texts(documents: Sequence[Document], read: Mapping[str, Json]) -> Json:
    bids: dict[str, list[list[Any]]] = {}
    tender: list[list[Any]] = []
    for one in documents:
        rows = tender if one.role in TENDER_ROLES else bids.setdefault(owner_of(one.path), [])
        rows += [[one.path, number, words] for number, words in enumerate(read[one.path]["pages"], 1)]
    return {"bids": bids, "tender": tender}


async def _ask(command: str, content: bytes, turn: asyncio.Semaphore) -> Json:
    """One question to a child. What it cannot answer, because its limits ended it, is `broken` or `too_slow`."""
    async with turn:
        return await _answered(command, content)


async def _answered(command: str, content: bytes) -> Json:
    child = await asyncio.create_subprocess_exec(
        *COMMAND, command,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        limit=MOST_ANSWER, cwd=TREE, env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
    )  # fmt: skip
    unread: Json = {"pages": [], "traces": {}, "pairs": [], "cut": []}
    try:
        told, _ = await asyncio.wait_for(child.communicate(content), LIMIT_S)
    except TimeoutError:
        return unread | {"fault": "too_slow"}
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    if child.returncode != 0:
        return unread | {"fault": "broken"}
    answer: Json = json.loads(told)
    return answer


def _state(tx: Tx, case: CaseId, read: Mapping[str, Json], texts: Json) -> None:
    papers = _papers(tx, case)
    if not is_due(tx.case(case)) or {one.path for one in papers} - read.keys():
        return  # the next lot was opened while this one's papers were read
    opening = read_opening(Reader(opening_document(tx, case)))
    unread = [{"file": one.path, "reason": read[one.path]["fault"]} for one in papers if read[one.path]["fault"]]
    found: Json = {
        "format": FORMAT,
        "arithmetic": _arithmetic(tx, case, opening),
        "texts": texts["pairs"],
        "traces": _shared_traces(papers, read, opening),
        "unread": unread + [{"file": bid, "reason": "cut"} for bid in texts["cut"]],
    }
    if texts.get("fault"):
        found["unread"].append({"file": "", "reason": texts["fault"]})
    counts = {name: len(found[name]) for name in ("arithmetic", "texts", "traces", "unread")}
    tx.record(case, "precheck.stated", {"findings": tx.put_object(canonical(plain(found))), **counts})
    tx.shelf(case, SHELF).delete("progress")


def plain(value: Any) -> Any:  # noqa: ANN401 - JSON
    """The same with texts as canonical JSON takes them: strangers write half characters and other spellings."""
    match value:
        case str():
            return unicodedata.normalize("NFC", value.encode("utf-8", "replace").decode())
        case dict():
            return {name: plain(each) for name, each in value.items()}
        case list():
            return [plain(each) for each in value]
        case _:
            return value


def _arithmetic(tx: Tx, case: CaseId, opening: Opening) -> list[Json]:
    documents = tx.case(case).documents
    template = next((bill.read(tx.get_object(one.sha256)) for one in documents if one.role == "item_table"), ())
    bills = {owner_of(one.path): one for one in documents if one.role == "bill"}
    rows = []
    for bid in opening.bids:
        paper = bills.get(bid.id)
        items = bill.read(tx.get_object(paper.sha256)) if paper else ()
        for slip in arithmetic.check(bid.price, bid.in_words, items, template):
            rows.append({"bid": bid.id, "file": paper.path if paper and slip.line else ""} | slip.as_json())
    return rows


def _shared_traces(papers: Sequence[Document], read: Mapping[str, Json], opening: Opening) -> list[Json]:
    found: dict[str, list[dict[str, str]]] = {bid.id: [dict(bid.machine)] for bid in opening.bids}
    for one in papers:
        if one.role == "bid":
            found[owner_of(one.path)].append(read[one.path]["traces"])
    return [one.as_json() for one in traces.compare(found)]
