"""A young queue borrows holidays, weekdays and hours from its family, and nothing from the future."""

import numpy as np
import pandas as pd
import pytest

from tests.support.queues import queue, targets_after
from wfm.errors import InvalidInput
from wfm.forecast import Sibling, forecast_queue, forecast_with_report
from wfm.forecast.calendar import Calendar
from wfm.forecast.day_profile import DayProfile
from wfm.forecast.engine import LONGEST_PAST_DAYS
from wfm.forecast.family import family_of, family_windows
from wfm.forecast.grid import to_grid
from wfm.forecast.same_weekday import SameWeekday

QUICK = (DayProfile(), SameWeekday())
ORIGIN = pd.Timestamp("2025-12-15")
CHRISTMAS = pd.Timestamp("2025-12-25")


def _centre(seed, size, start="2024-12-02", week=None, holidays=True):
    days = (ORIGIN - pd.Timestamp(start)).days
    given = {} if week is None else {"week": week}
    made = queue(days=days, start=start, minutes=240, size=size, seed=seed, **given)
    if holidays:
        quiet = made.timestamp.dt.strftime("%m-%d").isin(["12-25", "01-01", "07-04"])
        made.loc[quiet, "volume"] = np.floor(made.volume[quiet] * 0.1)
    return made


def _young(history, weeks=5):
    return history[history.timestamp >= ORIGIN - pd.Timedelta(weeks=weeks)].reset_index(drop=True)


def _with(young, *siblings, targets=None, country="US"):
    targets = targets_after(young) if targets is None else targets
    return forecast_with_report(young, targets, country, candidates=QUICK, family=siblings)


def _lent(past, history, targets):
    return family_of(past, [Sibling("B", history)], targets[0].to_datetime64(), (), LONGEST_PAST_DAYS)


def _days(made):
    return made.frame["mean"].resample("D").sum()


@pytest.fixture(scope="module")
def old():
    return _centre(seed=2, size=90.0)


@pytest.fixture(scope="module")
def young():
    return _young(_centre(seed=3, size=30.0))


@pytest.fixture(scope="module")
def helped(young, old):
    return _with(young, Sibling("Billing", old))


def test_a_young_queue_gets_the_holiday_that_only_its_sibling_has_seen(young, helped):
    usual = young[young.timestamp.dt.day_of_week == CHRISTMAS.day_of_week].volume.sum() / 5
    assert _days(helped)[CHRISTMAS] < 0.3 * usual
    assert _days(_with(young))[CHRISTMAS] > 0.5 * usual


def test_a_holiday_that_siblings_saw_two_years_ago_is_known_by_its_name(young):
    long = _centre(seed=2, size=90.0, start="2022-12-05")
    blind = long.timestamp.dt.year.isin([2024]) & long.timestamp.dt.strftime("%m-%d").isin(["12-25"])
    usual = young[young.timestamp.dt.day_of_week == CHRISTMAS.day_of_week].volume.sum() / 5
    assert _days(_with(young, Sibling("Billing", long[~blind])))[CHRISTMAS] < 0.4 * usual


def test_no_more_than_the_longest_past_is_borrowed(young):
    past, _ = to_grid(young, targets_after(young))
    lent = family_of(past, [Sibling("B", _centre(seed=2, size=9.0))], ORIGIN.to_datetime64(), (), 200)
    assert (len(lent.days), lent.days[-1]) == (200, past.days[-1])


def test_ordinary_days_keep_the_size_of_the_young_queue(young, helped):
    week = young.volume.sum() / 5
    assert _days(helped).iloc[:7].sum() == pytest.approx(week, rel=0.1)


def test_the_sentence_names_the_siblings_and_why(helped):
    assert "Holidays and weekdays are taken from Billing, because this queue has 5 weeks of history." in helped.sentence
    assert helped.borrowed_from == ("Billing",)
    assert helped.backtest


def test_two_weeks_of_history_are_untested_and_say_from_whom_they_borrowed(old):
    made = _with(_young(_centre(seed=3, size=30.0), weeks=2), Sibling("Billing", old))
    assert made.low_confidence
    assert made.backtest == ()
    assert made.sentence.endswith("taken from Billing, because this queue has 2 weeks of history.")


def test_nothing_after_the_origin_is_used_neither_of_the_queue_nor_of_its_sibling(young, old, helped):
    targets = targets_after(young)
    future = pd.DataFrame({"timestamp": targets, "volume": 1e6})
    wild = _with(pd.concat([young, future]), Sibling("Billing", pd.concat([old, future])), targets=targets)
    pd.testing.assert_frame_equal(wild.frame, helped.frame)


def test_rows_of_a_sibling_from_a_first_target_in_mid_day_on_change_nothing(young, old):
    noon = ORIGIN - pd.Timedelta(hours=12)
    targets = pd.date_range(noon, periods=24, freq="4h")
    later = old.copy()
    later.loc[later.timestamp >= noon, "volume"] = 1e6
    calm, wild = (_with(young, Sibling("Billing", history), targets=targets).frame for history in (old, later))
    pd.testing.assert_frame_equal(wild, calm)


