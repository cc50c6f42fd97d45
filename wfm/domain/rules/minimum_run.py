"""Runs of working days, or of days off, that are not too short."""

from __future__ import annotations

from dataclasses import dataclass

from wfm import units
from wfm.domain.rules.base import TourRule, by_kind, checked_cost
from wfm.domain.rules.tour import Day, Setting
from wfm.errors import InvalidInput

WORK, OFF = "work", "off"


@by_kind
@dataclass(frozen=True)
class MinimumRun(TourRule):
    """Every run of working days (or of days off) has at least so many days.

    A run that reaches the horizon's end may still go on and breaks nothing. Working days before the horizon count; days off before it
    are taken as enough.

    Parameters
    ----------
    of
        "work" or "off".
    days
        Least length of a run, at least 1.
    cost
        Price of every day that a run is too short by; None for a hard rule.
    open_start
        True where the horizon's first run may have begun long before it, and breaks nothing.
    """

    of: str
    days: int
    cost: float | None = None
    open_start: bool = False
    name = "minimum run"
    kind = "minimum_run"

    def __post_init__(self) -> None:
        if self.of not in (WORK, OFF):
            raise InvalidInput(f"of must be {WORK} or {OFF}, got {self.of!r}")
        units.whole("days", self.days, at_least=1)
        checked_cost(self)

    def start(self, setting: Setting) -> int:
        """Length of the run that reaches up to the horizon, at most `days`; 0 outside a run."""
        if self.open_start:
            return self.days
        before = setting.agent.days_worked_before
        if self.of == WORK:
            return min(before, self.days)
        return 0 if before else self.days

    def step(self, setting: Setting, state: int, day: Day, label: bool | None) -> tuple[int, float]:
        """Breaks on the day after a run that was too short."""
        if (label is not None) == (self.of == WORK):
            return min(state + 1, self.days), 0.0
        return 0, float(self.days - state if state else 0)

    def text(self, setting: Setting, state: int, day: Day, label: bool | None) -> str:
        """The run that ended, and what is due."""
        what = "working days" if self.of == WORK else "days off"
        return f"a run of {state} {what} ends, {self.days} due"
