"""Profiles: how a day's contacts spread over its slots."""

from __future__ import annotations

import numpy as np

from wfm.forecast.calendar import Calendar
from wfm.forecast.day_totals import DayTotals
from wfm.forecast.grid import DayArray, DayGrid, FloatArray, weekday_of

HALF_LIFE_DAYS = 60.0


def predict_profiles(past: DayGrid, totals: DayTotals, days: DayArray, calendar: Calendar) -> FloatArray:
    """Share of every slot of `days`; rows sum to 1, or 0 where nothing was ever seen; shape (days, slots)."""
    usable = np.isfinite(totals.total)
    usual = totals.profile[past.weekday] * np.nan_to_num(totals.total)[:, None]
    filled = np.where(past.observed, past.values, usual)
    holiday = calendar.is_holiday(past.days)
    age = np.arange(len(past.days))[::-1]
    weight = 0.5 ** (age / HALF_LIFE_DAYS) * usable * ~holiday
    table = np.stack([(weight * (past.weekday == number)) @ filled for number in range(7)])
    size = np.array([max(float(weight[past.weekday == number].sum()), 1e-12) for number in range(7)])
    mass = table.sum(axis=1)
    table = np.where(mass[:, None] > 0, table / np.maximum(mass[:, None], 1e-12), totals.profile)
    shares = table[weekday_of(days)]
    quiet = int(np.argmin(np.where(mass > 0, mass / size, np.inf)))
    shares[calendar.is_holiday(days)] = _holiday_profile(filled[holiday & usable], table[quiet], totals)
    return shares


def _holiday_profile(seen: FloatArray, prior: FloatArray, totals: DayTotals) -> FloatArray:
    strength = float(np.nanmedian(totals.total)) if np.isfinite(totals.total).any() else 1.0
    mixed = seen.sum(axis=0) + max(strength, 1.0) * prior
    return np.asarray(mixed / max(float(mixed.sum()), 1e-12))
