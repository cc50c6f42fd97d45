"""The queue over a day against the matrix exponential of its generator and the stationary formulas."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from wfm.erlang import ServiceTarget, erlang_a, modified_offered_load, over_day, required_agents, required_over_day
from wfm.errors import InvalidInput, UnreachableTarget

EIGHTY_TWENTY = ServiceTarget(level=0.8, awt_s=20)


def exact_day(
    rate: list[float], aht_s: float, agents: list[int], patience_s: float, most: int
) -> tuple[list[float], list[float], list[float]]:
    """Delay probability, mean queue and queue at the end of each quarter of an hour, by matrix exponentials and Simpson's rule."""
    from scipy.linalg import expm

    state, delayed, queue, at_end = np.eye(most + 1)[0], [], [], []
    steps = 200
    weights = np.r_[1, np.tile([4, 2], steps // 2 - 1), 4, 1] / (3 * steps)
    for arrivals, heads in zip(rate, agents, strict=True):
        out = np.minimum(np.arange(most + 1), heads) / aht_s + np.maximum(np.arange(most + 1) - heads, 0) / patience_s
        moves = np.diag(np.r_[[arrivals] * most], 1) + np.diag(out[1:], -1)
        moves -= np.diag(moves.sum(axis=1))
        step, mean = expm(moves * 900 / steps), np.zeros(most + 1)
        for i, weight in enumerate(weights):
            mean += weight * state
            state = state @ step if i < steps else state
        waiting = np.maximum(np.arange(most + 1) - heads, 0)
        delayed.append(mean[heads:].sum())
        queue.append(mean @ waiting)
        at_end.append(state @ waiting)
    return delayed, queue, at_end


@pytest.mark.parametrize("patience_s", [120.0, np.inf])
def test_a_day_with_an_overload_agrees_with_the_matrix_exponential(patience_s: float) -> None:
    rate, agents = [0.05, 0.12, 0.05, 0.1], [12, 18, 12, 20]
    delayed, queue, at_end = exact_day(rate, 180, agents, patience_s, 190)
    found = over_day(rate, 180, agents, patience_s)
    np.testing.assert_allclose(found.measures.wait_probability, delayed, atol=1e-7)
    np.testing.assert_allclose(found.measures.mean_queue, queue, atol=1e-5)
    np.testing.assert_allclose(found.waiting_at_end, at_end, atol=1e-6)


@pytest.mark.parametrize("patience_s", [60.0, 900.0, np.inf])
def test_a_day_that_never_changes_ends_in_the_stationary_formula(patience_s: float) -> None:
    found, stationary = over_day([0.5] * 60, 180, [96] * 60, patience_s, 15), erlang_a(0.5, 180, 96, patience_s, 15)
    for field in type(stationary).__slots__:
        assert getattr(found.measures, field)[-1] == pytest.approx(getattr(stationary, field), rel=1e-5, abs=1e-9), field


def test_a_large_room_keeps_its_service_level_where_the_first_term_underflows() -> None:
    found, stationary = over_day([10.0] * 6, 300, [2990] * 6, 200, 90, 1800), erlang_a(10.0, 300, 2990, 200, 90)
    assert found.measures.service_level[-1] == pytest.approx(stationary.service_level, abs=1e-6)


def test_the_queue_starts_where_the_day_before_ended() -> None:
    rate, agents = [0.05, 0.14, 0.05], [12, 18, 12]
    whole = over_day(rate, 180, agents, 300)
    first = over_day(rate[:2], 180, agents[:2], 300)
    second = over_day(rate[2:], 180, agents[2:], 300, start=first.state)
    assert second.measures.service_level[0] == pytest.approx(whole.measures.service_level[2], abs=1e-10)
    assert second.waiting_at_end[0] == pytest.approx(whole.waiting_at_end[2], abs=1e-9)


def test_after_an_overload_the_interval_formula_is_far_off_and_the_day_knows() -> None:
    rate, agents = [0.08, 0.16, 0.08], [18, 18, 18]
    after = over_day(rate, 180, agents).measures.wait_probability[2]
    assert after - erlang_a(0.08, 180, 18, np.inf).wait_probability > 0.145


def test_without_arrivals_nobody_waits_but_the_backlog_drains() -> None:
    found = over_day([0.2, 0.0, 0.0], 180, [10, 10, 10])
    assert found.measures.service_level.tolist()[1:] == [1, 1]
    assert found.measures.wait_probability.tolist()[1:] == [0, 0]
    assert found.waiting_at_end[0] > 100 > found.waiting_at_end[2]


def test_without_agents_contacts_wait_until_their_patience_ends() -> None:
    found = over_day([0.2] * 4, 180, [0] * 4, 60)
    assert found.measures.abandon_probability.tolist() == pytest.approx([1, 1, 1, 1])
    assert found.waiting_at_end[-1] == pytest.approx(12, rel=1e-6)


def test_the_offered_load_lags_behind_the_arrivals() -> None:
    load = modified_offered_load([0.1] * 30 + [0.0] * 30, 300)
    assert load[29] == pytest.approx(30)
    assert load[0] < 30
    assert load[30] > 1
    assert load.sum() == pytest.approx(30 * 30, rel=1e-9)
    by_minute = modified_offered_load(np.repeat([0.1, 0.02, 0.07], 15), 300, 60).reshape(3, 15).mean(axis=1)
    assert modified_offered_load([0.1, 0.02, 0.07], 300).tolist() == pytest.approx(by_minute.tolist())


@pytest.mark.parametrize("patience_s", [240.0, np.inf])
def test_staffing_for_a_day_keeps_the_level_everywhere_and_one_fewer_does_not(patience_s: float) -> None:
    rate = [0.02, 0.08, 0.15, 0.05, 0.0, 0.02]
    found = required_over_day(rate, 200, EIGHTY_TWENTY, patience_s)
    level = over_day(rate, 200, found, patience_s).measures.service_level
    assert np.all(level >= 0.8 - 1e-6)
    assert found[4] == 0
    for t in (0, 1, 2, 3, 5):
        fewer = found - (np.arange(6) == t)
        assert over_day(rate, 200, fewer, patience_s).measures.service_level[t] < 0.8


def test_staffing_for_a_day_that_never_changes_is_the_stationary_answer() -> None:
    target = ServiceTarget(level=0.8, awt_s=20, max_occupancy=0.9, max_abandonment=0.03)
    found = required_over_day([0.3] * 20, 200, target, 180)
    assert found[-1] == required_agents(0.3, 200, target, 180)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"arrival_rate": [-0.1, 0.1]}, "arrival_rate must be at least 0"),
        ({"arrival_rate": 0.1}, "arrival_rate must be a row"),
        ({"agents": [1, 2, 3]}, "agents must have one entry for each of 2 intervals, got 3"),
        ({"agents": [1.5, 2]}, "agents must be a whole number"),
        ({"aht_s": 0}, "aht_s must be at least"),
        ({"patience_s": 0}, "patience_s must be above 0"),
        ({"patience_s": np.nan}, "patience_s must be a number"),
        ({"awt_s": -1}, "awt_s must be at least 0"),
        ({"start": [0.5, 0.4]}, "start must be probabilities that sum to 1"),
    ],
)
def test_bad_input_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        over_day(**{"arrival_rate": [0.1, 0.1], "aht_s": 180, "agents": [20, 20], **change})


def test_a_wait_of_zero_cannot_be_reached() -> None:
    with pytest.raises(UnreachableTarget, match="max_asa_s"):
        required_over_day([0.1], 180, ServiceTarget(level=None, max_asa_s=0))


def test_a_queue_beyond_all_bounds_is_refused() -> None:
    with pytest.raises(InvalidInput, match="may not grow beyond"):
        over_day([1e6], 180, [1])
