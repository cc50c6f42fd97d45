import numpy as np
import pytest

from wfm.forecast.backtest import least_square_weights, together

DAYS, SLOTS = 56, 24


def _errors(count, seed):
    generator = np.random.default_rng(seed)
    return generator.normal(size=(200, count)) @ generator.normal(size=(count, count)) + generator.normal(size=200)[:, None]


@pytest.mark.parametrize("seed", range(12))
def test_no_division_among_three_families_errs_less_than_the_one_found(seed):
    errors = _errors(3, seed)
    products = errors.T @ errors
    found = least_square_weights(products)
    grid = [np.array([a, b, 200 - a - b]) / 200 for a in range(201) for b in range(201 - a)]
    assert found @ products @ found <= min(point @ products @ point for point in grid) * (1 + 1e-8)


@pytest.mark.parametrize("count", [1, 2, 3, 4, 6])
def test_weights_are_shares(count):
    errors = _errors(count, count)
    weights = least_square_weights(errors.T @ errors)
    assert weights.sum() == pytest.approx(1.0)
    assert weights.min() >= 0


@pytest.mark.parametrize("seed", range(6))
def test_no_family_left_out_would_help_and_those_taken_help_alike(seed):
    errors = _errors(5, seed)
    products = errors.T @ errors
    weights = least_square_weights(products)
    slope = products @ weights
    taken = weights > 0
    assert slope[taken] == pytest.approx(slope[taken].mean(), rel=1e-5)
    assert (slope[~taken] >= slope[taken].mean() * (1 - 1e-5)).all()


def test_families_that_err_exactly_alike_share_alike():
    assert least_square_weights(np.ones((3, 3))) == pytest.approx([1 / 3] * 3, abs=1e-4)


def test_families_without_errors_share_alike():
    assert least_square_weights(np.zeros((2, 2))) == pytest.approx([0.5, 0.5])


def _forecasts(seed=5):
    generator = np.random.default_rng(seed)
    mean = np.full((DAYS, SLOTS), 20.0)
    tilt = generator.normal(0, 4, (DAYS, 1))
    return generator.poisson(mean).astype(float), [mean + tilt, mean - tilt, mean + 10]


def test_families_whose_errors_cancel_are_taken_together():
    actual, means = _forecasts()
    first, second, third = together((0.5, 0.5, 0.0), means, actual, np.ones(DAYS))
    assert (first, second, third) == pytest.approx((0.5, 0.5, 0.0), abs=0.05)


def test_half_of_the_weights_is_what_each_family_earned_apart():
    actual, means = _forecasts()
    weights = together((0.0, 0.0, 1.0), means, actual, np.ones(DAYS))
    assert weights[2] == pytest.approx(0.5, abs=0.02)


def test_what_did_not_come_in_counts_for_nothing():
    actual, means = _forecasts()
    actual[::3] = np.nan
    came = ~np.isnan(actual[:, 0])
    apart = (0.4, 0.3, 0.3)
    known = together(apart, [mean[came] for mean in means], actual[came], np.ones(came.sum()))
    assert together(apart, means, actual, np.ones(DAYS)) == pytest.approx(known)
