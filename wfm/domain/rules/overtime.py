"""Paid time above the normal week, with its price."""

from __future__ import annotations

from dataclasses import dataclass

from wfm import units
from wfm.domain.rules.base import TourRule, by_kind
from wfm.domain.rules.tour import Day, Setting, Work
from wfm.domain.rules.week_limits import week


@by_kind
@dataclass(frozen=True)
class Overtime(TourRule):
    """Every paid hour of a week above the normal ones costs extra, on top of the contract's cost per hour.

    Parameters
    ----------
    normal_week_minutes
        Paid minutes of a week without overtime, at least 0.
    cost
        Extra price of an hour of overtime, at least 0.
    """

    normal_week_minutes: int
    cost: float
    name = "overtime"
    kind = "overtime"

    def __post_init__(self) -> None:
        units.whole("normal_week_minutes", self.normal_week_minutes)
        units.not_negative("cost of overtime", self.cost)

    def label(self, setting: Setting, day: Day, work: Work) -> int:
        """Paid minutes."""
        return work.paid_minutes

    def start(self, setting: Setting) -> int:
        """Minutes paid in the week so far."""
        return 0

    def step(self, setting: Setting, state: int, day: Day, label: int | None) -> tuple[int, float]:
        """Hours of overtime that the day adds."""
        paid = state + (label or 0)
        return 0 if day.ends_week else paid, self._hours(paid) - self._hours(state)

    def text(self, setting: Setting, state: int, day: Day, label: int | None) -> str:
        """The hours that the day adds."""
        return f"{self._hours(state + (label or 0)) - self._hours(state):g} hours of overtime"

    def when(self, day: Day) -> str:
        """The week."""
        return week(day)

    def _hours(self, paid: int) -> float:
        return max(paid - self.normal_week_minutes, 0) / 60
