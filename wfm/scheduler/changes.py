"""What happens to a roster after it was made: absences, new requirements, swaps, changed availability; and what must not move.

`apply_changes` turns them into a changed problem and the shifts that are left of the roster, before anybody else is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum

from wfm.domain.roster import Requirement, RosterProblem, Shift
from wfm.domain.rules import Tour, Violation, violations
from wfm.domain.staff import Agent, Contract, FixedActivity
from wfm.domain.timegrid import zone
from wfm.errors import Infeasible, InvalidInput

ABSENT = "absent"
"""Name of the activity that stands for an absence inside a shift."""


@dataclass(frozen=True, slots=True)
class Absence:
    """An agent who is away (UTC instants).

    A shift that lies wholly inside is taken away and its hours are credited; of a shift that overlaps only in part the rest is worked.
    """

    agent: str
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class NewRequirement:
    """Other heads for a queue, from interval `first` of the grid on, as many intervals as `required` is long."""

    queue: str
    first: int
    required: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Swap:
    """Two agents exchange what they work on these local days: each takes over the other's shift, if there is one."""

    first: str
    first_day: date
    second: str
    second_day: date


@dataclass(frozen=True, slots=True)
class Availability:
    """An agent's facts as they are from now on, beside those that the problem knows; None leaves a limit as it is."""

    agent: str
    unavailable: tuple[tuple[datetime, datetime], ...] = ()
    days_off: frozenset[date] = frozenset()
    earliest_start_minutes: int | None = None
    latest_end_minutes: int | None = None


@dataclass(frozen=True, slots=True)
class Changes:
    """Everything that happened, at once."""

    absences: tuple[Absence, ...] = ()
    requirements: tuple[NewRequirement, ...] = ()
    swaps: tuple[Swap, ...] = ()
    availability: tuple[Availability, ...] = ()


@dataclass(frozen=True, slots=True)
class Keep:
    """What a repair must not move.

    Parameters
    ----------
    days
        Local days on which nobody's work changes, such as those published; a shift belongs to the day on which it starts.
    people
        Agents whose shifts stay, all of them.
    shifts
        Agent and local day of single shifts that stay to the minute.
    """

    days: frozenset[date] = frozenset()
    people: frozenset[str] = frozenset()
    shifts: frozenset[tuple[str, date]] = frozenset()

    def holds(self, agent: str, day: date) -> bool:
        """True where the agent's work on that day stays."""
        return day in self.days or agent in self.people or (agent, day) in self.shifts


class ChangeKind(StrEnum):
    """What happened to somebody's day."""

    ABSENT = "absent"
    ADDED = "added"
    DROPPED = "dropped"
    MOVED = "moved"
    LONGER = "longer"
    SHORTER = "shorter"
    BREAKS = "breaks moved"
    SWAPPED = "swapped"


@dataclass(frozen=True, slots=True)
class ShiftChange:
    """One agent's day before and after; None where there is no shift.

    A shift that is partly missed stays as it is: `after` equals `before`, and `kind` is ABSENT.
    """

    agent: str
    day: date
    kind: ChangeKind
    before: Shift | None
    after: Shift | None

    def words(self, zone_name: str) -> str:
        """The change in words, on the clock of that zone."""
        return f"{self.agent} {self.day:%a %d %b}: {self._told(zone_name)}"

    def _told(self, zone_name: str) -> str:
        before, after = _span(self.before, zone_name), _span(self.after, zone_name)
        if self.kind is ChangeKind.ABSENT:
            return f"absent from {before}" if self.after is None else f"absent for a part of {before}"
        if self.before is None:
            return f"works {after}"
        if self.after is None:
            return f"has the day off instead of {before}"
        if self.kind is ChangeKind.BREAKS:
            return f"{after}, breaks {_breaks(self.after, zone_name)} instead of {_breaks(self.before, zone_name)}"
        return f"{after} instead of {before}"


