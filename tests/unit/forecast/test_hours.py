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


def _thin_week(per_slot, weeks=4, seed=1):
    """A queue open from slot 2 to slot 9 of 12 on working days, `per_slot` contacts each, counts by chance."""
    mean = np.zeros((7 * weeks, 12))
    for weekday in range(5):
        mean[weekday::7, 2:10] = per_slot
    return np.random.default_rng(seed).poisson(mean)


def test_a_thin_queue_is_open_where_only_chance_kept_contacts_away():
    values = _thin_week(0.4)
    silent = values.reshape(4, 7, 12).sum(axis=0) == 0
    closed = learn_hours(_grid(values)).closed
    assert silent[:5, 2:10].any()
    assert not closed[:5, 2:10].any()
    assert closed[:, [0, 1, 10, 11]].all()
    assert closed[5:].all()


def test_a_lunch_hour_without_a_contact_is_closed_where_contacts_were_to_be_expected():
    values = _thin_week(3.0)
    values[:, 5] = 0
    assert learn_hours(_grid(values)).closed[:5].all(axis=0).tolist() == [True] * 2 + [False] * 3 + [True] + [False] * 4 + [True] * 2


def test_a_lunch_hour_of_all_weekdays_is_judged_by_all_of_them():
    values = _thin_week(0.4)
    values[:, 5] = 0
    assert learn_hours(_grid(values)).closed[:5, 5].all()


def test_a_short_friday_ends_where_it_ends():
    values = _thin_week(3.0)
    values[4::7, 6:] = 0
    assert learn_hours(_grid(values)).closed[4].tolist() == [True] * 2 + [False] * 4 + [True] * 6


def test_a_stray_contact_at_night_opens_no_other_night():
    values = _thin_week(3.0)
    values[0, 11] = 1
    assert learn_hours(_grid(values)).closed[1:, 11].all()
