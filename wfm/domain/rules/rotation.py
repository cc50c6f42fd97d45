"""A fixed pattern of weeks that comes round."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from wfm import units
from wfm.domain.rules.base import TourRule, by_kind, checked_cost
from wfm.domain.rules.tour import Day, Setting, Work
from wfm.errors import InvalidInput

Turn = tuple[int, int] | None


def _read(weeks: Any) -> tuple[tuple[Turn, ...], ...]:
    try:
        return tuple(tuple(None if turn is None else (units.clock_minutes(turn[0]), int(turn[1])) for turn in week) for week in weeks)
    except (TypeError, IndexError, ValueError):
        raise InvalidInput(f'weeks must be lists of seven days, each null or ["HH:MM", paid minutes], got {weeks!r}') from None


def _write(weeks: tuple[tuple[Turn, ...], ...]) -> list[list[Any]]:
    return [[None if turn is None else [units.clock(turn[0]), turn[1]] for turn in week] for week in weeks]


@by_kind
@dataclass(frozen=True)
class Rotation(TourRule):
    """Every day is as the pattern has it: off, or a shift of that start and paid length.

    Parameters
    ----------
    weeks
        The pattern, week by week, seven days each from the horizon's first weekday; None for a day off, or start (minutes after midnight)
        and paid minutes.
    first_week
        Week of the pattern, from 0, in which the horizon starts.
    cost
        Price of every day that differs: the rotation is offered; None where it is honoured.
    """

    weeks: tuple[tuple[Turn, ...], ...] = field(metadata={"read": _read, "write": _write, "suffix": ""})
    first_week: int = 0
    cost: float | None = None
    name = "rotation"
    kind = "rotation"

    def __post_init__(self) -> None:
        if not self.weeks or any(len(week) != 7 for week in self.weeks):
            raise InvalidInput(f"weeks must be at least one list of seven days, got {[len(week) for week in self.weeks]} days")
        units.whole("first_week", self.first_week)
        checked_cost(self)

    def turn(self, day: Day) -> Turn:
        """What the pattern has on a day."""
        return self.weeks[(self.first_week + day.number // 7) % len(self.weeks)][day.number % 7]

    def label(self, setting: Setting, day: Day, work: Work) -> bool:
        """Whether the shift is the pattern's."""
        return (work.start_minutes, work.paid_minutes) == self.turn(day)

    def step(self, setting: Setting, state: None, day: Day, label: bool | None) -> tuple[None, float]:
        """Breaks on every day that differs."""
        as_planned = self.turn(day) is None if label is None else label
        return None, float(not as_planned)

    def text(self, setting: Setting, state: None, day: Day, label: bool | None) -> str:
        """What the pattern has."""
        turn = self.turn(day)
        due = "off" if turn is None else f"{turn[1]} paid minutes from {units.clock(turn[0])}"
        return f"the rotation has {due}"
