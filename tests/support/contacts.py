"""Small histories for tests: half hours of two queues with a weekday pattern."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import numpy as np

OPEN = range(16, 36)  # half hours from 08:00 to 18:00
QUEUES = ("visits", "refills")


def history_csv(last_day: date, days: int = 70, queues: tuple[str, ...] = QUEUES, scale: float = 1.0, seed: int = 0) -> bytes:
    """A CSV of `days` days up to `last_day`: weekdays 08:00 to 18:00, closed at weekends, about nine contacts in a half hour."""
    rng = np.random.default_rng(seed)
    lines = ["timestamp,queue,volume,aht_seconds"]
    for queue in queues:
        for back in range(days - 1, -1, -1):
            day = last_day - timedelta(back)
            if day.weekday() > 4:
                continue
            level = scale * (12.0 if day.weekday() == 0 else 9.0)
            for slot in OPEN:
                shape = 1.0 + 0.4 * np.sin((slot - 16) / 20 * np.pi)
                start = datetime(day.year, day.month, day.day) + timedelta(minutes=30 * slot)
                lines.append(f"{start:%Y-%m-%d %H:%M},{queue},{rng.poisson(level * shape)},{240 + 30 * (slot > 26)}")
    return "\n".join([*lines, ""]).encode()