def test_a_window_of_the_backtest_is_forecast_from_what_siblings_had_before_it(young, old, helped):
    """The last fortnight of the sibling may not tell how the last fortnight of the queue was forecast, but for its own scale."""
    targets = targets_after(young)
    past, _ = to_grid(young, targets)
    origin = family_windows(past, _lent(past, old, targets), Calendar(), 14)[-1].task.past.days[-1]
    later = old.copy()
    later.loc[later.timestamp >= pd.Timestamp(origin) + pd.Timedelta(days=1), "volume"] *= 7
    seen = [family_windows(past, _lent(past, one, targets), Calendar(), 14)[-1].task.past.values for one in (old, later)]
    np.testing.assert_array_equal(*seen)


def test_without_a_family_nothing_changes(young):
    targets = targets_after(young)
    pd.testing.assert_frame_equal(forecast_queue(young, targets, "US", family=()), forecast_queue(young, targets, "US"))


def test_a_queue_of_a_year_borrows_nothing(old):
    year = old[old.timestamp >= ORIGIN - pd.Timedelta(days=364)].reset_index(drop=True)
    made = _with(year, Sibling("Billing", _centre(seed=4, size=50.0)))
    assert made.borrowed_from == ()
    pd.testing.assert_frame_equal(made.frame, _with(year).frame)


def test_siblings_without_holidays_lend_weekdays_alone(young):
    plain = Sibling("Billing", _centre(seed=2, size=90.0, start="2025-07-07", holidays=False))
    made = _with(young, plain)
    assert made.borrowed_from == ("Billing",)
    assert np.isfinite(made.frame.to_numpy()).all()
    assert _with(young, plain, country=None).frame["mean"].sum() == pytest.approx(2 * young.volume.sum() / 5, rel=0.1)


def test_a_sibling_closed_on_sundays_does_not_close_the_queue_nor_open_it(old):
    closed = np.array([1.0, 0.9, 0.85, 0.85, 0.95, 0.5, 0.0])
    shut = _centre(seed=5, size=60.0, week=closed)
    sundays = pd.date_range("2025-12-21", periods=1)
    ours = _young(_centre(seed=3, size=30.0))
    usual = ours[ours.timestamp.dt.day_of_week == 6].volume.sum() / 5
    for family in ([Sibling("Shut", shut)], [Sibling("Shut", shut), Sibling("Billing", old)]):
        assert _days(_with(ours, *family))[sundays].iloc[0] == pytest.approx(usual, rel=0.35)
    assert _days(_with(_young(shut), Sibling("Billing", old)))[sundays].iloc[0] == 0


def test_a_slot_that_a_thin_queue_never_used_is_open_where_siblings_say_so(old):
    thin = _young(_centre(seed=6, size=1.0), weeks=3)
    thin.loc[thin.timestamp.dt.hour == 20, "volume"] = 0.0
    alone, helped = (_with(thin, *family).frame["mean"] for family in ([], [Sibling("Billing", old)]))
    assert alone[alone.index.hour == 20].max() == 0
    assert helped[helped.index.hour == 20].max() > 0


def test_a_slot_that_a_busy_queue_never_used_stays_closed_whatever_siblings_do(young, old):
    early = young.copy()
    early.loc[early.timestamp.dt.hour == 20, "volume"] = 0.0
    helped = _with(early, Sibling("Billing", old)).frame["mean"]
    assert helped[helped.index.hour == 20].max() == 0


def test_siblings_that_are_too_young_or_in_other_intervals_lend_nothing(young, old):
    hourly = queue(days=500, start="2024-08-01", minutes=60, size=40.0, seed=7)
    made = _with(young, Sibling("Twin", young), Sibling("Hourly", hourly))
    assert made.borrowed_from == ()
    pd.testing.assert_frame_equal(made.frame, _with(young).frame)


def test_from_a_quarter_on_unlike_siblings_are_left_alone():
    turned = np.array([0.3, 0.5, 0.95, 0.85, 0.85, 0.9, 1.0])
    half_year = _young(_centre(seed=3, size=30.0), weeks=26)
    made = _with(half_year, Sibling("Turned", _centre(seed=8, size=60.0, week=turned)))
    pd.testing.assert_frame_equal(made.frame, _with(half_year).frame)
    assert made.borrowed_from == ()


def test_days_with_a_typed_effect_tell_nothing_of_siblings(young, old):
    from wfm.forecast import Event

    flood = old.copy()
    flood.loc[flood.timestamp.dt.date == pd.Timestamp("2025-03-03").date(), "volume"] = 1e5
    campaign = Event("Campaign", (pd.Timestamp("2025-03-03").date(),), effect=0.5)
    calm, wild = (
        forecast_with_report(young, targets_after(young), "US", candidates=QUICK, events=[campaign], family=[Sibling("B", one)]).frame
        for one in (old, flood)
    )
    pd.testing.assert_frame_equal(calm, wild)


def test_a_sibling_that_cannot_be_read_is_refused(young):
    with pytest.raises(InvalidInput, match="timestamp and volume"):
        _with(young, Sibling("Billing", pd.DataFrame({"volume": [1.0]})))


def test_a_calm_queue_stays_calm_beside_a_busy_sibling(young, old):
    assert _with(young.assign(volume=0.0), Sibling("Billing", old)).frame.to_numpy().max() == 0
