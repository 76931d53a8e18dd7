"""Ten thousand draws from fixed seeds: nobody excluded is drawn, weights are what they say, one honest party is enough.

The bounds are those of chi-square for one in ten thousand; the seeds are fixed, so a test holds always or never.
"""

from collections import Counter
from collections.abc import Mapping
from hashlib import sha256

from draw import chain
from draw.order import order
from draw.pool import Entry, Record, freeze, seal
from draw.request import Quota, Request
from draw.seed import Session, key
from draw.selection import first_wants, select

DRAWS = 10_000
WEIGHTS = (1, 1, 2, 3, 3)
# Upper bound of chi-square with four degrees of freedom (five people, one of them first) at p = 0.0001.
FOUR_DEGREES = 23.51


def _entries(people: list[Record]) -> tuple[Entry, ...]:
    return tuple(seal(person, sha256(person.id.encode()).digest()) for person in people)


WEIGHTED = _entries([Record(f"P{number}", weight) for number, weight in enumerate(WEIGHTS)])


def _chi_square(first: Mapping[str, int]) -> float:
    """How far the numbers of those drawn first are from what the weights say."""
    wanted = {f"P{number}": DRAWS * weight / sum(WEIGHTS) for number, weight in enumerate(WEIGHTS)}
    return sum((first[name] - expected) ** 2 / expected for name, expected in wanted.items())


def _secret(number: int) -> bytes:
    return sha256(number.to_bytes(4, "big")).digest()


def test_the_first_drawn_follow_the_weights() -> None:
    first = Counter(order(_secret(number), WEIGHTED)[0].record.id for number in range(DRAWS))
    assert sum(first.values()) == DRAWS
    assert _chi_square(first) < FOUR_DEGREES


def test_a_lot_that_forgets_the_weights_would_be_noticed() -> None:
    equal = _entries([Record(f"P{number}") for number in range(len(WEIGHTS))])
    first = Counter(order(_secret(number), equal)[0].record.id for number in range(DRAWS))
    assert _chi_square(first) > 10 * FOUR_DEGREES


def test_whatever_the_server_and_two_parties_fix_the_third_party_s_secret_decides_alone() -> None:
    pool = freeze(WEIGHTED)
    request = Request("P", (Quota(1),))
    fixed = {"centre": bytes(32), "supervisor": b"\xff" * 32}
    first = Counter[str]()
    for number in range(DRAWS):
        links = {party: chain.reveal(secret, 1, 0) for party, secret in {**fixed, "witness": _secret(number)}.items()}
        commits = tuple((party, chain.extend(link, 1)) for party, link in links.items())
        session = Session(request, pool.root, len(pool.entries), commits)
        first[order(key(session, links), pool.entries)[0].record.id] += 1
    assert _chi_square(first) < FOUR_DEGREES


def test_in_ten_thousand_draws_nobody_excluded_is_drawn_and_every_quota_is_full() -> None:
    people = [Record(f"E{n:02}", 1 + n % 3, (("A08",), ("B01",))[n % 2], unit=f"U{n % 7}") for n in range(14)]
    entries = _entries(people)
    request = Request("P", (Quota(2, "A08", 1), Quota(2, "B01")), exclude=("U3", "U5"), unit_cap=2)
    barred = {entry.label for entry in entries if entry.record.unit in request.exclude}
    assert len(barred) == 4
    taken = set[bytes]()
    for number in range(DRAWS):
        chosen = select(order(_secret(number), entries), request, {}, first_wants(request))
        assert [len(one.taken) for one in chosen] == [2, 2, 1]
        taken.update(*(one.taken for one in chosen))
    # Everybody who may be drawn was, at some time; nobody else.
    assert taken == {entry.label for entry in entries} - barred
