"""What others would do: peers of the forecaster, each `(history, targets, country, subdivision) -> means`, for `bench/forecasting.py`."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
import pandas as pd

from wfm.forecast.backtest import predict_each
from wfm.forecast.boosting import Boosting
from wfm.forecast.calendar import calendar_for
from wfm.forecast.day_profile import DayProfile
from wfm.forecast.ets import Ets
from wfm.forecast.grid import DayGrid, Horizon, to_grid
from wfm.forecast.profiles import predict_profiles
from wfm.forecast.prophet_model import ProphetFamily
from wfm.forecast.protocol import Forecaster, Task

Peer = Callable[[pd.DataFrame, pd.DatetimeIndex, str | None, str | None], np.ndarray]
LONGEST_DAYS = 730
MSTL_WEEKS = 26


def task_of(history: pd.DataFrame, targets: pd.DatetimeIndex, country: str | None, subdivision: str | None) -> tuple[Task, Horizon]:
    """History and targets as families take them."""
    past, horizon = to_grid(history, targets)
    calendar = calendar_for(np.concatenate([past.days[[0]], horizon.days]), country, subdivision)
    return Task(past, horizon.days, calendar), horizon


def family(forecaster: Forecaster) -> Peer:
    """A family of ours by itself."""

    def answer(history: pd.DataFrame, targets: pd.DatetimeIndex, country: str | None, subdivision: str | None) -> np.ndarray:
        task, horizon = task_of(history, targets, country, subdivision)
        return predict_each(forecaster, [task])[0][horizon.day, horizon.slot]

    return answer


def filled(past: DayGrid) -> np.ndarray:
    """Volumes with holes filled from the weeks around, shape (days, slots)."""
    values = past.values.copy()
    for back in (7, 14, 21, -7, -14):
        shifted = np.full_like(values, np.nan)
        if abs(back) < len(values):
            shifted[max(back, 0) : len(values) + min(back, 0)] = values[max(-back, 0) : len(values) - max(back, 0)]
        values = np.where(np.isnan(values), shifted, values)
    return np.nan_to_num(values)


def mstl(history: pd.DataFrame, targets: pd.DatetimeIndex, country: str | None, subdivision: str | None) -> np.ndarray:
    """MSTL with a day and a week, its remainder by damped ETS."""
    from statsmodels.tsa.holtwinters import ExponentialSmoothing
    from statsmodels.tsa.seasonal import MSTL

    task, horizon = task_of(history, targets, country, subdivision)
    kept = filled(task.past.last(7 * MSTL_WEEKS))
    open_days = (kept > 0).any(axis=1) | (task.past.last(7 * MSTL_WEEKS).observed.any(axis=1))
    week = int(open_days[-7:].sum()) or 7
    rows, slots = kept[open_days], kept.shape[1]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        parts = MSTL(np.log1p(rows.ravel()), periods=(slots, slots * week)).fit()
        rest = ExponentialSmoothing(parts.trend + parts.resid, trend="add", damped_trend=True).fit()
        level = np.asarray(rest.forecast(len(task.days) * slots)).reshape(len(task.days), slots)
    season = parts.seasonal.sum(axis=1)[-slots * week :].reshape(week, slots)
    mean = np.maximum(np.expm1(level + season[np.arange(len(task.days)) % week]), 0.0)
    return mean[horizon.day, horizon.slot]


def sarimax(history: pd.DataFrame, targets: pd.DatetimeIndex, country: str | None, subdivision: str | None) -> np.ndarray:
    """Log day totals by SARIMAX with weekday, yearly and holiday terms, spread by our profiles."""
    from statsmodels.tsa.statespace.sarimax import SARIMAX

    task, horizon = task_of(history, targets, country, subdivision)
    past, totals = task.clean, task.totals
    ahead = int((task.days[-1] - past.days[-1]).astype(int))
    days = np.arange(past.days[0], task.days[-1] + 1)
    angle = 2 * np.pi * (days - days.astype("datetime64[Y]").astype("datetime64[D]")).astype(int) / 365.25
    weekday = np.eye(7)[(days.astype(int) + 3) % 7][:, 1:]
    terms = [weekday, *(task.calendar.is_holiday(days, k)[:, None] for k in (-1, 0, 1))]
    if len(past.days) > 380:
        terms += [np.stack([wave(k * angle) for k in (1, 2, 3) for wave in (np.sin, np.cos)], axis=1)]
    design = np.concatenate([np.ones((len(days), 1)), *terms], axis=1).astype(float)
    response = np.where(np.isfinite(totals.total) & ~totals.closed[past.weekday], np.log(np.maximum(totals.total, 0.5)), np.nan)
    start = max(0, len(past.days) - LONGEST_DAYS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = SARIMAX(response[start:], exog=design[start : len(past.days)], order=(1, 0, 1), seasonal_order=(1, 0, 0, 7))
        fit = model.fit(disp=False, maxiter=60)
        ahead_log = np.asarray(fit.forecast(ahead, exog=design[len(past.days) :]))
    size = np.exp(ahead_log)[(task.days - past.days[-1]).astype(int) - 1]
    size = np.where(totals.closed[(task.days.astype(int) + 3) % 7], 0.0, size)
    return (size[:, None] * predict_profiles(task.weekly, totals, task.days, task.calendar))[horizon.day, horizon.slot]


def lightgbm_direct(history: pd.DataFrame, targets: pd.DatetimeIndex, country: str | None, subdivision: str | None) -> np.ndarray:
    """LightGBM on calendar columns and the mean of the same weekdays four to seven weeks before; Poisson loss."""
    import lightgbm

    task, horizon = task_of(history, targets, country, subdivision)
    past, calendar = task.past, task.calendar
    values = filled(past)
    ahead = (task.days - past.days[-1]).astype(int) - 1
    whole = np.concatenate([values, np.full((ahead.max() + 1, values.shape[1]), np.nan)])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        lagged = np.nanmean(np.stack([np.roll(whole, 7 * k, axis=0) for k in (4, 5, 6, 7)]), axis=0)
    days = np.arange(past.days[0], past.days[-1] + ahead.max() + 2)
    month = days.astype("datetime64[M]").astype("datetime64[D]")
    year = days.astype("datetime64[Y]").astype("datetime64[D]")
    calendar_columns = [(days.astype(int) + 3) % 7, (days - month).astype(int), (days - year).astype(int)]
    calendar_columns += [calendar.is_holiday(days, k) for k in (-1, 0, 1)]
    table = np.stack([np.repeat(np.asarray(c, dtype=float), values.shape[1]) for c in calendar_columns], axis=1)
    table = np.column_stack([table, np.tile(np.arange(values.shape[1]), len(days)), lagged.ravel()])
    known = past.observed.ravel() & (np.arange(past.values.size) >= 49 * values.shape[1])
    options = {"objective": "poisson", "learning_rate": 0.05, "num_leaves": 31, "num_threads": 1, "verbose": -1, "seed": 1}
    trees = lightgbm.train(options, lightgbm.Dataset(table[: past.values.size][known], past.values.ravel()[known]), 200)
    wanted = (len(past.days) + ahead)[horizon.day] * values.shape[1] + horizon.slot
    return np.asarray(trees.predict(table[wanted]))


PEERS: dict[str, Peer] = {
    "prophet_default": family(ProphetFamily(tuned=False)),
    "prophet_tuned": family(ProphetFamily(tuned=True)),
    "mstl": mstl,
    "ets": family(Ets()),
    "sarimax": sarimax,
    "lightgbm": lightgbm_direct,
    "our_day_profile": family(DayProfile()),
    "our_boosting": family(Boosting()),
}
