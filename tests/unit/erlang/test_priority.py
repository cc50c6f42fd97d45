"""Priority classes against closed forms, conservation and simulation."""

from __future__ import annotations

import numpy as np
import pytest

from wfm.erlang import ServiceTarget, erlang_c, priority_classes, required_agents, required_for_classes
from wfm.errors import InvalidInput, UnreachableTarget
from wfm.simulate import SimulatedAgent, SimulatedQueue, Simulation, Skill, simulate

RATES = [0.02, 0.03, 0.03]


def test_one_class_is_erlang_c() -> None:
    alone, erlang = priority_classes([0.08], 180, 17, 20), erlang_c(0.08, 180, 17, 20)
    for name in ("wait_probability", "mean_wait_s", "service_level", "occupancy", "mean_queue"):
        assert np.asarray(getattr(alone, name))[0] == pytest.approx(getattr(erlang, name), rel=1e-12)


def test_the_order_of_service_leaves_the_mean_wait_of_all_as_it_is() -> None:
    found, erlang = priority_classes(RATES, 180, 17), erlang_c(sum(RATES), 180, 17)
    assert np.sum(found.mean_queue) == pytest.approx(erlang.mean_queue, rel=1e-12)


def test_the_most_urgent_class_waits_exponentially() -> None:
    found = priority_classes([0.02, 0.06], 180, 17, [20, 20])
    rest = 17 / 180 - 0.02
    expected = 1 - np.asarray(found.wait_probability)[0] * np.exp(-rest * 20)
    assert np.asarray(found.service_level)[0] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("awt_s", [0.5, 20.0, 300.0, 5_000.0])
def test_a_class_below_others_agrees_with_the_integral_of_its_own_tail(awt_s: float) -> None:
    """A lower class is served last: with hardly anybody above it, it is Erlang C."""
    found = priority_classes([1e-9, 0.08], 180, 17, awt_s)
    assert np.asarray(found.service_level)[1] == pytest.approx(erlang_c(0.08, 180, 17, awt_s).service_level, abs=1e-7)


def test_the_tail_of_the_wait_adds_up_to_its_mean() -> None:
    grid = np.linspace(0.0, 8_000.0, 4_001)
    late = [1 - float(np.asarray(priority_classes(RATES, 180, 17, float(t)).service_level)[1]) for t in grid]
    mean = np.asarray(priority_classes(RATES, 180, 17).mean_wait_s)[1]
    assert np.trapezoid(late, grid) == pytest.approx(mean, rel=2e-3)


def test_urgent_customers_are_served_while_the_others_wait_without_end() -> None:
    found = priority_classes([0.05, 0.06], 180, 17, 20)
    assert np.asarray(found.mean_wait_s).tolist() == [pytest.approx(180 / 17 / (1 - 0.05 * 180 / 17)), np.inf]
    assert np.asarray(found.service_level)[1] == 0.0


def test_simulation_agrees_within_three_standard_errors() -> None:
    skills = (Skill("urgent"), Skill("routine"))
    queues = tuple(
        SimulatedQueue(name, (rate * 1_800,) * 200, 180.0, target=ServiceTarget(0.8, 20), priority=rank)
        for rank, (name, rate) in enumerate((("urgent", 0.02), ("routine", 0.05)))
    )
    agents = tuple(SimulatedAgent(f"a{k}", skills, (True,) * 200) for k in range(16))
    exact = priority_classes([0.02, 0.05], 180, 16, 20)
    for seed in (1, 2):
        result = simulate(Simulation(1_800, queues, agents, warm_up=8), 40, seed)
        for place, queue in enumerate(queues):
            for name in ("service_level", "mean_wait_s", "wait_probability"):
                found = result.measure(name, queue.id)
                assert abs(found.mean - np.asarray(getattr(exact, name))[place]) < 3 * found.standard_error


def test_the_answer_keeps_every_class_and_one_fewer_does_not() -> None:
    targets = [ServiceTarget(0.95, 10), ServiceTarget(0.8, 60), ServiceTarget(None, max_asa_s=120)]
    heads = required_for_classes(RATES, 180, targets)

    def kept(count: int) -> bool:
        found = priority_classes(RATES, 180, count, [10, 60, 20])
        level, wait_s = np.asarray(found.service_level), np.asarray(found.mean_wait_s)
        return bool(level[0] >= 0.95 and level[1] >= 0.8 and wait_s[2] <= 120)

    assert kept(heads)
    assert not kept(heads - 1)


def test_sharing_needs_no_more_people_than_each_class_alone() -> None:
    targets = [ServiceTarget(0.9, 10), ServiceTarget(0.8, 60)]
    alone = sum(int(required_agents(rate, 180, target)) for rate, target in zip([0.02, 0.06], targets, strict=True))
    assert required_for_classes([0.02, 0.06], 180, targets) < alone


def test_nobody_is_needed_where_nobody_calls() -> None:
    assert required_for_classes([0.0, 0.0], 180, [ServiceTarget(), ServiceTarget()]) == 0


def test_bad_classes_are_refused() -> None:
    for rates in ([-0.1, 0.1], [], [[0.1]], [np.nan], ["a"]):
        with pytest.raises(InvalidInput):
            priority_classes(rates, 180, 17)
    with pytest.raises(InvalidInput, match="agents must be above 0"):
        priority_classes(RATES, 180, 0)
    with pytest.raises(InvalidInput, match="targets must have one entry for each of 3 classes, got 1"):
        required_for_classes(RATES, 180, [ServiceTarget()])
    with pytest.raises(UnreachableTarget):
        required_for_classes([0.1], 180, [ServiceTarget(None, max_asa_s=0)])
