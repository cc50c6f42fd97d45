"""A queue borrows from those of its channel and skill, the most alike first."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from wfm.domain.demand import ANY_SKILL, Channel, Queue
from wfm.service.families import Member, likeness, with_family
from wfm.service.queue_forecast import ForecastTask, Observed

VISITS = Queue("visits", "Visits", skill="nurse")
FIRST_DAY = date(2026, 3, 2)
END_S = 1_772_409_600


def _seen(days, minutes=60):
    start_s = END_S + 60 * minutes * np.arange(-days * 1440 // minutes, 0, dtype=np.int64)
    return Observed(start_s, np.ones(len(start_s)), np.full(len(start_s), np.nan), minutes)


def _task(days):
    return ForecastTask("visits", "UTC", "US", None, _seen(days), FIRST_DAY, 7)


def _members():
    others = [replace(VISITS, id=f"q{number}", name=f"Queue {number}") for number in range(8)]
    others[7] = replace(others[7], language="es")
    return [Member(0, "UTC", 1, VISITS), *(Member(n + 1, "UTC", 1, one) for n, one in enumerate(others))]


@pytest.mark.parametrize("change", [{"channel": Channel.EMAIL}, {"skill": "pharmacy"}, {"skill": ANY_SKILL}])
def test_queues_of_another_channel_or_skill_are_no_family(change):
    assert likeness(_members()[0], Member(2, "UTC", 1, replace(VISITS, id="other", **change))) == 0


def test_queues_whose_skill_nobody_has_set_are_no_family():
    one, other = (Member(n, "UTC", 1, replace(VISITS, id=f"{n}", skill=ANY_SKILL)) for n in (1, 2))
    assert likeness(one, other) == 0


def test_site_and_language_count_one_each():
    first, *others = _members()
    assert (likeness(first, others[0]), likeness(first, others[7])) == (3, 2)
    assert likeness(replace(first, site_id=None), replace(others[0], site_id=None)) == 2


def test_at_most_six_siblings_are_taken_those_most_alike_first():
    members = _members()
    task = with_family(_task(30), members[0], members[::-1], lambda _: _seen(200))
    assert [kin.name for kin in task.family] == [f"Queue {number}" for number in range(6, 0, -1)]


def test_a_queue_of_a_year_gets_no_siblings_and_none_is_read():
    members = _members()

    def never(number):
        raise AssertionError(f"queue {number} was read")

    task = _task(400)
    assert with_family(task, members[0], members, never) is task


def test_siblings_in_other_intervals_or_too_young_are_left_out():
    members = _members()[:4]
    seen = {1: _seen(200, minutes=30), 2: _seen(80), 3: _seen(86)}
    task = with_family(_task(30), members[0], members, seen.__getitem__)
    assert [kin.name for kin in task.family] == ["Queue 2"]
