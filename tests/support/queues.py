"""Small synthetic queues with a known truth."""

import numpy as np
import pandas as pd

WEEK = np.array([1.0, 0.9, 0.85, 0.85, 0.95, 0.5, 0.3])


def queue(days=120, start="2025-01-06", minutes=60, size=30.0, seed=1, week=WEEK):
    """Poisson volumes of a weekly shape, about `size` contacts in the busiest interval of a Monday."""
    generator = np.random.default_rng(seed)
    stamps = pd.date_range(start, periods=days * 1440 // minutes, freq=f"{minutes}min")
    hour = stamps.hour + stamps.minute / 60
    mean = size * np.asarray(week)[stamps.day_of_week] * np.exp(-(((hour - 13) / 5) ** 2))
    return pd.DataFrame({"timestamp": stamps, "volume": generator.poisson(mean).astype(float)})


def targets_after(history, days=14):
    """Every interval of the days after a history."""
    step = history.timestamp.sort_values().diff().mode()[0] if len(history) > 1 else pd.Timedelta("1h")
    start = history.timestamp.max().normalize() + pd.Timedelta(days=1)
    return pd.date_range(start, start + pd.Timedelta(days=days), freq=step, inclusive="left")
