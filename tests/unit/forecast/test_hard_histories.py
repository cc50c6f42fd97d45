"""Histories that break forecasters, through the whole engine: selection, combination and bands."""

import numpy as np
import pandas as pd
import pytest

from tests.support.queues import WEEK, queue, targets_after
from wfm.errors import InvalidInput
from wfm.forecast import forecast_aht, forecast_queue, forecast_with_report

QUANTILES = ["0.025", "0.1", "0.5", "0.9", "0.975"]


def _history(**options):
    return queue(**{"days": 300, "minutes": 120, "size": 60.0, **options})


def _sound(history, days=14, country="US"):
    """The forecast of the days after a history, checked for what must always hold."""
    targets = targets_after(history, days)
    frame = forecast_queue(history, targets, country)
    assert frame.index.equals(targets)
    assert np.isfinite(frame).all().all()
    assert (frame >= 0).all().all()
    assert (np.diff(frame[QUANTILES], axis=1) >= 0).all()
    return frame


def _daily(frame):
    return frame["mean"].groupby(frame.index.normalize()).sum()


@pytest.fixture(scope="module")
def plain():
    return _sound(_history())


@pytest.mark.parametrize("days_after_origin", [0, 3, 13])
def test_a_spike_planted_after_the_origin_is_never_seen(plain, days_after_origin):
    history = _history()
    spike = pd.date_range(plain.index[0] + pd.Timedelta(days=days_after_origin), periods=12, freq="2h")
    future = pd.concat([history, pd.DataFrame({"timestamp": spike, "volume": 1e6})])
    pd.testing.assert_frame_equal(forecast_queue(future, plain.index, "US"), plain)


@pytest.mark.parametrize("intervals_back", [1, 4, 12])
def test_one_wild_count_on_the_last_day_moves_the_fortnight_little(plain, intervals_back):
    history = _history()
    history.loc[history.index[-intervals_back], "volume"] = 600.0  # ten times the busiest interval
    assert _sound(history)["mean"].sum() / plain["mean"].sum() == pytest.approx(1.0, abs=0.05)


def test_handle_times_after_the_origin_are_never_seen():
    history = _history(days=40).assign(aht_s=300.0)
    targets = targets_after(history)
    later = pd.DataFrame({"timestamp": targets, "volume": 50.0, "aht_s": 9_000.0})
    pd.testing.assert_series_equal(forecast_aht(pd.concat([history, later]), targets), forecast_aht(history, targets))


def test_a_constant_stays_constant_and_its_bands_hold_it():
    frame = _sound(_history().assign(volume=12.0), country=None)
    np.testing.assert_allclose(frame["mean"], 12.0, rtol=0.02)
    assert (frame["0.1"] <= 12).all()
    assert (frame["0.9"] >= 12).all()


def test_a_new_level_of_four_weeks_is_followed(plain):
    history = _history()
    history.loc[history.timestamp >= history.timestamp.max() - pd.Timedelta(days=28), "volume"] *= 2
    assert 1.75 < _sound(history)["mean"].sum() / plain["mean"].sum() < 2.2


def test_a_missing_month_costs_little(plain):
    history = _history()
    hole = history.timestamp.dt.month == 7
    assert hole.any()
    assert _sound(history[~hole])["mean"].sum() / plain["mean"].sum() == pytest.approx(1.0, abs=0.06)


def test_a_year_with_both_changes_of_the_clock_forecasts_the_same():
    history = queue(days=420, start="2024-01-08", minutes=60, size=40.0)
    usual = _sound(history)
    skipped = history[history.timestamp != "2024-03-10 02:00"]
    repeated = pd.concat([skipped, history[history.timestamp == "2024-11-03 01:00"]])
    np.testing.assert_allclose(_daily(_sound(repeated)), _daily(usual), rtol=0.02)


@pytest.mark.parametrize("told", ["as zeros", "by absent rows"])
def test_closed_sundays_stay_closed(told):
    history = _history()
    sunday = history.timestamp.dt.day_of_week == 6
    history.loc[sunday, "volume"] = 0.0
    frame = _sound(history if told == "as zeros" else history[~sunday], country=None)
    closed = frame.index.day_of_week == 6
    assert frame[closed].to_numpy().max() == 0
    assert (_daily(frame[~closed]) > 0).all()


def test_a_queue_of_zeros_is_zero_with_all_its_bands():
    assert _sound(_history().assign(volume=0.0)).to_numpy().max() == 0


def test_one_day_gives_that_day_with_a_label():
    history = _history(days=1)
    result = forecast_with_report(history, targets_after(history))
    assert result.low_confidence
    np.testing.assert_allclose(_daily(result.frame), history.volume.sum(), rtol=0.35)


def test_one_row_is_enough_to_answer():
    history = pd.DataFrame({"timestamp": [pd.Timestamp("2026-03-02 08:00")], "volume": [7.0]})
    frame = forecast_queue(history, pd.DatetimeIndex(["2026-03-03 08:00"]))
    assert frame["mean"].iloc[0] == pytest.approx(7.0, rel=0.5)


def test_twenty_years_are_taken_and_the_last_ones_count():
    history = queue(days=7305, start="2005-01-03", minutes=240, size=80.0)
    history.loc[history.timestamp < "2015-01-01", "volume"] *= 10
    now = history[history.timestamp >= "2015-01-01"]
    assert _sound(history)["mean"].sum() / _sound(now)["mean"].sum() == pytest.approx(1.0, abs=0.01)


def test_the_order_of_rows_and_their_index_do_not_matter(plain):
    shuffled = _history().sample(frac=1.0, random_state=4)
    pd.testing.assert_frame_equal(_sound(shuffled), plain)


@pytest.mark.parametrize("at", ["2025-05-06 10:00", "2025-01-06 04:00"])
def test_a_row_that_stands_twice_in_the_day_is_refused_with_its_time(at):
    history = _history()
    doubled = pd.concat([history, history[history.timestamp == at]])
    with pytest.raises(InvalidInput, match=f"may stand once.*{at.replace(' ', 'T')}"):
        forecast_queue(doubled, targets_after(history))


def test_a_file_pasted_twice_is_refused():
    history = _history(days=60)
    with pytest.raises(InvalidInput, match="may stand once"):
        forecast_queue(pd.concat([history, history]), targets_after(history))


def test_a_holiday_that_never_was_seen_keeps_the_forecast_sound():
    history = _history(days=90, start="2025-09-15")
    assert _sound(history.iloc[: 85 * 12], days=28)["mean"].sum() > 0


def test_the_week_that_was_planted_is_found(plain):
    daily = _daily(plain)
    expected = WEEK[daily.index.day_of_week]
    np.testing.assert_allclose(daily / daily.sum(), expected / expected.sum(), atol=0.01)
