"""Bands of day totals and bands that widen with the days ahead."""

import numpy as np
import pandas as pd
import pytest

from tests.support.queues import queue, targets_after
from wfm.errors import InvalidInput
from wfm.forecast import forecast_with_report
from wfm.forecast.day_bands import group_deviation, learn_day_dispersion, span_deviation
from wfm.forecast.distribution import Dispersion, learn_dispersion


@pytest.fixture(scope="module")
def forecast():
    history = queue(minutes=60, days=200, size=400.0)
    return forecast_with_report(history, targets_after(history, 28), "US")


def test_day_totals_are_the_sums_of_their_intervals(forecast):
    sums = forecast.frame["mean"].groupby(forecast.frame.index.normalize()).sum()
    np.testing.assert_allclose(forecast.day_totals["mean"], sums, rtol=1e-9)
    assert (forecast.day_totals.index == sums.index).all()


def test_quantiles_of_day_totals_never_cross(forecast):
    levels = forecast.day_totals[["0.025", "0.1", "0.5", "0.9", "0.975"]].to_numpy()
    assert (np.diff(levels, axis=1) >= 0).all()
    assert (levels >= 0).all()


def test_a_part_of_a_day_has_the_total_of_that_part():
    history = queue(minutes=60, days=100, size=400.0)
    morning = targets_after(history, 3)
    morning = morning[morning.hour < 12]
    made = forecast_with_report(history, morning, "US")
    assert made.day_totals["mean"].sum() == pytest.approx(made.frame["mean"].sum())


def test_intervals_spread_more_the_further_ahead(forecast):
    spread = forecast.rate_cv.groupby(forecast.rate_cv.index.normalize()).mean()
    weekdays = spread.to_numpy().reshape(4, 7)
    assert (np.diff(weekdays, axis=0) > 0).all()


def test_bands_of_totals_cover_what_they_say():
    generator = np.random.default_rng(5)
    days, slots, lead = 4000, 6, np.tile(np.arange(1, 29), 143)[:4000]
    mean = np.full((days, slots), 50.0)
    level = generator.gamma(40, 1 / 40, (days, 1))
    actual = generator.poisson(mean * level).astype(float)
    weight = np.ones(days)
    intervals = learn_dispersion(actual, mean, np.ones(mean.shape), np.repeat(lead[:, None], slots, axis=1))
    of_days = learn_day_dispersion(actual, mean, weight, lead, 143, intervals)
    assert of_days.rate_cv(np.array([300.0]))[0] == pytest.approx(np.sqrt(1 / 40), rel=0.08)


def test_days_with_a_hole_tell_nothing_of_totals():
    actual, mean = np.full((20, 4), 30.0), np.full((20, 4), 30.0)
    actual[:, 0] = np.nan
    believed = Dispersion(0.005, 0.3)
    learned = learn_day_dispersion(actual, mean, np.ones(20), np.arange(1, 21), 4, believed)
    assert learned.common == pytest.approx(believed.common * 1.125)


def test_bands_do_not_see_what_comes():
    history = queue(minutes=60, days=150, size=400.0)
    targets = targets_after(history, 14)
    later = pd.DataFrame({"timestamp": targets, "volume": 9_999.0})
    calm = forecast_with_report(history, targets, "US")
    told = forecast_with_report(pd.concat([history, later]), targets, "US")
    pd.testing.assert_frame_equal(calm.day_totals, told.day_totals)
    pd.testing.assert_frame_equal(calm.frame, told.frame)


WEEK = np.array([900.0, 1_000.0, 1_100.0, 1_000.0, 800.0, 300.0, 0.0])
LEAD = np.arange(1, 8)


def test_the_sum_of_one_day_spreads_as_the_day():
    cv = Dispersion(0.01, 0.3).rate_cv(np.array([500.0]), np.array([9]))[0]
    for common in (0.0, 0.5, 1.0):
        found = span_deviation(np.array([500.0]), np.array([9]), Dispersion(0.01, 0.3), common)
        assert found == pytest.approx(np.sqrt(500 + (500 * cv) ** 2))


@pytest.mark.parametrize("common", [0.0, 0.5, 1.0])
def test_the_spread_of_a_span_is_that_of_counts_drawn_with_its_errors(common):
    generator = np.random.default_rng(11)
    error = WEEK * Dispersion(0.01, 0.3).rate_cv(WEEK, LEAD)
    drawn = np.sqrt(common) * generator.standard_normal((40_000, 1)) + np.sqrt(1 - common) * generator.standard_normal((40_000, 7))
    came = generator.poisson(np.maximum(WEEK + error * drawn, 0.0)).sum(axis=1)
    assert span_deviation(WEEK, LEAD, Dispersion(0.01, 0.3), common) == pytest.approx(came.std(), rel=0.02)


def test_the_more_days_have_in_common_the_wider_their_sum():
    shares = [span_deviation(WEEK, LEAD, Dispersion(0.01, 0.3), common) for common in (0.0, 0.25, 0.5, 0.75, 1.0)]
    assert shares == sorted(shares)
    assert span_deviation(np.zeros(7), LEAD, Dispersion(0.01, 0.3)) == 0.0


def test_a_common_part_that_is_no_share_is_refused():
    with pytest.raises(InvalidInput, match=r"common must be in \[0, 1\], got 1.5"):
        span_deviation(WEEK, LEAD, Dispersion(0.01, 0.3), 1.5)


QUEUES = np.array([400.0, 900.0, 60.0])


@pytest.mark.parametrize("common", [0.0, 0.25, 1.0])
def test_the_spread_of_a_group_is_that_of_counts_drawn_with_its_errors(common):
    generator = np.random.default_rng(12)
    error = np.array([40.0, 70.0, 12.0])
    drawn = np.sqrt(common) * generator.standard_normal((40_000, 1)) + np.sqrt(1 - common) * generator.standard_normal((40_000, 3))
    came = generator.poisson(np.maximum(QUEUES + error * drawn, 0.0)).sum(axis=1)
    assert group_deviation(QUEUES, np.sqrt(QUEUES + error**2), common) == pytest.approx(came.std(), rel=0.02)


def test_a_group_of_one_queue_spreads_as_the_queue_and_never_less_than_chance():
    assert group_deviation(np.array([400.0]), np.array([45.0])) == pytest.approx(45.0)
    assert group_deviation(np.array([400.0]), np.array([5.0])) == pytest.approx(20.0)
    with pytest.raises(InvalidInput, match=r"common must be in \[0, 1\], got -1"):
        group_deviation(QUEUES, QUEUES, -1)
