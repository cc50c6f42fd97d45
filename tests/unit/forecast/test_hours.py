"""Opening hours are read off the history."""

import numpy as np

from wfm.forecast.grid import DayGrid
from wfm.forecast.hours import learn_hours


def _grid(values, start="2025-01-06"):
    values = np.asarray(values, dtype=float)
    days = np.arange(start, np.datetime64(start) + len(values), dtype="datetime64[D]")
    return DayGrid(days, np.arange(values.shape[1]) * 60, values)


def test_a_weekday_of_zeros_is_closed():
    values = np.full((70, 3), 5.0)
    values[6::7] = 0
    assert learn_hours(_grid(values)).closed.all(axis=1).tolist() == [False] * 6 + [True]


def test_a_weekday_that_no_row_ever_shows_is_closed():
    values = np.full((70, 3), 5.0)
    values[5::7] = np.nan
    assert learn_hours(_grid(values)).closed[5].all()


def test_a_rare_contact_keeps_a_slot_open():
    values = np.zeros((140, 2))
    values[0::7, 0] = [1, 0, 0, 0] * 5
    assert not learn_hours(_grid(values)).closed[0, 0]


def test_a_slot_that_closed_a_month_ago_is_closed():
    values = np.full((140, 2), 8.0)
    values[-28:, 1] = 0
    assert learn_hours(_grid(values)).closed.tolist() == [[False, True]] * 7


def test_a_slot_that_opened_is_told_from_when():
    values = np.full((140, 2), 8.0)
    values[:105, 1] = 0
    hours = learn_hours(_grid(values))
    assert not hours.closed.any()
    assert hours.since[:, 1].tolist() == list(range(105, 112))
    assert hours.since[:, 0].tolist() == [0] * 7


def test_one_day_of_history_closes_only_what_was_zero():
    hours = learn_hours(_grid([[0.0, 4.0]]))
    assert hours.closed[0].tolist() == [True, False]
    assert not hours.closed[1].any()


def test_one_wild_count_after_zeros_opens_nothing():
    values = np.full((140, 2), 8.0)
    values[:, 1] = 0
    values[0::14, 1] = 1
    for row in (-1, -8):
        wild = values.copy()
        wild[row, 1] = 5_000
        assert learn_hours(_grid(wild)).since[6].tolist() == [0, 0]


def test_a_slot_counts_as_opened_from_its_second_week():
    values = np.full((140, 2), 8.0)
    values[:126, 1] = 0
    assert learn_hours(_grid(values[:133])).since.max() == 0
    assert learn_hours(_grid(values)).since[:, 1].tolist() == list(range(126, 133))
