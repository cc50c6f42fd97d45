"""The bands of a day's total and of a sum of days are those of the days of the backtest."""

import numpy as np
import pytest

from wfm.forecast.distribution import Dispersion
from wfm.service.forecast_figures import day_spread, span_spread, total_spread

REPORT = {"dispersion": {"common": 0.2, "own": 1.0}, "day_dispersion": {"common": 0.01, "own": 0.3}}


@pytest.mark.parametrize("lead", [1, 14, 28, 400])
def test_a_day_is_as_wide_as_the_engine_says_at_that_lead(lead: int) -> None:
    cv = Dispersion(0.01, 0.3).rate_cv(np.array([500.0]), np.array([lead]))[0]
    assert day_spread(500.0, lead, REPORT) == pytest.approx(1.2815516 * np.sqrt(500 + (cv * 500) ** 2))


def test_a_report_without_a_spread_of_days_is_judged_by_its_intervals() -> None:
    intervals = {"dispersion": REPORT["dispersion"]}
    assert day_spread(500.0, 3, intervals) == total_spread([500.0], intervals["dispersion"])


def test_a_day_that_has_passed_is_judged_as_the_first() -> None:
    assert day_spread(500.0, -2, REPORT) == day_spread(500.0, 1, REPORT)


def test_a_sum_of_days_is_wider_than_of_days_that_err_apart_and_narrower_than_of_days_that_err_alike() -> None:
    days = [day_spread(500.0, lead, REPORT) for lead in range(3, 10)]
    assert np.sqrt(np.square(days).sum()) < span_spread([500.0] * 7, 3, REPORT) < sum(days)


def test_a_sum_further_ahead_is_wider_and_one_that_has_begun_counts_from_the_first_day() -> None:
    assert span_spread([500.0] * 7, 1, REPORT) < span_spread([500.0] * 7, 22, REPORT)
    assert span_spread([500.0], -2, REPORT) == span_spread([500.0], 1, REPORT)


def test_a_sum_of_a_report_without_a_spread_of_days_is_judged_by_its_intervals() -> None:
    intervals = {"dispersion": REPORT["dispersion"]}
    assert span_spread([500.0, 300.0], 3, intervals) == total_spread([500.0, 300.0], intervals["dispersion"])
