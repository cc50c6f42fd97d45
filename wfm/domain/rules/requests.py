"""Wishes for, or against, a shift of a kind on a day."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from wfm.domain.rules.base import TourRule, by_kind, checked_cost
from wfm.domain.rules.data import clock_field, day_field
from wfm.domain.rules.tour import Day, Setting, Work
from wfm.domain.rules.windows import checked, said, starts_within


@by_kind
@dataclass(frozen=True)
class ShiftRequest(TourRule):
    """On a day, a shift that starts in a window of the clock is wanted, or not wanted.

    Parameters
    ----------
    day
        The day.
    from_minutes, until_minutes
        The window [from, until), minutes after midnight; it may run past midnight.
    wanted
        True for a shift on, False for a shift off.
    cost
        Price of not granting it; None for a hard rule.
    """

    day: date = field(metadata=day_field())
    from_minutes: int = field(default=0, metadata=clock_field())
    until_minutes: int = field(default=24 * 60, metadata=clock_field())
    wanted: bool = True
    cost: float | None = None
    name = "shift request"
    kind = "shift_request"

    def __post_init__(self) -> None:
        checked("from", self.from_minutes)
        checked("until", self.until_minutes)
        checked_cost(self)

    def label(self, setting: Setting, day: Day, work: Work) -> bool:
        """Whether the shift is meant by the request."""
        return day.date == self.day and starts_within(work.start_minutes, (self.from_minutes, self.until_minutes))

    def step(self, setting: Setting, state: None, day: Day, label: bool | None) -> tuple[None, float]:
        """Breaks on its day where the shift is not as wished."""
        return None, float(day.date == self.day and bool(label) != self.wanted)

    def text(self, setting: Setting, state: None, day: Day, label: bool | None) -> str:
        """What was wished."""
        wish = "wished" if self.wanted else "not wished"
        return f"a start from {said((self.from_minutes, self.until_minutes))} was {wish}"
