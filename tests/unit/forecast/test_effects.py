"""What the planner tells the engine: special days and drivers."""

import numpy as np
import pandas as pd
import pytest

from tests.support.queues import queue, targets_after
from wfm.errors import InvalidInput
from wfm.forecast import Driver, Event, forecast_with_report
from wfm.forecast.boosting import Boosting
from wfm.forecast.day_profile import DayProfile
from wfm.forecast.same_weekday import SameWeekday

QUICK = (DayProfile(), SameWeekday())
FAMILIES = [DayProfile(), SameWeekday(), Boosting()]
PAST = ["2024-03-05", "2024-06-12", "2024-09-03", "2024-11-20"]


@pytest.fixture(scope="module")
def year():
    return queue(days=400, start="2024-01-01", minutes=240, size=120.0)


def _driven(history, days=28, strength=1.0, seed=3):
    """Volumes that follow a count of appointments, and that count for past and coming days."""
    coming = targets_after(history, days)
    every = pd.date_range(history.timestamp.min().normalize(), coming[-1].normalize())
    usual = np.where(every.day_of_week < 5, 200.0, 50.0)
    count = np.round(usual * np.exp(np.random.default_rng(seed).normal(0, 0.3, len(every))))
    factor = pd.Series((count / usual) ** strength, index=every)
    moved = history.assign(volume=np.round(history.volume * factor.loc[history.timestamp.dt.normalize()].to_numpy()))
    return moved, Driver("Appointments", dict(zip(every.date, count, strict=True))), factor[coming[:: len(coming) // days].normalize()]


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_a_learned_day_counts_in_full_whichever_family_forecasts(year, family):
    history = year.copy()
    history.loc[history.timestamp.dt.normalize().isin(pd.to_datetime(PAST)), "volume"] *= 2
    targets = targets_after(history)
    coming = targets[20].normalize()
    event = Event("Billing run", (*(pd.Timestamp(day).date() for day in PAST), coming.date()))
    plain = forecast_with_report(year, targets, candidates=(family,)).frame["mean"]
    result = forecast_with_report(history, targets, candidates=(family,), events=[event])
    on = targets.normalize() == coming
    assert result.frame["mean"][on].sum() / plain[on].sum() == pytest.approx(2.0, abs=0.2)
    assert result.frame["mean"][~on].sum() / plain[~on].sum() == pytest.approx(1.0, abs=0.02)
    (effect,) = result.effects
    assert (effect.name, effect.kind, effect.used, effect.days) == ("Billing run", "learned", True, (coming.date(),))
    assert effect.shares[0] == pytest.approx(1.0, abs=0.15)


def test_a_learned_closure_empties_its_days_and_leaves_the_past_usable(year):
    history = year.copy()
    history.loc[history.timestamp.dt.normalize().isin(pd.to_datetime(PAST)), "volume"] = 0
    targets = targets_after(history)
    coming = targets[20].normalize()
    event = Event("Clinic closed", (*(pd.Timestamp(day).date() for day in PAST), coming.date()))
    result = forecast_with_report(history, targets, candidates=QUICK, events=[event])
    plain = forecast_with_report(year, targets, candidates=QUICK).frame["mean"]
    on = targets.normalize() == coming
    assert result.frame["mean"][on].sum() < 0.1 * plain[on].sum()
    assert result.frame["mean"][~on].sum() / plain[~on].sum() == pytest.approx(1.0, abs=0.02)


def test_a_day_never_seen_before_changes_nothing_and_says_so(year):
    targets = targets_after(year)
    event = Event("New clinic", (targets[0].date(),))
    result = forecast_with_report(year, targets, candidates=QUICK, events=[event])
    pd.testing.assert_frame_equal(result.frame, forecast_with_report(year, targets, candidates=QUICK).frame)
    assert [effect.used for effect in result.effects] == [False]


def test_a_typed_effect_is_reported_as_typed(year):
    targets = targets_after(year)
    event = Event("Campaign", (targets[0].date(),), effect=0.5)
    (effect,) = forecast_with_report(year, targets, candidates=QUICK, events=[event]).effects
    assert (effect.kind, effect.days, effect.shares) == ("typed", (targets[0].date(),), (0.5,))


def test_a_driver_that_moves_the_volume_is_used_and_its_effect_told_by_day(year):
    history, driver, factor = _driven(year)
    targets = targets_after(history, 28)
    plain = forecast_with_report(history, targets, candidates=QUICK).frame["mean"].to_numpy().reshape(28, -1).sum(axis=1)
    result = forecast_with_report(history, targets, candidates=QUICK, drivers=[driver])
    told = result.frame["mean"].to_numpy().reshape(28, -1).sum(axis=1)
    (effect,) = result.effects
    assert effect.used
    assert effect.error_with < 0.5 * effect.error_without
    assert len(effect.days) == len(effect.shares) == 28
    assert np.corrcoef(told / plain, factor)[0, 1] > 0.95
    np.testing.assert_allclose(np.array(effect.shares) + 1, factor / factor.median(), atol=0.2, rtol=0.2)


def test_a_driver_that_says_nothing_is_left_out(year):
    _, driver, _ = _driven(year)
    targets = targets_after(year, 28)
    result = forecast_with_report(year, targets, candidates=QUICK, drivers=[driver])
    assert [effect.used for effect in result.effects] == [False]
    assert result.effects[0].error_with > 0.98 * result.effects[0].error_without
    pd.testing.assert_frame_equal(result.frame, forecast_with_report(year, targets, candidates=QUICK).frame)


def test_a_day_without_a_count_is_taken_as_usual(year):
    history, driver, _ = _driven(year)
    targets = targets_after(history, 28)
    known = Driver("Appointments", {day: value for day, value in driver.values.items() if day < targets[0].date()})
    (effect,) = forecast_with_report(history, targets, candidates=QUICK, drivers=[known]).effects
    assert effect.used
    assert set(effect.shares) == {0.0}


def test_names_that_stand_twice_are_refused(year):
    targets = targets_after(year)
    _, driver, _ = _driven(year)
    with pytest.raises(InvalidInput, match="names that differ"):
        forecast_with_report(year, targets, candidates=QUICK, drivers=[driver], events=[Event("Appointments", (targets[0].date(),))])


@pytest.mark.parametrize(
    ("name", "values", "said"), [(" ", {}, "needs a name"), ("Beds", {pd.Timestamp("2025-01-01").date(): -1.0}, "Beds on")]
)
def test_a_driver_out_of_bounds_is_refused(name, values, said):
    with pytest.raises(InvalidInput, match=said):
        Driver(name, values)


def _open_hours(history):
    """The history without rows outside 08:00 to 20:00, as many systems export it."""
    return history[(history.timestamp.dt.hour >= 8) & (history.timestamp.dt.hour < 20)]


def test_a_count_that_says_nothing_is_not_used_where_the_history_has_open_hours_only(year):
    generator = np.random.default_rng(8)
    every = pd.date_range("2024-01-01", periods=440)
    noise = Driver("Weather", dict(zip(every.date, generator.uniform(50, 150, len(every)).round(), strict=True)))
    result = forecast_with_report(_open_hours(year), targets_after(year), candidates=QUICK, drivers=[noise])
    (effect,) = result.effects
    assert not effect.used
    assert 0 < effect.error_without < 1.02 * effect.error_with


def test_a_count_that_moves_the_volume_is_used_where_the_history_has_open_hours_only(year):
    moved, driver, _ = _driven(year)
    (effect,) = forecast_with_report(_open_hours(moved), targets_after(moved), candidates=QUICK, drivers=[driver]).effects
    assert effect.used
    assert effect.error_with < 0.9 * effect.error_without


def test_a_count_that_nothing_can_be_tried_on_is_not_used():
    history = queue(days=9, minutes=240, size=120.0)
    driver = Driver("Weather", {day.date(): 1.0 + day.day for day in pd.date_range("2024-12-01", periods=80)})
    (effect,) = forecast_with_report(history, targets_after(history), candidates=QUICK, drivers=[driver]).effects
    assert not effect.used
    assert np.isnan(effect.error_with)
