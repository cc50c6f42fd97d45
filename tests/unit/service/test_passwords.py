"""Which passwords are allowed, and how a try is checked."""

from __future__ import annotations

import pytest

from wfm.errors import InvalidInput
from wfm.service import passwords
from wfm.service.context import PasswordCost

CHEAP = PasswordCost(1, 8, 1)
ABOUT = ("Rosa Gómez", "rosa.gomez@clinic.org")


@pytest.mark.parametrize(
    "password",
    ["correct horse battery", "gypsum-lantern", "k7#Vq9!xTz", "contraseña larga", "пароль длинный", "a long walk through rosa fields"],
)
def test_words_of_ones_own_are_allowed(password: str) -> None:
    assert passwords.checked(password, *ABOUT)


@pytest.mark.parametrize(
    "password",
    [
        "password1",
        "P@ssw0rd!!",
        "Summer2026!",
        "letmein123",
        "passwordpassword",
        "Administrator1",
        "iloveyou",
        "12345678",
        "87654321",
        "20261122",
        "aaaaaaaa",
        "abcabcabc",
        "qwertyuiop",
        "1q2w3e4r",
        "zxcvbnm1",
        "rosa.gomez1",
        "GomezRosa2026",
        "clinic.org",
        "wfmwfmwfm",
    ],
)
def test_what_everybody_tries_is_refused(password: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        passwords.checked(password, *ABOUT)
    assert password not in str(refused.value)


@pytest.mark.parametrize(("length", "allowed"), [(7, False), (8, True), (64, True), (200, True), (201, False)])
def test_length_has_bounds(length: int, allowed: bool) -> None:
    password = ("gk4vtz w" * 26)[:length]
    if allowed:
        assert passwords.checked(password) == password
    else:
        with pytest.raises(InvalidInput, match="8 to 200"):
            passwords.checked(password)


def test_a_password_matches_its_hash_only() -> None:
    stored = passwords.hashed(CHEAP, "gypsum-lantern")
    assert stored.startswith("$argon2id$")
    assert passwords.matches(CHEAP, stored, "gypsum-lantern")
    assert not passwords.matches(CHEAP, stored, "gypsum-lanterm")
    assert not passwords.matches(CHEAP, "not a hash", "gypsum-lantern")
    assert passwords.hashed(CHEAP, "gypsum-lantern") != stored


def test_the_same_letters_typed_another_way_match() -> None:
    stored = passwords.hashed(CHEAP, passwords.checked("contrasen\u0303a larga"))
    assert passwords.matches(CHEAP, stored, "contrase\u00f1a larga")


def test_nobody_has_no_password() -> None:
    assert not passwords.matches(CHEAP, None, "the password of nobody")


@pytest.mark.parametrize("odd", ["\ud800" * 12, "\x00" * 12, "x" * 100_000])
def test_odd_input_is_wrong_and_no_more(odd: str) -> None:
    assert not passwords.matches(CHEAP, passwords.hashed(CHEAP, "gypsum-lantern"), odd)


def test_another_price_is_noticed() -> None:
    assert passwords.is_outdated(PasswordCost(2, 8, 1), passwords.hashed(CHEAP, "gypsum-lantern"))
    assert not passwords.is_outdated(CHEAP, passwords.hashed(CHEAP, "gypsum-lantern"))