@dataclass(frozen=True, slots=True)
class Changed:
    """A problem and a roster after the changes, before anybody else is touched.

    Parameters
    ----------
    problem
        The problem as it is now; an absent agent's contract asks for less where hours are credited.
    shifts
        What is left of the roster, swaps done.
    moves
        What changed for the people concerned.
    concerned
        The people whom the changes name.
    must_move
        Those of them whose shifts no longer keep the rules, so that they need other ones.
    """

    problem: RosterProblem
    shifts: tuple[Shift, ...]
    moves: tuple[ShiftChange, ...]
    concerned: frozenset[str]
    must_move: frozenset[str] = field(default=frozenset())


def apply_changes(problem: RosterProblem, shifts: Sequence[Shift], changes: Changes) -> Changed:
    """The problem and the shifts as the changes leave them.

    Raises
    ------
    InvalidInput
        When a change names somebody, a queue or a time that the problem does not have.
    Infeasible
        When a swap breaks a rule.
    """
    _refuse_strangers(problem, changes)
    left, moves = list(shifts), list[ShiftChange]()
    for swap in changes.swaps:
        left, swapped = swap_shifts(problem, left, swap)
        moves += swapped
    _refuse_illegal(problem, shifts, left, changes.swaps)
    people, contracts = dict(problem.agent_of), dict(problem.contract_of)
    for absence in changes.absences:
        agent, left, gone = _absent(problem, people[absence.agent], left, absence)
        contract = _credited(problem, contracts[agent.contract], [move for move in gone if move.after is None])
        contracts.setdefault(contract.id, contract)
        people[absence.agent] = replace(agent, contract=contract.id)
        moves += gone
    for new in changes.availability:
        people[new.agent] = _available(people[new.agent], new)
    changed = replace(
        problem,
        requirements=tuple(_required(need, changes.requirements) for need in problem.requirements),
        contracts=tuple(contracts.values()),
        agents=tuple(people[agent.id] for agent in problem.agents),
    )
    changed = _excused(problem, shifts, changed, left, {absence.agent for absence in changes.absences})
    named = _named(changes)
    again = {new.agent for new in changes.availability}
    must = again & {found.agent for found in broken(changed, left, again)}
    return Changed(changed, tuple(left), tuple(moves), frozenset(named), frozenset(must))


def _named(changes: Changes) -> set[str]:
    people = {absence.agent for absence in changes.absences} | {new.agent for new in changes.availability}
    return people | {who for swap in changes.swaps for who in (swap.first, swap.second)}


def broken(problem: RosterProblem, shifts: Iterable[Shift], people: Iterable[str]) -> tuple[Violation, ...]:
    """Violations of the rules that bind these people."""
    named = dict.fromkeys(people)
    part = replace(problem, agents=tuple(problem.agent_of[name] for name in named))
    return violations(part, [shift for shift in shifts if shift.agent in named])


def day_of(problem: RosterProblem, shift: Shift) -> date:
    """Local day on which a shift starts."""
    return shift.start.astimezone(zone(problem.grid.zone_name)).date()


def week_of(problem: RosterProblem, day: date) -> int:
    """Week of the horizon, from 0."""
    return (day - problem.grid.first_day).days // 7


def difference(problem: RosterProblem, before: Sequence[Shift], after: Sequence[Shift]) -> tuple[ShiftChange, ...]:
    """What changed between two sets of shifts, by agent and day."""
    old = {(shift.agent, day_of(problem, shift)): shift for shift in before}
    new = {(shift.agent, day_of(problem, shift)): shift for shift in after}
    return tuple(
        ShiftChange(*place, _kind(old.get(place), new.get(place)), old.get(place), new.get(place))
        for place in sorted(old.keys() | new.keys())
        if old.get(place) != new.get(place)
    )


def with_moves(problem: RosterProblem, shifts: Sequence[Shift], moves: Iterable[ShiftChange]) -> tuple[Shift, ...]:
    """The shifts of one agent after some of its days changed, by start."""
    new = {move.day: move.after for move in moves}
    kept = [shift for shift in shifts if day_of(problem, shift) not in new]
    return tuple(sorted([*kept, *(shift for shift in new.values() if shift is not None)], key=lambda shift: shift.start))


