"""Which passwords are too weak: six digits for signing at a seat, a phrase for an account. Keeps and compares none."""

import re
import unicodedata
from itertools import pairwise

SIGNING_PASSWORD_LENGTH = 6
LONGEST_RUN = 3
SHORTEST_PHRASE = 12
LONGEST_PHRASE = 128
FEWEST_KINDS_OF_CHARACTER = 5

_SIX_DIGITS = re.compile(r"[0-9]{6}")
# Dates written as six digits: the first thing that is tried after 123456.
_DATE = re.compile(r"(?:[0-9]{2})(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])")


class WeakSigningPassword(Exception):
    """A signing password that is not six digits, or one that is guessed first."""

    code = "password.signing_weak"


class WeakPassword(Exception):
    """An account's password that is too short, too uniform or holds the account's name."""

    code = "password.weak"


class PasswordsDiffer(Exception):
    """The password was not typed the same twice."""

    code = "password.differ"


def check_signing_password(password: str, again: str) -> None:
    """Refuse a weak signing password (签名密码, domain page 1.3a): "123456" and repeats, runs and dates.

    Raises `WeakSigningPassword`, `PasswordsDiffer`.
    """
    if not _SIX_DIGITS.fullmatch(password) or _is_guessed_first(password):
        raise WeakSigningPassword
    if password != again:
        raise PasswordsDiffer


def check_password(password: str, name: str) -> None:
    """Refuse an account's password: 12 to 128 characters, five different ones, not the account's own name.

    Length counts, composition rules do not (NIST SP 800-63B-4, 3.1.1.2). Raises `WeakPassword`.
    """
    written = normal(password)
    if not SHORTEST_PHRASE <= len(written) <= LONGEST_PHRASE or len(set(written)) < FEWEST_KINDS_OF_CHARACTER:
        raise WeakPassword
    if name and name.casefold() in written.casefold():
        raise WeakPassword


def normal(password: str) -> str:
    """The one spelling that is hashed: NFKC, so that full-width input methods do not lock anybody out."""
    return unicodedata.normalize("NFKC", password)


def _is_guessed_first(digits: str) -> bool:
    steps = [(int(right) - int(left)) % 10 for left, right in pairwise(digits)]
    half = len(digits) // 2
    return (
        len(set(digits)) < SIGNING_PASSWORD_LENGTH // 2
        or _longest_run(steps) > LONGEST_RUN
        or digits[:half] == digits[half:]
        or digits == digits[::-1]
        or bool(_DATE.fullmatch(digits))
    )


def _longest_run(steps: list[int]) -> int:
    """The most digits in a row that go up by one, down by one or stay."""
    longest = run = 1
    for previous, step in pairwise([-1, *steps]):
        run = run + 1 if step == previous and step in {0, 1, 9} else 2 if step in {0, 1, 9} else 1
        longest = max(longest, run)
    return longest
