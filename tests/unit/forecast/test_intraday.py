"""What came so far moves the rest of the day as far as it has told before."""

import numpy as np
import pandas as pd
import pytest

from wfm.errors import InvalidInput
from wfm.forecast import DayUpdate, Dispersion, update_today
from wfm.forecast.distribution import LEVELS, count_quantiles
from wfm.forecast.intraday import SHARES, learn_update

SHAPE = np.exp(-(((np.arange(24) - 13) / 4.0) ** 2))
FULL = DayUpdate(slopes=(1.0,) * 5, remaining=(0.0,) * 5)


def _frame(days=2, size=100.0):
    stamps = pd.date_range("2025-03-03", periods=24 * days, freq="h")
    mean = size * np.tile(SHAPE, days)
    columns = [f"{level:g}" for level in LEVELS]
    quantiles = pd.DataFrame(count_quantiles(mean, Dispersion(0.02, 0.2).rate_cv(mean)), index=stamps, columns=columns)
    return pd.concat([pd.Series(mean, index=stamps, name="mean"), quantiles], axis=1)


def _past(day_cv, days=112, size=100.0, seed=3):
    generator = np.random.default_rng(seed)
    mean = np.tile(size * SHAPE, (days, 1))
    factor = 1 + day_cv * generator.standard_normal((days, 1))
    return generator.poisson(mean * np.maximum(factor, 0.1)).astype(float), mean


def test_where_the_morning_tells_the_day_the_slope_is_near_one():
    slopes = learn_update(*_past(day_cv=0.3)).slopes
    assert slopes[2] > 0.7
    assert slopes[4] > 0.7


def test_where_counts_are_chance_the_slope_is_near_zero():
    update = learn_update(*_past(day_cv=0.0, size=8.0))
    assert max(update.slopes[:4]) < 0.25
    assert min(update.remaining[:4]) > 0.9


def test_the_learned_update_lowers_the_error_of_unseen_days():
    update = learn_update(*_past(day_cv=0.2))
    actual, mean = _past(day_cv=0.2, days=40, seed=9)
    frame = _frame(days=1)
    plain = updated = 0.0
    for day in actual:
        seen = pd.Series(day[:12], index=frame.index[:12])
        after = update_today(frame, seen, update)["mean"].to_numpy()
        plain += np.abs(day[12:] - mean[0, 12:]).sum()
        updated += np.abs(day[12:] - after[12:]).sum()
    assert updated < 0.85 * plain


def test_only_the_rest_of_today_changes():
    frame = _frame()
    seen = 1.2 * frame["mean"].iloc[:12]
    after = update_today(frame, seen, FULL)
    pd.testing.assert_frame_equal(after.iloc[:12], frame.iloc[:12])
    pd.testing.assert_frame_equal(after.iloc[24:], frame.iloc[24:])
    np.testing.assert_allclose(after["mean"].iloc[12:24], 1.2 * frame["mean"].iloc[12:24])
    assert (np.diff(after.iloc[:, 1:].to_numpy(), axis=1) >= 0).all()


def test_an_explained_day_has_narrower_intervals():
    frame = _frame()
    after = update_today(frame, frame["mean"].iloc[:12], FULL, Dispersion(0.02, 0.2))
    width = after["0.9"] - after["0.1"]
    assert (width.iloc[12:18] < (frame["0.9"] - frame["0.1"]).iloc[12:18]).all()


def test_unknown_intervals_are_left_out():
    frame = _frame()
    seen = 1.2 * frame["mean"].iloc[:12]
    holes = seen.copy()
    holes.iloc[[3, 9]] = np.nan
    np.testing.assert_allclose(update_today(frame, holes, FULL)["mean"], update_today(frame, seen, FULL)["mean"])


def test_a_handful_of_night_calls_moves_nothing():
    frame = _frame()
    after = update_today(frame, pd.Series([9.0], index=frame.index[:1]), FULL)
    pd.testing.assert_series_equal(after["mean"], frame["mean"])


def test_too_few_days_keep_the_cautious_default():
    actual, mean = _past(day_cv=0.3, days=5)
    assert learn_update(actual, mean) == DayUpdate()


@pytest.mark.parametrize(
    ("actual", "said"),
    [
        (pd.Series([-1.0], index=pd.DatetimeIndex(["2025-03-03 08:00"])), "at least 0 contacts"),
        (pd.Series([5.0], index=pd.DatetimeIndex(["2025-04-03 08:00"])), "at least one interval"),
        (pd.Series([np.nan], index=pd.DatetimeIndex(["2025-03-03 08:00"])), "at least one interval"),
    ],
)
def test_actuals_that_cannot_be_used_are_refused_in_words(actual, said):
    with pytest.raises(InvalidInput, match=said):
        update_today(_frame(), actual)


@pytest.mark.parametrize("slopes", [(0.5,), (0.5,) * 4 + (1.2,), (-0.1,) + (0.5,) * 4])
def test_slopes_out_of_bounds_are_refused(slopes):
    with pytest.raises(InvalidInput, match="slopes"):
        DayUpdate(slopes=slopes)
    assert len(SHARES) == 5
