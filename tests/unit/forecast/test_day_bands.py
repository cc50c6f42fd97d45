"""Bands of day totals and bands that widen with the days ahead."""

import numpy as np
import pandas as pd
import pytest

from tests.support.queues import queue, targets_after
from wfm.forecast import forecast_with_report
from wfm.forecast.day_bands import learn_day_dispersion
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
