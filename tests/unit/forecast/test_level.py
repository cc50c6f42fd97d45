import numpy as np
import pytest

from wfm.forecast import level
from wfm.forecast.level import level_ahead

MONTH = np.arange(1, 29)


def _ahead(residual, lead=MONTH, trust=None, size=None):
    ones = np.ones(len(residual))
    return level_ahead(residual, ones if trust is None else trust, 100 * ones if size is None else size, lead)


def _wandering(keeps, days=800, seed=3):
    """A level that keeps the share `keeps` of its distance from 0 each day, seen with a little noise."""
    generator = np.random.default_rng(seed)
    path = np.zeros(days)
    for day in range(1, days):
        path[day] = keeps * path[day - 1] + generator.normal(0, 0.1)
    return path + generator.normal(0, 0.02, days)


def _in_the_open(residual, trust, size, lead):
    """The level by loops over every memory, origin and day."""
    count, paths = len(residual), []
    for half_life in level.HALF_LIVES_DAYS:
        above, below, path = 0.0, 0.0, [0.0]
        for day in range(count):
            above = above * 0.5 ** (1 / half_life) + trust[day] * size[day] ** 0.5 * residual[day]
            below = below * 0.5 ** (1 / half_life) + trust[day] * size[day] ** 0.5
            path.append(above / below)
        paths.append(path)
    memories = [(path, 1.0) for path in paths] + [(path, fade) for fade in level.FADES for path in paths]

    def says(memory, origin, steps):
        path, fade = memory
        slow = 2 * paths[-2][origin] - paths[-1][origin]
        return slow + fade**steps * (path[origin] - slow)

    errors = np.zeros((len(memories), len(level.JUDGED_LEADS)))
    for number, memory in enumerate(memories):
        for origin in range(max(28, count - 730), count - 7, 3):
            for place, steps in enumerate(level.JUDGED_LEADS):
                day = origin + steps - 1
                if day >= count:
                    continue
                errors[number, place] += abs(np.expm1(residual[day] - says(memory, origin, steps))) * trust[day] * size[day]
    out = []
    for steps in lead:
        near = np.exp(-0.5 * np.log(min(max(steps, 1), 28) / level.JUDGED_LEADS) ** 2)
        error = errors @ near
        believed = np.array([1.0] * 7 + [1 / len(level.FADES)] * 7 * len(level.FADES))
        share = believed * np.exp(-20 * (error / error.min() - 1))
        out.append(share @ [says(memory, count, float(steps)) for memory in memories] / share.sum())
    return out


def test_the_level_is_that_of_a_loop_over_memories_origins_and_days():
    generator = np.random.default_rng(1)
    residual, trust, size = generator.normal(0, 0.2, 90), generator.uniform(0.2, 1, 90), generator.uniform(50, 200, 90)
    lead = np.array([0, 1, 2, 9, 28, 40])
    assert level_ahead(residual, trust, size, lead) == pytest.approx(_in_the_open(residual, trust, size, lead))


def test_a_level_that_comes_back_is_expected_back():
    residual = _wandering(keeps=0.9, days=1000)
    residual = residual[: 400 + int(np.argmax(residual[400:])) + 1]  # ends at its height
    found = _ahead(residual)
    assert 0 < found[-1] < 0.5 * found[0] < 0.5 * residual[-1]


def test_a_level_that_stays_away_is_expected_to_stay():
    residual = _wandering(keeps=1.0)
    found = _ahead(residual)
    assert np.abs(found - residual[-7:].mean()).max() < 0.2 * abs(residual[-7:].mean() - residual[-256:].mean())


def test_a_new_level_of_three_weeks_is_no_passing_one():
    residual = np.random.default_rng(4).normal(0, 0.02, 140)
    residual[-21:] += 0.7
    assert _ahead(residual, lead=np.arange(1, 15)).mean() > 0.5


def test_a_steady_growth_is_not_drawn_back_to_where_the_queue_was_a_year_ago():
    generator = np.random.default_rng(2)
    residual = 0.002 * np.arange(900) + generator.normal(0, 0.05, 900)
    found = _ahead(residual)
    assert found.min() > residual[-28:].mean() - 0.03


def test_a_level_without_change_is_the_same_on_every_day_ahead():
    assert _ahead(np.full(400, 0.3)) == pytest.approx(0.3)


@pytest.mark.parametrize("days", [1, 30, 59, 60, 61])
def test_every_day_asked_has_a_level_however_short_the_history(days):
    found = _ahead(np.random.default_rng(days).normal(0, 0.1, days), lead=np.array([1, 5, 28, 29, 365]))
    assert found.shape == (5,)
    assert np.abs(found).max() < 0.5


def test_days_that_were_not_observed_say_nothing():
    residual, trust = _wandering(keeps=0.95, days=300), np.ones(300)
    trust[100:120] = 0
    without = _ahead(residual, trust=trust)
    residual[100:120] = 3.0
    assert _ahead(residual, trust=trust) == pytest.approx(without)


def test_a_history_without_a_single_observed_day_has_level_nought():
    assert _ahead(np.zeros(200), trust=np.zeros(200)).tolist() == [0.0] * 28
