"""Published points, edges and refusals of the stationary formulas."""

from __future__ import annotations

import subprocess
import sys
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from wfm.erlang import QueueMeasures, chat, erlang_a, erlang_b, erlang_c, erlang_x
from wfm.errors import InvalidInput

FIELDS = QueueMeasures.__slots__
QUEUE: dict[str, Any] = {"arrival_rate": 0.1, "aht_s": 180.0, "agents": 20, "patience_s": 180.0, "awt_s": 20.0}


def test_hundred_calls_in_half_an_hour_with_14_agents() -> None:
    found = erlang_c(100 / 1800, 180, 14, 20)
    assert found.wait_probability == pytest.approx(0.1741319, abs=5e-8)
    assert found.service_level == pytest.approx(0.88835, abs=5e-6)
    assert found.asa_s == pytest.approx(7.83593701177724, rel=1e-13)


def test_a_fifth_of_a_call_a_second_with_55_agents() -> None:
    found = erlang_c(0.2, 240, 55, 15)
    assert found.wait_probability == pytest.approx(0.2387, abs=5e-5)
    assert found.asa_s == pytest.approx(8.184, abs=5e-4)
    assert found.service_level == pytest.approx(0.8459, abs=5e-5)


def test_lines_for_one_per_cent_blocking() -> None:
    assert erlang_b(8.108, 15) == pytest.approx(0.01, abs=1e-6)
    assert erlang_b(33.33, 45) <= 0.01 < erlang_b(33.33, 44)


def test_ten_erlangs_on_13_agents_with_five_minutes_of_patience() -> None:
    found = erlang_a(10 / 180, 180, 13, 300, 20)
    shown = (found.wait_probability, found.abandon_probability, found.occupancy, found.service_level)
    assert shown == pytest.approx((0.226, 0.025, 0.750, 0.858), abs=5e-4)


def test_48_calls_a_minute_with_and_without_abandonment() -> None:
    found = erlang_a(48 / 60, 60, 50, 120)
    assert (found.abandon_probability, found.mean_wait_s, found.occupancy) == pytest.approx((0.031, 3.7, 0.93), abs=0.05)
    assert found.abandon_probability == pytest.approx(0.031, abs=5e-4)
    assert erlang_c(48 / 60, 60, 50).mean_wait_s == pytest.approx(20.8, abs=0.05)


def states(rate: float, aht_s: float, agents: int, patience_s: float, lines: int) -> list[Fraction]:
    """Stationary probabilities of a birth-death chain in exact fractions."""
    weights = [Fraction(1)]
    for k in range(1, lines + 1):
        out = min(k, agents) / Fraction(aht_s) + max(k - agents, 0) / Fraction(patience_s)
        weights.append(weights[-1] * Fraction(rate) / out)
    return [weight / sum(weights) for weight in weights]


@pytest.mark.parametrize(("rate", "agents", "lines"), [(0.01, 1, 1), (0.01, 1, 4), (0.05, 3, 9), (0.2, 6, 30), (0.02, 6, 4)])
def test_small_systems_agree_with_exact_fractions(rate: float, agents: int, lines: int) -> None:
    exact = states(rate, 128.0, agents, 64.0, lines)
    found = erlang_x(rate, 128.0, agents, 64.0, lines)
    queue = sum((k - agents) * p for k, p in enumerate(exact) if k > agents)
    assert found.block_probability == pytest.approx(float(exact[-1]), abs=1e-14)
    assert found.mean_queue == pytest.approx(float(queue), abs=1e-13)
    assert found.wait_probability == pytest.approx(float(sum(exact[agents:-1])), abs=1e-14)
    busy = sum(min(k, agents) * p for k, p in enumerate(exact)) / agents
    assert found.occupancy == pytest.approx(float(busy), abs=1e-14)


@pytest.mark.parametrize("awt_s", [0.0, 15.0, 200.0])
def test_waits_agree_with_the_matrix_exponential_of_the_place_in_the_queue(awt_s: float) -> None:
    from scipy.linalg import expm

    rate, aht_s, agents, patience_s, lines = 0.05, 128.0, 5, 90.0, 14
    exact = states(rate, aht_s, agents, patience_s, lines)
    within = left_within = 0.0
    for found_waiting in range(lines - agents):
        # states 0..k are places in the queue, then answered, then left
        size = found_waiting + 3
        moves = np.zeros((size, size))
        for place in range(found_waiting + 1):
            ahead = agents / aht_s + place / patience_s
            moves[place, place - 1 if place else size - 2] += ahead
            moves[place, size - 1] += 1 / patience_s
            moves[place, place] -= ahead + 1 / patience_s
        after = expm(moves * awt_s)[found_waiting]
        within += float(exact[agents + found_waiting]) * after[size - 2]
        left_within += float(exact[agents + found_waiting]) * after[size - 1]
    found = erlang_x(rate, aht_s, agents, patience_s, lines, awt_s=awt_s)
    served = within + float(sum(exact[:agents]))
    assert found.service_level == pytest.approx(served, abs=1e-12)
    assert found.service_level_excluding_short_abandons == pytest.approx(served / (1 - left_within), abs=1e-12)
    assert found.service_level_counting_short_abandons == pytest.approx(served + left_within, abs=1e-12)


