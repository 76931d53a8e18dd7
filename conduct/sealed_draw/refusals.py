"""Why the draw process does not answer: each refusal crosses the pipe by its code alone, and carries no secret."""

from draw.refusal import ChainExhausted, DrawRefused, NotOneSpelling, PartiesDiffer, PoolRefused, QuotaShort


class ProcessAway(Exception):
    """The draw process is being started again; what was asked did not happen."""

    code = "draw.process_away"


class NotAcquainted(Exception):
    """The process does not know this attempt of a draw: it was started anew, or the draw is new."""

    code = "draw.not_acquainted"


class LinksMissing(Exception):
    """The process does not hold every party's link: it waits until they are shown (again)."""

    code = "draw.links_missing"


class KeyGone(Exception):
    """The box was made for a process that is no more; ask for the new key. Nothing is void."""

    code = "draw.key_gone"


class Unreadable(Exception):
    """The box does not open for this context, party and round, or holds no link. Nothing is void."""

    code = "draw.unreadable"


class ShareRefused(Exception):
    """The shares handed in do not open the sealed result whose digest stands in the log."""

    code = "draw.share_refused"


class Differs(Exception):
    """What was drawn again is not what the log holds the digest of: material or log was changed. Nothing goes on."""

    code = "draw.differs"


BY_CODE: dict[str, type[Exception]] = {
    refusal.code: refusal
    for refusal in (ProcessAway, NotAcquainted, LinksMissing, KeyGone, Unreadable, ShareRefused, Differs)
}
_FROM_DRAW: dict[str, type[DrawRefused]] = {
    refusal.code: refusal for refusal in (NotOneSpelling, PartiesDiffer, ChainExhausted, PoolRefused)
}


MAY_CROSS: tuple[type[Exception], ...] = (*BY_CODE.values(), DrawRefused)


def told(refusal: Exception) -> tuple[str, str, int]:
    """A refusal as it crosses the pipe: code, where, number."""
    return str(getattr(refusal, "code", "")), str(getattr(refusal, "where", "")), int(getattr(refusal, "missing", 0))


def made(code: str, where: str, number: int) -> Exception:
    """The refusal that `told` told of."""
    if code == QuotaShort.code:
        return QuotaShort(int(where.removeprefix("quotas[").removesuffix("]")), number)
    if code in _FROM_DRAW:
        return _FROM_DRAW[code](where)
    return BY_CODE[code]()
