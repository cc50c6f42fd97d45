"""How many shifts of a kind somebody works."""

from __future__ import annotations

from dataclasses import dataclass, field

from wfm import units
from wfm.domain.rules.base import TourRule, by_kind, checked_cost
from wfm.domain.rules.data import clock_field
from wfm.domain.rules.tour import Day, Setting, Work
from wfm.domain.rules.windows import checked, said, starts_within
from wfm.errors import InvalidInput

PERIODS = ("week", "horizon")


@by_kind
@dataclass(frozen=True)
class MostOfKind(TourRule):
    """At most so many shifts start in a window of the clock, in a week or in the horizon.

    Parameters
    ----------
    most
        Shifts allowed, at least 0.
    from_minutes, until_minutes
        The window [from, until), minutes after midnight; it may run past midnight.
    per
        "week" or "horizon".
    cost
        Price of every shift too many; None for a hard rule.
    """

    most: int
    from_minutes: int = field(metadata=clock_field())
    until_minutes: int = field(metadata=clock_field())
    per: str = "week"
    cost: float | None = None
    name = "shifts of a kind"
    kind = "shifts_of_kind"

    def __post_init__(self) -> None:
        units.whole("most", self.most)
        checked("from", self.from_minutes)
        checked("until", self.until_minutes)
        if self.per not in PERIODS:
            raise InvalidInput(f"per must be one of {', '.join(PERIODS)}, got {self.per!r}")
        checked_cost(self)

    def label(self, setting: Setting, day: Day, work: Work) -> bool:
        """Whether the shift is of the kind."""
        return starts_within(work.start_minutes, (self.from_minutes, self.until_minutes))

    def start(self, setting: Setting) -> int:
        """Shifts of the kind so far."""
        return 0

    def step(self, setting: Setting, state: int, day: Day, label: bool | None) -> tuple[int, float]:
        """Breaks on every shift past the most."""
        count = min(state + bool(label), self.most + 1)
        fresh = day.ends_week and self.per == "week"
        return 0 if fresh else count, float(bool(label) and count > self.most)

    def text(self, setting: Setting, state: int, day: Day, label: bool | None) -> str:
        """What is too much."""
        return f"more than {self.most} shifts that start from {said((self.from_minutes, self.until_minutes))} in the {self.per}"
