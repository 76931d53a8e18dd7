"""The 签名密码: six digits that a member chooses at the seat. Which are allowed, and no more; it never keeps one."""

import re
from itertools import pairwise

SIX_DIGITS = re.compile(r"[0-9]{6}", re.ASCII)
LEAST_DIFFERENT = 3


class PasswordRefused(Exception):
    """A signing password that is not taken; it never carries the password."""

    code = "password-refused"


class PasswordMalformed(PasswordRefused):
    """Not six digits."""

    code = "password-malformed"


class PasswordWeak(PasswordRefused):
    """One of those that everybody tries first: repeats, sequences, few different digits."""

    code = "password-weak"


def check_new(password: str) -> None:
    """Refuse a password that is not six digits or is easily guessed (NIST SP 800-63B §5.1.1.2: repetitive, sequential).

    Refused as weak: fewer than three different digits (111111, 112112), two or three digits repeated (121212, 123123),
    and six or pairs in even steps (123456, 654321, 135791, 112233). Raises PasswordMalformed or PasswordWeak.
    """
    if not SIX_DIGITS.fullmatch(password):
        raise PasswordMalformed
    digits = [int(letter) for letter in password]
    repeats = len(set(digits)) < LEAST_DIFFERENT or digits[:3] == digits[3:]
    pairs = digits[::2] == digits[1::2] and _is_even(digits[::2])
    if repeats or pairs or _is_even(digits):
        raise PasswordWeak


def _is_even(digits: list[int]) -> bool:
    """Whether each digit follows the one before by the same step, 0 after 9."""
    steps = {(after - before) % 10 for before, after in pairwise(digits)}
    return len(steps) == 1
