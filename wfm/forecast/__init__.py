"""Forecast contacts and handle times, as distributions."""

from __future__ import annotations

from importlib import import_module
from typing import Any

_HOME = {
    "CandidateScore": "backtest",
    "DEFAULT_CANDIDATES": "engine",
    "DaySpread": "day_spread",
    "DayUpdate": "intraday",
    "Dispersion": "distribution",
    "Driver": "drivers",
    "Effect": "effects",
    "Event": "calendar",
    "Flag": "cleaning",
    "ForecastResult": "engine",
    "Sibling": "family",
    "cold_start": "new_queue",
    "forecast_aht": "aht",
    "forecast_queue": "engine",
    "forecast_with_report": "engine",
    "reconcile": "reconciliation",
    "update_today": "intraday",
}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__} has no attribute {name}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
