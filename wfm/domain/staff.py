"""Who works, and under which contract."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING

from wfm import units
from wfm.errors import InvalidInput

if TYPE_CHECKING:
    from wfm.domain.rules.base import TourRule


@dataclass(frozen=True, slots=True)
class BreakRule:
    """One break inside a shift.

    Parameters
    ----------
    minutes
        Length, minutes, at least 1.
    paid
        Whether the break counts as paid time.
    earliest_minutes, latest_minutes
        Window of the break's start, minutes after the shift's start.
    """

    minutes: int
    paid: bool
    earliest_minutes: int
    latest_minutes: int

    def __post_init__(self) -> None:
        units.whole("minutes of a break", self.minutes, at_least=1)
        units.whole("earliest_minutes of a break", self.earliest_minutes)
        if self.latest_minutes < self.earliest_minutes:
            raise InvalidInput(f"latest_minutes of a break must be at least {self.earliest_minutes}, got {self.latest_minutes}")


@dataclass(frozen=True, slots=True)
class ShiftShape:
    """A length of shift that a contract allows, with the breaks due in it.

    Parameters
    ----------
    paid_minutes
        Paid length, minutes, at least 1; the shift lasts this plus its unpaid breaks.
    breaks
        Breaks in the order of the day.
    """

    paid_minutes: int
    breaks: tuple[BreakRule, ...] = ()

    def __post_init__(self) -> None:
        units.whole("paid_minutes", self.paid_minutes, at_least=1)

    @property
    def minutes(self) -> int:
        """Length from start to end, minutes."""
        return self.paid_minutes + sum(b.minutes for b in self.breaks if not b.paid)


@dataclass(frozen=True, slots=True)
class Contract:
    """Hours, lengths and rest that bind an agent.

    Parameters
    ----------
    id
        Name of the contract.
    week_minutes, week_days
        Least and most paid minutes, and days, per week of the horizon.
    earliest_start_minutes, latest_end_minutes
        Local wall clock, minutes after midnight of the day on which the shift starts; an end may run past 1,440.
    start_step_minutes
        Starts stand on this grid of the wall clock.
    min_rest_minutes
        Rest between two shifts, elapsed minutes.
    max_consecutive_days
        Longest run of working days.
    min_work_stretch_minutes
        Least work before, between and after breaks.
    cost_per_hour
        Price of a paid hour in the objective.
    shifts
        The shapes, at least one.
    rules
        Further rules, hard or with a price, for everybody under the contract.
    """

    id: str
    week_minutes: tuple[int, int]
    week_days: tuple[int, int]
    shifts: tuple[ShiftShape, ...]
    earliest_start_minutes: int = 0
    latest_end_minutes: int = 2 * units.MINUTES_PER_DAY
    start_step_minutes: int = 15
    min_rest_minutes: int = 660
    max_consecutive_days: int = 6
    min_work_stretch_minutes: int = 0
    cost_per_hour: float = 0.0
    rules: tuple[TourRule, ...] = ()

    def __post_init__(self) -> None:
        for name in ("week_minutes", "week_days"):
            low, high = getattr(self, name)
            if not 0 <= low <= high:
                raise InvalidInput(f"{name} of contract {self.id} must be [least, most] with 0 <= least <= most, got [{low}, {high}]")
        if not self.shifts:
            raise InvalidInput(f"contract {self.id} needs at least one shift shape, got none")
        units.whole("start_step_minutes", self.start_step_minutes, at_least=1)
        units.whole("min_rest_minutes", self.min_rest_minutes)
        units.whole("max_consecutive_days", self.max_consecutive_days, at_least=1)
        units.whole("min_work_stretch_minutes", self.min_work_stretch_minutes)
        units.not_negative("cost_per_hour", self.cost_per_hour)


@dataclass(frozen=True, slots=True)
class FixedActivity:
    """Time inside a shift that an agent spends off queue, decided beforehand (UTC instants).

    Parameters
    ----------
    activity
        What people read: "Team meeting".
    kind
        One of `domain.activities.ActivityKind`, or empty.
    session
        What those who do it together have in common; empty for an agent's own.
    lead
        Id of the trainer or whoever else leads it; empty for nobody.
    due
        Instant by which it should have taken place; None for none.
    """

    start: datetime
    end: datetime
    activity: str
    kind: str = ""
    session: str = ""
    lead: str = ""
    due: datetime | None = None


@dataclass(frozen=True, slots=True)
class DayOffWish:
    """A day that an agent would like to have off; `cost` is the price of not granting it."""

    day: date
    cost: float


@dataclass(frozen=True, slots=True)
class Licence:
    """A nurse's licence to serve callers of a state.

    Parameters
    ----------
    state
        The state that gave it.
    first_day, last_day
        Local days on which it is valid, both included; None for no limit.
    multistate
        Whether it holds in the other states of the compact as well.
    """

    state: str
    first_day: date | None = None
    last_day: date | None = None
    multistate: bool = False

    def __post_init__(self) -> None:
        if self.first_day is not None and self.last_day is not None and self.last_day < self.first_day:
            raise InvalidInput(f"a licence must end on or after {self.first_day}, got {self.last_day}")

    def valid(self, state: str, day: date, compact: Mapping[str, date]) -> bool:
        """Whether it allows to serve callers of `state` on `day`.

        Parameters
        ----------
        state
            Where the callers are.
        day
            Local day.
        compact
            States of the compact, and the day from which each belongs to it.

        Examples
        --------
        >>> here = Licence("TX", last_day=date(2026, 3, 4), multistate=True)
        >>> compact = {"TX": date(2018, 1, 19), "PA": date(2026, 3, 3)}
        >>> [here.valid("PA", date(2026, 3, day), compact) for day in (2, 3, 4, 5)]
        [False, True, True, False]
        """
        begun = self.first_day is None or self.first_day <= day
        if not begun or (self.last_day is not None and self.last_day < day):
            return False
        joined = all(member in compact and compact[member] <= day for member in (self.state, state))
        return state == self.state or (self.multistate and joined)


@dataclass(frozen=True, slots=True)
class Agent:
    """A person as the scheduler sees one.

    Parameters
    ----------
    id
        Stable name, unique in the problem.
    contract
        The contract's id.
    queues
        Queue id to speed, above 0: a head of speed 1.1 covers 1.1 required heads.
    earliest_start_minutes, latest_end_minutes
        The agent's own limits of the wall clock, minutes after midnight; None for the contract's.
    days_off
        Days on which no shift may start.
    unavailable
        Pairs of UTC instants that no shift may overlap.
    fixed
        Activities that must lie inside a shift.
    wishes
        Days wished off.
    last_shift_end
        End of the last shift before the horizon, UTC, for the rest before the first one.
    last_shift_start
        Start of that shift, UTC, for rules of which shift may follow which.
    days_worked_before
        Length of the run of working days that reaches up to the horizon.
    rules
        Further rules for this agent alone.
    carried
        Counts of what lies before the horizon, as rules name them: weekends, nights and so on; pairs in the order of their names.
    site
        Where the agent sits, for seats; empty where it does not matter.
    team
        Whom the agent works with; empty where it does not matter. Sites and teams are parts that can be solved side by side.
    skills
        What the agent is, or speaks, for groups of which somebody must be present: "nurse", "es".
    licences
        Licences by state, for queues that demand one.
    secondary
        Queues that the agent serves only where nobody better can.
    """

    id: str
    contract: str
    queues: Mapping[str, float]
    earliest_start_minutes: int | None = None
    latest_end_minutes: int | None = None
    days_off: frozenset[date] = frozenset()
    unavailable: tuple[tuple[datetime, datetime], ...] = ()
    fixed: tuple[FixedActivity, ...] = ()
    wishes: tuple[DayOffWish, ...] = ()
    last_shift_end: datetime | None = None
    days_worked_before: int = 0
    name: str = field(default="", compare=False)
    rules: tuple[TourRule, ...] = ()
    carried: tuple[tuple[str, int], ...] = ()
    site: str = ""
    skills: frozenset[str] = frozenset()
    licences: tuple[Licence, ...] = ()
    secondary: frozenset[str] = frozenset()
    team: str = ""
    last_shift_start: datetime | None = None

    def __post_init__(self) -> None:
        for queue, speed in self.queues.items():
            units.positive(f"speed of agent {self.id} on {queue}", speed)
        units.whole("days_worked_before", self.days_worked_before)
