"""The whole way from a history to a forecast with its report."""

import numpy as np
import pandas as pd
import pytest

from tests.support.queues import queue, targets_after
from wfm.errors import InvalidInput
from wfm.forecast import Event, forecast_queue, forecast_with_report
from wfm.forecast.day_profile import DayProfile
from wfm.forecast.same_weekday import SameWeekday

COLUMNS = ["mean", "0.025", "0.1", "0.5", "0.9", "0.975"]
QUICK = (DayProfile(), SameWeekday())


@pytest.fixture(scope="module")
def year():
    return queue(days=400, start="2024-01-01", minutes=120, size=60.0)


def test_the_frame_stands_on_the_targets_with_quantiles_in_order(year):
    targets = targets_after(year)
    frame = forecast_queue(year, targets, "US", "NY")
    assert frame.index.equals(targets)
    assert list(frame.columns) == COLUMNS
    assert (frame >= 0).all().all()
    assert (np.diff(frame[COLUMNS[1:]].to_numpy(), axis=1) >= 0).all()


def test_targets_may_come_in_any_order_and_twice(year):
    targets = targets_after(year, 2)
    odd = pd.DatetimeIndex([*targets[::-1], targets[0]])
    frame = forecast_with_report(year, odd, candidates=QUICK).frame
    assert frame.index.equals(odd)
    assert frame["mean"].iloc[-1] == frame["mean"].iloc[-2]


def test_rows_from_the_first_target_on_change_nothing(year):
    targets = targets_after(year.iloc[:-300])
    calm = forecast_queue(year.iloc[:-300], targets)
    later = year.copy()
    later.loc[later.timestamp >= targets[0], "volume"] = 1e6
    pd.testing.assert_frame_equal(forecast_queue(later, targets), calm)


def test_eight_of_ten_actuals_lie_in_the_inner_interval():
    history = queue(days=420, size=40.0, seed=8)
    known, later = history.iloc[: 392 * 24], history.iloc[392 * 24 :]
    frame = forecast_with_report(known, pd.DatetimeIndex(later.timestamp), candidates=QUICK).frame
    busy = frame["mean"].to_numpy() > 2
    inside = (later.volume.to_numpy() >= frame["0.1"]) & (later.volume.to_numpy() <= frame["0.9"])
    assert 0.74 < inside[busy].mean() < 0.86


def test_the_report_names_all_candidates_and_their_shares_sum_to_one(year):
    seen = []
    result = forecast_with_report(year, targets_after(year), progress=seen.append)
    assert [score.name for score in result.backtest] == ["day_profile", "boosting", "same_weekday"]
    assert sum(score.weight for score in result.backtest) == pytest.approx(1.0)
    assert all(0 < score.wape < 1 and 0.6 < score.cover80 < 0.95 and score.seconds > 0 for score in result.backtest)
    assert seen[-1] == 1.0
    assert seen == sorted(seen)
    assert result.sentence.startswith(("A mix of", "Made by"))
    assert not result.low_confidence
    assert result.rate_cv.index.equals(result.frame.index)
    assert (result.rate_cv >= 0).all()


def test_near_the_floor_the_report_says_that_little_is_left(year):
    result = forecast_with_report(year, targets_after(year), candidates=QUICK)
    assert result.backtest[0].wape == pytest.approx(result.floor, rel=0.25)
    assert "little left to win" in result.sentence


@pytest.mark.parametrize("days", [1, 5, 20])
def test_a_short_history_is_answered_with_low_confidence(days):
    history = queue(days=days)
    result = forecast_with_report(history, targets_after(history))
    assert result.low_confidence
    assert result.sentence.startswith("Low confidence")
    assert result.frame["mean"].sum() > 0


def test_a_queue_of_zeros_is_forecast_as_zero():
    history = queue(days=100)
    history["volume"] = 0.0
    assert forecast_queue(history, targets_after(history)).to_numpy().max() == 0


def test_a_typed_effect_moves_its_day_and_leaves_others(year):
    targets = targets_after(year)
    day = targets[30].date()
    plain = forecast_with_report(year, targets, candidates=QUICK).frame["mean"]
    more = forecast_with_report(year, targets, candidates=QUICK, events=[Event("Campaign", (day,), effect=0.5)]).frame["mean"]
    on = targets.date == day
    np.testing.assert_allclose(more[on], 1.5 * plain[on], rtol=0.02)
    np.testing.assert_allclose(more[~on], plain[~on], rtol=0.02)


def test_an_effect_is_learned_from_earlier_days_of_the_name(year):
    history = year.copy()
    days = [pd.Timestamp("2024-03-05"), pd.Timestamp("2024-06-12"), pd.Timestamp("2024-09-03"), pd.Timestamp("2024-11-20")]
    history.loc[history.timestamp.dt.normalize().isin(days), "volume"] *= 2
    targets = targets_after(history)
    coming = pd.Timestamp(targets[40].date())
    event = Event("Billing run", tuple(day.date() for day in [*days, coming]))
    plain = forecast_with_report(history, targets, candidates=(DayProfile(),)).frame["mean"]
    told = forecast_with_report(history, targets, candidates=(DayProfile(),), events=[event]).frame["mean"]
    on = targets.normalize() == coming
    assert told[on].sum() / plain[on].sum() == pytest.approx(2.0, abs=0.2)


def test_a_closed_day_is_closed(year):
    targets = targets_after(year)
    day = targets[0].date()
    frame = forecast_with_report(year, targets, candidates=QUICK, events=[Event("Move", (day,), effect=-1.0)]).frame
    assert frame[targets.date == day].to_numpy().max() == 0


def test_public_holidays_are_quiet_where_they_were():
    history = queue(days=1100, start="2022-01-03", minutes=240, size=80.0)
    off = ["2022-07-04", "2022-12-26", "2022-12-25", "2023-07-04", "2023-12-25", "2024-07-04", "2024-12-25"]
    history.loc[history.timestamp.dt.strftime("%Y-%m-%d").isin(off), "volume"] //= 5
    history = history[history.timestamp < "2024-12-15"]
    targets = targets_after(history)
    told = forecast_queue(history, targets, "US")["mean"]
    blind = forecast_queue(history, targets)["mean"]
    christmas = targets.strftime("%m-%d") == "12-25"
    assert told[christmas].sum() < 0.5 * blind[christmas].sum()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"country": "XX"}, "country and subdivision"),
        ({"country": "US", "subdivision": "ZZ"}, "country and subdivision"),
        ({"candidates": ()}, "at least one forecaster"),
    ],
)
def test_what_cannot_be_used_is_refused_in_words(year, change, said):
    with pytest.raises(InvalidInput, match=said):
        forecast_with_report(year, targets_after(year), **change)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": " "}, "needs a name"),
        ({"days": ()}, "at least one day"),
        ({"effect": -1.2}, "effect of"),
        ({"effect": float("nan")}, "effect must be"),
    ],
)
def test_an_event_out_of_bounds_is_refused(fields, said):
    given = {"name": "Campaign", "days": (pd.Timestamp("2025-01-01").date(),), **fields}
    with pytest.raises(InvalidInput, match=said):
        Event(**given)
