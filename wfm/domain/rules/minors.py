"""What people under age may work."""

from __future__ import annotations

from dataclasses import dataclass, field

from wfm import units
from wfm.domain.rules.base import TourRule, by_kind, checked_cost
from wfm.domain.rules.data import clock_field
from wfm.domain.rules.tour import Day, Setting, Work
from wfm.errors import InvalidInput
from wfm.units import clock

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
Label = tuple[int, int]


@by_kind
@dataclass(frozen=True)
class Minor(TourRule):
    """A minor's shift ends in time, is not too long, and starts on an allowed day of the week.

    Parameters
    ----------
    latest_end_minutes
        Latest end, minutes after midnight of the shift's day.
    most_day_minutes
        Most paid minutes of a day, at least 1.
    weekdays
        Allowed weekdays, 0 for Monday to 6 for Sunday.
    cost
        Price of every limit that a shift breaks; None for a hard rule.
    """

    latest_end_minutes: int = field(default=22 * 60, metadata=clock_field())
    most_day_minutes: int = 480
    weekdays: tuple[int, ...] = (0, 1, 2, 3, 4, 5, 6)
    cost: float | None = None
    name = "minor"
    kind = "minor"

    def __post_init__(self) -> None:
        units.whole("latest_end_minutes", self.latest_end_minutes)
        units.whole("most_day_minutes", self.most_day_minutes, at_least=1)
        if not set(self.weekdays) <= set(range(7)):
            raise InvalidInput(f"weekdays must be numbers from 0 (Monday) to 6 (Sunday), got {list(self.weekdays)}")
        checked_cost(self)

    def label(self, setting: Setting, day: Day, work: Work) -> Label:
        """End and paid minutes, as far as they pass the limits."""
        return max(work.end_minutes, self.latest_end_minutes), max(work.paid_minutes, self.most_day_minutes)

    def step(self, setting: Setting, state: None, day: Day, label: Label | None) -> tuple[None, float]:
        """Counts the limits that a day breaks."""
        return None, 0.0 if label is None else float(len(self._broken(day, label)))

    def text(self, setting: Setting, state: None, day: Day, label: Label | None) -> str:
        """The limits that are broken."""
        return "a minor " + ", ".join(self._broken(day, label or (0, 0)))

    def _broken(self, day: Day, label: Label) -> list[str]:
        late, long = label[0] > self.latest_end_minutes, label[1] > self.most_day_minutes
        told = [
            (late, f"works until {clock(label[0])}, after {clock(self.latest_end_minutes)}"),
            (long, f"works {label[1]} minutes, {self.most_day_minutes} allowed"),
            (day.date.weekday() not in self.weekdays, f"works on a {WEEKDAYS[day.date.weekday()]}"),
        ]
        return [text for broken, text in told if broken]
