"""One queue from what was observed to its forecast; no database, so that files and rows take the same way.

History and forecast stand in UTC; models follow the local clock. An hour that the autumn change shows twice takes the forecast of its wall
clock time both times; an hour that the spring change skips has none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from wfm import units
from wfm.domain.timegrid import INTERVAL_MINUTES, TimeGrid, local_midnight, zone
from wfm.domain.wallclock import WallClock, wall_clock
from wfm.errors import InvalidInput

if TYPE_CHECKING:
    import pandas as pd

    from wfm.forecast import Driver, Effect, Event, ForecastResult

LEVELS = ("0.025", "0.1", "0.5", "0.9", "0.975")

SPREADSHEET = "same_weekday"

Floats = NDArray[np.float64]
Seconds = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Observed:
    """What was observed of one queue; an absent interval is unknown, not zero.

    Parameters
    ----------
    start_s
        Start of the intervals, s since 1970 UTC, ascending.
    volume
        Contacts offered.
    handle_s
        Total handle time of these contacts, s; NaN where unknown.
    interval_minutes
        Length of every interval.
    """

    start_s: Seconds
    volume: Floats
    handle_s: Floats
    interval_minutes: int

    def before(self, instant_s: float) -> Observed:
        """Only what came before that instant."""
        return self.only(self.start_s < instant_s)

    def only(self, keep: NDArray[np.bool_]) -> Observed:
        """Only the intervals where `keep` is true."""
        return Observed(self.start_s[keep], self.volume[keep], self.handle_s[keep], self.interval_minutes)

    def longer(self, interval_minutes: int) -> Observed:
        """The same in longer intervals; one of which a part is missing stays unknown, as its sum is.

        Raises
        ------
        InvalidInput
            When the longer interval is no multiple of the present one.
        """
        if interval_minutes == self.interval_minutes:
            return self
        if interval_minutes not in INTERVAL_MINUTES or interval_minutes % self.interval_minutes:
            allowed = [minutes for minutes in INTERVAL_MINUTES if minutes % self.interval_minutes == 0]
            raise InvalidInput(f"interval must be one of {allowed} minutes for rows of {self.interval_minutes}, got {interval_minutes}")
        group, index, count = np.unique(self.start_s // (interval_minutes * 60), return_inverse=True, return_counts=True)
        whole = count == interval_minutes // self.interval_minutes
        volume, handle_s = (np.bincount(index, column, len(group)).astype(np.float64) for column in (self.volume, self.handle_s))
        return Observed(group * interval_minutes * 60, volume, handle_s, interval_minutes).only(whole)


@dataclass(frozen=True, slots=True, eq=False)
class Kin:
    """A queue of the same family, from which a young queue may borrow; its zone is the clock that it is laid on."""

    name: str
    zone: str
    observed: Observed


@dataclass(frozen=True, slots=True, eq=False)
class ForecastTask:
    """What to forecast: `days` local days from `first_day` on, out of what was observed before it.

    `family` are the queues that it may borrow from while it is young. `kept` are stretches [begin, end), s since 1970 UTC, that are
    learned from even where they look like an outage.
    """

    key: str
    zone: str
    country: str | None
    subdivision: str | None
    observed: Observed
    first_day: date
    days: int
    candidates: tuple[str, ...] | None = None
    events: tuple[Event, ...] = ()
    drivers: tuple[Driver, ...] = ()
    kept: tuple[tuple[int, int], ...] = ()
    family: tuple[Kin, ...] = ()

    @property
    def is_young(self) -> bool:
        """Whether it has some history before the first day, and less than a year of it."""
        from wfm.forecast.family import YOUNG_DAYS

        past = self.observed.before(local_midnight(self.first_day, self.zone).timestamp()).start_s
        return bool(past.size) and int(past[-1] - past[0]) < YOUNG_DAYS * 24 * units.SECONDS_PER_HOUR

    @property
    def grid(self) -> TimeGrid:
        """The intervals wanted."""
        return TimeGrid(self.zone, self.first_day, self.days, self.observed.interval_minutes)


@dataclass(frozen=True, slots=True, eq=False)
class QueueForecast:
    """The forecast of one queue over its grid.

    Parameters
    ----------
    start_s
        Start of the intervals, s since 1970 UTC.
    mean
        Expected contacts.
    quantile
        Contacts by level ("0.1"), as in `LEVELS`.
    rate_cv
        Standard deviation of the contact rate over its mean, for staffing.
    aht_s
        Expected handle time, s; NaN throughout where no handle time was ever observed.
    report
        How it was made, fit for JSON: backtest, sentence, floor and the like.
    """

    interval_minutes: int
    start_s: Seconds
    mean: Floats
    quantile: Mapping[str, Floats]
    rate_cv: Floats
    aht_s: Floats
    report: Mapping[str, Any]

    def arrays(self) -> dict[str, NDArray[Any]]:
        """As `storage.series` packs them."""
        named = {f"q{level}": values for level, values in self.quantile.items()}
        return {"start_s": self.start_s, "mean": self.mean, "rate_cv": self.rate_cv, "aht_s": self.aht_s, **named}


def forecast(task: ForecastTask) -> QueueForecast:
    """Forecast volume and handle time; heavy, for worker processes.

    Raises
    ------
    InvalidInput
        When nothing was observed before the first day.
    """
    import pandas as pd

    from wfm.forecast import Sibling, forecast_with_report

    grid = task.grid
    begin_s = int(grid.begin.timestamp())
    past = task.observed.before(begin_s)
    if not past.start_s.size:
        raise InvalidInput(f"queue {task.key} has no history before {task.first_day}")
    start_s = begin_s + grid.interval_s * np.arange(grid.count, dtype=np.int64)
    clock = wall_clock(task.zone, int(past.start_s[0]), int(start_s[-1]))
    walls, cell = np.unique(clock.to_wall(start_s), return_inverse=True)
    targets = pd.DatetimeIndex(walls.astype("datetime64[s]"))
    history = _history(past, clock)
    made = forecast_with_report(
        history, targets, task.country, task.subdivision,
        candidates=_candidates(task.candidates), events=task.events, drivers=task.drivers, kept=_on_wall(task),
        family=[Sibling(kin.name, _history(seen, _clock(kin.zone, seen))) for kin, seen in _lenders(task, begin_s)],
    )  # fmt: skip
    return QueueForecast(
        interval_minutes=grid.interval_minutes,
        start_s=start_s,
        mean=made.frame["mean"].to_numpy(np.float64)[cell],
        quantile={level: made.frame[level].to_numpy(np.float64)[cell] for level in LEVELS},
        rate_cv=made.rate_cv.to_numpy(np.float64)[cell],
        aht_s=_handle_times(history, targets)[cell],
        report=_report(made, past),
    )


def _lenders(task: ForecastTask, begin_s: int) -> list[tuple[Kin, Observed]]:
    """The family with what was observed of each before that instant, where there is anything."""
    found = [(kin, kin.observed.before(begin_s)) for kin in task.family]
    return [(kin, seen) for kin, seen in found if seen.start_s.size]


def _clock(zone_name: str, past: Observed) -> WallClock:
    return wall_clock(zone_name, int(past.start_s[0]), int(past.start_s[-1]))


def _history(past: Observed, clock: WallClock) -> pd.DataFrame:
    """What was observed on the local clock, as `wfm.forecast` reads it."""
    import pandas as pd

    walls = clock.to_wall(past.start_s).astype("datetime64[s]")
    return pd.DataFrame({"timestamp": walls, "volume": past.volume, "handle_s": past.handle_s})


def _on_wall(task: ForecastTask) -> list[tuple[datetime, datetime]]:
    """The stretches kept, on the queue's wall clock."""
    here = zone(task.zone)

    def wall(at_s: int) -> datetime:
        return datetime.fromtimestamp(at_s, UTC).astimezone(here).replace(tzinfo=None)

    return [(wall(begin_s), wall(end_s)) for begin_s, end_s in task.kept]


