"""The best so far of a solve, as a small curve and its table."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wfm.service.work import JobView

WIDTH, HEIGHT, PAD = 320, 84, 4
ROWS = 6


@dataclass(frozen=True, slots=True)
class Best:
    """A roster on the way.

    Parameters
    ----------
    spent_s
        Seconds after the search began.
    objective
        Lower is better.
    short_hours
        Hours short; None where that was not told.
    gap
        How far from the best possible it can be at most, a share; None while nothing is proven.
    """

    spent_s: float
    objective: float
    short_hours: float | None
    gap: float | None


@dataclass(frozen=True, slots=True)
class Curve:
    """What the card draws: `line` are the points of an SVG polyline, `bound_y` the height of what is proven.

    `rows` are the last few improvements, newest in front.
    """

    last: Best
    first: Best
    line: str
    bound_y: float | None
    rows: tuple[Best, ...]


def curve_of(job: JobView) -> Curve | None:
    """The curve of a job; None before there is a roster."""
    told = [note for note in job.progress if note.get("objective") is not None]
    if not told:
        return None
    points = [_best(note) for note in told]
    improved = [one for one, before in zip(points, [None, *points], strict=False) if before is None or one.objective < before.objective]
    bound = next((float(note["bound"]) for note in reversed(told) if note.get("bound")), None)
    line, bound_y = _drawn(points, bound)
    return Curve(points[-1], points[0], line, bound_y, tuple(reversed(improved[-ROWS:])))


def _best(note: Mapping[str, Any]) -> Best:
    return Best(float(note.get("spent_s", 0.0)), float(note["objective"]), note.get("short_hours"), note.get("gap"))


def _drawn(points: Sequence[Best], bound: float | None) -> tuple[str, float | None]:
    """Steps over time; heights by the logarithm, for the first rosters cost many times what the last ones do."""
    least = min(one.objective for one in points)
    low, high = _height(least if bound is None else min(least, bound)), _height(points[0].objective)
    longest = max(points[-1].spent_s, 1e-9)

    def at(value: float) -> float:
        return round(PAD + (HEIGHT - 2 * PAD) * (1 - (_height(value) - low) / max(high - low, 1e-9)), 1)

    corners: list[tuple[float, float]] = []
    before: float | None = None
    for one in points:
        x = round(PAD + (WIDTH - 2 * PAD) * one.spent_s / longest, 1)
        corners += [(x, at(before))] if before is not None else []
        corners.append((x, at(one.objective)))
        before = one.objective
    return " ".join(f"{x},{y}" for x, y in corners), None if bound is None else at(bound)


def _height(value: float) -> float:
    return math.log(max(value, 1.0))
