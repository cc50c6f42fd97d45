"""What people type is checked in one way."""

from __future__ import annotations

import pytest

from wfm.errors import InvalidInput
from wfm.service import fields, tokens


def test_blanks_around_a_text_go() -> None:
    assert fields.text("name", "  Ana\u0301 ", 10) == "Aná"
    assert fields.text("reason", " ", 10, blank=True) == ""


@pytest.mark.parametrize("wrong", ["", "  ", "x" * 11, "a\x00", "a\x1b[0m", "\ud800"])
def test_a_text_that_cannot_be_stored_is_refused(wrong: str) -> None:
    with pytest.raises(InvalidInput):
        fields.text("name", wrong, 10)


@pytest.mark.parametrize("wrong", ["rosa", "rosa@", "@x.org", "a b@x.org", "a@b@c.org", "a@x", "a@x.", ""])
def test_what_is_no_address_is_refused(wrong: str) -> None:
    with pytest.raises(InvalidInput):
        fields.email(wrong)


def test_a_note_may_have_lines_and_figures() -> None:
    assert fields.note("reason", " 3 ill on 2026-06-12 \n see 14:00 ", 100) == "3 ill on 2026-06-12\nsee 14:00"
    assert fields.note("reason", "", 100, blank=True) == ""


@pytest.mark.parametrize(
    "wrong", ["123-45-6789", "call (312) 555-0100", "MRN1234567", "ask rosa@clinic.org", "+13125550100", "", "x" * 101, 5]
)
def test_a_note_that_could_name_a_patient_is_refused_without_repeating_it(wrong: object) -> None:
    with pytest.raises(InvalidInput) as refused:
        fields.note("reason", wrong, 100)
    assert not (isinstance(wrong, str) and wrong and wrong in str(refused.value))


def test_tokens_are_long_and_never_the_same() -> None:
    made = {tokens.new() for _ in range(100)}
    assert len(made) == 100
    assert min(map(len, made)) >= 43
    assert len({tokens.digest(token) for token in made}) == 100
