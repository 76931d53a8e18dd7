"""By which algorithms a case is signed, as its rule profile says (docs/sm2.md)."""

from typing import Literal

Algorithms = Literal["p256", "sm2", "both"]
"""A P-256 signature, an SM2 signature, or both over the same content."""
