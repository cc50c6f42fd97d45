"""Every model family through one suite."""

import numpy as np
import pandas as pd
import pytest

from tests.support.queues import queue, targets_after
from wfm.forecast.backtest import past_windows, predict_each
from wfm.forecast.boosting import Boosting
from wfm.forecast.calendar import calendar_for
from wfm.forecast.day_profile import DayProfile
from wfm.forecast.ets import Ets
from wfm.forecast.grid import DayGrid, to_grid
from wfm.forecast.prophet_model import ProphetFamily
from wfm.forecast.protocol import Task
from wfm.forecast.same_weekday import SameWeekday

FAMILIES = [SameWeekday(), DayProfile(), Boosting(), Ets(), ProphetFamily()]
FAST = FAMILIES[:4]
KNOWS_LEVELS = [DayProfile(), Boosting(), Ets()]


def _short_day(**options):
    """Six slots of four hours: what slow families can take."""
    return queue(**{"minutes": 240, "days": 84, "size": 80.0, **options})


def _task(history, days=14, country="US"):
    past, horizon = to_grid(history, targets_after(history, days))
    return Task(past, horizon.days, calendar_for(np.concatenate([past.days, horizon.days]), country))


def _predict(family, task):
    mean = predict_each(family, [task])[0]
    assert mean.shape == (len(task.days), len(task.past.slots))
    assert np.isfinite(mean).all()
    assert (mean >= 0).all()
    return mean


def named(families):
    return pytest.mark.parametrize("family", families, ids=lambda family: family.name)


@named(FAMILIES)
def test_a_weekly_shape_is_found(family):
    task = _task(_short_day())
    truth = 80 * np.array([1.0, 0.9, 0.85, 0.85, 0.95, 0.5, 0.3])
    daily = _predict(family, task).sum(axis=1)[:7]
    shape = daily / daily.sum() - truth / truth.sum()
    assert np.abs(shape).max() < 0.04


@named(FAMILIES)
def test_a_constant_series_stays_constant(family):
    history = _short_day()
    history["volume"] = 12.0
    np.testing.assert_allclose(_predict(family, _task(history)), 12.0, rtol=0.05)


@named(FAMILIES)
def test_a_queue_of_zeros_stays_at_zero(family):
    history = _short_day()
    history["volume"] = 0.0
    assert _predict(family, _task(history)).max() == 0


@named(FAMILIES)
def test_one_day_of_history_is_enough_to_answer(family):
    mean = _predict(family, _task(_short_day(days=1)))
    assert mean.sum() > 0


@named(FAMILIES)
def test_closed_sundays_stay_closed(family):
    history = _short_day()
    history.loc[history.timestamp.dt.day_of_week == 6, "volume"] = 0.0
    mean = _predict(family, _task(history))
    assert mean[6::7].max() == 0
    assert mean[5::7].sum() > 0


@named(FAMILIES)
def test_weekends_without_rows_are_closed_too(family):
    history = _short_day()
    mean = _predict(family, _task(history[history.timestamp.dt.day_of_week < 5]))
    weekday = (np.arange(14) + 5) % 7  # the history ends on a Friday
    assert mean[weekday >= 5].max() == 0


@named(KNOWS_LEVELS)
def test_a_new_level_is_followed_after_three_weeks(family):
    history = _short_day(days=140)
    history.loc[history.timestamp >= history.timestamp.max() - pd.Timedelta(days=21), "volume"] *= 2
    before = _predict(family, _task(_short_day(days=140))).sum()
    assert 1.7 < _predict(family, _task(history)).sum() / before < 2.3


@named(FAST)
def test_a_missing_month_costs_little(family):
    history = _short_day(days=140)
    hole = (history.timestamp >= "2025-03-03") & (history.timestamp < "2025-04-02")
    whole, part = _predict(family, _task(history)).sum(), _predict(family, _task(history[~hole])).sum()
    assert part / whole == pytest.approx(1.0, abs=0.06)


@named(FAST)
def test_a_year_with_both_changes_of_the_clock_is_taken(family):
    history = queue(days=400, start="2024-02-01", minutes=120)
    plain = _predict(family, _task(history)).sum()
    changed = history[history.timestamp != "2024-03-10 02:00"]
    twice = changed[changed.timestamp == "2024-11-03 00:00"]
    assert _predict(family, _task(pd.concat([changed, twice]))).sum() == pytest.approx(plain, rel=0.02)


@named(FAST)
def test_twenty_years_are_taken(family):
    history = _short_day(days=7305, start="2005-01-03")
    weeks = _predict(family, _task(history)).sum() / 2
    assert weeks == pytest.approx(history.volume.mean() * 7 * 6, rel=0.05)


@named(FAST)
def test_the_answer_repeats(family):
    task = _task(_short_day())
    np.testing.assert_array_equal(_predict(family, task), _predict(family, _task(_short_day())))


@named(FAST)
def test_the_order_of_rows_does_not_matter(family):
    history = _short_day()
    shuffled = history.sample(frac=1.0, random_state=4)
    np.testing.assert_array_equal(_predict(family, _task(history)), _predict(family, _task(shuffled)))


@named(FAST)
def test_no_window_of_the_backtest_sees_what_it_forecasts(family):
    task = _task(_short_day())
    planted = task.past.values.copy()
    planted[-14:] = 1e6
    calm = past_windows(task.past, task.calendar, 14)
    wild = past_windows(DayGrid(task.past.days, task.past.slots, planted), task.calendar, 14)
    assert [window.task.past.days[-1] < window.task.days[0] for window in calm] == [True] * len(calm)
    last_calm = predict_each(family, [window.task for window in calm])[-1]
    last_wild = predict_each(family, [window.task for window in wild])[-1]
    np.testing.assert_array_equal(last_calm, last_wild)
