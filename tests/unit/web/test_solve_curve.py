"""The curve of a solve, from what its job told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from web.planner.solve_curve import HEIGHT, PAD, WIDTH, curve_of
from wfm.service.work import JobView

NOW = datetime(2026, 6, 8, tzinfo=UTC)
JOB = JobView(1, "solve", "x", "running", 0.5, "", None, (), None, None, "Pat", False, 1, NOW, NOW, None)


def told(*notes: dict[str, Any]) -> JobView:
    return replace(JOB, progress=tuple({"at": "", "text": "", **note} for note in notes))


def points(job: JobView) -> list[tuple[float, float]]:
    curve = curve_of(job)
    assert curve is not None
    return [(float(x), float(y)) for x, y in (pair.split(",") for pair in curve.line.split())]


def test_before_there_is_a_roster_there_is_no_curve() -> None:
    assert curve_of(told({"spent_s": 1.0})) is None


def test_the_curve_falls_in_steps_and_ends_at_the_last_moment() -> None:
    job = told({"objective": 900.0, "spent_s": 1.0}, {"objective": 100.0, "spent_s": 5.0}, {"objective": 100.0, "spent_s": 10.0})
    line = points(job)
    assert line[-1][0] == WIDTH - PAD
    assert [y for _, y in line] == sorted(y for _, y in line)
    assert (line[0][1], line[-1][1]) == (PAD, HEIGHT - PAD)
    assert all(a[0] == b[0] or a[1] == b[1] for a, b in pairwise(line))


def test_what_is_proven_lies_below_the_best() -> None:
    curve = curve_of(told({"objective": 900.0, "spent_s": 1.0}, {"objective": 100.0, "spent_s": 5.0, "bound": 80.0, "gap": 0.004}))
    assert curve is not None
    assert curve.bound_y == HEIGHT - PAD
    assert curve.last.gap == 0.004


def test_the_table_shows_improvements_only_newest_first() -> None:
    values = [900.0, 500.0, 500.0, 300.0]
    curve = curve_of(told(*({"objective": value, "spent_s": float(n), "short_hours": 2.5} for n, value in enumerate(values))))
    assert curve is not None
    assert [row.objective for row in curve.rows] == [300.0, 500.0, 900.0]
    assert curve.last.short_hours == 2.5
