"""Where demand stays unserved, and why, in words: `unmeetable` before there is a roster, `shortfalls` for a roster.

`unmeetable` puts everybody on duty whenever their facts and contracts let them be: what is missing even then, no roster can serve.
`shortfalls` asks of every gap of a roster who qualifies, where those people are, and what the cheapest ways to fill it would cost.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from wfm.domain.roster import Roster, RosterProblem, Shift
from wfm.domain.staff import Agent
from wfm.domain.timegrid import TimeGrid, zone
from wfm.scheduler.changes import Keep
from wfm.scheduler.gap import NOTHING, Candidate, CannotFill, Filler, Filling, FillKind, Gap
from wfm.scheduler.instance import Floats, build_instance
from wfm.scheduler.plan import Flags, raise_everybody
from wfm.scheduler.standing import Standing
from wfm.scheduler.why import stretches

ROUNDING = 1e-6
WAYS = 5
SINGULAR = {"are": "is", "have": "has", "do": "does"}
BY_RULE = {
    "paid time a week": "have worked their hours",
    "days a week": "have worked their days",
    "days in a row": "have worked their days in a row",
    "rest": "are at rest",
    "availability": "are on leave",
    "day off": "are off that day",
    "start window": "do not work at that time",
    "keep": "must stay as they are",
}


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """People who qualify, and where they are: `text` goes on after "they", such as "are on leave"."""

    text: str
    people: tuple[str, ...]

    def __str__(self) -> str:
        if len(self.people) != 1:
            return f"{len(self.people)} {self.text}"
        first, *rest = self.text.replace(" do not ", " does not ").split(" ")
        return " ".join(["1", SINGULAR.get(first, first), *rest])


@dataclass(frozen=True, slots=True)
class WayToFill:
    """What could be given up to serve a gap, and the rise of the objective then (negative: the roster gets better)."""

    text: str
    objective_change: float


@dataclass(frozen=True, slots=True)
class Shortfall:
    """Demand of one queue that stays unserved from `start` to `end` (UTC).

    Parameters
    ----------
    queue, start, end
        Where.
    needed
        Most heads required in that time.
    short_hours, cost
        Head-hours missing, and their price.
    whereabouts
        Everybody who qualifies, by where they are.
    ways
        The cheapest ways to serve it, the best first.
    """

    queue: str
    start: datetime
    end: datetime
    needed: float
    short_hours: float
    cost: float
    whereabouts: tuple[Whereabouts, ...]
    ways: tuple[WayToFill, ...]

    @property
    def qualified(self) -> int:
        """Number of people who serve the queue."""
        return sum(len(group.people) for group in self.whereabouts)

    def words(self, zone_name: str) -> str:
        """In one sentence, on the clock of that zone."""
        begin, end = (instant.astimezone(zone(zone_name)) for instant in (self.start, self.end))
        until = f"{end:%H:%M}" if end.date() == begin.date() or (end.hour, end.minute) == (0, 0) else f"{end:%a %d %b %H:%M}"
        where = ", ".join(map(str, self.whereabouts)) or "nobody is there"
        qualified = f"{self.qualified} qualif{'ies' if self.qualified == 1 else 'y'}"
        return (
            f"{begin:%A %d %b %H:%M} to {until} needs {self.needed:,.4g} on {self.queue}, {self.short_hours:,.1f} hours stay unserved; "
            f"{qualified}: {where}"
        )


def unmeetable(problem: RosterProblem, pinned: Sequence[Shift] = ()) -> tuple[Shortfall, ...]:
    """Demand that no roster can serve, because too few of those who qualify can be there; the dearest first.

    Parameters
    ----------
    problem
        What is asked.
    pinned
        Shifts that must stay.
    """
    instance = build_instance(problem, pinned)
    standing = Standing(problem, (), instance)
    standing.plan.tours.duty[:] = instance.calendars.touched[instance.agent[:, 1]]
    raise_everybody(standing.model, standing.plan.tours.duty, standing.plan.split, standing.room.paths)
    crowd = _Crowd(standing)
    return tuple(crowd.shortfall(gap) for gap in gaps(standing))


def shortfalls(
    problem: RosterProblem, roster: Roster, most: int = 10, keep: Keep = NOTHING, now: datetime | None = None
) -> tuple[Shortfall, ...]:
    """Why demand stays unserved in a roster, the dearest gaps first.

    Parameters
    ----------
    problem, roster
        What is planned.
    most
        Gaps looked at, at least 1.
    keep, now
        What must not move, as `repair` takes them.
    """
    filler = Filler(problem, roster.shifts, keep, now)
    return tuple(_of_roster(filler, gap) for gap in gaps(filler.standing)[:most])


def gaps(standing: Standing) -> list[Gap]:
    """Unbroken stretches in which a queue is short, the dearest first; a stretch ends at local midnight at the latest."""
    grid = standing.problem.grid
    found = []
    for q, need in enumerate(standing.problem.requirements):
        for low, high in grid.day_bounds:
            for first, last in stretches(standing.missing[low:high, q] > ROUNDING):
                hours = float(standing.missing[low + first : low + last, q].sum()) * standing.model.cover.hours
                found.append((need.under_cost * hours, Gap(need.queue, grid.starts[low + first], _end(grid, low + last))))
    found.sort(key=lambda one: (-one[0], one[1].start, one[1].queue))
    return [gap for _, gap in found]


def _end(grid: TimeGrid, last: int) -> datetime:
    return grid.starts[last - 1] + timedelta(minutes=grid.interval_minutes)


def _measured(standing: Standing, gap: Gap, where: Sequence[Whereabouts], ways: Sequence[WayToFill]) -> Shortfall:
    grid, queues = standing.problem.grid, [need.queue for need in standing.problem.requirements]
    need = standing.problem.requirements[queues.index(gap.queue)]
    first, last = grid.index(gap.start), grid.index(gap.end)
    hours = float(standing.missing[first:last, queues.index(gap.queue)].sum()) * standing.model.cover.hours
    cheapest = sorted(ways, key=lambda way: way.objective_change)[:WAYS]
    needed = max(need.needed[first:last])
    return Shortfall(gap.queue, gap.start, gap.end, needed, hours, need.under_cost * hours, tuple(where), tuple(cheapest))


class _Crowd:
    """Everybody present whenever they can be."""

    def __init__(self, standing: Standing) -> None:
        self.standing, self.problem = standing, standing.problem
        self.more: dict[int, Floats] = {}

    def shortfall(self, gap: Gap) -> Shortfall:
        """A gap that stays although everybody is there who can be."""
        grid = self.problem.grid
        first, last = grid.index(gap.start), grid.index(gap.end)
        groups: dict[str, list[str]] = {}
        ways = []
        for agent in self.problem.agents:
            if gap.queue not in agent.queues:
                continue
            there = self.standing.plan.tours.duty[self.standing.number[agent.id], first:last]
            text, fact = self._where(agent, gap, there)
            groups.setdefault(text, []).append(agent.id)
            if fact:
                worth = self._more(self.standing.kind_of(agent.id))[first:last][~there]
                ways.append(WayToFill(f"{agent.id} comes although {fact}", -float(worth.sum())))
        return _measured(self.standing, gap, [Whereabouts(text, tuple(people)) for text, people in groups.items()], ways)

    def _more(self, kind: int) -> Floats:
        """What one head more of that kind would be worth in every interval."""
        if kind not in self.more:
            self.more[kind] = self.standing.worth(kind)[0]
        return self.more[kind]

    def _where(self, agent: Agent, gap: Gap, there: Flags) -> tuple[str, str]:
        """Where somebody is, and the fact that keeps them away."""
        if there.all():
            return "can be there but do not suffice", ""
        here = zone(self.problem.grid.zone_name)
        if any(start < gap.end and gap.start < end for start, end in agent.unavailable):
            return "are on leave", "on leave"
        if gap.start.astimezone(here).date() in agent.days_off:
            return "are off that day", "off that day"
        return "cannot be there all that time", "their shifts do not reach into that time"


def _of_roster(filler: Filler, gap: Gap) -> Shortfall:
    filling = filler.fill(gap)
    where = list(_whereabouts(filler, gap, filling))
    return _measured(filler.standing, gap, where, list(_ways(filler.problem, filling)))


def _whereabouts(filler: Filler, gap: Gap, filling: Filling) -> Iterator[Whereabouts]:
    """Everybody who serves the queue, grouped by what they do then."""
    first, last = filler.span(gap)
    kinds: dict[str, set[FillKind]] = {}
    for one in filling.candidates:
        kinds.setdefault(one.agent, set()).add(one.kind)
    refused = {one.agent: one for one in filling.others}
    groups: dict[str, list[str]] = {}
    for agent in filler.problem.agents:
        if gap.queue in agent.queues:
            duty = filler.standing.duty(agent.id)[first:last]
            groups.setdefault(_doing(agent, gap, duty, kinds.get(agent.id, set()), refused.get(agent.id)), []).append(agent.id)
    for text in sorted(groups, key=lambda text: (-len(groups[text]), text)):
        yield Whereabouts(text, tuple(groups[text]))


def _doing(agent: Agent, gap: Gap, duty: Flags, kinds: set[FillKind], refused: CannotFill | None) -> str:
    if 2 * int(duty.sum()) >= len(duty):
        return "are at work already"
    busy = next((fixed for fixed in agent.fixed if fixed.start < gap.end and gap.start < fixed.end), None)
    if busy is not None:
        return f"are in {busy.activity or 'another activity'}"
    if kinds == {FillKind.OVERTIME}:
        return BY_RULE["paid time a week"]
    if kinds:
        return "could be moved"
    return BY_RULE.get(refused.rule, f"are bound by the rule '{refused.rule}'") if refused is not None else "are free"


def _ways(problem: RosterProblem, filling: Filling) -> Iterator[WayToFill]:
    zone_name = problem.grid.zone_name
    for one in filling.candidates:
        told = ", ".join(move.words(zone_name) for move in one.moves)
        yield WayToFill(f"{_price(one)}{told}", one.objective_change)
    for other in filling.others:
        if other.objective_change is not None:
            yield WayToFill(f"{other.agent} in spite of: {other.text}", other.objective_change)


def _price(one: Candidate) -> str:
    return f"{one.overtime_minutes} minutes of overtime, " if one.overtime_minutes else ""
