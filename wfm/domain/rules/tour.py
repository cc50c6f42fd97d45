"""One agent's shifts over the horizon, and what can be measured on them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import NamedTuple

from wfm.domain.roster import Shift
from wfm.domain.staff import Agent, Contract, ShiftShape
from wfm.domain.timegrid import TimeGrid, zone
from wfm.units import MINUTES_PER_DAY


class Day(NamedTuple):
    """A local day of the horizon: its number from 0, its date, and whether it is the last one."""

    number: int
    date: date
    last: bool

    @property
    def ends_week(self) -> bool:
        """True on the last day of a week of the horizon, which starts on the horizon's first weekday."""
        return self.number % 7 == 6


class Work(NamedTuple):
    """A shift as rules see it: wall clock minutes after midnight of its day, paid minutes, and elapsed minutes since the horizon began."""

    start_minutes: int
    end_minutes: int
    paid_minutes: int
    from_minutes: float
    until_minutes: float


@dataclass(frozen=True, slots=True)
class Setting:
    """Whose tour a rule looks at: the horizon, the agent and the contract."""

    grid: TimeGrid
    agent: Agent
    contract: Contract

    @property
    def days(self) -> tuple[Day, ...]:
        """The days of the horizon."""
        last = self.grid.days - 1
        return tuple(Day(number, day, number == last) for number, day in enumerate(self.grid.dates))


@dataclass(frozen=True)
class Tour:
    """One agent's shifts over the horizon, in order of their starts."""

    grid: TimeGrid
    agent: Agent
    contract: Contract
    shifts: tuple[Shift, ...]

    @property
    def setting(self) -> Setting:
        """Whose tour it is."""
        return Setting(self.grid, self.agent, self.contract)

    @cached_property
    def days(self) -> tuple[date, ...]:
        """Local day on which each shift starts."""
        return tuple(self.local(shift.start).date() for shift in self.shifts)

    @cached_property
    def works(self) -> tuple[Work | None, ...]:
        """What is worked on each day of the horizon; of two shifts on one day, the later."""
        found: list[Work | None] = [None] * self.grid.days
        for shift, day in zip(self.shifts, self.days, strict=True):
            number = (day - self.grid.first_day).days
            if 0 <= number < len(found):
                found[number] = self.work(shift, day)
        return tuple(found)

    def work(self, shift: Shift, day: date) -> Work:
        """A shift of `day` as rules see it; one of no known shape is paid nothing."""
        shape, begin = self.shape(shift), self.grid.begin
        start, end = self.wall_minutes(shift.start, day), self.wall_minutes(shift.end, day)
        return Work(start, end, shape.paid_minutes if shape else 0, minutes_between(begin, shift.start), minutes_between(begin, shift.end))

    def wall_minutes(self, instant: datetime, day: date) -> int:
        """Wall clock minutes of `instant` after midnight of `day`."""
        local = self.local(instant)
        return local.hour * 60 + local.minute + MINUTES_PER_DAY * (local.date() - day).days

    def local(self, instant: datetime) -> datetime:
        """The instant on the wall clock."""
        return instant.astimezone(zone(self.grid.zone_name))

    def told(self, instant: datetime) -> str:
        """The instant on the wall clock as ISO 8601 to the minute."""
        return self.local(instant).isoformat(timespec="minutes")

    def shape(self, shift: Shift) -> ShiftShape | None:
        """The contract's shape of that length, or None."""
        lengths = {shape.minutes: shape for shape in self.contract.shifts}
        return lengths.get(shift.minutes)


def minutes_between(start: datetime, end: datetime) -> float:
    """Elapsed minutes from `start` to `end`."""
    return (end - start).total_seconds() / 60


def paid_minutes(tour: Tour) -> int:
    """Paid minutes of a tour; shifts of no known shape count nothing."""
    return sum(shape.paid_minutes for shape in map(tour.shape, tour.shifts) if shape is not None)


def broken_wishes(tour: Tour) -> float:
    """Price of the wishes that a tour does not grant."""
    return sum(wish.cost for wish in tour.agent.wishes if wish.day in tour.days)


def on_duty(tour: Tour) -> Iterator[tuple[int, int]]:
    """Stretches of intervals, [first, one past last), on which the agent is present, on no break and in no fixed activity."""
    for shift in tour.shifts:
        edges = [shift.start]
        away = sorted(
            [(pause.start, pause.end) for pause in shift.breaks]
            + [(fixed.start, fixed.end) for fixed in tour.agent.fixed if fixed.start < shift.end and shift.start < fixed.end]
        )
        for start, end in away:
            yield from _stretch(tour.grid, edges[-1], start)
            edges.append(max(edges[-1], end))
        yield from _stretch(tour.grid, edges[-1], shift.end)


def _stretch(grid: TimeGrid, start: datetime, end: datetime) -> Iterator[tuple[int, int]]:
    first, last = -int(-grid.position(start) // 1), grid.index(end)
    if first < last:
        yield max(first, 0), min(last, grid.count)
