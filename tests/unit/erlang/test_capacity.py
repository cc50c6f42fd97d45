"""The largest rate that some agents can take is the edge of what they need."""

from __future__ import annotations

import numpy as np
import pytest

from wfm.erlang import ServiceTarget, rate_within_target, required_agents
from wfm.errors import InvalidInput

TARGETS = [
    ServiceTarget(0.8, 20),
    ServiceTarget(0.95, 5, definition="answered"),
    ServiceTarget(None, max_abandonment=0.03),
    ServiceTarget(0.8, 30, max_occupancy=0.85, max_asa_s=10),
]


@pytest.mark.parametrize("target", TARGETS)
def test_at_the_rate_the_agents_are_enough_and_just_above_it_they_are_not(target):
    agents = np.array([1, 2, 7, 40, 300])
    rate = rate_within_target(agents, 240, target, 180)
    assert np.all(required_agents(rate, 240, target, 180) <= agents)
    assert np.all(required_agents(rate * (1 + 1e-6), 240, target, 180) > agents)


def test_nobody_takes_nothing_and_more_people_take_more():
    rates = rate_within_target(np.arange(30), 240, ServiceTarget(0.8, 20), 180)
    assert rates[0] == 0
    assert np.all(np.diff(rates) > 0)


def test_a_negative_number_of_agents_is_refused():
    with pytest.raises(InvalidInput, match="agents must be"):
        rate_within_target(-1, 240, ServiceTarget(0.8, 20))
