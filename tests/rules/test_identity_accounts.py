"""Accounts, roles and passwords: the lock after five failures, the administrators apart, what is too weak."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity import accounts, passwords, service
from identity.accounts import Account, LoginLocked
from identity.passwords import PasswordsDiffer, WeakPassword, WeakSigningPassword
from identity.roles import ADMINISTRATORS, ADMISSIONS, AdministratorsApart, NoAccountForRole, Role, SignIn, check_grant
from tests.house.tree import ROOT
from tests.web.shelves import DictShelf

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
ACCOUNT = Account("agent-01", Role.AGENT, "not a hash", "演示人员01")


def rows_of_the_role_table() -> dict[str, str]:
    lines = (ROOT / "docs" / "roles.md").read_text(encoding="utf-8").splitlines()
    cells = [line.split("|") for line in lines if line.startswith("| `")]
    return {row[1].strip(" `"): row[3].strip() for row in cells}


def test_the_code_knows_the_roles_of_the_document_and_how_each_signs_in() -> None:
    words = {SignIn.PASSWORD: "account and password", SignIn.LINK: "one-time link"}
    table = rows_of_the_role_table()
    assert set(table) == {role.value for role in Role} == {role.value for role in ADMISSIONS}
    for role, admission in ADMISSIONS.items():
        if admission.by in words:
            assert table[role] == words[admission.by]
        else:
            assert any(word in table[role] for word in ("seat", "member", "token"))


@pytest.mark.parametrize("held", sorted(ADMINISTRATORS))
@pytest.mark.parametrize("wanted", sorted(ADMINISTRATORS))
def test_nobody_holds_two_of_the_three_administrators(held: Role, wanted: Role) -> None:
    if held == wanted:
        check_grant(frozenset({held}), wanted)
    else:
        with pytest.raises(AdministratorsApart):
            check_grant(frozenset({held}), wanted)


def test_a_member_has_no_account() -> None:
    with pytest.raises(NoAccountForRole):
        check_grant(frozenset(), Role.MEMBER)


def test_the_fifth_failure_locks_for_fifteen_minutes_and_a_right_password_does_not_help() -> None:
    shelf = DictShelf()
    service.add_account(shelf, ACCOUNT)
    for _ in range(accounts.TRIES):
        assert service.attempt(shelf, ACCOUNT.name, False, NOW) is None
    with pytest.raises(LoginLocked) as refusal:
        service.attempt(shelf, ACCOUNT.name, True, NOW + timedelta(minutes=14, seconds=59))
    assert refusal.value.until == NOW + timedelta(minutes=15)
    assert service.attempt(shelf, ACCOUNT.name, True, NOW + timedelta(minutes=15)) == ACCOUNT


def test_after_the_lock_there_are_five_tries_again() -> None:
    locked = replace(ACCOUNT, failures=5, locked_until=NOW)
    assert accounts.after_failure(locked, NOW).failures == 1


def test_a_right_password_forgets_the_failures() -> None:
    shelf = DictShelf()
    service.add_account(shelf, replace(ACCOUNT, failures=4))
    assert service.attempt(shelf, ACCOUNT.name, True, NOW) == ACCOUNT
    assert service.find_account(shelf, ACCOUNT.name) == ACCOUNT


def test_a_disabled_or_unknown_account_does_not_come_in() -> None:
    shelf = DictShelf()
    service.add_account(shelf, replace(ACCOUNT, disabled=True))
    assert service.attempt(shelf, ACCOUNT.name, True, NOW) is None
    assert service.attempt(shelf, "nobody", True, NOW) is None


def test_a_password_is_compared_by_its_hash_in_one_spelling() -> None:
    kept = accounts.hash_password("Blue-heron-2026", bytes(range(16)))
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert accounts.is_right("Ｂlue-heron-２026", kept)
    assert not accounts.is_right("blue-heron-2026", kept)


@pytest.mark.parametrize(
    "weak",
    [
        "123456", "654321", "890123", "000000", "111222", "121212", "123123", "112211", "123321", "234567",
        "900101", "12345", "1234567", "12345a", "１２３４５７", "",
    ],
)  # fmt: skip
def test_a_guessable_signing_password_is_refused(weak: str) -> None:
    with pytest.raises(WeakSigningPassword):
        passwords.check_signing_password(weak, weak)


@pytest.mark.parametrize("good", ["730594", "408296", "271844", "999173"])
def test_an_ordinary_signing_password_is_taken(good: str) -> None:
    passwords.check_signing_password(good, good)
    with pytest.raises(PasswordsDiffer):
        passwords.check_signing_password(good, "0" + good[1:])


@given(st.from_regex(r"[0-9]{6}", fullmatch=True))
def test_at_most_every_fourth_signing_password_is_refused(password: str) -> None:
    """The rule refuses what is guessed first, not so much that the rest is few."""
    refused = sum(passwords._is_guessed_first(f"{(int(password) + step * 7919) % 10**6:06d}") for step in range(100))
    assert refused < 25


@pytest.mark.parametrize("weak", ["short-one", "aaaaaaaaaaaa", "abababababab", "my agent-01 secret", "x" * 129])
def test_a_weak_password_is_refused(weak: str) -> None:
    with pytest.raises(WeakPassword):
        passwords.check_password(weak, "agent-01")


def test_a_long_phrase_is_a_good_password() -> None:
    passwords.check_password("四 月 的 雨 落 在 江 上", "agent-01")
