"""How a shift is made: its length, its breaks, the work between them."""

from __future__ import annotations

from collections.abc import Iterator

from wfm.domain.roster import Break
from wfm.domain.rules.base import Finding, standing
from wfm.domain.rules.tour import Tour, minutes_between
from wfm.domain.staff import BreakRule


@standing
class ShiftLength:
    """A shift has one of the contract's lengths."""

    name = "shift length"

    def findings(self, tour: Tour) -> Iterator[Finding]:
        """Where the rule is broken, and how."""
        for shift in tour.shifts:
            if tour.shape(shift) is None:
                allowed = ", ".join(str(shape.minutes) for shape in tour.contract.shifts)
                yield tour.told(shift.start), f"{shift.minutes} minutes long; contract {tour.contract.id} allows {allowed}"


@standing
class Breaks:
    """A shift has the breaks of its shape, each in its window."""

    name = "breaks"

    def findings(self, tour: Tour) -> Iterator[Finding]:
        """Where the rule is broken, and how."""
        for shift in tour.shifts:
            shape = tour.shape(shift)
            if shape is None:
                continue
            due = sorted(shape.breaks, key=lambda rule: rule.earliest_minutes)
            if len(shift.breaks) != len(due):
                yield tour.told(shift.start), f"{len(shift.breaks)} breaks, {len(due)} due"
            for pause, rule in zip(sorted(shift.breaks, key=lambda pause: pause.start), due, strict=False):
                yield from self._one(tour, pause, minutes_between(shift.start, pause.start), rule)

    def _one(self, tour: Tour, pause: Break, offset: float, rule: BreakRule) -> Iterator[Finding]:
        length = minutes_between(pause.start, pause.end)
        if length != rule.minutes:
            yield tour.told(pause.start), f"a break of {length:.0f} minutes where {rule.minutes} are due"
        if not rule.earliest_minutes <= offset <= rule.latest_minutes:
            yield tour.told(pause.start), f"a break {offset:.0f} minutes in; allowed {rule.earliest_minutes} to {rule.latest_minutes}"


@standing
class WorkStretch:
    """Before, between and after breaks somebody works at least the contract's least stretch."""

    name = "work stretch"

    def findings(self, tour: Tour) -> Iterator[Finding]:
        """Where the rule is broken, and how."""
        least = tour.contract.min_work_stretch_minutes
        for shift in tour.shifts:
            pauses = sorted(shift.breaks, key=lambda pause: pause.start)
            begins = [shift.start, *(pause.end for pause in pauses)]
            ends = [*(pause.start for pause in pauses), shift.end]
            for begin, end in zip(begins, ends, strict=True):
                if minutes_between(begin, end) < least:
                    yield tour.told(begin), f"only {minutes_between(begin, end):.0f} minutes of work, {least} due"


@standing
class OneShiftADay:
    """At most one shift starts on a day."""

    name = "one shift a day"

    def findings(self, tour: Tour) -> Iterator[Finding]:
        """Where the rule is broken, and how."""
        for before, day in zip(tour.days, tour.days[1:], strict=False):
            if before == day:
                yield day.isoformat(), "two shifts on one day"
