"""Fewest people over several skill groups for which every queue meets its target: simulation instead of a sum of Erlangs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

from wfm import units
from wfm.errors import InvalidInput, UnreachableTarget
from wfm.simulate.model import SimulatedAgent, SimulatedQueue, Simulation, Skill
from wfm.simulate.run import simulate


@dataclass(frozen=True, slots=True)
class PooledRequirement:
    """The answer of `pooled_requirement`.

    Parameters
    ----------
    heads
        Agents on queue by skill group.
    service_level
        Simulated service level by queue at those heads, as the target of each queue defines it.
    simulations
        How many staffings were tried.
    """

    heads: Mapping[str, int]
    service_level: Mapping[str, float]
    simulations: int

    @property
    def total(self) -> int:
        """All heads together."""
        return sum(self.heads.values())


def pooled_requirement(
    queues: Sequence[SimulatedQueue],
    groups: Mapping[str, Sequence[Skill]],
    start: Mapping[str, int],
    interval_s: float = 1800.0,
    hours: float = 400.0,
    seed: int = 0,
    progress: Callable[[float], None] | None = None,
) -> PooledRequirement:
    """Fewest heads by skill group such that every queue meets its service level, at steady rates.

    From `start` heads are added where the worst queue misses until all targets hold; then groups give back heads, most at a time first
    (halving steps), as long as every target holds; then two heads of one group, or one each of two, are exchanged for one of another. Every
    staffing meets the same contacts, so that chance alone does not prefer one. The answer is minimal: no such step saves one more head.

    Parameters
    ----------
    queues
        One interval's volume each (a single value), handle time, patience, target.
    groups
        Skill group to its skills.
    start
        Heads by group to begin with; the sum of single-skill Erlangs is a good one.
    interval_s
        Length of the interval that the volumes are for, s.
    hours
        Simulated hours behind every figure.
    seed
        Of the common random numbers.
    progress
        Called with a rough share done.

    Raises
    ------
    UnreachableTarget
        When no group can take a queue.

    References
    ----------
    Cezik, M. T., and L'Ecuyer, P. (2008), Staffing multiskill call centers via linear programming and simulation.
    """
    units.positive("hours", hours)
    if set(start) != set(groups):
        raise InvalidInput(f"start must name the skill groups {sorted(groups)}, got {sorted(start)}")
    for queue in queues:
        if not any(skill.queue == queue.id for skills in groups.values() for skill in skills):
            raise UnreachableTarget(f"no skill group can take {queue.id}: give somebody that skill")
    trial = _Trial(queues, groups, interval_s, max(2, round(hours * 3600 / interval_s)), seed)
    heads = trial.filled({name: units.whole(f"start of {name}", count) for name, count in start.items()})
    heads = trial.exchanged(trial.trimmed(heads, progress))
    return PooledRequirement(heads, trial.levels(heads), len(trial.known))


class _Trial:
    """Staffings tried so far, and their simulated service levels."""

    def __init__(
        self, queues: Sequence[SimulatedQueue], groups: Mapping[str, Sequence[Skill]], interval_s: float, intervals: int, seed: int
    ) -> None:
        self.queues = tuple(replace(queue, volume=queue.volume[:1] * intervals) for queue in queues)
        self.groups, self.interval_s, self.intervals, self.seed = groups, interval_s, intervals, seed
        self.known: dict[tuple[int, ...], dict[str, float]] = {}

    def levels(self, heads: Mapping[str, int]) -> dict[str, float]:
        """Service level by queue."""
        key = tuple(heads[name] for name in self.groups)
        if key not in self.known:
            here = (True,) * self.intervals
            agents = tuple(
                SimulatedAgent(f"{name} {k}", tuple(skills), here) for name, skills in self.groups.items() for k in range(heads[name])
            )
            result = simulate(Simulation(self.interval_s, self.queues, agents, min(4, self.intervals - 1)), 1, self.seed)
            self.known[key] = {queue.id: result.target_level(queue.id).mean for queue in self.queues}
        return self.known[key]

    def missing(self, heads: Mapping[str, int]) -> dict[str, float]:
        """How far each queue is below its target; only those that are."""
        levels = self.levels(heads)
        short = {queue.id: (queue.target.level or 0.0) - levels[queue.id] for queue in self.queues}
        return {name: gap for name, gap in short.items() if gap > 0}

    def filled(self, heads: dict[str, int]) -> dict[str, int]:
        """Add heads where the worst queue misses, in growing steps, until every target holds."""
        step = 1
        while missing := self.missing(heads):
            worst = max(missing, key=lambda name: missing[name])
            able = [name for name, skills in self.groups.items() if any(skill.queue == worst for skill in skills)]
            best = min(able, key=lambda name: sum(self.missing({**heads, name: heads[name] + step}).values()))
            heads = {**heads, best: heads[best] + step}
            step += 1 if sum(self.missing(heads).values()) > 0.5 else 0
        return heads

    def trimmed(self, heads: dict[str, int], progress: Callable[[float], None] | None) -> dict[str, int]:
        """Give back heads, group by group in halving steps, as long as every target holds."""
        step = max(1, max(heads.values(), default=1) // 4)
        first = step
        while step >= 1:
            changed = True
            while changed:
                changed = False
                for name in sorted(heads, key=lambda name: -heads[name]):
                    fewer = {**heads, name: heads[name] - step}
                    if fewer[name] >= 0 and not self.missing(fewer):
                        heads, changed = fewer, True
            if progress is not None:
                progress(1 - (step - 1) / first)
            step //= 2
        return heads

    def exchanged(self, heads: dict[str, int]) -> dict[str, int]:
        """One head more in one group for two fewer elsewhere, as long as every target holds."""
        names = list(heads)
        for gain, first, second in product(names, names, names):
            fewer = dict(heads)
            for name, change in ((gain, 1), (first, -1), (second, -1)):
                fewer[name] += change
            if gain not in (first, second) and first <= second and min(fewer.values()) >= 0 and not self.missing(fewer):
                return self.exchanged(self.trimmed(fewer, None))
        return heads
