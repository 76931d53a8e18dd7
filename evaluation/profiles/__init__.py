"""The rule profiles that come with the product, as data; a centre adds its own file beside them."""

from functools import cache
from importlib import resources
from typing import Final

from evaluation.profile import Profile
from evaluation.profile_reading import parse_profile
from evaluation.tally.reading import load_json

NAMES: Final = (
    "works", "chongqing", "hebei", "procurement", "procurement_services",
    "demo", "demo_hebei", "demo_procurement", "demo_keys", "demo_sm2",
)  # fmt: skip


@cache
def load_profile(name: str) -> Profile:
    """One of `NAMES`, complete and with its digest. Raises `KeyError` for another name."""
    if name not in NAMES:
        raise KeyError(name)
    document = _document(name)
    base = document.get("based_on") if isinstance(document, dict) else None
    return parse_profile(document, load_profile(base) if base else None)


def _document(name: str) -> object:
    """The file of this name; `with` names another whose values and rules it takes: profiles for demonstrations do."""
    document = load_json(resources.files("evaluation.profiles").joinpath(f"{name}.json").read_bytes())
    if not isinstance(document, dict) or "with" not in document:
        return document
    part = _document(document.pop("with"))
    return document | part if isinstance(part, dict) else document
