"""Level shifts are found where they are, and only there."""

import numpy as np

from wfm.forecast.steps import find_steps


def _year(seed=3):
    generator = np.random.default_rng(seed)
    weekday = np.arange(400) % 7
    return 5 + np.array([0.3, 0.2, 0.1, 0.1, 0.0, -0.8, -1.2])[weekday] + generator.normal(0, 0.05, 400), weekday


def test_a_jump_that_stays_is_found_on_its_day():
    level, weekday = _year()
    level[200:] += 0.7
    assert find_steps(level, weekday) == [200]


def test_noise_a_spike_and_a_slow_season_are_no_jump():
    level, weekday = _year()
    level += 0.5 * np.sin(np.arange(400) / 58)
    level[100:103] += 2.0
    assert find_steps(level, weekday) == []


def test_a_jump_beside_a_hole_is_found():
    level, weekday = _year()
    level[200:] += 0.7
    level[190:205] = np.nan
    found = find_steps(level, weekday)
    assert len(found) == 1
    assert 185 <= found[0] <= 206


def test_a_short_history_has_no_jumps():
    assert find_steps(np.array([1.0, 9.0]), np.array([0, 1])) == []
