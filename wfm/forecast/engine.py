"""From a history to a forecast: means, distribution and the report on both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np

from wfm.errors import InvalidInput
from wfm.forecast.backtest import Backtest, CandidateScore, Progress, Window, mix, past_windows, predict_each, run_backtest
from wfm.forecast.boosting import Boosting
from wfm.forecast.calendar import Calendar, Event, calendar_for
from wfm.forecast.day_bands import COLUMNS, day_frame
from wfm.forecast.day_profile import DayProfile
from wfm.forecast.day_spread import DaySpread
from wfm.forecast.distribution import PRIOR, Dispersion, count_quantiles
from wfm.forecast.drivers import Driver
from wfm.forecast.effects import Effect, effects_of, lifted, try_drivers, with_drivers
from wfm.forecast.events import typed_factors
from wfm.forecast.explain import explain
from wfm.forecast.family import GATED_FROM_DAYS, Family, Sibling, family_of, family_windows, pays, task_with
from wfm.forecast.grid import DayArray, DayGrid, FloatArray, Horizon, to_grid
from wfm.forecast.intraday import DayUpdate, learn_update
from wfm.forecast.metrics import poisson_floor
from wfm.forecast.protocol import Forecaster, Task
from wfm.forecast.same_weekday import SameWeekday

if TYPE_CHECKING:
    import pandas as pd

DEFAULT_CANDIDATES: tuple[Forecaster, ...] = (DayProfile(), Boosting(), SameWeekday())
LONGEST_PAST_DAYS = 4 * 366
LEAST_CONFIDENT_DAYS = 28


@dataclass(frozen=True, slots=True, eq=False)
class ForecastResult:
    """A forecast and why it is what it is.

    Parameters
    ----------
    frame
        Index the targets; columns `mean`, `0.025`, `0.1`, `0.5`, `0.9`, `0.975`, contacts per interval.
    rate_cv
        Series over the targets: standard deviation of the arrival rate over its mean; what staffing needs.
    backtest
        Candidates in the order given; empty when the history was too short to test on.
    floor
        WAPE that a perfect mean would still have, as a share; NaN where nothing is expected.
    sentence
        Why, for people.
    low_confidence
        True when the history is too short to be judged.
    dispersion
        From which `rate_cv` follows for any mean and lead.
    day_totals
        Index the local days of the targets, columns as in `frame`; contacts a day, of the intervals asked for.
    day_dispersion
        That of day totals.
    day_update
        What `update_today` needs.
    effects
        What each of the planner's events and drivers does to the coming days, in the order given, events first.
    day_spread
        How far whole days lie from their forecast; None without a backtest.
    borrowed_from
        Names of the siblings whose past stands before the queue's own.
    """

    frame: pd.DataFrame
    rate_cv: pd.Series[float]
    backtest: tuple[CandidateScore, ...]
    floor: float
    sentence: str
    low_confidence: bool
    dispersion: Dispersion
    day_totals: pd.DataFrame
    day_dispersion: Dispersion
    day_update: DayUpdate
    effects: tuple[Effect, ...] = ()
    day_spread: DaySpread | None = None
    borrowed_from: tuple[str, ...] = ()


def forecast_queue(
    history: pd.DataFrame,
    targets: pd.DatetimeIndex,
    country: str | None = None,
    subdivision: str | None = None,
    *,
    family: Sequence[Sibling] = (),
) -> pd.DataFrame:
    """Forecast the contacts of one queue.

    Parameters
    ----------
    history
        Columns `timestamp` (naive local wall clock, start of interval) and `volume` (contacts); absent rows are unknown, not zero.
    targets
        Every interval wanted; rows of the history at or after the first are not used.
    country, subdivision
        Codes of the `holidays` package; None for no holidays.
    family
        Queues alike, for a queue that is not yet a year old; as in `forecast_with_report`.

    Returns
    -------
        Index `targets`, columns `mean` and the quantiles `0.025`, `0.1`, `0.5`, `0.9`, `0.975`, contacts per interval.

    Raises
    ------
    InvalidInput
        When the history or the targets cannot be used.

    Examples
    --------
    >>> import pandas as pd
    >>> hours = pd.date_range("2026-01-05", periods=8 * 168, freq="h")
    >>> history = pd.DataFrame({"timestamp": hours, "volume": 20.0})
    >>> forecast = forecast_queue(history, pd.date_range("2026-03-02", periods=24, freq="h"))
    >>> forecast["mean"].round(1).unique().tolist()
    [20.0]
    """
    return forecast_with_report(history, targets, country, subdivision, family=family).frame


def forecast_with_report(
    history: pd.DataFrame,
    targets: pd.DatetimeIndex,
    country: str | None = None,
    subdivision: str | None = None,
    *,
    candidates: Sequence[Forecaster] = DEFAULT_CANDIDATES,
    events: Sequence[Event] = (),
    drivers: Sequence[Driver] = (),
    kept: Sequence[tuple[datetime, datetime]] = (),
    family: Sequence[Sibling] = (),
    progress: Progress | None = None,
) -> ForecastResult:
    """Forecast the contacts of one queue and tell why.

    Parameters
    ----------
    history, targets, country, subdivision
        As in `forecast_queue`.
    candidates
        Families to choose from, at least one; they are combined by how they did on the past.
    events
        The planner's special days, past and future.
    drivers
        Counts per day, known for past and coming days; each is used only where it made forecasts of the past better.
    family
        Queues alike. What they had before the queue's own first day stands in for its past, at its size and bent to its weekdays and
        hours, until it has a year of its own; from 13 weeks on only where that made the days it had not seen clearly better. Siblings in
        other intervals, or not eight weeks older, lend nothing.
    kept
        Stretches [begin, end) of the local wall clock that are learned from even where they look like an outage.
    progress
        Called with the share done, in (0, 1].

    Raises
    ------
    InvalidInput
        When the history or the targets cannot be used, there is no candidate, or a name stands twice among what is to be learned.
    """
    if not candidates:
        raise InvalidInput("candidates must hold at least one forecaster, got none")
    past, horizon = to_grid(history, targets)
    past = past.last(LONGEST_PAST_DAYS)
    lenders = family_of(past, family, targets.min().to_datetime64(), events, LONGEST_PAST_DAYS)
    around = np.concatenate([(past if lenders is None else lenders).days[[0]], horizon.days])
    calendar = calendar_for(around, country, subdivision, [event for event in events if event.effect is None])
    calendar = replace(calendar, kept=tuple(kept))
    factors = typed_factors(past.days, events)
    past = DayGrid(past.days, past.slots, past.values / np.where(factors > 0, factors, np.nan)[:, None])
    if not past.observed.any():
        raise InvalidInput("history must hold at least one volume outside days that are closed, got none")
    told = _Told(past, horizon.days, calendar, tuple(events), tuple(drivers))
    asked, judged = _best(told, candidates, lenders, progress)
    mean = _mean(candidates, judged, asked.task) * typed_factors(horizon.days, events)[:, None]
    made = _result(targets, mean[horizon.day, horizon.slot], past, horizon, judged, asked.borrowed_from)
    return replace(made, effects=asked.effects)


@dataclass(frozen=True, slots=True, eq=False)
class _Told:
    """A queue's past, the days wanted, and what the planner told of both."""

    past: DayGrid
    days: DayArray
    calendar: Calendar
    events: tuple[Event, ...]
    drivers: tuple[Driver, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    """Windows and task freed of what the planner told, its effects, and the names of the siblings in them."""

    windows: tuple[Window, ...]
    task: Task
    effects: tuple[Effect, ...]
    borrowed_from: tuple[str, ...]


def _best(
    told: _Told, candidates: Sequence[Forecaster], lenders: Family | None, progress: Progress | None
) -> tuple[_Asked, Backtest | None]:
    """What is asked and how it did on the past: with the family where there is one, unless the queue is old enough to do better alone."""
    if lenders is None or len(told.past.days) < GATED_FROM_DAYS:
        return _judged(told, candidates, lenders, progress)
    half = None if progress is None else lambda share: progress(share / 2)
    alone, its_own = _judged(told, candidates, None, half)
    half = None if progress is None else lambda share: progress((1 + share) / 2)
    helped, borrowed = _judged(told, candidates, lenders, half)
    if its_own is not None and borrowed is not None and not pays(its_own, borrowed):
        return alone, its_own
    return helped, borrowed


def _judged(
    told: _Told, candidates: Sequence[Forecaster], lenders: Family | None, progress: Progress | None
) -> tuple[_Asked, Backtest | None]:
    asked = _asked(told, lenders)
    return asked, run_backtest(candidates, asked.windows, progress) if asked.windows else None


def _asked(told: _Told, lenders: Family | None) -> _Asked:
    windows, task = _questions(told, lenders)
    names = () if lenders is None else lenders.names
    if not told.events and not told.drivers:
        return _Asked(windows, task, (), names)
    kinds = [event.name for event in told.calendar.events] + [driver.name for driver in told.drivers]
    if len(set(kinds)) < len(kinds):
        raise InvalidInput(f"special days to learn and drivers need names that differ, got {', '.join(kinds)}")
    trials = try_drivers(windows, told.drivers)
    chosen = tuple(trial.driver for trial in trials if trial.helps)
    task = replace(task, calendar=replace(told.calendar, drivers=chosen))
    free = tuple(replace(window, task=lifted(window.task)) for window in with_drivers(windows, chosen))
    return _Asked(free, lifted(task), effects_of(task, told.events, trials), names)


def _questions(told: _Told, lenders: Family | None) -> tuple[tuple[Window, ...], Task]:
    if lenders is None:
        return past_windows(told.past, told.calendar, len(told.days)), Task(told.past, told.days, told.calendar)
    return family_windows(told.past, lenders, told.calendar, len(told.days)), task_with(told.past, lenders, told.days, told.calendar)


def _mean(candidates: Sequence[Forecaster], judged: Backtest | None, task: Task) -> FloatArray:
    if judged is None:
        return predict_each(candidates[0], [task])[0]
    zero = np.zeros((len(task.days), len(task.past.slots)))
    means = [predict_each(family, [task])[0] if weight > 0 else zero for family, weight in zip(candidates, judged.weights, strict=True)]
    return mix(candidates, judged.weights, means, task.calendar.is_named(task.days))


def _result(
    targets: pd.DatetimeIndex, mean: FloatArray, past: DayGrid, horizon: Horizon, judged: Backtest | None, borrowed_from: tuple[str, ...]
) -> ForecastResult:
    import pandas as pd

    dispersion, of_days = (judged.dispersion, judged.day_dispersion) if judged is not None else (PRIOR, PRIOR)
    lead = (horizon.days - past.days[-1]).astype(np.int64)
    rate_cv = dispersion.rate_cv(mean, lead[horizon.day])
    frame = pd.DataFrame(np.column_stack([mean, count_quantiles(mean, rate_cv)]), index=targets, columns=list(COLUMNS))
    known_days = int(past.observed.any(axis=1).sum())
    low = judged is None or known_days < LEAST_CONFIDENT_DAYS
    floor = poisson_floor(mean)
    scores = judged.scores if judged is not None else ()
    return ForecastResult(
        frame=frame,
        rate_cv=pd.Series(rate_cv, index=targets, name="rate_cv"),
        backtest=scores,
        floor=floor,
        sentence=explain(scores, floor, known_days, low, borrowed_from, len(past.days)),
        low_confidence=low,
        dispersion=dispersion,
        day_totals=day_frame(targets, mean, past.days[-1], of_days),
        day_dispersion=of_days,
        day_update=learn_update(judged.actual, judged.mixed) if judged is not None else DayUpdate(),
        day_spread=judged.day_spread if judged is not None else None,
        borrowed_from=borrowed_from,
    )
