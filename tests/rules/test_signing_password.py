"""Which signing passwords are taken."""

import pytest

from signing.password import PasswordMalformed, PasswordWeak, check_new


@pytest.mark.parametrize("password", ["804517", "000123", "112358", "190042", "121213"])
def test_six_digits_that_nobody_tries_first_are_taken(password: str) -> None:
    check_new(password)


@pytest.mark.parametrize(
    "password",
    ["123456", "654321", "012345", "890123", "246802", "111111", "112112", "121212", "123123", "112233", "998877"],
)
def test_repeats_and_sequences_are_weak(password: str) -> None:
    with pytest.raises(PasswordWeak) as refusal:
        check_new(password)
    assert refusal.value.code == "password-weak"
    assert password not in str(refusal.value)


@pytest.mark.parametrize("password", ["", "80451", "8045171", "80451a", "８０４５１７", "804517\n", " 80451"])
def test_anything_but_six_digits_is_no_password(password: str) -> None:
    with pytest.raises(PasswordMalformed):
        check_new(password)


def test_few_passwords_are_lost_to_the_rule() -> None:
    weak = 0
    for number in range(0, 1_000_000, 7):
        try:
            check_new(f"{number:06d}")
        except PasswordWeak:
            weak += 1
    assert 0 < weak < 142_858 * 0.01
