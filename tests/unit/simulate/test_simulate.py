"""The simulator against exact formulas, a naive loop, and common sense."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from tests.unit.simulate import naive
from wfm.domain.demand import ServiceTarget
from wfm.errors import Cancelled, InvalidInput
from wfm.simulate import MEASURES, OVERFLOW, SimulatedAgent, SimulatedQueue, Simulation, Skill, kernels, simulate, staff
from wfm.simulate import run as running

QUEUE = SimulatedQueue("queue", (60.0,) * 12, 180.0, 120.0)


def birth_death(rate: float, aht_s: float, agents: int, patience_s: float) -> dict[str, float]:
    """Steady state of M/M/n+M by summing its balance equations."""
    states = agents + 2000
    log = np.zeros(states)
    for state in range(1, states):
        log[state] = log[state - 1] + math.log(rate) - math.log(min(state, agents) / aht_s + max(0, state - agents) / patience_s)
    share = np.exp(log - log.max())
    share /= share.sum()
    waiting = np.maximum(np.arange(states) - agents, 0) @ share
    return {
        "wait_probability": share[agents:].sum(),
        "mean_wait_s": waiting / rate,
        "abandon_probability": waiting / patience_s / rate,
        "occupancy": np.minimum(np.arange(states), agents) @ share / agents,
    }


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize(("volume", "aht_s", "agents", "patience_s"), [(360, 240, 50, 180), (60, 180, 5, 60), (20, 300, 6, 3600)])
def test_like_agents_agree_with_exact_erlang_a(seed: int, volume: float, aht_s: float, agents: int, patience_s: float) -> None:
    queue = SimulatedQueue("queue", (float(volume),) * 400, aht_s, patience_s)
    result = simulate(Simulation(1800, (queue,), staff(agents, 400), warm_up=4), 30, seed)
    for name, exact in birth_death(volume / 1800, aht_s, agents, patience_s).items():
        simulated = result.measure(name)
        assert abs(simulated.mean - exact) < 3.5 * simulated.standard_error + 1e-12, name


def test_customers_who_never_leave_follow_erlang_c() -> None:
    queue = SimulatedQueue("queue", (100.0,) * 400, 180.0)
    result = simulate(Simulation(1800, (queue,), staff(14, 400), warm_up=4), 40, seed=5)
    assert result.measure("abandon_probability").mean == 0
    for name, published in (("wait_probability", 0.1741319), ("service_level", 0.88835), ("asa_s", 7.83593701177724)):
        assert abs(result.measure(name).mean - published) < 3.5 * result.measure(name).standard_error, name


def test_both_event_loops_give_the_same_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = Simulation(1800, (QUEUE,), staff(6, 12))
    single = simulate(plan, 5, seed=3)
    monkeypatch.setattr(running, "_is_single", lambda _: False)
    general = simulate(plan, 5, seed=3)
    np.testing.assert_allclose(single.counts, general.counts, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(single.busy_s, general.busy_s, rtol=1e-9, atol=1e-9)


def random_plan(seed: int) -> Simulation:
    """Two or three queues, people with other skills, ranks, speeds and hours."""
    rng = np.random.default_rng(seed)
    names = [f"q{i}" for i in range(rng.integers(2, 4))]
    queues = tuple(
        SimulatedQueue(
            name,
            tuple(rng.uniform(2, 12, 6)),
            200.0,
            90.0,
            priority=int(rng.integers(0, 2)),
            overflow_after_s=float(rng.choice([math.inf, 0.0, 30.0])),
        )
        for name in names
    )
    agents = []
    for k in range(5):
        known = rng.choice(len(names), rng.integers(1, len(names) + 1), replace=False)
        skills = tuple(Skill(names[i], float(rng.choice([0.8, 1.0, 1.1])), int(rng.choice([0, 1, OVERFLOW]))) for i in known)
        agents.append(SimulatedAgent(f"a{k}", skills, tuple(bool(x) for x in rng.random(6) < 0.7)))
    return Simulation(900, queues, tuple(agents))


@pytest.mark.parametrize("seed", range(60))
def test_the_compiled_loop_does_what_the_naive_loop_does(seed: int) -> None:
    plan = random_plan(seed)
    streams = running._streams(plan, seed, 0)
    contacts = [
        naive.Contact(position, *row)
        for position, (stream, queue) in enumerate(zip(streams, plan.queues, strict=True))
        for row in kernels.arrivals(stream, running._cumulative(queue, 1.0), 900.0, queue.aht_s, -1.0, queue.patience_s)
    ]
    naive.run(plan, contacts)
    counts = simulate(plan, 1, seed).counts[0]
    for position in range(len(plan.queues)):
        mine = [c for c in contacts if c.queue == position]
        waits = [c.began - c.arrived for c in mine if c.began is not None]
        assert counts[position, :, kernels.ANSWERED].sum() == len(waits)
        assert counts[position, :, kernels.OFFERED].sum() == len(mine)
        np.testing.assert_allclose(counts[position, :, kernels.WAIT_ANSWERED_S].sum(), sum(waits), atol=1e-6)


def test_every_contact_is_answered_or_abandons() -> None:
    result = simulate(random_plan(7), 20, seed=1)
    counts = result.counts
    np.testing.assert_array_equal(counts[..., kernels.OFFERED], counts[..., kernels.ANSWERED] + counts[..., kernels.ABANDONED])


def test_the_same_seed_gives_the_same_result_and_another_does_not() -> None:
    plan = random_plan(1)
    np.testing.assert_array_equal(simulate(plan, 3, seed=9).counts, simulate(plan, 3, seed=9).counts)
    assert (simulate(plan, 3, seed=9).counts != simulate(plan, 3, seed=10).counts).any()


def test_one_more_agent_meets_the_same_contacts_and_never_makes_them_wait_longer() -> None:
    queue = replace(QUEUE, patience_s=math.inf)
    waits = [simulate(Simulation(1800, (queue,), staff(n, 12)), 5, seed=2) for n in range(7, 12)]
    assert len({result.counts[..., kernels.OFFERED].sum() for result in waits}) == 1
    assert all(b.measure("asa_s").mean <= a.measure("asa_s").mean for a, b in pairwise(waits))


def test_a_lognormal_handle_time_keeps_its_mean() -> None:
    for cv in (0.0, 0.5, 2.0):
        result = simulate(Simulation(1800, (replace(QUEUE, handle_cv=cv, volume=(60.0,) * 200),), staff(20, 200)), 10, seed=4)
        assert abs(result.measure("aht_s").mean - 180) < 4 * result.measure("aht_s").standard_error + 1e-9


def test_a_day_factor_spreads_the_volume() -> None:
    plans = [Simulation(1800, (replace(QUEUE, rate_cv=cv),), staff(8, 12)) for cv in (0.0, 0.3)]
    spread = [simulate(plan, 300, seed=4).counts[..., kernels.OFFERED].sum(axis=(1, 2)).std() / 720 for plan in plans]
    assert spread[0] == pytest.approx(1 / math.sqrt(720), rel=0.2)
    assert spread[1] == pytest.approx(0.3, rel=0.15)


def test_the_urgent_class_waits_less() -> None:
    urgent, patient = replace(QUEUE, id="urgent", priority=0), replace(QUEUE, id="patient", priority=1)
    people = tuple(SimulatedAgent(f"a{k}", (Skill("urgent"), Skill("patient")), (True,) * 12) for k in range(11))
    result = simulate(Simulation(1800, (urgent, patient), people), 20, seed=1)
    assert result.measure("asa_s", "urgent").mean < 0.6 * result.measure("asa_s", "patient").mean


def test_nobody_takes_a_contact_during_a_break() -> None:
    people = (SimulatedAgent("a", (Skill("queue"),), (True, False, True)),)
    result = simulate(Simulation(1800, (SimulatedQueue("queue", (5.0, 5.0, 5.0), 10.0, 1e9),), people), 50, seed=1)
    waits = result.counts[..., kernels.WAIT_ANSWERED_S].sum(axis=0)[0] / result.counts[..., kernels.ANSWERED].sum(axis=0)[0]
    assert waits[1] > 600
    assert waits[0] < 60


def test_somebody_without_the_skill_takes_nothing() -> None:
    other = replace(QUEUE, id="other")
    people = tuple(SimulatedAgent(f"a{k}", (Skill("other"),), (True,) * 12) for k in range(30))
    result = simulate(Simulation(1800, (QUEUE, other), people), 3, seed=1)
    assert result.measure("service_level", "queue").mean == 0
    assert result.measure("service_level", "other").mean > 0.99


def test_the_chance_of_missing_falls_as_agents_are_added() -> None:
    chances = [simulate(Simulation(1800, (QUEUE,), staff(n, 12)), 60, seed=2).miss_probability("queue").mean for n in (4, 6, 8, 10)]
    assert chances == sorted(chances, reverse=True)
    assert chances[0] > 0.95
    assert chances[-1] < 0.05


def test_an_interval_without_contacts_keeps_its_promise() -> None:
    result = simulate(Simulation(1800, (replace(QUEUE, volume=(0.0, 20.0)),), ()), 5, seed=1)
    assert result.miss_by_interval("queue").tolist() == [0.0, 1.0]
    assert result.service_level_by_interval("queue").tolist() == [1.0, 0.0]


def test_the_definitions_of_the_service_level_count_what_they_say() -> None:
    queue = replace(QUEUE, target=ServiceTarget(definition="excluding_short_abandons"))
    result = simulate(Simulation(1800, (queue,), staff(5, 12)), 5, seed=1)
    cells = result.counts.sum(axis=(0, 1, 2))
    expected = cells[kernels.IN_TIME] / (cells[kernels.OFFERED] - cells[kernels.SHORT])
    assert result.target_level("queue").mean == pytest.approx(expected)
    assert result.measure("service_level_counting_short_abandons").mean > result.measure("service_level").mean


@pytest.mark.parametrize("name", MEASURES)
def test_no_contacts_and_no_agents_give_zeros_not_nan(name: str) -> None:
    assert simulate(Simulation(1800, (replace(QUEUE, volume=(0.0,)),), ()), 2).measure(name).mean == 0.0


@pytest.mark.parametrize(
    "change",
    [
        {"volume": (math.nan,) * 12},
        {"volume": (-1.0,) * 12},
        {"aht_s": 0},
        {"patience_s": 0},
        {"handle_cv": -1},
        {"rate_cv": True},
        {"overflow_after_s": math.nan},
    ],
    ids=str,
)
def test_a_queue_outside_its_bounds_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(InvalidInput, match="queue"):
        replace(QUEUE, **change)  # type: ignore[arg-type]


def test_a_plan_that_does_not_fit_together_is_refused() -> None:
    with pytest.raises(InvalidInput, match="12 intervals, got 11"):
        Simulation(1800, (QUEUE,), staff(1, 11))
    with pytest.raises(InvalidInput, match="must differ"):
        Simulation(1800, (QUEUE, QUEUE), ())
    with pytest.raises(InvalidInput, match="must name a simulated queue"):
        Simulation(1800, (QUEUE,), staff(1, 12, "billing"))
    with pytest.raises(InvalidInput, match="at least one queue"):
        Simulation(1800, (), ())
    with pytest.raises(InvalidInput, match="warm_up"):
        Simulation(1800, (QUEUE,), (), warm_up=12)
    with pytest.raises(InvalidInput, match="replications"):
        simulate(Simulation(1800, (QUEUE,), ()), 0)
    with pytest.raises(InvalidInput, match="measure must be one of"):
        simulate(Simulation(1800, (QUEUE,), ()), 1).measure("speed")
    with pytest.raises(InvalidInput, match="queue must be one of"):
        simulate(Simulation(1800, (QUEUE,), ()), 1).measure("asa_s", "billing")


def test_long_work_tells_how_far_it_is_and_stops_when_asked() -> None:
    told: list[float] = []
    simulate(Simulation(1800, (QUEUE,), staff(5, 12)), 4, progress=told.append)
    assert told == [0.25, 0.5, 0.75, 1.0]
    with pytest.raises(Cancelled, match="after 2 of 10"):
        simulate(Simulation(1800, (QUEUE,), staff(5, 12)), 10, cancelled=iter([False, False, True]).__next__)


def test_a_break_waits_for_the_contact_in_hand() -> None:
    """Handle times of an hour begun before the break end in it, and the next contact waits for the end of the break."""
    queue = SimulatedQueue("queue", (3.0, 0.0, 0.0, 0.0), 3_600.0, handle_cv=0.0)
    people = (SimulatedAgent("a", (Skill("queue"),), (True, False, False, True)),)
    result = simulate(Simulation(1800, (queue, replace(queue, id="other", volume=(0.0,) * 4)), people), 60, seed=1)
    answered = result.counts[:, 0, :, kernels.ANSWERED].sum()
    offered = (result.counts[:, 0, :, kernels.OFFERED].sum(axis=1) > 0).sum()
    assert answered >= offered  # the first contact of every replication is finished in the break
    assert result.busy_s[:, 0, 1].max() == 1800
    assert result.duty_s[0].tolist() == [1800.0, 0.0, 0.0, 1800.0]


def test_overflow_agents_take_contacts_only_after_the_delay() -> None:
    queue = replace(QUEUE, overflow_after_s=45.0, patience_s=1e9)
    helpers = tuple(SimulatedAgent(f"h{k}", (Skill("queue", rank=OVERFLOW),), (True,) * 12) for k in range(60))
    result = simulate(Simulation(1800, (queue, replace(QUEUE, id="other", volume=(0.0,) * 12)), helpers), 3, seed=1)
    asa = result.measure("asa_s", "queue")
    assert asa.mean == pytest.approx(45.0, abs=0.5)


def test_primary_people_come_before_secondary_ones() -> None:
    primary = tuple(SimulatedAgent(f"p{k}", (Skill("queue"),), (True,) * 12) for k in range(20))
    secondary = tuple(SimulatedAgent(f"s{k}", (Skill("queue", rank=1),), (True,) * 12) for k in range(20))
    result = simulate(Simulation(1800, (QUEUE,), primary + secondary), 3, seed=1)
    busy = result.busy_s.sum(axis=(0, 2))
    assert busy[0] > 50 * busy[1]


def test_each_day_of_a_queue_draws_its_own_factor() -> None:
    plan = Simulation(1800, (replace(QUEUE, rate_cv=0.3),), staff(8, 12), day=(0,) * 6 + (1,) * 6)
    offered = simulate(plan, 400, seed=4).counts[..., kernels.OFFERED][:, 0]
    first, second = offered[:, :6].sum(axis=1), offered[:, 6:].sum(axis=1)
    assert first.std() / 360 == pytest.approx(0.3, rel=0.15)
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.15
    assert np.corrcoef(offered[:, 0], offered[:, 5])[0, 1] > 0.4
    with pytest.raises(InvalidInput, match="day must have 12 intervals, got 3"):
        replace(plan, day=(0, 1, 2))


def test_a_measure_is_taken_over_several_queues_together() -> None:
    other = replace(QUEUE, id="other")
    people = tuple(SimulatedAgent(f"a{k}", (Skill("queue"), Skill("other")), (True,) * 12) for k in range(11))
    result = simulate(Simulation(1800, (QUEUE, other), people), 5, seed=1)
    assert result.measure("service_level", ["queue", "other"]) == result.measure("service_level")
    assert result.measure("service_level", ["queue"]) == result.measure("service_level", "queue")
