"""The sample files in `data/samples`: small enough to read, made by this module so that they can be made again.

Run `python -m data.small` to write them.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from data.demo_centre import HEADER
from wfm.units import clock

SAMPLES = Path(__file__).parent / "samples"
HISTORY, WITH_ERRORS, ROSTER_PROBLEM = "two_weeks.csv", "with_errors.csv", "small_roster.json"


def write_all(folder: Path = SAMPLES) -> None:
    """Write every sample into `folder`."""
    for name, make in MAKERS.items():
        (folder / name).write_text(make(), encoding="utf-8", newline="\n")


def history_text() -> str:
    """Two weeks of two queues, half hours, Monday to Friday 08:00 to 17:00, without a fault."""
    rng = np.random.default_rng(7)
    lines = [HEADER]
    for queue, busiest, aht_s in (("appointments", 24.0, 285.0), ("billing", 13.0, 390.0)):
        for day in _weekdays(date(2026, 5, 4), 14):
            monday = 1.25 if day.weekday() == 0 else 1.0
            for minute in range(8 * 60, 17 * 60, 30):
                mean = busiest * monday * (0.45 + 0.55 * np.exp(-(((minute / 60 - 10.25) / 3.2) ** 2)))
                volume = int(rng.poisson(mean))
                mean_s = round(float(rng.gamma(volume * 1.8) / (volume * 1.8) * aht_s), 1) if volume else ""
                lines.append(f"{day} {clock(minute)},{queue},{volume},{mean_s}")
    return "\n".join([*lines, ""])


@dataclass(frozen=True)
class Line:
    """One line of the file with errors, before it is spoiled."""

    stamp: str
    queue: str
    volume: str = "6"
    aht: str = "300"

    def __str__(self) -> str:
        return f"{self.stamp},{self.queue},{self.volume},{self.aht}"


def errors_text() -> str:
    """A file with every kind of error once, in the order of the README's table."""
    good = [Line(f"{day} {clock(minute)}", "billing") for day in _weekdays(date(2026, 5, 4), 14) for minute in range(480, 720, 30)]
    spoilt = dict(_spoilt(good))
    lines = [str(spoilt.get(i, line)) for i, line in enumerate(good) if i != _GAP]
    lines += [str(good[0]), str(replace(good[-1], queue="")), str(replace(good[-1], stamp="05/15/2026 12:00"))]
    lines += [str(Line(f"2026-03-08 {clock(minute)}", "nurse_triage")) for minute in (60, 90, 120, 180, 210)]
    lines += [str(Line(f"2026-11-01 {clock(minute)}", "refills")) for minute in (0, 30, 60, 60, 90, 120, 150)]
    lines += [str(Line(f"2026-05-04 {clock(minute)}", "appointments")) for minute in range(480, 780, 15)]
    return "\n".join([HEADER, *lines, ""])


_GAP = 77


def _spoilt(good: list[Line]) -> list[tuple[int, Line]]:
    return [
        (4, replace(good[4], volume="-3")),
        (11, replace(good[11], volume="many")),
        (18, replace(good[18], volume="NaN")),
        (25, replace(good[25], volume="inf")),
        (32, replace(good[32], volume="")),
        (39, replace(good[39], aht="-20")),
        (60, replace(good[60], stamp="2026-05-13 10:07")),
    ]


def roster_text() -> str:
    """A week for nine people and two queues, as `wfm-roster-problem/1`."""
    problem = {
        "format": "wfm-roster-problem/1",
        "id": "small-clinic",
        "timezone": "America/Chicago",
        "start": "2026-05-18",
        "days": 7,
        "interval_minutes": 15,
        "over_cost": 2.0,
        "queues": [
            {"id": "appointments", "under_cost": 60.0, "required": _required(4.4)},
            {"id": "nurse_triage", "under_cost": 120.0, "required": _required(1.9)},
        ],
        "contracts": _contracts(),
        "agents": _agents(),
    }
    return json.dumps(problem, indent=1) + "\n"


def _required(busiest: float) -> list[float]:
    """Heads by quarter hour: weekdays 08:00 to 18:00, a quiet Saturday morning."""
    heads = []
    for day in range(7):
        opens, closes, level = (8, 18, 1.0) if day < 5 else (9, 13, 0.45) if day == 5 else (0, 0, 0.0)
        level *= 1.15 if day == 0 else 1.0
        for quarter in range(96):
            hour = quarter / 4 + 0.125
            curve = 0.55 + 0.45 * np.exp(-(((hour - 10.5) / 2.6) ** 2))
            heads.append(round(float(busiest * level * curve), 2) if opens < hour < closes else 0.0)
    return heads


def _contracts() -> list[dict[str, Any]]:
    pause = {"minutes": 15, "paid": True}
    meal = {"minutes": 30, "paid": False}
    long = [
        {**pause, "earliest_minutes": 75, "latest_minutes": 165},
        {**meal, "earliest_minutes": 195, "latest_minutes": 315},
        {**pause, "earliest_minutes": 345, "latest_minutes": 435},
    ]
    short = [{**pause, "earliest_minutes": 75, "latest_minutes": 165}]
    common = {
        "earliest_start": "07:30",
        "latest_end": "18:30",
        "start_step_minutes": 30,
        "min_rest_minutes": 660,
        "max_consecutive_days": 6,
        "min_work_stretch_minutes": 45,
        "cost_per_hour": 0.0,
    }
    full_time = {"id": "full_8", "week_minutes": [2400, 2400], "week_days": [5, 5], "shifts": [{"paid_minutes": 480, "breaks": long}]}
    part_time = {"id": "part_4", "week_minutes": [720, 1200], "week_days": [3, 5], "shifts": [{"paid_minutes": 240, "breaks": short}]}
    return [{**full_time, **common}, {**part_time, **common}]


def _agents() -> list[dict[str, Any]]:
    front, nurse = {"appointments": 1.0}, {"nurse_triage": 1.0}
    wish = [{"kind": "day_off", "date": "2026-05-22", "cost": 8.0}]
    return [
        {"id": "amara", "contract": "full_8", "queues": front},
        {"id": "diego", "contract": "full_8", "queues": front, "preferences": wish},
        {"id": "hana", "contract": "full_8", "queues": {"appointments": 1.1}},
        {"id": "joel", "contract": "full_8", "queues": front, "latest_end": "17:00"},
        {"id": "kaya", "contract": "part_4", "queues": front},
        {"id": "noah", "contract": "part_4", "queues": front, "days_off": ["2026-05-20"]},
        {"id": "priya", "contract": "full_8", "queues": nurse},
        {"id": "ruth", "contract": "full_8", "queues": {**nurse, "appointments": 1.0}},
        {"id": "tomas", "contract": "part_4", "queues": nurse},
    ]


def _weekdays(first: date, days: int) -> list[date]:
    return [day for day in (first + timedelta(n) for n in range(days)) if day.weekday() < 5]


MAKERS: dict[str, Callable[[], str]] = {HISTORY: history_text, WITH_ERRORS: errors_text, ROSTER_PROBLEM: roster_text}

if __name__ == "__main__":
    write_all()
