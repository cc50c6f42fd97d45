"""Staffing for a gamma-distributed rate."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from wfm.erlang import (
    ServiceTarget,
    erlang_a,
    erlang_c,
    expected_service,
    required_agents,
    required_with_probability,
    required_with_uncertainty,
)
from wfm.errors import InvalidInput

EIGHTY_TWENTY = ServiceTarget(level=0.8, awt_s=20)


def test_200_erlangs_need_199_agents_at_a_known_rate_and_209_call_weighted() -> None:
    assert required_agents(200 / 240, 240, EIGHTY_TWENTY, 300) == 199
    assert required_with_uncertainty(200 / 240, 0.1, 240, EIGHTY_TWENTY, 300) == 209


def test_the_call_weighted_mean_is_below_the_interval_mean() -> None:
    by_call = expected_service(0.5, 0.2, 200, 104, 300, 20, "call")
    by_interval = expected_service(0.5, 0.2, 200, 104, 300, 20, "interval")
    assert by_call < by_interval < erlang_a(0.5, 200, 104, 300).service_level


@pytest.mark.parametrize("patience_s", [200.0, np.inf])
@pytest.mark.parametrize("weighting", ["call", "interval"])
def test_a_plain_sum_over_fine_steps_of_the_rate_agrees(patience_s: float, weighting: Any) -> None:
    from scipy.stats import gamma

    rate, cv, aht_s, heads = 0.1, 0.4, 240.0, 28
    steps = np.linspace(0, 0.6, 400_001)[1:]
    density = gamma.pdf(steps, 1 / cv**2, scale=rate * cv**2) * (steps / rate if weighting == "call" else 1.0)
    naive = (density * erlang_a(steps, aht_s, heads, patience_s, 20).service_level).sum() * (steps[1] - steps[0])
    assert expected_service(rate, cv, aht_s, heads, patience_s, 20, weighting) == pytest.approx(naive, abs=1e-7)


@pytest.mark.parametrize("cv", [0.0, 1e-9, 1e-6])
def test_without_uncertainty_the_level_is_the_plain_one(cv: float) -> None:
    assert expected_service(0.5, cv, 200, 104, np.inf, 20) == pytest.approx(erlang_c(0.5, 200, 104).service_level, abs=1e-9)


@pytest.mark.parametrize("cv", [1e-4, 0.05, 1.0, 5.0, 100.0])
@pytest.mark.parametrize("patience_s", [1.0, 1e6, np.inf])
def test_every_amount_of_uncertainty_gives_a_share(cv: float, patience_s: float) -> None:
    found = expected_service(0.5, cv, 200, [0, 1, 90, 104, 300, 1e6], patience_s, 20)
    assert np.all((found >= 0) & (found <= 1))
    assert np.all(np.diff(found) >= -1e-10)


def test_the_smallest_number_meets_the_expected_level_and_one_fewer_does_not() -> None:
    rate = np.array([0.0, 0.002, 0.05, 0.7])
    for weighting in ("call", "interval"):
        for patience_s in (60.0, np.inf):
            found = required_with_uncertainty(rate, 0.25, 200, EIGHTY_TWENTY, patience_s, weighting=weighting)
            assert found[0] == 0
            assert np.all(expected_service(rate, 0.25, 200, found, patience_s, 20, weighting) >= 0.8 - 1e-9)
            assert np.all(expected_service(rate[1:], 0.25, 200, found[1:] - 1, patience_s, 20, weighting) < 0.8)


def test_other_limits_hold_at_the_mean_rate() -> None:
    capped = ServiceTarget(level=0.8, max_occupancy=0.5)
    assert required_with_uncertainty(0.5, 0.05, 200, capped, 300) == required_agents(0.5, 200, capped, 300) == 200


def test_a_chosen_probability_is_kept_in_that_share_of_the_draws() -> None:
    found = required_with_probability(0.5, 0.2, 200, EIGHTY_TWENTY, 300, probability=0.9)
    draws = np.random.default_rng(1).gamma(25, 0.5 / 25, 100_000)
    kept = [np.mean(erlang_a(draws, 200, n, 300).service_level >= 0.8) for n in (found, found - 1)]
    assert kept[0] >= 0.9 - 0.003
    assert kept[1] < 0.9 + 0.003


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"rate_cv": -0.1}, "rate_cv must be at least 0"),
        ({"rate_cv": np.nan}, "rate_cv must be a number"),
        ({"weighting": "calls"}, "weighting must be call or interval"),
        ({"target": ServiceTarget(level=None, max_asa_s=10)}, "target must have a level"),
        ({"target": ServiceTarget(level=0.8, definition="answered")}, "target must have a level"),
    ],
)
def test_bad_input_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        required_with_uncertainty(**{"arrival_rate": 0.5, "rate_cv": 0.1, "aht_s": 200, "target": EIGHTY_TWENTY, **change})


def test_a_probability_of_one_is_refused() -> None:
    with pytest.raises(InvalidInput, match="probability must be in"):
        required_with_probability(0.5, 0.1, 200, EIGHTY_TWENTY, probability=1.0)
