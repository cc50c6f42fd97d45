"""The smallest number of agents, the gross-up, minimum staffing and patience from records."""

from __future__ import annotations

import random
from fractions import Fraction
from math import ceil
from typing import Any

import numpy as np
import pytest

from wfm.erlang import ServiceTarget, erlang_a, erlang_c, gross_up, patience_from_data, required_agents, with_minimum
from wfm.errors import InvalidInput, UnreachableTarget

EIGHTY_TWENTY = ServiceTarget(level=0.8, awt_s=20)
FIGURES = {
    "offered": "service_level",
    "answered": "service_level_of_answered",
    "excluding_short_abandons": "service_level_excluding_short_abandons",
    "counting_short_abandons": "service_level_counting_short_abandons",
}


def test_abandonment_lets_99_agents_serve_100_erlangs() -> None:
    assert required_agents(100 / 180, 180, EIGHTY_TWENTY, 180) == 99


def test_no_volume_needs_nobody() -> None:
    assert required_agents(0, 180, EIGHTY_TWENTY) == 0
    assert required_agents([0.0, 0.1], 180, EIGHTY_TWENTY, 60).tolist()[0] == 0


@pytest.mark.parametrize("patience_s", [60.0, 600.0, np.inf])
def test_a_small_queue_needs_one_or_two(patience_s: float) -> None:
    assert required_agents(0.4 / 180, 180, EIGHTY_TWENTY, patience_s) in (1, 2)


@pytest.mark.parametrize("definition", list(FIGURES))
@pytest.mark.parametrize("patience_s", [20.0, 300.0, 1e5, np.inf])
def test_the_answer_meets_the_level_and_one_fewer_does_not(definition: str, patience_s: float) -> None:
    target = ServiceTarget(level=0.85, awt_s=15, definition=definition)
    rate = np.array([1e-4, 0.002, 0.03, 0.31, 1.7, 9.0, 70.0, 412.0])
    found = required_agents(rate, 240, target, patience_s)
    assert np.all(getattr(erlang_a(rate, 240, found, patience_s, 15), FIGURES[definition]) >= 0.85)
    short = getattr(erlang_a(rate, 240, np.maximum(found - 1, 0), patience_s, 15), FIGURES[definition])
    assert np.all(short < 0.85)


LIMITS: list[dict[str, Any]] = [
    {"level": 0.8, "max_asa_s": 4.0},
    {"level": 0.9, "max_abandonment": 0.01},
    {"level": 0.5, "max_occupancy": 0.6},
    {"level": None, "max_mean_wait_s": 1.0, "max_occupancy": 0.9},
    {"level": 0.7, "max_asa_s": 30.0, "max_mean_wait_s": 9.0, "max_abandonment": 0.04, "max_occupancy": 0.88},
]


@pytest.mark.parametrize("limits", LIMITS)
@pytest.mark.parametrize("patience_s", [120.0, np.inf])
def test_a_naive_count_upwards_finds_the_same(limits: dict[str, Any], patience_s: float) -> None:
    target = ServiceTarget(awt_s=20, **limits)
    for load in (0.3, 3.3, 24.0, 90.0):
        assert required_agents(load / 200, 200, target, patience_s) == naive(load / 200, 200, target, patience_s)


def naive(rate: float, aht_s: float, target: ServiceTarget, patience_s: float) -> int:
    for n in range(1, 1000):
        found = erlang_a(rate, aht_s, n, patience_s, target.awt_s)
        pairs = [
            (target.max_asa_s, found.asa_s),
            (target.max_mean_wait_s, found.mean_wait_s),
            (target.max_abandonment, found.abandon_probability),
            (target.max_occupancy, found.occupancy),
            (None if target.level is None else -target.level, -found.service_level),
        ]
        if np.isfinite(found.mean_wait_s) and all(limit is None or figure <= limit for limit, figure in pairs):
            return n
    raise AssertionError("nothing below 1000 agents")


def test_85_erlangs_at_85_per_cent_are_100_agents() -> None:
    target = ServiceTarget(level=None, max_occupancy=0.85)
    assert required_agents(85 / 180, 180, target) == 100
    assert required_agents(8.5 / 180, 180, target) == 10


@pytest.mark.parametrize("definition", list(FIGURES))
def test_a_very_high_level_is_still_exact(definition: str) -> None:
    target = ServiceTarget(level=1 - 1e-9, awt_s=0, definition=definition)
    found = int(required_agents(0.5, 200, target))
    assert erlang_c(0.5, 200, found).wait_probability <= 1e-9 < erlang_c(0.5, 200, found - 1).wait_probability


