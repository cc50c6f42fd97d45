"""Numbers at the door: what passes, what is refused, in which words."""

from __future__ import annotations

import math

import pytest

from wfm import units
from wfm.errors import InvalidInput

NOT_NUMBERS = [math.nan, math.inf, -math.inf, True, "3", None, 1j]


@pytest.mark.parametrize("value", NOT_NUMBERS)
def test_what_is_not_a_finite_number_is_refused_by_name(value: object) -> None:
    with pytest.raises(InvalidInput, match=r"aht_s must be a finite number, got "):
        units.real("aht_s", value)


@pytest.mark.parametrize(
    ("value", "below_one", "above_zero"),
    [(1.0, True, False), (0.0, False, True), (-0.1, False, False), (1.1, False, False)],
)
def test_a_share_outside_its_interval_is_refused(value: float, below_one: bool, above_zero: bool) -> None:
    with pytest.raises(InvalidInput, match=r"shrinkage must be in"):
        units.share("shrinkage", value, below_one=below_one, above_zero=above_zero)


def test_eighty_for_a_share_says_what_to_write() -> None:
    with pytest.raises(InvalidInput, match=r"level must be in \(0, 1\), got 80; write 0\.80"):
        units.share("level", 80, below_one=True, above_zero=True)


def test_whole_refuses_fractions_and_too_small_numbers() -> None:
    assert units.whole("days", 7.0) == 7
    for value in (2.5, -1):
        with pytest.raises(InvalidInput, match="whole number"):
            units.whole("days", value)


@pytest.mark.parametrize("value", [0, -1])
def test_positive_refuses_zero_and_below(value: float) -> None:
    with pytest.raises(InvalidInput, match="above 0"):
        units.positive("patience_s", value)


def test_not_negative_lets_zero_pass() -> None:
    assert units.not_negative("volume", 0) == 0.0
    with pytest.raises(InvalidInput, match="at least 0"):
        units.not_negative("volume", -1)


@pytest.mark.parametrize("minutes", [0, 59, 60, 1439, 1440, 1830, 2880])
def test_clock_times_survive_the_round_trip(minutes: int) -> None:
    assert units.clock_minutes(units.clock(minutes)) == minutes


@pytest.mark.parametrize("text", ["", "8", "08:60", "8:5", "-1:00", "49:00", "ab:cd"])
def test_what_is_not_a_clock_time_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="clock time"):
        units.clock_minutes(text)
