"""Two years of half hours for the demo centre: season, weekdays, holidays, growth, an outage and a clinic that closed.

Volumes are Poisson counts around a mean that itself varies from day to day (a gamma factor, partly shared by all queues); handle times
are sums of gamma-distributed contacts. Everything is computed in whole columns.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from data.demand import SLOT_S, Floats, Stream, open_slots, week_shape
from wfm.domain.timegrid import local_midnight
from wfm.domain.wallclock import SECONDS_PER_DAY, WallClock, wall_clock

YEAR_DAYS = 365.25
SHARED_DAY_CV, OWN_DAY_CV = 0.045, 0.055
CONTACT_CV = 0.75
OUTAGE_DAYS_BEFORE_END, CLOSING_DAYS_BEFORE_END = 151, 245
OUTAGE_HOURS, REBOUND_HOURS = (9.5, 13.0), (13.0, 16.0)

Ints = npt.NDArray[np.int64]
_EPOCH_DAY = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True, eq=False)
class Intervals:
    """The half hours of the history in UTC with their local clock; all arrays have the same length.

    Parameters
    ----------
    start_utc, wall
        Start, s since 1970, of UTC and of the wall clock.
    day
        Local day, counted from the first one.
    weekday
        Monday 0 to Sunday 6.
    slot
        Half hour of the wall clock, 0 to 47.
    """

    start_utc: Ints
    wall: Ints
    day: Ints
    weekday: Ints
    slot: Ints


def intervals(first_day: date, last_day: date, zone: str) -> Intervals:
    """All half hours from local midnight of the first day to the end of the last one: 23 or 25 hours where the clock changes."""
    begin = int(local_midnight(first_day, zone).timestamp())
    end = int(local_midnight(last_day + timedelta(1), zone).timestamp())
    clock: WallClock = wall_clock(zone, begin, end)
    start_utc = np.arange(begin, end, SLOT_S, dtype=np.int64)
    wall = clock.to_wall(start_utc)
    number = wall // SECONDS_PER_DAY
    return Intervals(start_utc, wall, number - number[0], (number + 3) % 7, wall % SECONDS_PER_DAY // SLOT_S)


def mean_volumes(streams: tuple[Stream, ...], span: Intervals, first_day: date, last_day: date, seed: int) -> Floats:
    """Expected contacts by queue and half hour, 0 where the queue is closed; shape (queues, intervals).

    Level and season are scaled so that the four weeks after `last_day` have the streams' own weekly volumes, holidays aside.
    """
    days = [first_day + timedelta(n) for n in range(int(span.day[-1]) + 1)]
    season, ahead = _flu(days, seed), _flu([last_day + timedelta(14)], seed)
    years = np.array([(day - last_day).days - 14 for day in days]) / YEAR_DAYS
    means = np.empty((len(streams), span.day.size))
    for row, stream in enumerate(streams):
        level = (1 + stream.growth) ** years * (1 + stream.flu * season) / (1 + stream.flu * ahead)
        level = level * _summer(days) / _summer([last_day + timedelta(14)])
        level = level * _day_effects(stream, days) * _clinic(stream, days, last_day)
        means[row] = stream.week_volume * level[span.day] * week_shape(stream)[span.weekday, span.slot]
    return means


def draw_volumes(streams: tuple[Stream, ...], span: Intervals, means: Floats, rng: np.random.Generator) -> Floats:
    """Contacts by queue and half hour, NaN where the queue is closed; shape (queues, intervals)."""
    days = int(span.day[-1]) + 1
    shared = _gamma_factor(rng, SHARED_DAY_CV, days)
    volumes = np.empty_like(means)
    for row, stream in enumerate(streams):
        factor = shared * _gamma_factor(rng, OWN_DAY_CV, days)
        mean = means[row] * factor[span.day] * _outage(stream, span)
        volumes[row] = np.where(open_slots(stream)[span.weekday, span.slot], rng.poisson(mean), np.nan)
    return volumes


def draw_handle_times(streams: tuple[Stream, ...], span: Intervals, volumes: Floats, rng: np.random.Generator) -> Floats:
    """Mean handle time by queue and half hour, s, NaN without contacts; shape (queues, intervals)."""
    hour = span.slot / 2
    of_day = 1 + 0.05 * np.cos((hour - 15) / 24 * 2 * np.pi) + 0.07 * ((hour >= 22) | (hour < 6))
    drift = 1 + 0.03 * span.day / span.day[-1]
    monday = 1 - 0.03 * (span.weekday == 0)
    times = np.full_like(volumes, np.nan)
    for row, stream in enumerate(streams):
        busy = np.nan_to_num(volumes[row]) > 0
        contacts = volumes[row][busy]
        shape = contacts / CONTACT_CV**2
        times[row][busy] = rng.gamma(shape) / shape * stream.aht_s * (of_day * drift * monday)[busy]
    return times


def _gamma_factor(rng: np.random.Generator, cv: float, count: int) -> Floats:
    return rng.gamma(1 / cv**2, cv**2, count)


def _flu(days: list[date], seed: int) -> Floats:
    """Height of the flu season, 0 to about 1.3: each winter has its own peak day and height."""
    number = np.array([day.toordinal() for day in days])
    height = np.zeros(number.size)
    for year in range(days[0].year, days[-1].year + 2):
        rng = np.random.default_rng([seed, year])
        middle = date(year, 1, 1).toordinal() + rng.normal(22, 9)
        height += rng.uniform(0.75, 1.3) * np.exp(-0.5 * ((number - middle) / 20) ** 2)
    return height


def _summer(days: list[date]) -> Floats:
    """Fewer visits, so fewer contacts, around the end of July."""
    number = np.array([day.timetuple().tm_yday for day in days])
    return np.asarray(1 - 0.05 * np.exp(-0.5 * ((number - 207) / 22) ** 2))


_EVES = {(12, 24), (12, 31)}
_FULL = {"New Year's Day", "Memorial Day", "Independence Day", "Labor Day", "Thanksgiving Day", "Christmas Day"}


def _day_effects(stream: Stream, days: list[date]) -> Floats:
    """Holidays, the day after one, and the bills of a new month or year."""
    full, half = _holidays({day.year for day in days})
    effect = np.ones(len(days))
    for n, day in enumerate(days):
        eve = (day.month, day.day) in _EVES or (day - timedelta(1) in full and day.month == 11)
        if day in full:
            effect[n] = stream.holiday
        elif day in half or eve:
            effect[n] = 0.62 if eve else 0.86
        elif day - timedelta(1) in full or (day.weekday() == 0 and day - timedelta(3) in full):
            effect[n] = 1.16
        if stream.queue.skill == "billing":
            effect[n] *= 1 + 0.22 * np.exp(-((day.day - 3) ** 2) / 8) + (0.15 if day.month == 1 else 0.0)
    return effect


def _holidays(years: set[int]) -> tuple[set[date], set[date]]:
    """Days on which the lines are closed, and public holidays on which they are not; a full one counts on its observed day too."""
    import holidays

    calendar = holidays.country_holidays("US", years=years)
    full = {day for day, name in calendar.items() if name.removesuffix(" (observed)") in _FULL}
    return full, set(calendar) - full


def _clinic(stream: Stream, days: list[date], last_day: date) -> Floats:
    """One clinic closed: its patients ask a lot in the two weeks before, and are gone afterwards."""
    if stream.queue.skill not in ("appointments", "refills") or stream.queue.language != "en":
        return np.ones(len(days))
    until = np.array([(day - last_day).days + CLOSING_DAYS_BEFORE_END for day in days])
    return np.where(until >= 0, 1.0, np.where(until >= -14, 1.22, 1.07))


def _outage(stream: Stream, span: Intervals) -> Floats:
    """One morning without telephones, and the calls again in the afternoon."""
    outage_day = span.day[-1] - OUTAGE_DAYS_BEFORE_END
    outage_day -= (span.weekday[np.searchsorted(span.day, outage_day)] - 2) % 7
    hour, today = span.slot / 2, (span.day == outage_day) & (stream.queue.channel.value == "voice")
    silent = today & (hour >= OUTAGE_HOURS[0]) & (hour < OUTAGE_HOURS[1])
    rebound = today & (hour >= REBOUND_HOURS[0]) & (hour < REBOUND_HOURS[1])
    return np.where(silent, 0.05, np.where(rebound, 1.5, 1.0))
