"""The table of routes in `docs/protocol.md`, made from the policies. `python -m web.protocol` writes it there."""

from pathlib import Path
from types import ModuleType
from typing import get_type_hints

from msgspec import Struct

from web.app import VIEWS
from web.policy import AsSent, Policy, policies_of

DOCUMENT = Path(__file__).parents[1] / "docs" / "protocol.md"
BEGIN, END = "<!-- routes -->\n", "<!-- end of routes -->\n"


def table(modules: tuple[ModuleType, ...]) -> str:
    """All routes as one Markdown table, in the order served."""
    rows = [row(policy) for module in modules for policy in policies_of(module)]
    return "\n".join(("| call | who | body | rate | what it does |", "|---|---|---|---|---|", *rows)) + "\n"


def row(policy: Policy) -> str:
    """One route as a line of the table."""
    rate = f"{policy.rate.name}"
    return f"| `{policy.method} {policy.path}` | {policy.who} | {_body(policy)} | {rate} | {policy.what} |"


def _body(policy: Policy) -> str:
    if policy.body is None:
        return ""
    if isinstance(policy.body, AsSent):
        return f"`{policy.body.media}`"
    if isinstance(policy.body, type) and issubclass(policy.body, Struct):
        return ", ".join(f"`{name}`" for name in get_type_hints(policy.body))
    return "any JSON"


def write() -> None:
    """Put the table into the document."""
    text = DOCUMENT.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    DOCUMENT.write_text(f"{before}{BEGIN}\n{table(VIEWS)}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    write()
