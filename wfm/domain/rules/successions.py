"""Shifts that may not follow each other from one day to the next."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from wfm.domain.rules.base import TourRule, by_kind, checked_cost
from wfm.domain.rules.data import clock_field
from wfm.domain.rules.tour import Day, Setting, Work
from wfm.domain.rules.windows import checked, said, starts_within
from wfm.domain.timegrid import zone


@by_kind
@dataclass(frozen=True)
class ForbiddenSuccession(TourRule):
    """After a shift that starts in one window of the clock, none starts in another on the next day.

    Parameters
    ----------
    after_from_minutes, after_until_minutes
        Window of the first shift's start, [from, until), minutes after midnight.
    then_from_minutes, then_until_minutes
        Window in which the next day's shift may not start.
    cost
        Price of every such succession; None for a hard rule.
    """

    after_from_minutes: int = field(metadata=clock_field())
    after_until_minutes: int = field(metadata=clock_field())
    then_from_minutes: int = field(metadata=clock_field())
    then_until_minutes: int = field(metadata=clock_field())
    cost: float | None = None
    name = "forbidden succession"
    kind = "forbidden_succession"

    def __post_init__(self) -> None:
        for name in ("after_from", "after_until", "then_from", "then_until"):
            checked(name, getattr(self, f"{name}_minutes"))
        checked_cost(self)

    def label(self, setting: Setting, day: Day, work: Work) -> tuple[bool, bool]:
        """Whether the shift starts in the first window, and in the second."""
        return starts_within(work.start_minutes, self._after), starts_within(work.start_minutes, self._then)

    def start(self, setting: Setting) -> bool:
        """Whether the day before the horizon had a shift of the first window, as far as the agent's last shift tells."""
        last = setting.agent.last_shift_start
        if last is None:
            return False
        local = last.astimezone(zone(setting.grid.zone_name))
        yesterday = local.date() == setting.grid.first_day - timedelta(1)
        return yesterday and starts_within(local.hour * 60 + local.minute, self._after)

    def step(self, setting: Setting, state: bool, day: Day, label: tuple[bool, bool] | None) -> tuple[bool, float]:
        """Breaks on the second day."""
        return (False, 0.0) if label is None else (label[0], float(state and label[1]))

    def text(self, setting: Setting, state: bool, day: Day, label: tuple[bool, bool] | None) -> str:
        """Which windows follow each other."""
        return f"a start from {said(self._then)} on the day after one from {said(self._after)}"

    @property
    def _after(self) -> tuple[int, int]:
        return self.after_from_minutes, self.after_until_minutes

    @property
    def _then(self) -> tuple[int, int]:
        return self.then_from_minutes, self.then_until_minutes
