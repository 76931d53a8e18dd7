"""One bag judged a hundred times: what depends on given bytes alone is reckoned once for each bytes.

Only functions whose arguments hold all they look at; a changed byte is another argument and is judged anew.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import pytest

from archive.verifier import authorities, cms, ed25519, log, timestamp, x509
from archive.verifier.curve import Curve

PURE: tuple[tuple[object, str], ...] = (
    (ed25519, "verify"),
    (Curve, "combine"),
    (x509, "read"),
    (authorities, "read"),
    (timestamp, "read"),
    (cms, "read"),
    (log, "parse_statement"),
)


@contextmanager
def remembered() -> Iterator[None]:
    """Within it the verifier's dearest pure functions remember their results; refusals are reckoned each time."""
    with pytest.MonkeyPatch.context() as patch:
        for module, name in PURE:
            patch.setattr(module, name, cache(getattr(module, name)))
        yield
