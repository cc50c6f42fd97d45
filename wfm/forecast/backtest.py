"""Rolling backtest: every candidate forecasts stretches of the past from what was known before them, and is judged by what came."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from wfm.forecast.calendar import Calendar
from wfm.forecast.day_bands import learn_day_dispersion
from wfm.forecast.day_spread import DaySpread, learn_day_spread
from wfm.forecast.distribution import Dispersion, learn_dispersion, middle_rank
from wfm.forecast.grid import BoolArray, DayGrid, FloatArray, IntArray
from wfm.forecast.metrics import bias, poisson_floor, wape
from wfm.forecast.protocol import Forecaster, Task

LONGEST_WINDOW_DAYS = 28
SHORTEST_WINDOW_DAYS = 7
MOST_WINDOWS = 6
JUDGED_DAYS = 112
LEAST_PAST_DAYS = 28
SHARPNESS = 4.0
LEAST_ABOVE = 0.25
LEAST_WEIGHT = 0.1
LEAST_MEAN = 0.5
RIDGE = 1e-9
SMALLEST = 1e-12
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
        Share of intervals inside the candidate's 80 % interval, by the dispersion that the forecast has.
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


@dataclass(frozen=True, slots=True)
class Errors:
    """WAPE of intervals and of day totals, as shares."""

    interval: float
    day: float


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
    dispersion, day_dispersion
        Of the weighted forecast: of its intervals and of its day totals.
    day_spread
        Of its whole days; None where none could be judged.
    """

    windows: tuple[Window, ...]
    means: tuple[FloatArray, ...]
    weights: tuple[float, ...]
    scores: tuple[CandidateScore, ...]
    mixed: FloatArray
    dispersion: Dispersion
    day_dispersion: Dispersion
    day_spread: DaySpread | None = None

    @property
    def actual(self) -> FloatArray:
        """What came, shape (windows * days, slots)."""
        return np.concatenate([window.actual for window in self.windows])

    @property
    def errors(self) -> Errors:
        """Of the weighted forecast; recent windows count more."""
        memory, known = _memory(self.windows), ~np.isnan(self.actual)
        day_actual, day_mean = (np.where(known, values, 0.0).sum(axis=1, keepdims=True) for values in (self.actual, self.mixed))
        return Errors(weighted_error(self.actual, self.mixed, memory), weighted_error(day_actual, day_mean, memory))


def _memory(windows: Sequence[Window]) -> FloatArray:
    """Weight of every day of the windows, length windows * days."""
    back = range(len(windows) - 1, -1, -1)
    return np.repeat([WINDOW_MEMORY**number for number in back], [len(window.actual) for window in windows])


def past_windows(past: DayGrid, calendar: Calendar, horizon_days: int, least_past_days: int = LEAST_PAST_DAYS) -> tuple[Window, ...]:
    """Stretches at the end of the history, oldest first; none when it has too few days (`least_past_days`) to learn from before them."""
    spare = len(past.days) - least_past_days
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
    memory = _memory(windows)
    means, seconds = [], []
    for number, candidate in enumerate(candidates, start=1):
        began = clock()
        means.append(np.concatenate(predict_each(candidate, [window.task for window in windows])))
        seconds.append(clock() - began)
        if progress is not None:
            progress(number / len(candidates))
    floor = float(np.nan_to_num(poisson_floor(np.where(np.isnan(actual), np.nan, np.mean(means, axis=0)))))  # NaN where nothing is due
    apart = weigh([weighted_error(actual, mean, memory) for mean in means], floor)
    weights = together(apart, means, actual, memory)
    named = np.concatenate([window.task.calendar.is_named(window.task.days) for window in windows])
    mixed = mix(candidates, weights, means, named)
    lead = np.concatenate([window.task.lead for window in windows])
    cells = np.broadcast_to(lead[:, None], actual.shape)
    dispersion = learn_dispersion(actual, mixed, np.broadcast_to(memory[:, None], actual.shape), cells)
    of_days = learn_day_dispersion(actual, mixed, memory, lead, len(windows), dispersion)
    scores = tuple(_score(*row, actual, cells, dispersion) for row in zip(candidates, means, seconds, weights, strict=True))
    of_window = np.repeat(np.arange(len(windows)), [len(window.actual) for window in windows])
    spread = learn_day_spread(actual, mixed, memory, of_window.tolist())
    return Backtest(tuple(windows), tuple(means), weights, scores, mixed, dispersion, of_days, spread)


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


