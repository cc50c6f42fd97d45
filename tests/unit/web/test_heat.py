"""People needed as a table of cells."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

from web.planner import heat
from wfm.service.staffing_view import Cell, RequirementDay


def _day(number: int, *cells: tuple[str, int]) -> RequirementDay:
    made = tuple(Cell(1000 * number + i, clock, float(heads), heads, heads + 1, heads > 0) for i, (clock, heads) in enumerate(cells))
    return RequirementDay(date(2026, 6, number), made, 0.0, 0.0, max(heads for _, heads in cells))


def _table(*days: RequirementDay) -> heat.Heat:
    return heat.table_of(SimpleNamespace(days=days))  # type: ignore[arg-type]


def test_columns_are_cut_to_the_hours_in_which_anything_is_open() -> None:
    table = _table(_day(8, ("07:30", 0), ("08:00", 3), ("08:30", 0), ("09:00", 5), ("09:30", 0)), _day(9, ("07:30", 0), ("08:00", 2)))
    assert table.columns == ("08:00", "08:30", "09:00")
    assert table.hours == ("08", "", "09")
    assert [[cell.on_queue if cell else None for cell in row.cells] for row in table.rows] == [[3, 0, 5], [2, None, None]]
    assert table.most == 5


def test_an_hour_that_stands_twice_has_its_columns_twice() -> None:
    table = _table(_day(1, ("01:00", 2), ("01:30", 2), ("01:00", 4), ("01:30", 4), ("02:00", 1)), _day(2, ("01:00", 3), ("02:00", 3)))
    assert table.columns.count("01:00") == 2
    assert sum(cell.on_queue for cell in table.rows[0].cells if cell) == 13


def test_a_closed_week_has_no_columns() -> None:
    assert _table(_day(8, ("08:00", 0))).columns == ()


def test_shades_go_from_none_to_most_in_five_steps() -> None:
    table = _table(_day(8, *[(f"{8 + n:02d}:00", n) for n in range(11)]))
    shades = [table.shade(cell) for cell in table.rows[0].cells if cell]
    assert shades == sorted(shades)
    assert (shades[0], shades[-1], len(set(shades))) == (0, 4, 5)
