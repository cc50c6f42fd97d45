"""Where a shift may stand: inside the horizon, on the grids, in the clock windows."""

from __future__ import annotations

from collections.abc import Iterator

from wfm.domain.rules.base import Finding, standing
from wfm.domain.rules.tour import Tour
from wfm.units import clock


@standing
class InsideHorizon:
    """A shift lies inside the horizon."""

    name = "horizon"

    def findings(self, tour: Tour) -> Iterator[Finding]:
        """Where the rule is broken, and how."""
        for shift in tour.shifts:
            if not tour.grid.begin <= shift.start < shift.end <= tour.grid.end:
                yield tour.told(shift.start), "outside the horizon"


@standing
class OnGrid:
    """Starts, ends and breaks stand on the interval grid."""

    name = "grid"

    def findings(self, tour: Tour) -> Iterator[Finding]:
        """Where the rule is broken, and how."""
        for shift in tour.shifts:
            edges = [shift.start, shift.end, *(pause.start for pause in shift.breaks)]
            if any(tour.grid.position(edge) % 1 for edge in edges):
                yield tour.told(shift.start), f"not on the {tour.grid.interval_minutes}-minute grid"


@standing
class StartGrid:
    """Starts stand on the contract's grid of the wall clock."""

    name = "start grid"

    def findings(self, tour: Tour) -> Iterator[Finding]:
        """Where the rule is broken, and how."""
        step = tour.contract.start_step_minutes
        for shift in tour.shifts:
            local = tour.local(shift.start)
            if (local.hour * 60 + local.minute) % step or local.second:
                yield tour.told(shift.start), f"starts off the {step}-minute start grid"


@standing
class ClockWindow:
    """A shift keeps to the earliest start and the latest end of contract and agent."""

    name = "start window"

    def findings(self, tour: Tour) -> Iterator[Finding]:
        """Where the rule is broken, and how."""
        for shift, day in zip(tour.shifts, tour.days, strict=True):
            begin, end = tour.local(shift.start), tour.local(shift.end)
            start = begin.hour * 60 + begin.minute
            finish = end.hour * 60 + end.minute + 1440 * (end.date() - day).days
            for holder in (tour.contract, tour.agent):
                if holder.earliest_start_minutes is not None and start < holder.earliest_start_minutes:
                    yield tour.told(shift.start), f"starts at {clock(start)}, before {clock(holder.earliest_start_minutes)}"
                if holder.latest_end_minutes is not None and finish > holder.latest_end_minutes:
                    yield tour.told(shift.start), f"ends at {clock(finish)}, after {clock(holder.latest_end_minutes)}"
