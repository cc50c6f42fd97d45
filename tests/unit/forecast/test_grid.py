"""Frames become grids, and what cannot be used is refused in words."""

import numpy as np
import pandas as pd
import pytest

from wfm.errors import InvalidInput
from wfm.forecast.grid import to_grid, weekday_of

TARGETS = pd.date_range("2025-03-03", periods=48, freq="30min")


def _history(stamps, volumes):
    return pd.DataFrame({"timestamp": pd.to_datetime(stamps), "volume": volumes})


def test_rows_land_in_their_cell_and_absent_ones_are_unknown():
    past, _ = to_grid(_history(["2025-03-01 08:00", "2025-03-02 08:30"], [3.0, 4.0]), TARGETS)
    assert past.values.shape == (2, 48)
    assert past.values[0, 16] == 3.0
    assert past.values[1, 17] == 4.0
    assert np.isnan(past.values).sum() == 94


def test_rows_at_or_after_the_first_target_are_not_used():
    past, _ = to_grid(_history(["2025-03-02 08:00", "2025-03-03 00:00", "2025-03-04 08:00"], [3.0, 99.0, 99.0]), TARGETS)
    assert np.nansum(past.values) == 3.0


def test_targets_keep_their_order_and_may_repeat():
    wanted = pd.DatetimeIndex(["2025-03-04 09:00", "2025-03-03 08:00", "2025-03-04 09:00"])
    _, horizon = to_grid(_history(["2025-03-02 08:00", "2025-03-02 09:00"], [1.0, 2.0]), wanted)
    assert horizon.day.tolist() == [1, 0, 1]
    assert horizon.slot.tolist() == [1, 0, 1]


def test_the_repeated_autumn_hour_is_averaged():
    stamps = ["2025-10-26 01:00", "2025-10-26 02:00", "2025-10-26 02:00", "2025-10-26 03:00"]
    past, _ = to_grid(_history(stamps, [5.0, 6.0, 8.0, 9.0]), pd.date_range("2025-10-27", periods=24, freq="h"))
    assert past.values[0, 1:4].tolist() == [5.0, 7.0, 9.0]


def test_weekdays_count_from_monday():
    days = pd.date_range("2024-02-26", periods=10)
    assert weekday_of(days.to_numpy().astype("datetime64[D]")).tolist() == days.day_of_week.tolist()


@pytest.mark.parametrize(
    ("history", "said"),
    [
        (pd.DataFrame({"timestamp": pd.to_datetime(["2025-03-01"])}), "columns timestamp and volume"),
        (_history([], []), "at least one row"),
        (_history(["2025-03-01 08:00"], [np.nan]), "only blanks"),
        (_history(["2025-03-01 08:00"], [-1.0]), "volume must lie in"),
        (_history(["2025-03-01 08:00"], [np.inf]), "volume must lie in"),
        (_history(["2025-03-01 08:00"], ["many"]), "volume must be a number"),
        (_history(["2025-03-01 08:00", None], [1.0, 1.0]), "filled in every row"),
        (_history(["2025-03-01 08:00:30"], [1.0]), "whole minutes"),
        (_history(["2025-03-01 08:00", "2025-03-01 08:00"], [1.0, 1.0]), "may stand once"),
        (_history(["2025-03-01 02:00"] * 3, [1.0] * 3), "may stand once"),
        (_history(["2025-03-01 02:00", "2025-03-01 02:00", "2025-03-02 02:00", "2025-03-02 02:00"], [1.0] * 4), "may stand once"),
        (_history(["2025-03-04 08:00"], [1.0]), "before the first target"),
        (_history(["1920-03-01 08:00", "2025-03-01 08:00"], [1.0, 1.0]), "at most"),
        (_history(["2025-03-01 08:00", "2025-03-01 09:00"], [1.0, 1.0]), "intervals of 60 minutes"),
        (pd.DataFrame({"timestamp": ["1 March"], "volume": [1.0]}), "dates with times"),
        (pd.DataFrame({"timestamp": pd.to_datetime(["2025-03-01 08:00Z"]), "volume": [1.0]}), "naive"),
    ],
)
def test_a_history_that_cannot_be_used_is_refused_in_words(history, said):
    with pytest.raises(InvalidInput, match=said):
        to_grid(history, TARGETS)


def test_no_targets_are_refused():
    with pytest.raises(InvalidInput, match="at least one interval"):
        to_grid(_history(["2025-03-01 08:00"], [1.0]), TARGETS[:0])