def _kind(before: Shift | None, after: Shift | None) -> ChangeKind:
    if before is None or after is None:
        return ChangeKind.ADDED if before is None else ChangeKind.DROPPED
    if (before.start, before.end) == (after.start, after.end):
        return ChangeKind.BREAKS
    if before.start != after.start and before.end != after.end and before.minutes == after.minutes:
        return ChangeKind.MOVED
    return ChangeKind.LONGER if after.minutes > before.minutes else ChangeKind.SHORTER


def swap_shifts(problem: RosterProblem, shifts: Sequence[Shift], swap: Swap) -> tuple[list[Shift], tuple[ShiftChange, ...]]:
    """The shifts after a swap, whether it is legal or not, and what changed.

    Raises
    ------
    InvalidInput
        When neither of the two works on the days named.
    """
    given = {(swap.first, swap.first_day): swap.second, (swap.second, swap.second_day): swap.first}
    gone = [shift for shift in shifts if (shift.agent, day_of(problem, shift)) in given]
    if not gone:
        raise InvalidInput(f"{swap.first} on {swap.first_day} and {swap.second} on {swap.second_day} have no shift to swap")
    taken = [replace(shift, agent=given[shift.agent, day_of(problem, shift)]) for shift in gone]
    left = sorted([*(shift for shift in shifts if shift not in gone), *taken], key=lambda shift: (shift.agent, shift.start))
    changed = [replace(move, kind=ChangeKind.SWAPPED) for move in difference(problem, gone, taken)]
    return left, tuple(changed)


def _refuse_illegal(problem: RosterProblem, before: Sequence[Shift], after: Sequence[Shift], swaps: Sequence[Swap]) -> None:
    people = {who for swap in swaps for who in (swap.first, swap.second)}
    known = set(broken(problem, before, people)) if people else set()
    found = [str(one) for one in broken(problem, after, people) if one not in known] if people else []
    if found:
        raise Infeasible("the swap breaks rules: " + "; ".join(found), found)


def _refuse_strangers(problem: RosterProblem, changes: Changes) -> None:
    found = [f"agent {who!r} is not in the problem" for who in sorted(_named(changes) - set(problem.agent_of))]
    found += [
        f"an absence must end after it starts, got {one.start.isoformat()} to {one.end.isoformat()}"
        for one in changes.absences
        if one.end <= one.start
    ]
    for new in changes.requirements:
        found += _wrong_heads(problem, new)
    if found:
        raise InvalidInput("the changes do not fit the problem:\n" + "\n".join(f"- {line}" for line in found))


def _wrong_heads(problem: RosterProblem, new: NewRequirement) -> Iterator[str]:
    if new.queue not in {need.queue for need in problem.requirements}:
        yield f"queue {new.queue!r} is not in the problem"
    count = problem.grid.count
    if new.first < 0 or new.first + len(new.required) > count:
        yield f"new heads of {new.queue} must lie in intervals 0 to {count}, got {len(new.required)} of them from {new.first} on"
    if any(heads < 0 for heads in new.required):
        yield f"new heads of {new.queue} must be at least 0, got {min(new.required)}"


def _absent(
    problem: RosterProblem, agent: Agent, shifts: Sequence[Shift], absence: Absence
) -> tuple[Agent, list[Shift], list[ShiftChange]]:
    """The agent with the absence, the shifts left, and what it takes away."""
    hit = [s for s in shifts if s.agent == agent.id and s.start < absence.end and absence.start < s.end]
    whole = [s for s in hit if absence.start <= s.start and s.end <= absence.end]
    missed = [FixedActivity(max(s.start, absence.start), min(s.end, absence.end), ABSENT) for s in hit if s not in whole]
    away = tuple(_without([(absence.start, absence.end)], [(s.start, s.end) for s in hit if s not in whole]))
    fixed = tuple(f for f in agent.fixed if not (absence.start <= f.start and f.end <= absence.end))
    moves = [ShiftChange(agent.id, day_of(problem, s), ChangeKind.ABSENT, s, None if s in whole else s) for s in hit]
    changed = replace(agent, unavailable=(*agent.unavailable, *away), fixed=(*fixed, *missed))
    return changed, [s for s in shifts if s not in whole], moves


