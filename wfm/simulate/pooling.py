"""Fewest people over several skill groups for which every queue meets its target: simulation instead of a sum of Erlangs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations_with_replacement

from wfm import units
from wfm.errors import InvalidInput, UnreachableTarget
from wfm.simulate.measures import SimulationResult
from wfm.simulate.model import SimulatedAgent, SimulatedQueue, Simulation, Skill
from wfm.simulate.run import simulate

_GAINS = 4  # groups that an exchange may give a head to, the scarcest first


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
    *,
    at_most: Mapping[str, int] | None = None,
    most_trials: int = 400,
) -> PooledRequirement:
    """Fewest heads by skill group such that every queue keeps its target, at steady rates.

    Queues that no group connects are solved apart. Each part is tried from `start` and from the most flexible groups that can take its
    queues: heads are added where the worst queue misses until all targets hold; then groups give back heads, most at a time first
    (halving steps), as long as every target holds; then two heads are exchanged for one of another group. Every staffing meets the same
    contacts, so that chance alone does not prefer one. The best of the two is the answer: no single head can be given back.

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
    at_most
        Heads of each group that can be on queue; gone beyond only where no other group can take a queue. None for no bound.
    most_trials
        Staffings to try before exchanges stop, at least 1.

    Raises
    ------
    UnreachableTarget
        When no group can take a queue.

    References
    ----------
    Cezik, M. T., and L'Ecuyer, P. (2008), Staffing multiskill call centers via linear programming and simulation.
    """
    units.positive("hours", hours)
    units.whole("most_trials", most_trials, at_least=1)
    for name, given in (("start", start), ("at_most", groups if at_most is None else at_most)):
        if set(given) != set(groups):
            raise InvalidInput(f"{name} must name the skill groups {sorted(groups)}, got {sorted(given)}")
    present = {queue.id for queue in queues}
    groups = {name: tuple(skill for skill in skills if skill.queue in present) for name, skills in groups.items()}
    for queue in queues:
        if not any(skill.queue == queue.id for skills in groups.values() for skill in skills):
            raise UnreachableTarget(f"no skill group can take {queue.id}: give somebody that skill")
    heads, count = dict.fromkeys(groups, 0), 0
    levels: dict[str, float] = {}
    parts = connected(queues, groups)
    for done, (some, names) in enumerate(parts):
        theirs, intervals = {name: groups[name] for name in names}, max(2, round(hours * 3600 / interval_s))
        trial = _Trial(some, theirs, interval_s, intervals, seed, at_most or {}, most_trials)
        best = trial.best({name: units.whole(f"start of {name}", start[name]) for name in names})
        heads |= best
        levels |= trial.levels(best)
        count += len(trial.known)
        if progress is not None:
            progress((done + 1) / len(parts))
    return PooledRequirement(heads, {queue.id: levels[queue.id] for queue in queues}, count)


Part = tuple[tuple[SimulatedQueue, ...], tuple[str, ...]]


def connected(queues: Sequence[SimulatedQueue], groups: Mapping[str, Sequence[Skill]]) -> list[Part]:
    """Queues that share people, directly or through others, with the names of the groups that take them."""
    taken = {queue.id for queue in queues}
    sets = [({skill.queue for skill in skills} & taken, {name}) for name, skills in groups.items()]
    parts: list[tuple[set[str], set[str]]] = []
    for ids, names in sets:
        if not ids:
            continue
        touching = [part for part in parts if part[0] & ids]
        parts = [part for part in parts if not part[0] & ids]
        parts.append((ids.union(*(part[0] for part in touching)), names.union(*(part[1] for part in touching))))
    return [(tuple(queue for queue in queues if queue.id in ids), tuple(name for name in groups if name in names)) for ids, names in parts]


class _Trial:
    """Staffings tried so far, and their simulated service levels."""

    def __init__(
        self,
        queues: Sequence[SimulatedQueue],
        groups: Mapping[str, Sequence[Skill]],
        interval_s: float,
        intervals: int,
        seed: int,
        at_most: Mapping[str, int],
        most: int,
    ) -> None:
        self.queues = tuple(replace(queue, volume=queue.volume[:1] * intervals) for queue in queues)
        self.groups, self.interval_s, self.intervals, self.seed = groups, interval_s, intervals, seed
        self.known: dict[tuple[int, ...], tuple[dict[str, float], dict[str, float]]] = {}
        self.at_most, self.most = at_most, most

    def best(self, start: dict[str, int]) -> dict[str, int]:
        """The better answer of two starts: the one given, and the most flexible people for every queue."""
        found = [self.exchanged(self.trimmed(self.filled(heads))) for heads in (start, self.flexible(start))]
        return min(found, key=lambda heads: sum(heads.values()))

    def flexible(self, start: Mapping[str, int]) -> dict[str, int]:
        """As many heads as `start`, spread over the groups with the most skills that take each queue, within the bounds of the groups."""
        heads = dict.fromkeys(self.groups, 0)
        for name, count in start.items():
            own = {skill.queue for skill in self.groups[name]}
            able = [other for other, skills in self.groups.items() if own <= {skill.queue for skill in skills}]
            for _ in range(count):
                free = [other for other in able if self._room(other, heads)] or [name]
                heads[min(free, key=lambda other: (-len(self.groups[other]), heads[other]))] += 1
        return heads

    def _room(self, name: str, heads: Mapping[str, int]) -> int:
        return max(0, self.at_most.get(name, 10**9) - heads[name])

    def levels(self, heads: Mapping[str, int]) -> dict[str, float]:
        """Service level by queue."""
        return self._tried(heads)[0]

    def missing(self, heads: Mapping[str, int]) -> dict[str, float]:
        """How far each queue is from its target, over all parts of it; only those that miss."""
        return self._tried(heads)[1]

    def _tried(self, heads: Mapping[str, int]) -> tuple[dict[str, float], dict[str, float]]:
        key = tuple(heads[name] for name in self.groups)
        if key not in self.known:
            here = (True,) * self.intervals
            agents = tuple(
                SimulatedAgent(f"{name} {k}", tuple(skills), here) for name, skills in self.groups.items() for k in range(heads[name])
            )
            result = simulate(Simulation(self.interval_s, self.queues, agents, min(4, self.intervals - 1)), 1, self.seed)
            gaps = {queue.id: _gap(queue, result, agents) for queue in self.queues}
            levels = {queue.id: result.target_level(queue.id).mean for queue in self.queues}
            self.known[key] = levels, {name: gap for name, gap in gaps.items() if gap > 0}
        return self.known[key]

    def filled(self, heads: dict[str, int]) -> dict[str, int]:
        """Add heads where the worst queue misses, in growing steps, until every target holds."""
        step = 1
        while missing := self.missing(heads):
            worst = max(missing, key=lambda name: missing[name])
            able = [name for name, skills in self.groups.items() if any(skill.queue == worst for skill in skills)]
            able = [name for name in able if self._room(name, heads)] or able
            best = min(able, key=lambda name: sum(self.missing({**heads, name: heads[name] + step}).values()))
            heads = {**heads, best: heads[best] + step}
            step += 1 if sum(self.missing(heads).values()) > 0.5 else 0
        return heads

    def trimmed(self, heads: dict[str, int]) -> dict[str, int]:
        """Give back heads, group by group in halving steps, as long as every target holds."""
        step = max(1, max(heads.values(), default=1) // 4)
        while step >= 1:
            changed = True
            while changed:
                changed = False
                for name in sorted(heads, key=lambda name: -heads[name]):
                    fewer = {**heads, name: heads[name] - step}
                    if fewer[name] >= 0 and not self.missing(fewer):
                        heads, changed = fewer, True
            step //= 2
        return heads

    def exchanged(self, heads: dict[str, int]) -> dict[str, int]:
        """One head more where service is scarce for two fewer where it is plenty, as long as every target holds and trials are left."""
        names = sorted(heads, key=lambda name: self._plenty(name, heads))
        for first, second in combinations_with_replacement(reversed(names), 2):
            for gain in names[:_GAINS]:
                if len(self.known) >= self.most:
                    return heads
                fewer = dict(heads)
                for name, change in ((gain, 1), (first, -1), (second, -1)):
                    fewer[name] += change
                fits = gain not in (first, second) and min(fewer.values()) >= 0 and self._room(gain, heads)
                if fits and not self.missing(fewer):
                    return self.exchanged(self.trimmed(fewer))
        return heads

    def _plenty(self, name: str, heads: Mapping[str, int]) -> float:
        """How far the queues of a group are above their targets, on average."""
        levels, above = self.levels(heads), {queue.id: queue.target.level or 0.0 for queue in self.queues}
        return sum(levels[skill.queue] - above[skill.queue] for skill in self.groups[name]) / len(self.groups[name])


def _gap(queue: SimulatedQueue, result: SimulationResult, agents: Sequence[SimulatedAgent]) -> float:
    """Largest distance to a part of the target: in shares, and in shares of the limit for times."""
    target = queue.target
    gaps = [] if target.level is None else [target.level - result.target_level(queue.id).mean]
    for limit, name in ((target.max_asa_s, "asa_s"), (target.max_mean_wait_s, "mean_wait_s")):
        if limit is not None:
            gaps.append(result.measure(name, queue.id).mean / max(limit, 1e-9) - 1.0)
    if target.max_abandonment is not None:
        gaps.append(result.measure("abandon_probability", queue.id).mean - target.max_abandonment)
    if target.max_occupancy is not None:
        gaps.append(_occupancy(queue.id, result, agents) - target.max_occupancy)
    return max(gaps, default=0.0)


def _occupancy(queue: str, result: SimulationResult, agents: Sequence[SimulatedAgent]) -> float:
    """Share of time spent handling by those who can take the queue; 1 where nobody can."""
    kinds = list(dict.fromkeys(agent.skills for agent in agents))
    able = [place for place, skills in enumerate(kinds) if any(skill.queue == queue for skill in skills)]
    measured = slice(result.warm_up, None)
    duty = result.duty_s[able, measured].sum() * result.replications
    return float(result.busy_s[:, able, measured].sum() / duty) if duty else 1.0
