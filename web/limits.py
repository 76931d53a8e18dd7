"""How often somebody may call: token buckets in memory, bounded in number. Forgets who stays away."""

from collections import OrderedDict
from dataclasses import dataclass
from math import ceil

MOST_BUCKETS = 20_000


@dataclass(frozen=True, slots=True)
class Rate:
    """What one caller (a session, else an address) may send: `burst` calls, refilled at `per_second`, each so long."""

    name: str
    per_second: float
    burst: int
    max_bytes: int = 64 * 1024


class TooManyCalls(Exception):
    """More calls than the route allows; `after` says in how many seconds the next one is taken."""

    code = "request.too_many"

    def __init__(self, after: int) -> None:
        super().__init__(f"again in {after} s")
        self.after = after


@dataclass(slots=True)
class _Bucket:
    level: float
    at: float


class Limits:
    """One bucket for each rate and caller; `now` is monotonic seconds."""

    def __init__(self) -> None:
        self._buckets: OrderedDict[tuple[str, str], _Bucket] = OrderedDict()

    def take(self, rate: Rate, caller: str, now: float) -> None:
        """Take one call out of the caller's bucket. Raises `TooManyCalls`."""
        key = (rate.name, caller)
        bucket = self._buckets.pop(key, None) or _Bucket(rate.burst, now)
        bucket.level = min(rate.burst, bucket.level + (now - bucket.at) * rate.per_second)
        bucket.at = now
        self._buckets[key] = bucket
        if len(self._buckets) > MOST_BUCKETS:
            self._buckets.popitem(last=False)
        if bucket.level < 1:
            raise TooManyCalls(ceil((1 - bucket.level) / rate.per_second))
        bucket.level -= 1
