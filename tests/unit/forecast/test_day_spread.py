"""What whole days and weeks of the past say of the coming ones."""

from __future__ import annotations

import numpy as np
import pytest

from wfm.errors import InvalidInput
from wfm.forecast import DaySpread
from wfm.forecast.day_spread import learn_day_spread

DAYS, SLOTS = 168, 20


def drawn(shared: float, day: float, own: float, seed: int = 3) -> tuple[np.ndarray, np.ndarray, list[int]]:
    rng = np.random.default_rng(seed)
    mean = np.full((DAYS, SLOTS), 60.0)
    week = np.repeat(rng.gamma(1 / shared, shared, DAYS // 7), 7)[:, None]
    rate = mean * week * rng.gamma(1 / day, day, (DAYS, 1)) * rng.gamma(60 / own, own / 60, mean.shape)
    return rng.poisson(rate).astype(float), mean, np.repeat(np.arange(DAYS // 7), 7).tolist()


def test_the_parts_that_made_the_days_are_found_again() -> None:
    actual, mean, window = drawn(shared=0.02, day=0.01, own=0.5)
    found = learn_day_spread(actual, mean, np.ones(DAYS), window)
    assert found is not None
    assert found.shared + found.day == pytest.approx(0.03, rel=0.35)
    assert 0.4 < found.shared / (found.shared + found.day) < 0.9
    assert found.common + found.own / 60 == pytest.approx(0.5 / 60, rel=0.3)


def test_errors_of_the_day_alone_are_not_taken_for_the_level() -> None:
    actual, mean, window = drawn(shared=1e-4, day=0.03, own=0.5)
    found = learn_day_spread(actual, mean, np.ones(DAYS), window)
    assert found is not None
    assert found.shared < 0.3 * found.day


def test_one_odd_day_does_not_widen_all() -> None:
    actual, mean, window = drawn(shared=0.005, day=0.005, own=0.5)
    calm = learn_day_spread(actual, mean, np.ones(DAYS), window)
    actual[20] *= 6
    odd = learn_day_spread(actual, mean, np.ones(DAYS), window)
    assert calm is not None
    assert odd is not None
    assert odd.shared + odd.day < 1.3 * (calm.shared + calm.day)


def test_nothing_is_learned_where_no_day_is_whole() -> None:
    assert learn_day_spread(np.full((5, 4), np.nan), np.full((5, 4), 9.0), np.ones(5), [0] * 5) is None


def test_negative_parts_are_refused() -> None:
    with pytest.raises(InvalidInput, match="shared must"):
        DaySpread(-0.1, 0.0, 0.0, 0.0)
