"""People needed as a table of real cells: days down, times across."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from wfm.service.staffing_view import Cell, RequirementDay, RequirementView

SHADES = 5


@dataclass(frozen=True, slots=True)
class HeatRow:
    """One day; `cells` follow the columns, None where the day has no such time."""

    day: RequirementDay
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True, slots=True)
class Heat:
    """The table.

    Parameters
    ----------
    columns
        Times across, HH:MM; an autumn hour that stands twice has its columns twice.
    hours
        Label of a column that begins an hour, "" elsewhere.
    most
        Most heads in any cell, for the shades.
    """

    columns: tuple[str, ...]
    hours: tuple[str, ...]
    rows: tuple[HeatRow, ...]
    most: int

    def shade(self, cell: Cell) -> int:
        """Step of the scale, 0 to 4."""
        return min(SHADES - 1, SHADES * cell.on_queue // (self.most + 1)) if self.most else 0


def table_of(view: RequirementView) -> Heat:
    """The cells of a view, cut to the hours in which anything is open."""
    placed = [(day, by_time(day.cells)) for day in view.days]
    open_times = [time for _, cells in placed for time, cell in cells.items() if cell.is_open]
    if not open_times:
        return Heat((), (), tuple(HeatRow(day, ()) for day, _ in placed), 0)
    first, last = min(open_times), max(open_times)
    times = sorted({time for _, cells in placed for time in cells if first <= time <= last})
    rows = tuple(HeatRow(day, tuple(cells.get(time) for time in times)) for day, cells in placed)
    most = max(cell.on_queue for row in rows for cell in row.cells if cell)
    clocks = tuple(clock for clock, _ in times)
    return Heat(clocks, tuple(clock[:2] if clock.endswith(":00") else "" for clock in clocks), rows, most)


class Clocked(Protocol):
    """Anything that starts at a time of the day."""

    @property
    def clock(self) -> str: ...


C = TypeVar("C", bound=Clocked)


def by_time(cells: Iterable[C]) -> dict[tuple[str, int], C]:
    """Cells of a day by clock and by how often that clock was seen before: an autumn hour comes twice."""
    seen: Counter[str] = Counter()
    placed = {}
    for cell in cells:
        placed[cell.clock, seen[cell.clock]] = cell
        seen[cell.clock] += 1
    return placed