def _excused(
    problem: RosterProblem, before: Sequence[Shift], changed: RosterProblem, left: Sequence[Shift], away: set[str]
) -> RosterProblem:
    """The changed problem, in which listed rules that somebody breaks by being absent no longer bind that person."""
    known = {(one.agent, one.rule) for one in broken(problem, before, away)}
    lifted = {(one.agent, one.rule) for one in broken(changed, left, away)} - known
    contracts, people = dict(changed.contract_of), dict(changed.agent_of)
    for name in sorted({agent for agent, _ in lifted}):
        agent = people[name]
        gone = {rule for who, rule in lifted if who == name}
        kept = replace(contracts[agent.contract], rules=tuple(rule for rule in contracts[agent.contract].rules if rule.name not in gone))
        if kept != contracts[agent.contract]:
            kept = replace(kept, id=f"{kept.id} of {name}")
            contracts[kept.id] = kept
        people[name] = replace(agent, contract=kept.id, rules=tuple(rule for rule in agent.rules if rule.name not in gone))
    return replace(changed, contracts=tuple(contracts.values()), agents=tuple(people[agent.id] for agent in changed.agents))


def _without(spans: list[tuple[datetime, datetime]], holes: Iterable[tuple[datetime, datetime]]) -> Iterator[tuple[datetime, datetime]]:
    for start, end in holes:
        spans = [piece for a, b in spans for piece in ((a, min(b, start)), (max(a, end), b)) if piece[0] < piece[1]]
    yield from spans


def _credited(problem: RosterProblem, contract: Contract, gone: Sequence[ShiftChange]) -> Contract:
    """The contract with the shifts taken away credited to the week's least hours and days."""
    shifts = [move.before for move in gone if move.before is not None]
    if not shifts:
        return contract
    holder = Tour(problem.grid, Agent("", contract.id, {}), contract, tuple(shifts))
    minutes: dict[int, int] = {}
    weeks = [week_of(problem, day) for day in holder.days]
    for shift, week in zip(shifts, weeks, strict=True):
        shape = holder.shape(shift)
        minutes[week] = minutes.get(week, 0) + (shape.paid_minutes if shape else 0)
    most, days = max(minutes.values()), max(map(weeks.count, weeks))
    low_minutes, low_days = max(contract.week_minutes[0] - most, 0), max(contract.week_days[0] - days, 0)
    return replace(
        contract,
        id=f"{contract.id} with {most} min credited",
        week_minutes=(low_minutes, contract.week_minutes[1]),
        week_days=(low_days, contract.week_days[1]),
    )


def _available(agent: Agent, new: Availability) -> Agent:
    def limit(given: int | None, known: int | None) -> int | None:
        return known if given is None else given

    return replace(
        agent,
        unavailable=(*agent.unavailable, *new.unavailable),
        days_off=agent.days_off | new.days_off,
        earliest_start_minutes=limit(new.earliest_start_minutes, agent.earliest_start_minutes),
        latest_end_minutes=limit(new.latest_end_minutes, agent.latest_end_minutes),
    )


def _required(need: Requirement, changes: Sequence[NewRequirement]) -> Requirement:
    heads = list(need.required)
    for new in changes:
        if new.queue == need.queue:
            heads[new.first : new.first + len(new.required)] = new.required
    return replace(need, required=tuple(heads))


def _span(shift: Shift | None, zone_name: str) -> str:
    return "no shift" if shift is None else f"{_clock(shift.start, zone_name)} to {_clock(shift.end, zone_name)}"


def _breaks(shift: Shift | None, zone_name: str) -> str:
    return "none" if shift is None or not shift.breaks else ", ".join(_clock(pause.start, zone_name) for pause in shift.breaks)


def _clock(instant: datetime, zone_name: str) -> str:
    return f"{instant.astimezone(zone(zone_name)):%H:%M}"