def test_an_unlimited_occupancy_still_needs_a_stable_queue_without_abandonment() -> None:
    target = ServiceTarget(level=None, max_occupancy=1.0)
    assert required_agents(0.1, 100, target) == 11
    assert required_agents(0.1, 100, target, 60) == 1


def test_huge_and_tiny_loads_are_found_quickly() -> None:
    rate = np.array([1e-12, 1e5, 5e6])
    found = required_agents(rate, 180, EIGHTY_TWENTY, [60.0, np.inf, 60.0])
    assert found[0] == 1
    assert np.all(erlang_a(rate, 180, found, [60.0, np.inf, 60.0]).service_level >= 0.8 - 1e-9)


@pytest.mark.parametrize("part", ["max_asa_s", "max_mean_wait_s"])
def test_a_wait_of_zero_cannot_be_reached(part: str) -> None:
    target = ServiceTarget(level=None, **{part: 0.0})
    with pytest.raises(UnreachableTarget, match=f"no number of agents gives {part} = 0"):
        required_agents(0.1, 180, target)
    assert required_agents(0, 180, target) == 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"target": 0.8}, "target must be a ServiceTarget, got 0.8"),
        ({"arrival_rate": 1e8}, "offered load in erlang must be at most 1e[+]09"),
        ({"arrival_rate": np.nan}, "arrival_rate must be a number"),
        ({"patience_s": 0}, "patience_s must be above 0"),
        ({"aht_s": [180, -3]}, "aht_s must be at least 1e-06, got -3"),
    ],
)
def test_requirements_refuse_bad_input(change: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        required_agents(**{"arrival_rate": 0.1, "aht_s": 180, "target": EIGHTY_TWENTY, **change})


def test_requirements_are_int64_of_the_broadcast_shape() -> None:
    found = required_agents(np.full((3, 1), 0.1), [180.0, 240.0], EIGHTY_TWENTY)
    assert (found.shape, found.dtype) == ((3, 2), np.int64)
    assert required_agents(0.1, 180, EIGHTY_TWENTY).dtype == np.int64


def test_21_agents_at_30_per_cent_are_30_scheduled() -> None:
    assert gross_up(21, 0.30) == 30


def test_the_gross_up_is_exact_for_every_whole_per_cent() -> None:
    agents = np.arange(400)[:, None]
    shares = [f"{percent / 100:.2f}" for percent in range(100)]
    exact = [[ceil(int(n) / (1 - Fraction(share))) for share in shares] for n in agents[:, 0]]
    assert gross_up(agents, [float(share) for share in shares]).tolist() == exact


def test_the_gross_up_is_exact_for_odd_decimals_and_near_one() -> None:
    chance = random.Random(5)
    for _ in range(2000):
        share = f"0.{chance.randrange(10 ** chance.randrange(1, 16))}"
        n = chance.choice([1, 21, 77, 1000, 54321])
        exact = ceil(n / (1 - Fraction(repr(float(share)))))
        if exact < 2**53:
            assert gross_up(n, float(share)) == exact, (n, share)


def test_single_precision_means_the_decimal_that_was_written() -> None:
    assert gross_up(21, np.float32(0.3)) == 30


@pytest.mark.parametrize("shrinkage", [1, 30, -0.1, np.nan, True, "0.3", np.inf])
def test_the_gross_up_refuses_what_is_no_share(shrinkage: Any) -> None:
    with pytest.raises(InvalidInput, match="shrinkage must"):
        gross_up(21, shrinkage)


def test_minimum_staffing_holds_while_open_only() -> None:
    assert with_minimum([0, 1, 5], 2, [False, True, True]).tolist() == [0, 2, 5]
    with pytest.raises(InvalidInput, match="closed"):
        with_minimum([1], 2, [False])
    with pytest.raises(InvalidInput, match="is_open must be booleans"):
        with_minimum([1], 2, [1])


def test_patience_is_total_waiting_over_the_number_abandoned() -> None:
    assert patience_from_data([5_400.0, 10.0, 0.0], [30, 0, 0]).tolist() == [180.0, np.inf, np.inf]
    with pytest.raises(InvalidInput, match="total_wait_s must be above 0"):
        patience_from_data(0, 3)


def test_patience_from_data_recovers_what_the_formula_was_given() -> None:
    found = erlang_a(0.4, 200, 78, 150.0)
    assert patience_from_data(found.mean_wait_s * 1e6, found.abandon_probability * 1e6) == pytest.approx(150.0, rel=1e-12)
