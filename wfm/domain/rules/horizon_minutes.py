"""Paid minutes over the whole horizon."""

from __future__ import annotations

from dataclasses import dataclass

from wfm import units
from wfm.domain.rules.base import TourRule, by_kind, checked_cost
from wfm.domain.rules.tour import Day, Setting, Work
from wfm.domain.rules.week_limits import beyond
from wfm.errors import InvalidInput


@by_kind
@dataclass(frozen=True)
class HorizonMinutes(TourRule):
    """Paid minutes of the horizon lie in limits, where they are agreed for longer than a week.

    Parameters
    ----------
    least, most
        Paid minutes, 0 <= least <= most.
    cost
        Price of every hour outside the limits; None for a hard rule.
    """

    least: int
    most: int
    cost: float | None = None
    name = "paid time of the horizon"
    kind = "horizon_minutes"

    def __post_init__(self) -> None:
        if not 0 <= units.whole("least", self.least) <= units.whole("most", self.most):
            raise InvalidInput(f"least must be at most {self.most}, got {self.least}")
        checked_cost(self)

    def label(self, setting: Setting, day: Day, work: Work) -> int:
        """Paid minutes."""
        return work.paid_minutes

    def start(self, setting: Setting) -> int:
        """Minutes paid so far."""
        return 0

    def step(self, setting: Setting, state: int, day: Day, label: int | None) -> tuple[int, float]:
        """Hours above the most as they come, hours below the least on the last day."""
        paid = state + (label or 0)
        over = beyond(paid, (0, self.most)) - beyond(state, (0, self.most))
        under = beyond(paid, (self.least, max(self.most, paid))) if day.last else 0
        return paid, (over + under) / 60

    def text(self, setting: Setting, state: int, day: Day, label: int | None) -> str:
        """What is paid, and what is due."""
        return f"{state + (label or 0)} paid minutes in the horizon, {self.least} to {self.most} due"
