"""Why a lot is not drawn: each refusal has a stable `code`, which pages translate. It holds no name, no secret."""


class DrawRefused(Exception):
    """A lot that may not go on. `code` is the rule broken, `where` the field or party concerned."""

    code = "draw.refused"

    def __init__(self, where: str, detail: str = "") -> None:
        super().__init__(f"{self.code}: {where} {detail}".rstrip())
        self.where = where
        self.detail = detail


class NotOneSpelling(DrawRefused):
    """A value that is not written in its only allowed form, or lies outside its range."""

    code = "draw.not_one_spelling"


class RevealDoesNotMatch(DrawRefused):
    """A party's reveal is not the link that its commitment was made from; `where` is the party."""

    code = "draw.reveal_does_not_match"


class PartiesDiffer(DrawRefused):
    """A reveal is missing, or comes from somebody who never committed; `where` is the party."""

    code = "draw.parties_differ"


class ChainExhausted(DrawRefused):
    """The chain has no link left for a further round; a new attempt with new commitments is needed."""

    code = "draw.chain_exhausted"


class PoolRefused(DrawRefused):
    """The pool cannot be frozen: it is empty, names somebody twice, or a salt is not 32 bytes."""

    code = "draw.pool_refused"


class QuotaShort(DrawRefused):
    """The order ended before a quota was full; `where` and `quota` name it, `missing` says how many are short."""

    code = "draw.quota_short"

    def __init__(self, quota: int, missing: int) -> None:
        super().__init__(f"quotas[{quota}]", str(missing))
        self.quota = quota
        self.missing = missing
