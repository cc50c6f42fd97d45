"""From a history to a forecast: means, distribution and the report on both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from wfm.errors import InvalidInput
from wfm.forecast.backtest import Backtest, CandidateScore, Progress, Window, mix, past_windows, predict_each, run_backtest
from wfm.forecast.boosting import Boosting
from wfm.forecast.calendar import Calendar, Event, calendar_for
from wfm.forecast.day_profile import DayProfile
from wfm.forecast.distribution import LEVELS, PRIOR_COMMON, PRIOR_OWN, Dispersion, count_quantiles
from wfm.forecast.drivers import Driver
from wfm.forecast.effects import Effect, effects_of, lifted, try_drivers, with_drivers
from wfm.forecast.events import typed_factors
from wfm.forecast.explain import explain
from wfm.forecast.grid import DayArray, DayGrid, FloatArray, to_grid
from wfm.forecast.intraday import DayUpdate, learn_update
from wfm.forecast.metrics import poisson_floor
from wfm.forecast.protocol import Forecaster, Task
from wfm.forecast.same_weekday import SameWeekday

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("mean", *(f"{level:g}" for level in LEVELS))
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
        From which `rate_cv` follows for any mean.
    day_update
        What `update_today` needs.
    effects
        What each of the planner's events and drivers does to the coming days, in the order given, events first.
    """

    frame: pd.DataFrame
    rate_cv: pd.Series[float]
    backtest: tuple[CandidateScore, ...]
    floor: float
    sentence: str
    low_confidence: bool
    dispersion: Dispersion
    day_update: DayUpdate
    effects: tuple[Effect, ...] = ()


def forecast_queue(
    history: pd.DataFrame, targets: pd.DatetimeIndex, country: str | None = None, subdivision: str | None = None
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
    return forecast_with_report(history, targets, country, subdivision).frame


def forecast_with_report(
    history: pd.DataFrame,
    targets: pd.DatetimeIndex,
    country: str | None = None,
    subdivision: str | None = None,
    *,
    candidates: Sequence[Forecaster] = DEFAULT_CANDIDATES,
    events: Sequence[Event] = (),
    drivers: Sequence[Driver] = (),
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
    around = np.concatenate([past.days[[0]], horizon.days])
    calendar = calendar_for(around, country, subdivision, [event for event in events if event.effect is None])
    factors = typed_factors(past.days, events)
    past = DayGrid(past.days, past.slots, past.values / np.where(factors > 0, factors, np.nan)[:, None])
    if not past.observed.any():
        raise InvalidInput("history must hold at least one volume outside days that are closed, got none")
    windows, task, effects = _told(past, horizon.days, calendar, events, drivers)
    judged = run_backtest(candidates, windows, progress) if windows else None
    mean = _mean(candidates, judged, task) * typed_factors(horizon.days, events)[:, None]
    return replace(_result(targets, mean[horizon.day, horizon.slot], past, judged), effects=effects)


def _told(
    past: DayGrid, days: DayArray, calendar: Calendar, events: Sequence[Event], drivers: Sequence[Driver]
) -> tuple[tuple[Window, ...], Task, tuple[Effect, ...]]:
    """Windows and task freed of what the planner told, and its effects."""
    windows, task = past_windows(past, calendar, len(days)), Task(past, days, calendar)
    if not events and not drivers:
        return windows, task, ()
    names = [event.name for event in calendar.events] + [driver.name for driver in drivers]
    if len(set(names)) < len(names):
        raise InvalidInput(f"special days to learn and drivers need names that differ, got {', '.join(names)}")
    trials = try_drivers(windows, drivers)
    chosen = tuple(trial.driver for trial in trials if trial.helps)
    task = replace(task, calendar=replace(calendar, drivers=chosen))
    free = tuple(replace(window, task=lifted(window.task)) for window in with_drivers(windows, chosen))
    return free, lifted(task), effects_of(task, events, trials)


def _mean(candidates: Sequence[Forecaster], judged: Backtest | None, task: Task) -> FloatArray:
    if judged is None:
        return predict_each(candidates[0], [task])[0]
    zero = np.zeros((len(task.days), len(task.past.slots)))
    means = [predict_each(family, [task])[0] if weight > 0 else zero for family, weight in zip(candidates, judged.weights, strict=True)]
    return mix(candidates, judged.weights, means, task.calendar.is_named(task.days))


def _result(targets: pd.DatetimeIndex, mean: FloatArray, past: DayGrid, judged: Backtest | None) -> ForecastResult:
    import pandas as pd

    dispersion = judged.dispersion if judged is not None else Dispersion(PRIOR_COMMON, PRIOR_OWN)
    rate_cv = dispersion.rate_cv(mean)
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
        sentence=explain(scores, floor, known_days, low),
        low_confidence=low,
        dispersion=dispersion,
        day_update=learn_update(judged.actual, judged.mixed) if judged is not None else DayUpdate(),
    )
