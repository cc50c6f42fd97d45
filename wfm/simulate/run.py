"""Run replications: one seed, common random numbers, the right event loop."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wfm import units
from wfm.errors import Cancelled
from wfm.simulate.measures import COLUMNS, SimulationResult
from wfm.simulate.model import SimulatedAgent, SimulatedQueue, Simulation, Skill

Array = NDArray[np.float64]


def simulate(
    plan: Simulation,
    replications: int = 100,
    seed: int = 0,
    progress: Callable[[float], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> SimulationResult:
    """Simulate a horizon several times.

    Parameters
    ----------
    plan
        Queues, agents and their hours.
    replications
        How often, at least 1.
    seed
        The same seed gives the same result; two plans with the same queues meet the same contacts (common random numbers).
    progress
        Called with the share done, in [0, 1].
    cancelled
        Asked between replications.

    Raises
    ------
    Cancelled
        When `cancelled` says so.

    Examples
    --------
    >>> from wfm.simulate import SimulatedQueue, staff
    >>> queue = SimulatedQueue("queue", volume=(90.0,) * 48, aht_s=180, patience_s=180)
    >>> result = simulate(Simulation(1800, (queue,), staff(11, 48)), replications=20)
    >>> 0.7 < result.measure("service_level").mean < 0.9
    True
    """
    units.whole("replications", replications, at_least=1)
    run = _single(plan) if _is_single(plan) else _general(plan)
    shape = (replications, len(plan.queues), plan.intervals, len(COLUMNS))
    groups, _ = _groups(plan.agents)
    counts, busy = np.zeros(shape), np.zeros((replications, max(len(groups), 1), plan.intervals))
    for replication in range(replications):
        if cancelled is not None and cancelled():
            raise Cancelled(f"the simulation was stopped after {replication} of {replications} replications")
        run(_streams(plan, seed, replication), _day_factors(plan, seed, replication), counts[replication], busy[replication])
        if progress is not None:
            progress((replication + 1) / replications)
    return _result(plan, counts, busy)


def _streams(plan: Simulation, seed: int, replication: int) -> list[np.random.Generator]:
    return [np.random.Generator(np.random.PCG64([seed, replication, position])) for position in range(len(plan.queues))]


def _day_factors(plan: Simulation, seed: int, replication: int) -> Array:
    """One gamma factor per queue, day and replication, mean 1; shape (queues, intervals)."""
    factors = np.ones((len(plan.queues), plan.intervals))
    day = np.array(plan.day or (0,) * plan.intervals, np.int64)
    for position, queue in enumerate(plan.queues):
        if queue.rate_cv > 0:
            shape = 1.0 / queue.rate_cv**2
            random = np.random.Generator(np.random.PCG64([seed, replication, position, 1]))
            factors[position] = random.gamma(shape, 1.0 / shape, int(day.max(initial=0)) + 1)[day]
    return factors


def _is_single(plan: Simulation) -> bool:
    """One queue and like agents: the state is a heap of free times."""
    kinds = {tuple((skill.speed, skill.rank) for skill in agent.skills) for agent in plan.agents}
    return len(plan.queues) == 1 and kinds <= {((1.0, 0),)}


def _sigma(queue: SimulatedQueue) -> float:
    return -1.0 if queue.handle_cv == 1.0 else math.sqrt(math.log1p(queue.handle_cv**2))


def _cumulative(queue: SimulatedQueue, factor: Array) -> Array:
    return np.concatenate([[0.0], np.cumsum(np.asarray(queue.volume) * factor)])


def _on_queue(agents: tuple[SimulatedAgent, ...], intervals: int) -> NDArray[np.bool_]:
    return np.array([agent.on_queue for agent in agents], dtype=np.bool_).reshape(len(agents), intervals)


Run = Callable[[list[np.random.Generator], Array, Array, Array], None]


def _single(plan: Simulation) -> Run:
    from wfm.simulate import kernels

    queue = plan.queues[0]
    present = _on_queue(plan.agents, plan.intervals).astype(np.int64)
    earlier = np.hstack([np.zeros((len(present), 1), np.int64), present[:, :-1]])
    leaving, joining = ((earlier - present) > 0).sum(axis=0), ((present - earlier) > 0).sum(axis=0)

    def run(streams: list[np.random.Generator], factors: Array, counts: Array, busy: Array) -> None:
        volume = _cumulative(queue, factors[0])
        kernels.one_queue(
            streams[0],
            volume,
            plan.interval_s,
            queue.aht_s,
            _sigma(queue),
            queue.patience_s,
            queue.target.awt_s,
            leaving,
            joining,
            counts,
            busy,
        )

    return run


def _groups(agents: tuple[SimulatedAgent, ...]) -> tuple[list[tuple[Skill, ...]], NDArray[np.int64]]:
    """Distinct skill sets, and the one of each agent."""
    kinds: dict[Any, int] = {}
    member = [kinds.setdefault(agent.skills, len(kinds)) for agent in agents]
    return list(kinds), np.array(member, dtype=np.int64)


def _general(plan: Simulation) -> Run:
    from wfm.simulate import kernels, skills

    kinds, member = _groups(plan.agents)
    skill = _skill_table(plan, kinds)
    on_queue = _on_queue(plan.agents, plan.intervals)

    def run(streams: list[np.random.Generator], factors: Array, counts: Array, busy: Array) -> None:
        parts = [
            kernels.arrivals(stream, _cumulative(queue, factor), plan.interval_s, queue.aht_s, _sigma(queue), queue.patience_s)
            for stream, queue, factor in zip(streams, plan.queues, factors, strict=True)
        ]
        agents, groups, clock = np.zeros(len(member), skills.AGENT), np.full(len(kinds), -1, skills.GROUP), np.zeros(1, skills.CLOCK)
        agents["group"] = member
        clock["interval_s"] = plan.interval_s
        clock["overflows"] = any(queue.overflow_after_s < math.inf for queue in plan.queues)
        skills.several_queues(
            np.concatenate(parts),
            np.zeros(sum(map(len, parts)), np.int64),
            _queue_table(plan, [len(part) for part in parts]),
            agents,
            groups,
            skill,
            np.zeros(len(member) + 1),
            np.zeros(len(member) + 1, np.int64),
            clock,
            counts,
            busy,
            on_queue,
        )

    return run


def _skill_table(plan: Simulation, kinds: list[tuple[Skill, ...]]) -> NDArray[Any]:
    from wfm.simulate import skills

    place = {queue.id: position for position, queue in enumerate(plan.queues)}
    table = np.zeros((len(kinds), len(place)), skills.SKILL)
    for group, owned in enumerate(kinds):
        for skill in owned:
            table[group, place[skill.queue]] = (skill.speed, skill.rank)
    return table


def _queue_table(plan: Simulation, contacts: list[int]) -> NDArray[Any]:
    from wfm.simulate import skills

    table = np.zeros(len(plan.queues), skills.QUEUE)
    table["end"] = np.cumsum(contacts)
    table["first"] = table["upcoming"] = table["end"] - contacts
    table["priority"] = [queue.priority for queue in plan.queues]
    table["awt_s"] = [queue.target.awt_s for queue in plan.queues]
    table["overflow_s"] = [queue.overflow_after_s for queue in plan.queues]
    return table


def _result(plan: Simulation, counts: Array, busy: Array) -> SimulationResult:
    groups, member = _groups(plan.agents)
    duty = np.zeros((max(len(groups), 1), plan.intervals))
    np.add.at(duty, member, _on_queue(plan.agents, plan.intervals) * plan.interval_s)
    levels = [math.nan if queue.target.level is None else queue.target.level for queue in plan.queues]
    return SimulationResult(
        tuple(queue.id for queue in plan.queues),
        counts,
        busy,
        duty,
        np.array(levels),
        tuple(str(queue.target.definition) for queue in plan.queues),
        plan.warm_up,
    )
