"""A new queue has the shape of a similar one, the total that was typed, wide bands and a label."""

import numpy as np
import pandas as pd
import pytest

from tests.support.queues import queue, targets_after
from wfm.errors import InvalidInput
from wfm.forecast import cold_start, forecast_with_report


@pytest.fixture(scope="module")
def similar():
    history = queue(days=200, minutes=120, size=60.0)
    return history[history.timestamp.dt.day_of_week < 6]


def test_an_ordinary_week_has_the_total_that_was_typed(similar):
    made = cold_start(similar, targets_after(similar, 28), weekly_total=700.0)
    assert made.frame["mean"].sum() / 4 == pytest.approx(700.0, rel=0.05)
    assert made.low_confidence
    assert made.sentence.startswith("Low confidence: no history of its own.")
    assert "700 contacts a week" in made.sentence
    assert made.backtest == ()


def test_the_total_does_not_depend_on_how_many_days_are_wanted(similar):
    month, day = (cold_start(similar, targets_after(similar, days), weekly_total=700.0).frame["mean"] for days in (28, 1))
    np.testing.assert_allclose(day, month.iloc[: len(day)], rtol=0.05)


def test_the_shape_is_that_of_the_similar_queue(similar):
    targets = targets_after(similar)
    theirs = forecast_with_report(similar, targets).frame["mean"]
    ours = cold_start(similar, targets, weekly_total=50.0).frame["mean"]
    np.testing.assert_allclose(ours / ours.sum(), theirs / theirs.sum(), atol=0.002)
    assert ours[targets.day_of_week == 6].max() == 0


def test_bands_are_wider_than_those_of_the_similar_queue_at_the_same_size(similar):
    targets = targets_after(similar)
    theirs = forecast_with_report(similar, targets)
    ours = cold_start(similar, targets, weekly_total=float(theirs.frame["mean"].sum()) / 2)
    busy = (theirs.frame["mean"] > 10).to_numpy()
    assert (ours.rate_cv[busy] > theirs.rate_cv[busy]).all()
    sure = cold_start(similar, targets, weekly_total=700.0, total_cv=0.0)
    assert (sure.rate_cv[busy] < ours.rate_cv[busy]).all()


def test_rows_from_the_first_target_on_change_nothing(similar):
    targets = targets_after(similar.iloc[:-60])
    later = similar.copy()
    later.loc[later.timestamp >= targets[0], "volume"] = 1e6
    pd.testing.assert_frame_equal(cold_start(later, targets, 700.0).frame, cold_start(similar.iloc[:-60], targets, 700.0).frame)


@pytest.mark.parametrize(("total", "said"), [(0, "weekly_total"), (-5, "weekly_total"), (float("nan"), "weekly_total")])
def test_a_total_that_cannot_be_is_refused(similar, total, said):
    with pytest.raises(InvalidInput, match=said):
        cold_start(similar, targets_after(similar), total)


def test_a_similar_queue_without_contacts_is_refused(similar):
    silent = similar.assign(volume=0.0)
    with pytest.raises(InvalidInput, match="must expect contacts"):
        cold_start(silent, targets_after(silent), 700.0)


def test_no_history_or_no_target_is_refused(similar):
    for history, targets in ((similar.iloc[:0], targets_after(similar)), (similar, targets_after(similar)[:0])):
        with pytest.raises(InvalidInput, match="at least one interval"):
            cold_start(history, targets, 700.0)


def test_bands_of_its_days_are_wider_than_those_of_the_similar_queue(similar):
    targets = targets_after(similar)
    theirs = forecast_with_report(similar, targets).day_totals
    ours = cold_start(similar, targets, weekly_total=700.0).day_totals
    assert ours["mean"].sum() == pytest.approx(cold_start(similar, targets, weekly_total=700.0).frame["mean"].sum())
    is_open = theirs["mean"] > 0
    width = ((ours["0.9"] - ours["0.1"]) / ours["mean"])[is_open]
    assert (width > ((theirs["0.9"] - theirs["0.1"]) / theirs["mean"])[is_open]).all()
