"""The whole chain from file to file: history, forecast, people needed, roster problem. No database, no accounts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from wfm.domain.demand import Queue
from wfm.domain.roster import Requirement, RosterProblem
from wfm.domain.timegrid import TimeGrid, zone
from wfm.errors import InvalidInput
from wfm.service.demand_grid import GRID_MINUTES, for_roster, on_grid, planned_break_share
from wfm.service.exchange import FORECAST_COLUMNS, STAFF_COLUMNS, QueueSeries, read_series, write_series
from wfm.service.known_ahead import KnownAhead, told, with_edits, with_new_queues
from wfm.service.movable_work import LocalClock
from wfm.service.people_needed import people_needed
from wfm.service.processes import each
from wfm.service.progress import Progress
from wfm.service.queue_forecast import ForecastTask, Observed, QueueForecast, forecast

if TYPE_CHECKING:
    from wfm.history import Gaps, HistoryFile, RepeatedHour


@dataclass(frozen=True, slots=True)
class Reading:
    """How a history file is read; as for `wfm.history.read_history`."""

    zone: str
    gaps: Gaps = "refuse"
    repeated_hour: RepeatedHour = "refuse"
    queue: str = ""
    interval_minutes: int | None = None


@dataclass(frozen=True, slots=True)
class Ahead:
    """What is wanted of a forecast; `first_day` None for the day after the history."""

    days: int
    first_day: date | None = None
    country: str | None = None
    subdivision: str | None = None


@dataclass(frozen=True, slots=True)
class QueueSummary:
    """One queue of a result for a person.

    Parameters
    ----------
    queue
        Its key.
    figures
        Contacts, head-hours and the like by name.
    effects
        Of a forecast: what special days and counts do to it, as in its report; empty where none were given.
    """

    queue: str
    figures: Mapping[str, float | str]
    effects: tuple[Mapping[str, Any], ...] = ()


def forecast_file(
    source: Path,
    target: Path,
    reading: Reading,
    ahead: Ahead,
    workers: int = 1,
    progress: Progress | None = None,
    known: KnownAhead | None = None,
) -> tuple[QueueSummary, ...]:
    """Forecast every queue of a history file into a CSV file.

    Parameters
    ----------
    source, target
        CSV of history and CSV to write, replaced where it is there.
    reading, ahead
        How the history is read, and what is wanted.
    workers
        Processes that forecast side by side, at least 1.
    known
        What planners know ahead; its new queues come behind those of the history.

    Returns
    -------
    One summary for each queue, new ones last.

    Raises
    ------
    InvalidInput
        When the history cannot be used, or what is known ahead does not fit it; nothing is written then.
    """
    progress = progress or Progress()
    progress.say(0.0, "reading history")
    known = known or KnownAhead()
    tasks = told(known, forecast_tasks(read_file(source, reading), reading, ahead))

    def tick(done: int) -> None:
        progress.say(0.1 + 0.85 * done / len(tasks), f"forecasting, {done} of {len(tasks)} queues done")

    made = {task.key: result for task, result in each(forecast, tasks, workers, tick)}
    done = [(task, with_edits(known, task, one)) for task, one in with_new_queues(known, tasks, made)]
    write_series(target, (_forecast_series(task, one) for task, one in done), FORECAST_COLUMNS)
    return tuple(_forecast_summary(task, one) for task, one in done)


def backtest_file(
    source: Path, reading: Reading, ahead: Ahead, workers: int = 1, progress: Progress | None = None
) -> dict[str, Mapping[str, Any]]:
    """How each method did on every queue of a history file; the report of the forecast by queue.

    Parameters
    ----------
    source, reading
        CSV of history, and how it is read.
    ahead
        Days ahead for which the methods are tried on the past.
    workers
        Processes that forecast side by side, at least 1.

    Raises
    ------
    InvalidInput
        When the history cannot be used.
    """
    progress = progress or Progress()
    tasks = forecast_tasks(read_file(source, reading), reading, ahead)

    def tick(done: int) -> None:
        progress.say(done / len(tasks), f"trying methods, {done} of {len(tasks)} queues done")

    made = {task.key: result.report for task, result in each(forecast, tasks, workers, tick)}
    return {task.key: made[task.key] for task in tasks}


def read_file(source: Path, reading: Reading) -> HistoryFile:
    """The history in a file.

    Raises
    ------
    InvalidInput
        When it cannot be read.
    """
    from wfm.history import read_history

    try:
        content = source.read_bytes()
    except OSError as error:
        raise InvalidInput(f"{source.name} cannot be read: {error.strerror}") from error
    return read_history(
        content, zone=reading.zone, name=source.name, gaps=reading.gaps, repeated_hour=reading.repeated_hour, queue=reading.queue
    )


def forecast_tasks(file: HistoryFile, reading: Reading, ahead: Ahead) -> list[ForecastTask]:
    """One task for each queue of a file, from the day after its last one on where no first day is wanted.

    Raises
    ------
    InvalidInput
        When the intervals wanted are no multiple of those of the file.
    """
    handle_s = np.full(len(file), np.nan) if file.handle_s is None else file.handle_s
    tasks = []
    for queue, rows in file.bounds.items():
        seen = Observed(file.start_utc[rows], file.volume[rows], handle_s[rows], file.interval_minutes)
        seen = seen.longer(reading.interval_minutes or file.interval_minutes)
        last_day = file.last.astimezone(zone(file.zone_of(queue))).date()
        first_day = ahead.first_day or last_day + timedelta(1)
        tasks.append(ForecastTask(queue, file.zone_of(queue), ahead.country, ahead.subdivision, seen, first_day, ahead.days))
    return tasks


def staff_file(
    source: Path, target: Path, queues: Callable[[str], Queue], aht_s: float | None, certain: bool = False
) -> tuple[QueueSummary, ...]:
    """People needed for a forecast file, as a CSV file.

    Parameters
    ----------
    queues
        Settings of a queue by its key: target, patience, channel, shrinkage, movable work.
    aht_s
        Handle time, s; None takes the file's own.
    certain
        True takes the expected volume for certain.

    Raises
    ------
    InvalidInput
        When the file cannot be used, or no number of people meets a target.
    """
    made, summaries = [], []
    for one in read_series(source, FORECAST_COLUMNS):
        times = one.columns["aht_s"] if aht_s is None else np.full(len(one.start_s), aht_s)
        volume = one.columns["mean"]
        clock = LocalClock(one.start_s, one.zone)
        cv = None if certain else one.columns["rate_cv"]
        need = people_needed(queues(one.queue), one.interval_minutes * 60, volume, times, cv, clock=clock)
        columns = {
            "volume": volume,
            "aht_s": times,
            "load": need.offered_load,
            "on_queue": need.on_queue.astype(np.float64),
            "scheduled": need.scheduled.astype(np.float64),
            "shrinkage": need.shrinkage,
            "movable": need.movable.astype(np.float64),
            "backlog": need.backlog,
            "oldest_age_s": need.oldest_age_s,
        }
        made.append(QueueSeries(one.queue, one.zone, one.interval_minutes, one.start_s, columns))
        summaries.append(_staff_summary(made[-1]))
    write_series(target, made, (*STAFF_COLUMNS, "movable", "backlog", "oldest_age_s"))
    return tuple(summaries)


def problem_of(source: Path, agents: int | None, first_day: date | None, days: int, seed: int, under_cost: float) -> RosterProblem:
    """A roster problem from a file of people needed, with an invented staff.

    Parameters
    ----------
    agents
        Number of people; None for as many as the demand asks for.
    first_day
        None for the first day of the file.
    days
        A whole number of weeks.
    seed
        Of the invented staff: the same gives the same people.
    under_cost
        Price of a missing head-hour.

    Raises
    ------
    InvalidInput
        When the file cannot be used, `days` is no whole number of weeks, or the file does not cover them.
    """
    from wfm.service.invented_staff import invented_staff

    series = read_series(source, STAFF_COLUMNS)
    if days % 7:
        raise InvalidInput(f"days must be a whole number of weeks (7, 14, ...), got {days}")
    begin = first_day or _first_day(series[0])
    grid = TimeGrid(series[0].zone, begin, days, GRID_MINUTES)
    heads = {one.queue: on_grid(grid, one.start_s, one.interval_minutes * 60, one.columns["on_queue"]) for one in series}
    share = {one.queue: on_grid(grid, one.start_s, one.interval_minutes * 60, one.columns["shrinkage"]) for one in series}
    staff = invented_staff(grid, heads, agents, {queue: float(values.mean()) for queue, values in share.items()}, seed)
    planned = planned_break_share(staff.agents, staff.contracts)
    requirements = tuple(
        Requirement(queue, under_cost, tuple(for_roster(values, share[queue], planned).tolist())) for queue, values in heads.items()
    )
    return RosterProblem(f"{source.stem}-{begin}", grid, 2.0, requirements, staff.contracts, staff.agents)


def _first_day(one: QueueSeries) -> date:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(int(one.start_s[0]), UTC).astimezone(zone(one.zone)).date()


def _forecast_series(task: ForecastTask, made: QueueForecast) -> QueueSeries:
    columns = {"mean": made.mean, "rate_cv": made.rate_cv, "aht_s": made.aht_s, **{f"q{k}": v for k, v in made.quantile.items()}}
    return QueueSeries(task.key, task.zone, made.interval_minutes, made.start_s, columns)


def _forecast_summary(task: ForecastTask, made: QueueForecast) -> QueueSummary:
    report = made.report
    figures: dict[str, float | str] = {
        "intervals": float(len(made.mean)),
        "contacts": float(made.mean.sum()),
        "a day": float(made.mean.sum()) / task.days,
    }
    for name in ("wape", "spreadsheet_wape", "floor", "band_kept"):
        if isinstance(report.get(name), float):
            figures[name] = report[name]
    return QueueSummary(task.key, figures | {"sentence": str(report.get("sentence", ""))}, _effects(task, made))


def _effects(task: ForecastTask, made: QueueForecast) -> tuple[Mapping[str, Any], ...]:
    """What planners told as the report has it; of counts only the days on which contacts are forecast, for on others they move nothing."""
    grid = task.grid
    due = {str(day) for day, (a, b) in zip(grid.dates, grid.day_bounds, strict=True) if made.mean[a:b].sum() > 0}
    return tuple(_only(one, due) if one["kind"] == "driver" else one for one in made.report.get("effects", ()))


def _only(effect: Mapping[str, Any], days: set[str]) -> Mapping[str, Any]:
    kept = [(day, share) for day, share in zip(effect["days"], effect["shares"], strict=True) if day in days]
    return {**effect, "days": [day for day, _ in kept], "shares": [share for _, share in kept]}


def _staff_summary(one: QueueSeries) -> QueueSummary:
    hours = one.interval_minutes / 60
    on_queue, scheduled = one.columns["on_queue"], one.columns["scheduled"]
    return QueueSummary(
        one.queue,
        {
            "contacts": float(one.columns["volume"].sum()),
            "peak on queue": float(on_queue.max()),
            "hours on queue": float(on_queue.sum()) * hours,
            "hours scheduled": float(scheduled.sum()) * hours,
        },
    )


