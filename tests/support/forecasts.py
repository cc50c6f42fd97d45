"""Stored forecasts for tests, without a forecaster."""

from __future__ import annotations

from datetime import date

import numpy as np

from wfm.domain.timegrid import TimeGrid
from wfm.service.context import Actor, Service
from wfm.storage import staff
from wfm.storage.numbering import next_number
from wfm.storage.series import pack
from wfm.storage.tables import ForecastRow, QueueForecastRow

ZONE = "America/Chicago"
SPREAD = {"q0.025": 0.5, "q0.1": 0.7, "q0.5": 1.0, "q0.9": 1.3, "q0.975": 1.5}


def store_forecast(service: Service, actor: Actor, key: str, first_day: date, days: int, scale: float = 1.0) -> int:
    """A version with one queue: 14 contacts in each half hour from 08:00 to 18:00 on weekdays; its number."""
    grid = TimeGrid(ZONE, first_day, days)
    starts = grid.local_starts
    is_open = np.array([one.weekday() < 5 and 8 <= one.hour < 18 for one in starts])
    mean = np.where(is_open, 14.0 * scale, 0.0)
    arrays = {
        "start_s": np.array([int(one.timestamp()) for one in grid.starts], np.int64),
        "mean": mean,
        "rate_cv": np.where(is_open, 0.1, 0.0),
        "aht_s": np.full(grid.count, 300.0),
        **{name: factor * mean for name, factor in SPREAD.items()},
    }
    owner = actor.organisation_id
    with service.database.transaction() as session:
        number = next_number(session, ForecastRow, owner)
        row = ForecastRow(
            organisation_id=owner,
            number=number,
            made_at=service.now(),
            made_by=actor.name,
            first_day=first_day,
            days=days,
            cutoff=service.now(),
        )
        session.add(row)
        session.flush()
        queue = staff.queue(session, owner, key)
        report = {"dispersion": {"common": 0.005, "own": 0.2}}
        session.add(
            QueueForecastRow(
                organisation_id=owner, forecast_id=row.id, queue_id=queue.id, interval_minutes=30, report=report, series=pack(arrays)
            )
        )
    return number