def test_redials_satisfy_their_own_balance() -> None:
    fresh, share = 0.1, 0.6
    found = erlang_x(fresh, 240, 22, 120, 26, share)
    lost = found.block_probability + found.abandon_probability
    attempts = found.occupancy * 22 / 240 / (1 - lost)
    assert attempts == pytest.approx(fresh + share * attempts * lost, rel=1e-12)


def test_everybody_redials_only_while_the_agents_can_handle_all() -> None:
    assert erlang_x(0.08, 240, 22, 120, 40, 1.0).occupancy == pytest.approx(0.08 * 240 / 22, rel=1e-12)
    with pytest.raises(InvalidInput, match="redial_share must be below 1"):
        erlang_x(0.1, 240, 22, 120, 40, 1.0)


def test_chat_agrees_with_the_balance_equations_of_its_chain() -> None:
    rate, aht_s, agents, patience_s, most = 0.06, [200.0, 260.0, 500.0], 4, 90.0, 60
    moves = np.zeros((most + 1, most + 1))
    for x in range(most + 1):
        held = [(min(x, 12) + i) // agents for i in range(agents)]
        out = sum(j / aht_s[j - 1] for j in held if j) + max(x - 12, 0) / patience_s
        if x < most:
            moves[x, x + 1] = rate
        if x:
            moves[x, x - 1] = out
        moves[x, x] = -moves[x].sum()
    balance = np.vstack([moves.T, np.ones(most + 1)])
    p = np.linalg.lstsq(balance, np.r_[np.zeros(most + 1), 1.0], rcond=None)[0]
    found = chat(rate, aht_s, agents, patience_s)
    assert found.wait_probability == pytest.approx(p[12:].sum(), abs=1e-11)
    assert found.mean_queue == pytest.approx(p[12:] @ np.arange(most - 11), abs=1e-9)
    assert found.occupancy == pytest.approx(p @ np.minimum(np.arange(most + 1), agents) / agents, abs=1e-11)


def test_an_unstable_queue_without_abandonment_serves_nobody_in_time_and_does_not_raise() -> None:
    found = erlang_c(0.1, 180, [18, 10, 0])
    assert found.service_level.tolist() == [0, 0, 0]
    assert np.isinf(found.asa_s).all()
    assert np.isinf(found.mean_wait_s).all()
    assert np.isinf(found.mean_queue).all()
    assert found.occupancy.tolist() == [1, 1, 1]


def test_without_contacts_nobody_waits() -> None:
    for found in (erlang_a(0, 180, [0, 3], 60), erlang_c(0, 180, [0, 3]), erlang_x(0, 180, [0, 3], 60, 9), chat(0, [180, 200], [0, 3], 60)):
        for field in FIELDS:
            expected = 1.0 if field.startswith("service_level") else 0.0
            assert np.all(getattr(found, field) == expected), field


def test_without_agents_everybody_leaves_after_their_patience() -> None:
    found = erlang_a(0.1, 180, 0, 60, 20)
    assert (found.wait_probability, found.abandon_probability, found.mean_wait_s, found.asa_s) == (1, 1, 60, np.inf)
    assert (found.service_level, found.service_level_of_answered, found.service_level_excluding_short_abandons) == (0, 0, 0)
    assert found.service_level_counting_short_abandons == pytest.approx(1 - np.exp(-1 / 3))


@pytest.mark.parametrize("agents", [0.5, 1, 7, 300, 1e5, 1e8])
@pytest.mark.parametrize("factor", [0, 1e-300, 1e-9, 0.5, 1 - 1e-12, 1, 1 + 1e-12, 2, 10, 1e4])
def test_no_measure_is_ever_nan_or_out_of_bounds(agents: float, factor: float) -> None:
    patience_s, awt_s, aht_s = np.meshgrid([1e-300, 1e-3, 1.0, 180.0, 1e5, 1e12, np.inf], [0.0, 20.0, 1e5, 1e12], [1e-6, 180.0, 1e6])
    found = erlang_a(factor * agents / aht_s, aht_s, agents, patience_s, awt_s)
    for field in FIELDS:
        value = getattr(found, field)
        assert not np.isnan(value).any(), field
        assert np.all(value >= 0), field
        if field not in ("mean_wait_s", "asa_s", "mean_queue"):
            assert np.all(value <= 1), field


@pytest.mark.parametrize("aht_s", [1e-6, 180.0, 1e6])
@pytest.mark.parametrize("patience_s", [1e-300, 1e-3, 180.0, 1e12, np.inf])
def test_limited_lines_and_chat_are_never_nan_or_out_of_bounds(aht_s: float, patience_s: float) -> None:
    heads, load, extra, awt_s = np.meshgrid([1, 7, 300], [0, 1e-300, 1e-9, 0.5, 1, 2, 1e4], [0, 50, 5000], [0.0, 20.0, 1e12])
    limited = erlang_x(heads * load / aht_s, aht_s, heads, patience_s, heads + extra, 0.5, awt_s)
    for found in (limited, chat(heads * load / aht_s, [aht_s, aht_s], heads, patience_s, awt_s)):
        for field in FIELDS:
            value = getattr(found, field)
            assert not np.isnan(value).any(), field
            assert np.all(value >= 0), field
            if field not in ("mean_wait_s", "asa_s", "mean_queue"):
                assert np.all(value <= 1), field


def test_scalars_give_floats_and_arrays_broadcast() -> None:
    assert all(isinstance(getattr(erlang_a(**QUEUE), field), float) for field in FIELDS)
    assert isinstance(erlang_b(8, 10), float)
    assert isinstance(erlang_x(0.1, 180, 20, 180, 30).service_level, float)
    assert isinstance(chat(0.1, [180, 240], 20, 180).service_level, float)
    found = erlang_a(np.full((3, 1), 0.1), 180, np.array([18, 20]), 180)
    assert all(getattr(found, field).shape == (3, 2) for field in FIELDS)
    assert chat([0.1, 0.2], np.full((3, 1, 2), 180.0), 9, 180).service_level.shape == (3, 2)


BAD: list[tuple[str, object, str]] = [
    *((name, value, f"{name} must ") for name in QUEUE for value in (np.nan, -1, True, "20", None, 1j, [1, None], [[1], [1, 2]], [True])),
    *((name, np.inf, f"{name} must ") for name in QUEUE if name != "patience_s"),
    *((name, np.ma.masked_invalid([1.0, np.nan]), f"{name} must not have masked") for name in QUEUE),
    ("aht_s", 0, "aht_s must be at least 1e-06, got 0"),
    ("patience_s", 0, "patience_s must be above 0, got 0"),
    ("patience_s", 1e13, "patience_s must be at most 1e[+]12, or infinite"),
    ("arrival_rate", 10**400, "arrival_rate must fit a float"),
    ("arrival_rate", 1e11, "offered load in erlang must be at most"),
    ("agents", [1, 2, 3], "shapes must broadcast together"),
]


@pytest.mark.parametrize(("name", "value", "message"), BAD)
def test_bad_input_is_refused_with_its_name(name: str, value: object, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        erlang_a(**{**QUEUE, "awt_s": [20.0, 30.0], name: value})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"agents": 2.5}, "agents must be a whole number, got 2.5"),
        ({"lines": 30.5}, "lines must be a whole number"),
        ({"lines": np.inf}, "lines must be finite"),
        ({"lines": -1}, "lines must be at least 0"),
        ({"redial_share": 60}, "redial_share must be at most 1, got 60; write 0.60"),
        ({"redial_share": np.nan}, "redial_share must be a number"),
    ],
)
def test_limited_lines_refuse_bad_input(change: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        erlang_x(**{**QUEUE, "lines": 30, **change})


@pytest.mark.parametrize(
    ("aht_s", "message"),
    [([], "at least one entry"), ([180, 0], "must be at least"), ([180, np.nan], "must be a number"), ("180", "must be a number")],
)
def test_chat_refuses_bad_handle_times(aht_s: Any, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        chat(0.1, aht_s, 20, 180)


def test_a_misspelt_argument_is_refused() -> None:
    with pytest.raises(TypeError, match="awt"):
        erlang_c(0.1, 180, 20, awt=20)  # type: ignore[call-arg]


def test_importing_the_room_loads_no_heavy_library() -> None:
    check = "import sys, wfm.erlang; print([name for name in ('pandas', 'numba', 'scipy', 'pyworkforce') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
