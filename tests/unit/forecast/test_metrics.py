"""Each metric against a naive loop."""

import math

import numpy as np
import pytest
from scipy.stats import poisson

from wfm.errors import InvalidInput
from wfm.forecast import metrics


@pytest.fixture
def pairs():
    generator = np.random.default_rng(5)
    actual = generator.poisson(8.0, 60).astype(float)
    actual[[3, 17]] = np.nan
    return actual, generator.uniform(2, 14, 60)


def _known(actual, forecast):
    return [(float(a), float(f)) for a, f in zip(actual, forecast, strict=True) if not math.isnan(a)]


def test_wape_is_the_sum_of_errors_over_the_sum_of_actuals(pairs):
    rows = _known(*pairs)
    assert metrics.wape(*pairs) == pytest.approx(sum(abs(a - f) for a, f in rows) / sum(a for a, _ in rows))


def test_bias_keeps_the_sign(pairs):
    rows = _known(*pairs)
    assert metrics.bias(*pairs) == pytest.approx(sum(f - a for a, f in rows) / sum(a for a, _ in rows))


def test_coverage_counts_both_ends(pairs):
    actual, high = pairs
    low = high - 6
    inside = [lo <= a <= hi for a, lo, hi in zip(actual, low, high, strict=True) if not math.isnan(a)]
    assert metrics.coverage(actual, low, high) == pytest.approx(sum(inside) / len(inside))
    assert metrics.coverage(np.array([2.0, 4.0]), np.array([2.0, 2.0]), np.array([4.0, 4.0])) == 1.0


def test_mase_scales_by_the_seasonal_naive_error(pairs):
    past = np.array([5.0, 1.0, 4.0, np.nan, 9.0, 2.0, 7.0])
    steps = [abs(past[i] - past[i - 2]) for i in range(2, 7) if not math.isnan(past[i]) and not math.isnan(past[i - 2])]
    rows = _known(*pairs)
    expected = sum(abs(a - f) for a, f in rows) / len(rows) / (sum(steps) / len(steps))
    assert metrics.mase(*pairs, past, 2) == pytest.approx(expected)


@pytest.mark.parametrize("level", [0.1, 0.5, 0.975])
def test_pinball_weighs_both_sides_by_the_level(pairs, level):
    rows = _known(*pairs)
    expected = sum(level * (a - f) if a >= f else (1 - level) * (f - a) for a, f in rows) / len(rows)
    assert metrics.pinball(*pairs, level) == pytest.approx(expected)


def test_poisson_floor_is_the_mean_absolute_deviation_of_poisson_counts():
    means = np.array([0.3, 2.0, 2.5, 40.0])
    deviation = sum(abs(k - m) * poisson.pmf(k, m) for m in means for k in range(200))
    assert metrics.poisson_floor(means) == pytest.approx(deviation / means.sum())


def test_nothing_to_divide_by_is_nan_and_not_an_error():
    none = np.array([np.nan])
    zero = np.zeros(3)
    assert math.isnan(metrics.wape(zero, zero))
    assert math.isnan(metrics.wape(none, np.array([1.0])))
    assert math.isnan(metrics.poisson_floor(zero))


@pytest.mark.parametrize(
    "call",
    [
        lambda: metrics.wape(np.zeros(2), np.zeros(3)),
        lambda: metrics.pinball(np.zeros(2), np.zeros(2), 1.0),
        lambda: metrics.poisson_floor(np.array([-1.0])),
        lambda: metrics.mase(np.zeros(2), np.zeros(2), np.zeros(2), 0),
    ],
)
def test_input_out_of_bounds_is_refused(call):
    with pytest.raises(InvalidInput):
        call()
