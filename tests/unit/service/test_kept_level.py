"""A drift of the level kept from the level planned: found when it is there, seldom when it is not."""

from __future__ import annotations

import numpy as np
import pytest

from wfm.service.kept_level import LEAST_DAYS, WINDOW_DAYS, KeptLevel, kept_level


def year(random: np.random.Generator, spread: float = 0.06, correlation: float = 0.3, days: int = 365) -> np.ndarray:
    """Differences without a drift, skewed to the bad side."""
    shock = np.empty(days)
    noise = random.standard_normal(days)
    shock[0] = noise[0]
    for day in range(1, days):
        shock[day] = correlation * shock[day - 1] + (1 - correlation**2) ** 0.5 * noise[day]
    return spread * (1 - np.exp(0.8 * shock - 0.32)) / (np.exp(0.64) - 1) ** 0.5


def judged(difference: np.ndarray) -> KeptLevel | None:
    recent = np.arange(len(difference)) >= len(difference) - WINDOW_DAYS
    return kept_level(np.full(len(difference), 300.0), difference, recent)


def test_a_year_without_a_drift_seldom_raises_one() -> None:
    random = np.random.default_rng(7)
    alarms = 0
    for _ in range(60):
        difference = year(random)
        alarms += any(found.has_drifted for night in range(28, 366, 3) if (found := judged(difference[max(0, night - 182) : night])))
    assert alarms <= 4  # 5 % of 60 queue-years are 3


def test_a_lasting_loss_of_ten_points_is_found_within_five_weeks() -> None:
    random = np.random.default_rng(8)
    found = 0
    for _ in range(30):
        difference = year(random, days=125)
        difference[90:] -= 0.10
        level = judged(difference)
        assert level is not None
        found += level.has_drifted
    assert found >= 27


def test_too_few_days_are_not_judged() -> None:
    assert judged(np.zeros(LEAST_DAYS - 1)) is None
    assert kept_level(np.zeros(40), np.full(40, -0.2), np.ones(40, bool)) is None


def test_a_small_difference_is_no_drift_however_sure_it_is() -> None:
    assert not KeptLevel(28, -0.019, 0.001).has_drifted
    assert KeptLevel(28, -0.021, 0.001).has_drifted


@pytest.mark.parametrize(("difference", "is_mended"), [(-0.05, False), (-0.03, True), (-0.009, True), (0.05, False)])
def test_a_drift_is_mended_within_two_errors_of_the_plan(difference: float, is_mended: bool) -> None:
    assert KeptLevel(28, difference, 0.02).is_mended is is_mended


def test_days_weigh_by_their_contacts() -> None:
    contacts = np.where(np.arange(28) % 7 < 5, 400.0, 4.0)
    found = kept_level(contacts, np.where(contacts > 100, 0.0, -0.5), np.ones(28, bool))
    assert found is not None
    assert abs(found.difference) < 0.005