def _candidates(names: tuple[str, ...] | None) -> Sequence[Any]:
    from wfm.forecast import DEFAULT_CANDIDATES
    from wfm.forecast.ets import Ets
    from wfm.forecast.prophet_model import ProphetFamily

    if names is None:
        return tuple(DEFAULT_CANDIDATES)
    known = {candidate.name: candidate for candidate in (*DEFAULT_CANDIDATES, Ets(), ProphetFamily())}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise InvalidInput(f"candidates must be some of {', '.join(known)}, got {unknown[0]!r}")
    return [known[name] for name in names]


def _report(made: ForecastResult, past: Observed) -> dict[str, Any]:
    """How it was made, as JSON; what was not measured is left out."""
    scores = [{name: _plain(value) for name, value in asdict(score).items()} for score in made.backtest]
    used = [score for score in made.backtest if score.weight > 0]
    spreadsheet = next((score.wape for score in made.backtest if score.name == SPREADSHEET), None)
    figures = {
        "wape": min((score.wape for score in used), default=None),
        "day_wape": min((score.day_wape for score in used), default=None),
        "spreadsheet_wape": spreadsheet,
        "band_kept": sum(score.weight * score.cover80 for score in used) if used else None,
        "floor": made.floor,
    }
    return {
        **{name: _plain(value) for name, value in figures.items()},
        "backtest": scores,
        "sentence": made.sentence,
        "low_confidence": made.low_confidence,
        "dispersion": asdict(made.dispersion),
        "day_dispersion": asdict(made.day_dispersion),
        "day_spread": asdict(made.day_spread) if made.day_spread is not None else None,
        "day_update": {"slopes": list(made.day_update.slopes), "remaining": list(made.day_update.remaining)},
        "borrowed_from": list(made.borrowed_from),
        "effects": [_effect(one) for one in made.effects],
        "rows": len(past.start_s),
        "first_s": int(past.start_s[0]),
        "last_s": int(past.start_s[-1]),
    }


def _effect(one: Effect) -> dict[str, Any]:
    days = [day.isoformat() for day in one.days]
    return {name: _plain(value) for name, value in asdict(one).items()} | {"days": days, "shares": list(one.shares)}


def _plain(value: Any) -> Any:
    """Fit for JSON: no NaN."""
    return None if isinstance(value, float) and value != value else value


def _handle_times(history: pd.DataFrame, targets: pd.DatetimeIndex) -> Floats:
    from wfm.forecast import forecast_aht

    known = history["handle_s"].notna() & (history["handle_s"] > 0) & (history["volume"] > 0)
    if not known.any():
        return np.full(len(targets), np.nan)
    return np.asarray(forecast_aht(history[known], targets), dtype=np.float64)
