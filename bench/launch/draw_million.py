"""`python draw_million.py SIZE [POOL TRANSCRIPT]`: a lot over SIZE synthetic experts, one figure a line.

Processor time of this process alone. Written files are what a browser draws again from. The candidates come from
fixed salts, as they would lie in a store with their labels; the parties' secrets are fixed too.
"""

import hmac
import resource
import sys
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from draw import chain, pool_file
from draw.lot import Turn, derive
from draw.pool import Entry, Pool, Record, seal
from draw.request import Quota, Request
from draw.seed import Session
from draw.selection import first_wants
from draw.transcript import Result, Transcript
from signing.merkle import root_of_hashes

ROUNDS = 3
SEATS, ELIGIBLE = 7, 70_000
KEY = bytes(32)
SECRETS = {party: sha256(party.encode()).digest() for party in ("centre", "supervisor", "tenderer")}


def best(act: Callable[[], object]) -> float:
    """The least processor time of several rounds, seconds."""
    spent = []
    for _ in range(ROUNDS):
        began = time.process_time()
        act()
        spent.append(time.process_time() - began)
    return min(spent)


def experts(size: int, heaviest: int) -> tuple[Entry, ...]:
    """So many entries in ascending order of their labels, weights 1…`heaviest`."""
    found = (
        seal(Record(f"E{n:07}", 1 + n % heaviest, ("A08",), "990100"), sha256(n.to_bytes(8, "big")).digest())
        for n in range(size)
    )
    return tuple(sorted(found, key=lambda entry: entry.label))


def whole_draw(entries: tuple[Entry, ...]) -> Callable[[], bytes]:
    """A draw of seven among these, from the parties' links to the bytes of the transcript."""
    pool = Pool(root_of_hashes([entry.label for entry in entries]), entries)
    request = Request("BENCH", (Quota(SEATS, "A08"),))
    commits = tuple((party, chain.commitment(secret, 2)) for party, secret in SECRETS.items())
    session = Session(request, pool.root, len(entries), commits)
    links = tuple((party, chain.reveal(secret, 2, 0)) for party, secret in SECRETS.items())
    turn = Turn(0, links, first_wants(request))
    return lambda: Transcript(session, turn, Result.of(derive(session, turn, pool))).to_bytes()


def equal_chances(size: int, *files: str) -> None:
    """One ticket each: the floor, the root over stored labels, a draw from all and from as many as usually fit."""
    entries = experts(size, 1)
    labels = [entry.label for entry in entries]
    print("floor", best(lambda: [hmac.digest(KEY, label + b"\x01", "sha256") for label in labels]))
    print("root", best(lambda: root_of_hashes(labels)))
    draw = whole_draw(entries)
    print("draw", best(draw))
    print("real", best(whole_draw(entries[:ELIGIBLE])))
    for path, content in zip(files, (pool_file.write(entries), draw()) if files else (), strict=True):
        Path(path).write_bytes(content)


def main(size: int, *files: str) -> None:
    """Print the figures of one size; `files` are where pool and transcript go."""
    equal_chances(size, *files)
    print("weighted", best(whole_draw(experts(size, 8))))
    print("rss", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:])
