"""The fee tables that come with the product, as data (docs/fees.md); a centre adds its own file beside them."""

from functools import cache
from importlib import resources
from typing import Final

from evaluation.fee import FeeRule, parse_fees
from evaluation.tally.reading import load_json

AGREED: Final = "agreed"
NAMES: Final = ("shandong", "guangzhou")


@cache
def load_fees(name: str) -> FeeRule:
    """One of `NAMES`. Raises `KeyError` for another name; `AGREED` is no table: the sum is agreed elsewhere."""
    if name not in NAMES:
        raise KeyError(name)
    return parse_fees(load_json(resources.files("evaluation.fees").joinpath(f"{name}.json").read_bytes()))
