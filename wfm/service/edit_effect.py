"""What an edit of a draft does to coverage, objective and rules."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wfm import units
from wfm.domain import rules
from wfm.domain.roster import RosterProblem, Shift
from wfm.domain.rules import Violation, tours
from wfm.service.coverage import Coverage, cover, duty_by_agent

Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Effect:
    """What changed; hours are head-hours over the whole draft.

    Parameters
    ----------
    objective_before, objective_after
        As `roster-format` defines it, lower is better.
    short
        Hours short before and after, by queue, for the queues where they differ.
    over
        Hours on duty that no queue needs, before and after.
    warnings
        Rules that the people touched break afterwards: key of the person, when, what.
    """

    objective_before: float
    objective_after: float
    short: Mapping[str, tuple[float, float]]
    over: tuple[float, float]
    warnings: tuple[tuple[str, str, str], ...]

    @property
    def objective_change(self) -> float:
        """How much dearer (above 0) or cheaper the draft became."""
        return self.objective_after - self.objective_before

    @property
    def short_change(self) -> float:
        """Hours short more (above 0) or less, over all queues."""
        return sum(after - before for before, after in self.short.values())


@dataclass(frozen=True, slots=True)
class Measured:
    """An effect, with the coverage of the whole draft afterwards, and the rules that the people touched break then."""

    effect: Effect
    coverage: Arrays
    broken: tuple[Violation, ...]
    touched: frozenset[str]


def document(effect: Effect) -> dict[str, Any]:
    """An effect as its row keeps it."""
    return {
        "objective": [effect.objective_before, effect.objective_after],
        "short": {queue: list(pair) for queue, pair in effect.short.items()},
        "over": list(effect.over),
        "warnings": [list(line) for line in effect.warnings],
    }


def from_document(content: Mapping[str, Any]) -> Effect:
    """The effect that `document` wrote down."""
    short = {queue: (float(before), float(after)) for queue, (before, after) in content["short"].items()}
    warnings = tuple((str(agent), str(when), str(text)) for agent, when, text in content["warnings"])
    before, after = content["objective"]
    return Effect(float(before), float(after), short, (float(content["over"][0]), float(content["over"][1])), warnings)


def measure(
    before_problem: RosterProblem,
    problem: RosterProblem,
    objective: float,
    coverage: Arrays,
    before: Sequence[Shift],
    after: Sequence[Shift],
) -> Measured:
    """What `after` in the place of `before` does; only the intervals in which somebody comes or goes are split anew.

    Parameters
    ----------
    before_problem, problem
        The problem before and after: they differ where an absence or an activity came in.
    objective
        Of the whole draft, before.
    coverage
        Of the whole draft, before; see `draft_store.coverage_arrays`.
    """
    gone, came = frozenset(before) - frozenset(after), frozenset(after) - frozenset(before)
    touched = {shift.agent for shift in (*gone, *came)} | _other_people(before_problem, problem)
    mine = [[shift for shift in shifts if shift.agent in touched] for shifts in (before, after)]
    at = _intervals(before_problem, problem, mine[0], mine[1], touched)
    patched, change = coverage, own_cost(problem, mine[1], touched) - own_cost(before_problem, mine[0], touched)
    if at:
        old, new = cover(before_problem, _near(problem, before, at), at), cover(problem, _near(problem, after, at), at)
        patched, change = _patched(coverage, at, new), change + new.cost - old.cost
    found = rules.violations(only(problem, touched), mine[1])
    hours = problem.grid.interval_s / units.SECONDS_PER_HOUR
    sums = {name: (float(coverage[name].sum()) * hours, float(patched[name].sum()) * hours) for name in coverage}
    short = {part.queue: sums[f"missing {part.queue}"] for part in problem.requirements}
    effect = Effect(
        objective_before=objective,
        objective_after=objective + change,
        short={queue: pair for queue, pair in short.items() if abs(pair[1] - pair[0]) > 1e-3},
        over=sums["spare"],
        warnings=tuple((line.agent, line.when, line.text) for line in found),
    )
    return Measured(effect, patched, found, frozenset(touched))


def _other_people(one: RosterProblem, other: RosterProblem) -> set[str]:
    return {agent.id for agent in other.agents if one.agent_of.get(agent.id) != agent} if one is not other else set()


def _intervals(
    one: RosterProblem, other: RosterProblem, before: Sequence[Shift], after: Sequence[Shift], touched: Collection[str]
) -> list[int]:
    """Where somebody touched comes or goes; all of the time on duty of those who serve other queues than before."""
    old, new = duty_by_agent(one, before), duty_by_agent(other, after)
    nowhere = np.zeros(other.grid.count)
    found = np.zeros(other.grid.count, bool)
    for agent in touched:
        there = np.maximum(old.get(agent, nowhere), 0.0), np.maximum(new.get(agent, nowhere), 0.0)
        same = _serves(one, agent) == _serves(other, agent)
        found |= there[0] != there[1] if same else (there[0] > 0) | (there[1] > 0)
    return [int(t) for t in np.flatnonzero(found)]


def _serves(problem: RosterProblem, key: str) -> Any:
    agent = problem.agent_of.get(key)
    return agent and (agent.queues, agent.licences, agent.secondary)


def _near(problem: RosterProblem, shifts: Iterable[Shift], at: Sequence[int]) -> list[Shift]:
    """The shifts that can be on duty in these intervals."""
    step = timedelta(minutes=problem.grid.interval_minutes)
    begin, end = problem.grid.begin + step * at[0], problem.grid.begin + step * (at[-1] + 1)
    return [shift for shift in shifts if shift.start < end and begin < shift.end]


def _patched(coverage: Arrays, at: list[int], new: Coverage) -> Arrays:
    patched = {name: values.copy() for name, values in coverage.items()}
    for name, values in {"spare": new.spare, "on_duty": new.on_duty, **{f"missing {q}": m for q, m in new.missing.items()}}.items():
        patched[name][at] = values
    return patched


def own_cost(problem: RosterProblem, shifts: Iterable[Shift], people: Collection[str]) -> float:
    """Wishes broken and paid hours of some people."""
    walked = tours(only(problem, people), [shift for shift in shifts if shift.agent in people]).values()
    return sum(rules.broken_wishes(tour) + rules.paid_minutes(tour) / 60 * tour.contract.cost_per_hour for tour in walked)


def only(problem: RosterProblem, people: Collection[str]) -> RosterProblem:
    """The problem with some of its people, and nothing that they must cover."""
    some = tuple(agent for agent in problem.agents if agent.id in people)
    return RosterProblem(problem.id, problem.grid, problem.over_cost, (), problem.contracts, some)
