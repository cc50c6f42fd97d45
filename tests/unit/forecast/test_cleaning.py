"""Outages are found, proposed and left out; what only looks odd is not."""

from datetime import datetime

import numpy as np

from tests.support.queues import queue, targets_after
from wfm.forecast.calendar import Calendar, calendar_for
from wfm.forecast.cleaning import find_flags, without_outages
from wfm.forecast.grid import to_grid


def _past(history):
    return to_grid(history, targets_after(history))[0]


def test_a_broken_afternoon_is_flagged_with_what_was_usual():
    history = queue()
    broken = (history.timestamp >= "2025-03-11 12:00") & (history.timestamp < "2025-03-11 15:00")
    history.loc[broken, "volume"] = 0
    flags = find_flags(_past(history), Calendar())
    assert [flag.kind for flag in flags] == ["outage"]
    assert flags[0].reason.startswith("outage: 0 contacts from 2025-03-11 12:00 to 15:00, about")
    assert 55 < flags[0].expected < 100


def test_an_outage_is_left_out_and_nothing_else():
    history = queue()
    broken = (history.timestamp >= "2025-03-11 12:00") & (history.timestamp < "2025-03-11 15:00")
    history.loc[broken, "volume"] = 0
    past = _past(history)
    assert np.isnan(without_outages(past, Calendar()).values).sum() == 3
    whole = _past(queue())
    assert without_outages(whole, Calendar()) is whole or not np.isnan(without_outages(whole, Calendar()).values).any()


def test_a_quiet_public_holiday_is_no_outage():
    history = queue()
    history.loc[history.timestamp.dt.date.astype(str) == "2025-02-17", "volume"] = 0
    past = _past(history)
    assert find_flags(past, calendar_for(past.days, "US")) == ()
    assert len(find_flags(past, Calendar())) == 1


def test_a_spike_is_proposed_but_kept():
    history = queue()
    history.loc[history.timestamp == "2025-03-11 12:00", "volume"] = 500
    past = _past(history)
    assert [flag.kind for flag in find_flags(past, Calendar())] == ["spike"]
    assert np.nanmax(without_outages(past, Calendar()).values) == 500


def test_empty_nights_are_no_outage():
    assert find_flags(_past(queue(size=3.0)), Calendar()) == ()


def test_an_outage_that_a_planner_keeps_is_learned_from():
    history = queue()
    broken = (history.timestamp >= "2025-03-11 12:00") & (history.timestamp < "2025-03-11 15:00")
    history.loc[broken, "volume"] = 0
    kept = Calendar(kept=((datetime(2025, 3, 11, 12), datetime(2025, 3, 11, 14)),))
    assert np.isnan(without_outages(_past(history), kept).values).sum() == 1
