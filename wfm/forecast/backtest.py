"""Rolling backtest: every candidate forecasts stretches of the past from what was known before them, and is judged by what came."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from wfm.forecast.calendar import Calendar
from wfm.forecast.distribution import Dispersion, learn_dispersion, middle_rank
from wfm.forecast.grid import BoolArray, DayGrid, FloatArray
from wfm.forecast.metrics import bias, wape
from wfm.forecast.protocol import Forecaster, Task

LONGEST_WINDOW_DAYS = 28
SHORTEST_WINDOW_DAYS = 7
MOST_WINDOWS = 6
JUDGED_DAYS = 112
LEAST_PAST_DAYS = 28
SHARPNESS = 15.0
LEAST_WEIGHT = 0.1
STEPS = 10
WINDOW_MEMORY = 0.8

Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class CandidateScore:
    """How one candidate did on the past.

    Parameters
    ----------
    name, label
        Stable name, and what people read.
    wape, day_wape, bias
        Errors of intervals and of day totals, as shares.
    cover80
        Share of intervals inside the candidate's 80 % interval.
    seconds
        Time for all its forecasts of the past, s; 0 where no clock was given.
    weight
        Share in the forecast, 0 to 1.
    """

    name: str
    label: str
    wape: float
    day_wape: float
    bias: float
    cover80: float
    seconds: float
    weight: float


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """A stretch of the past to be forecast, with what came; `actual` has shape (days, slots)."""

    task: Task
    actual: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Backtest:
    """All candidates on all windows.

    Parameters
    ----------
    windows
        Oldest first.
    means
        Per candidate one array of shape (windows * days, slots).
    weights
        Share of every candidate, sums to 1.
    scores
        Per candidate, in the order given.
    mixed
        The weighted forecast of what came, shape (windows * days, slots).
    dispersion
        Of the weighted forecast.
    """

    windows: tuple[Window, ...]
    means: tuple[FloatArray, ...]
    weights: tuple[float, ...]
    scores: tuple[CandidateScore, ...]
    mixed: FloatArray
    dispersion: Dispersion

    @property
    def actual(self) -> FloatArray:
        """What came, shape (windows * days, slots)."""
        return np.concatenate([window.actual for window in self.windows])



def past_windows(past: DayGrid, calendar: Calendar, horizon_days: int) -> tuple[Window, ...]:
    """Stretches at the end of the history, oldest first; none when the history is too short to learn from before them."""
    spare = len(past.days) - LEAST_PAST_DAYS
    length = int(np.clip(min(horizon_days, spare), SHORTEST_WINDOW_DAYS, LONGEST_WINDOW_DAYS))
    count = max(0, min(JUDGED_DAYS // length, MOST_WINDOWS, spare // length))
    windows = []
    for back in range(count, 0, -1):
        origin = len(past.days) - back * length
        later = slice(origin, origin + length)
        if past.observed[later].any() and past.observed[:origin].any():
            windows.append(Window(Task(past.first(origin), past.days[later], calendar), past.values[later]))
    return tuple(windows)


def run_backtest(
    candidates: Sequence[Forecaster],
    windows: Sequence[Window],
    progress: Progress | None = None,
    clock: Callable[[], float] = time.perf_counter,
) -> Backtest:
    """Let every candidate forecast every window, weigh and score them.

    Parameters
    ----------
    candidates
        At least one.
    windows
        At least one, oldest first.
    progress
        Called with the share done, in (0, 1].
    clock
        Gives seconds; only to report how long each candidate took.
    """
    actual = np.concatenate([window.actual for window in windows])
    memory = np.repeat([WINDOW_MEMORY**back for back in range(len(windows) - 1, -1, -1)], [len(window.actual) for window in windows])
    means, seconds = [], []
    for number, candidate in enumerate(candidates, start=1):
        began = clock()
        means.append(np.concatenate(predict_each(candidate, [window.task for window in windows])))
        seconds.append(clock() - began)
        if progress is not None:
            progress(number / len(candidates))
    apart = weigh([weighted_error(actual, mean, memory) for mean in means])
    weights = together(apart, means, actual, memory)
    named = np.concatenate([window.task.calendar.is_named(window.task.days) for window in windows])
    mixed = mix(candidates, weights, means, named)
    trust = np.broadcast_to(memory[:, None], actual.shape)
    scores = tuple(_score(*row, actual, trust) for row in zip(candidates, means, seconds, weights, strict=True))
    return Backtest(tuple(windows), tuple(means), weights, scores, mixed, learn_dispersion(actual, mixed, trust))


def predict_each(candidate: Forecaster, tasks: Sequence[Task]) -> list[FloatArray]:
    """Means of every task, oldest first, 0 in closed slots; a family with `predict_each` may learn from the first and carry on."""
    several = getattr(candidate, "predict_each", None)
    means = several(tasks) if several is not None else [candidate.predict(task) for task in tasks]
    lifted = [mean if task.lift is None else mean * task.lift[:, None] for task, mean in zip(tasks, means, strict=True)]
    return [np.where(task.open_slots, mean, 0.0) for task, mean in zip(tasks, lifted, strict=True)]


def weighted_error(actual: FloatArray, mean: FloatArray, memory: FloatArray) -> float:
    """WAPE in which recent windows count more, as a share."""
    known = ~np.isnan(actual)
    error, size = np.where(known, np.abs(actual - mean), 0.0), np.where(known, actual, 0.0)
    return float(memory @ error.sum(axis=1)) / max(float(memory @ size.sum(axis=1)), 1e-9)


def weigh(errors: Sequence[float]) -> tuple[float, ...]:
    """Weights from errors: equal for equals, e times less for every 1/15 behind the best, none below a tenth.

    Examples
    --------
    >>> [round(weight, 2) for weight in weigh([0.20, 0.20, 0.30])]
    [0.5, 0.5, 0.0]
    """
    error = np.asarray(errors, dtype=float)
    worth = np.exp(-SHARPNESS * (error / max(float(error.min()), 1e-9) - 1))
    worth = np.where(worth / worth.sum() < LEAST_WEIGHT, 0.0, worth)
    return tuple(float(weight) for weight in worth / worth.sum())


def together(apart: Sequence[float], means: Sequence[FloatArray], actual: FloatArray, memory: FloatArray) -> tuple[float, ...]:
    """Half the weights that each family earned apart, half those with which they erred least together.

    Families that err alike add nothing to each other, which their errors apart cannot tell; the weights together alone would follow the
    chance of a few windows (Bates and Granger, 1969, on shrinking them).
    """
    stack = np.stack(means)
    points = [point for point in np.ndindex(*(STEPS + 1,) * len(means)) if sum(point) == STEPS]
    errors = [weighted_error(actual, np.einsum("k,kds->ds", np.array(point) / STEPS, stack), memory) for point in points]
    best = np.array(points[int(np.argmin(errors))]) / STEPS
    return tuple(float(weight) for weight in (np.asarray(apart) + best) / 2)


def mix(candidates: Sequence[Forecaster], weights: Sequence[float], means: Sequence[FloatArray], named: BoolArray) -> FloatArray:
    """The weighted forecast, shape of one mean; on named days only families that see holidays count, where there is one.

    Parameters
    ----------
    candidates, weights, means
        Families, their shares (sum 1) and their forecasts of shape (days, slots).
    named
        True on holidays, the days beside them and special days, length of the days.
    """
    share = np.repeat(np.asarray(weights, dtype=float)[:, None], len(named), axis=1)
    blind = np.array([not candidate.sees_holidays for candidate in candidates])
    seeing = share[~blind].sum(axis=0) > 0
    share[np.ix_(blind, named & seeing)] = 0.0
    share /= share.sum(axis=0)
    return np.asarray(np.einsum("kd,kds->ds", share, np.stack(means)))


def _score(
    candidate: Forecaster, mean: FloatArray, seconds: float, weight: float, actual: FloatArray, trust: FloatArray
) -> CandidateScore:
    known = ~np.isnan(actual)
    whole = known.any(axis=1)
    day_actual, day_mean = np.nansum(actual, axis=1)[whole], np.where(known, mean, 0.0).sum(axis=1)[whole]
    counted = known & (mean > 0)
    cv = learn_dispersion(actual, mean, trust).rate_cv(mean[counted])
    place = middle_rank(actual[counted], mean[counted], cv)
    inside = float(np.mean(np.abs(place - 0.5) <= 0.4)) if counted.any() else 1.0
    return CandidateScore(
        candidate.name, candidate.label, wape(actual, mean), wape(day_actual, day_mean), bias(actual, mean), inside, seconds, weight
    )
