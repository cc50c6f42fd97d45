"""How many nights in a row somebody works."""

from __future__ import annotations

from dataclasses import dataclass, field

from wfm import units
from wfm.domain.rules.base import TourRule, by_kind, checked_cost
from wfm.domain.rules.data import clock_field
from wfm.domain.rules.tour import Day, Setting, Work
from wfm.domain.rules.windows import checked, touches


@by_kind
@dataclass(frozen=True)
class NightsInARow(TourRule):
    """At most so many nights follow one another; a shift is a night where it touches a window of the clock.

    Parameters
    ----------
    most
        Nights in a row allowed, at least 1; those of the agent's `carried` "nights_in_a_row" come before.
    night_from_minutes, night_until_minutes
        The window, minutes after midnight; it may run past midnight.
    cost
        Price of every night too many; None for a hard rule.
    """

    most: int
    night_from_minutes: int = field(default=23 * 60, metadata=clock_field())
    night_until_minutes: int = field(default=6 * 60, metadata=clock_field())
    cost: float | None = None
    name = "nights in a row"
    kind = "nights_in_a_row"

    def __post_init__(self) -> None:
        units.whole("most", self.most, at_least=1)
        checked("night_from", self.night_from_minutes)
        checked("night_until", self.night_until_minutes)
        checked_cost(self)

    def label(self, setting: Setting, day: Day, work: Work) -> bool:
        """Whether the shift is a night."""
        return touches(work.start_minutes, work.end_minutes, (self.night_from_minutes, self.night_until_minutes))

    def start(self, setting: Setting) -> int:
        """Nights in a row just before the horizon."""
        return dict(setting.agent.carried).get("nights_in_a_row", 0)

    def step(self, setting: Setting, state: int, day: Day, label: bool | None) -> tuple[int, float]:
        """Breaks on every night past the most."""
        run = state + 1 if label else 0
        return run, float(run > self.most)

    def text(self, setting: Setting, state: int, day: Day, label: bool | None) -> str:
        """The run, and what is allowed."""
        return f"{state + 1} nights in a row, {self.most} allowed"
