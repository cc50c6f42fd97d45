"""Unpopular work shared evenly over weeks."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from wfm import units
from wfm.domain.rules.base import TourRule, by_kind
from wfm.domain.rules.data import clock_field, days_field
from wfm.domain.rules.tour import Day, Setting, Work
from wfm.domain.rules.weekends import Weekends, after
from wfm.domain.rules.windows import touches
from wfm.errors import InvalidInput

COUNTED = ("weekends", "lates", "nights", "holidays")
NIGHT = (23 * 60, 6 * 60)


@by_kind
@dataclass(frozen=True)
class FairShare(TourRule):
    """Every weekend, late, night or holiday costs more, the more of them somebody already has.

    One more costs `cost` times the number that the agent has already above `base`, those of the ledger (`carried`) included. The sum
    over people is smallest where everybody has as many as everybody else, so no rule across people is needed.

    Parameters
    ----------
    of
        "weekends", "lates" (shifts that end after `late_end_minutes`), "nights" (shifts that touch 23:00 to 06:00) or "holidays".
    cost
        Price, at least 0.
    base
        What the least burdened colleague has in the ledger, at least 0; it only moves the price of everybody alike.
    late_end_minutes
        End after which a shift is late, minutes after midnight.
    dates
        The holidays.
    """

    of: str
    cost: float
    base: int = 0
    late_end_minutes: int = field(default=20 * 60, metadata=clock_field())
    dates: frozenset[date] = field(default=frozenset(), metadata=days_field())
    name = "fair share"
    kind = "fair_share"

    def __post_init__(self) -> None:
        if self.of not in COUNTED:
            raise InvalidInput(f"of must be one of {', '.join(COUNTED)}, got {self.of!r}")
        units.not_negative("cost of a fair share", self.cost)
        units.whole("base", self.base)
        units.whole("late_end_minutes", self.late_end_minutes)

    def label(self, setting: Setting, day: Day, work: Work) -> bool:
        """Whether the shift counts by itself; weekends and holidays are known by their day."""
        if self.of == "lates":
            return work.end_minutes > self.late_end_minutes
        return self.of != "nights" or touches(work.start_minutes, work.end_minutes, NIGHT)

    def start(self, setting: Setting) -> Weekends:
        """What the ledger carries above the base."""
        return Weekends(max(dict(setting.agent.carried).get(self.of, 0) - self.base, 0), False)

    def step(self, setting: Setting, state: Weekends, day: Day, label: bool | None) -> tuple[Weekends, float]:
        """One more breaks the rule by as many as there are already."""
        following = self._after(state, day, bool(label))
        return following, float(state.worked * (following.worked - state.worked))

    def text(self, setting: Setting, state: Weekends, day: Day, label: bool | None) -> str:
        """How many there are."""
        return f"one more of {self.of}, {state.worked} above the least burdened already"

    def _after(self, state: Weekends, day: Day, counts: bool) -> Weekends:
        if self.of == "weekends":
            return after(state, day, counts)
        if self.of == "holidays":
            counts = counts and day.date in self.dates
        return state._replace(worked=state.worked + counts)