def weigh(errors: Sequence[float], floor: float = 0.0) -> tuple[float, ...]:
    """Weights from what the errors have above the floor: e times less for every quarter behind the best, none below a tenth.

    Near the floor errors differ by hundredths where what can be avoided differs by halves; so it is that part which counts. It never
    counts as less than a quarter of the error: what remains is chance.

    Parameters
    ----------
    errors
        WAPE of each family, as shares.
    floor
        WAPE that a perfect mean would still have, as a share.

    Examples
    --------
    >>> [round(weight, 2) for weight in weigh([0.20, 0.20, 0.30])]
    [0.5, 0.5, 0.0]
    >>> [round(weight, 2) for weight in weigh([0.20, 0.21, 0.30], floor=0.19)]
    [0.85, 0.15, 0.0]
    """
    error = np.maximum(np.asarray(errors, dtype=float), 1e-9)
    above = np.sqrt(np.maximum(error**2 - floor**2, (LEAST_ABOVE * error) ** 2))
    worth = np.exp(-SHARPNESS * (above / above.min() - 1))
    worth = np.where(worth / worth.sum() < LEAST_WEIGHT, 0.0, worth)
    return tuple(float(weight) for weight in worth / worth.sum())


def together(apart: Sequence[float], means: Sequence[FloatArray], actual: FloatArray, memory: FloatArray) -> tuple[float, ...]:
    """Half the weights that each family earned apart, half those with which they erred least together.

    Families that err alike add nothing to each other, which their errors apart cannot tell; the weights together alone would follow the
    chance of a few windows (Bates and Granger, 1969, on shrinking them).
    """
    known = ~np.isnan(actual)
    misses = [np.where(known, np.nan_to_num(actual) - mean, 0.0) for mean in means]
    scale = memory[:, None] / np.maximum(np.mean(means, axis=0), LEAST_MEAN)  # counts vary as their mean does
    products = np.array([[float((one * other * scale).sum()) for other in misses] for one in misses])
    return tuple(float(weight) for weight in (np.asarray(apart) + least_square_weights(products)) / 2)


def least_square_weights(products: FloatArray) -> FloatArray:
    """The w >= 0 with sum 1 and the smallest w P w: the exact answer, found over all sets of families that may take part.

    Within a set S the smallest is P_SS^-1 1 / (1' P_SS^-1 1); the answer is the best of those without a negative share. Families are few,
    and 2^K sets of them too.

    Parameters
    ----------
    products
        Weighted sums of products of the families' errors, positive semidefinite, shape (K, K).

    Examples
    --------
    >>> least_square_weights(np.array([[1.0, 0.0], [0.0, 3.0]])).round(3).tolist()
    [0.75, 0.25]
    >>> least_square_weights(np.array([[1.0, 2.0], [2.0, 5.0]])).round(3).tolist()
    [1.0, 0.0]
    """
    count = len(products)
    solid = products + (RIDGE * np.trace(products) + SMALLEST) * np.eye(count)  # families that err alike share alike
    best, least = np.full(count, 1 / count), np.inf
    for size in range(1, count + 1):
        for chosen in map(list, combinations(range(count), size)):
            share = np.linalg.solve(solid[np.ix_(chosen, chosen)], np.ones(size))
            weights = np.zeros(count)
            weights[chosen] = share / share.sum()
            error = float(weights @ solid @ weights)
            if weights.min() >= 0 and error < least:
                best, least = weights, error
    return best


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
    candidate: Forecaster, mean: FloatArray, seconds: float, weight: float, actual: FloatArray, lead: IntArray, dispersion: Dispersion
) -> CandidateScore:
    known = ~np.isnan(actual)
    whole = known.any(axis=1)
    day_actual, day_mean = np.nansum(actual, axis=1)[whole], np.where(known, mean, 0.0).sum(axis=1)[whole]
    counted = known & (mean > 0)
    place = middle_rank(actual[counted], mean[counted], dispersion.rate_cv(mean[counted], lead[counted]))
    inside = float(np.mean(np.abs(place - 0.5) <= 0.4)) if counted.any() else 1.0
    return CandidateScore(
        candidate.name, candidate.label, wape(actual, mean), wape(day_actual, day_mean), bias(actual, mean), inside, seconds, weight
    )
