"""A day or a week before it happens, from file to file: demand, people, and what they make of each other."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wfm.domain.demand import Channel, Queue
from wfm.domain.timegrid import TimeGrid, zone
from wfm.errors import InvalidInput
from wfm.service.demand_grid import GRID_MINUTES, on_grid
from wfm.service.exchange import FORECAST_COLUMNS, STAFF_COLUMNS, QueueSeries, guarded, read_series, written
from wfm.service.pooled_hours import PooledDay, SharedQueue, pooled_hours

if TYPE_CHECKING:
    from wfm.simulate import Estimate, SimulatedAgent, Simulation, SimulationResult

SHOWN = ("service_level", "abandon_probability", "asa_s", "mean_wait_s", "wait_probability")
_FIGURES = tuple(f"{name}{end}" for name in SHOWN for end in ("", "_half_width"))
HEADER = ("scope", "start", "queue", "language", "offered", *_FIGURES, "miss_probability")


@dataclass(frozen=True, slots=True)
class Simulated:
    """What was simulated and what came out, in the order of the queues; `left_out` says why a queue of the file is not among them."""

    grid: TimeGrid
    queues: tuple[Queue, ...]
    result: SimulationResult
    left_out: Mapping[str, str]


def simulate_files(
    source: Path,
    queues: Callable[[str], Queue],
    problem: Path | None = None,
    roster: Path | None = None,
    replications: int = 200,
    seed: int = 0,
    handle_cv: float = 1.0,
    certain: bool = False,
    progress: Callable[[float], None] | None = None,
) -> Simulated:
    """Simulate a forecast file with the people of a roster, or a file of people needed with the people it asks for.

    Parameters
    ----------
    source
        CSV of `wfm forecast` or `wfm staff`.
    queues
        Settings of a queue by its key.
    problem, roster
        Roster problem and roster; both None for the heads on queue of a file of people needed.
    handle_cv
        Coefficient of variation of handle times; 1 is exponential.
    certain
        True takes the expected volume for certain; else each day draws its own gamma factor where the file has `rate_cv`.

    Raises
    ------
    InvalidInput
        When a file cannot be used, or there are no people to simulate.
    """
    from wfm.simulate import simulate

    series, forecast = _read(source)
    left_out = {one.queue: reason for one in series if (reason := _unfit(queues(one.queue)))}
    live = [one for one in series if one.queue not in left_out]
    if not live:
        raise InvalidInput(f"{source.name} has no queue that can be simulated: " + "; ".join(left_out.values()))
    grid, agents = _people(live, forecast, problem, roster)
    known = [queues(one.queue) for one in live]
    plan = _plan(grid, list(zip(live, known, strict=True)), agents, handle_cv, certain)
    return Simulated(grid, tuple(known), simulate(plan, replications, seed, progress), left_out)


def pool_file(
    source: Path,
    queues: Callable[[str], Queue],
    problem: Path,
    day: date | None = None,
    hour: int | None = None,
    seed: int = 0,
    progress: Callable[[float], None] | None = None,
) -> PooledDay:
    """Needs of queues alone and of queues that share the people of a roster problem, for a day of a file or one hour of it.

    Parameters
    ----------
    source
        CSV of `wfm forecast` or `wfm staff`.
    queues
        Settings of a queue by its key.
    problem
        Roster problem whose people count.
    day
        Local day; None for the first that all queues reach over.
    hour
        Hour of its clock, 0 to 23; None for all in which contacts come.
    """
    from wfm.scheduler import read_problem

    series, _ = _read(source)
    shared = [
        SharedQueue(queues(one.queue), one.start_s, 60 * one.interval_minutes, one.columns["volume"], one.columns["aht_s"])
        for one in series
    ]
    people = [tuple(agent.queues) for agent in read_problem(problem).agents]
    grid = TimeGrid(series[0].zone, day or _grid(list(series)).first_day, 1, 60)
    hours = None if hour is None else [t for t, start in enumerate(grid.local_starts) if start.hour == hour]
    return pooled_hours(shared, people, grid, hours, seed, progress)


def write_measures(path: Path, found: Simulated) -> int:
    """Write measures by interval, day, queue, language and over all, each with the half width of its 95 % interval; the rows written."""
    return written(path, HEADER, _rows(found))


def summary(found: Simulated) -> Iterator[tuple[str, str, Estimate, Estimate, Estimate, float]]:
    """Of every queue, every language with several queues, and all: service level, abandonment, ASA, chance of a missed interval."""
    for scope, name, some in _scopes(found):
        chance = float(np.mean([found.result.miss_by_interval(queue.id)[_busy(found, queue.id)].mean() for queue in some]))
        level, left, asa = (found.result.measure(measure, [queue.id for queue in some]) for measure in SHOWN[:3])
        yield scope, name, level, left, asa, chance


def _read(source: Path) -> tuple[tuple[QueueSeries, ...], bool]:
    """The queues of a file with `volume`, `aht_s` and `rate_cv`, and whether it is a forecast."""
    try:
        with source.open(newline="", encoding="utf-8-sig") as file:
            header = next(csv.reader(file), [])
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{source.name} cannot be read: {error}") from error
    if "mean" in header:
        series = read_series(source, FORECAST_COLUMNS)
        return tuple(replace(one, columns={**one.columns, "volume": one.columns["mean"]}) for one in series), True
    series = read_series(source, (*STAFF_COLUMNS, *(["movable"] if "movable" in header else [])))
    nothing = [np.zeros(len(one.start_s)) for one in series]
    return tuple(
        replace(one, columns={"movable": zero, "rate_cv": zero} | dict(one.columns)) for one, zero in zip(series, nothing, strict=True)
    ), False


def _unfit(queue: Queue) -> str:
    if queue.channel.deferred:
        return f"{queue.id} is answered later and has no waiting line"
    if queue.channel is Channel.CHAT and queue.concurrency > 1:
        return f"{queue.id} holds several chats at once, which is not simulated"
    return ""


def _people(
    series: list[QueueSeries], forecast: bool, problem: Path | None, roster: Path | None
) -> tuple[TimeGrid, tuple[SimulatedAgent, ...]]:
    from wfm.scheduler import read_problem, read_roster
    from wfm.simulate import agents_on_queue

    if (problem is None) != (roster is None):
        raise InvalidInput("a roster is simulated with its problem: give both --problem and --roster, or neither")
    if problem is not None and roster is not None:
        wanted = read_problem(problem)
        taken = {one.queue for one in series}
        agents = agents_on_queue(wanted, read_roster(roster, wanted).shifts)
        known = tuple(replace(agent, skills=tuple(skill for skill in agent.skills if skill.queue in taken)) for agent in agents)
        return wanted.grid, tuple(agent for agent in known if agent.skills)
    if forecast:
        raise InvalidInput("a forecast says nothing about people; give --problem and --roster, or a file of `wfm staff`")
    grid = _grid(series)
    return grid, tuple(agent for one in series for agent in _heads(grid, one))


def _grid(series: list[QueueSeries]) -> TimeGrid:
    """The local days that all queues reach over."""
    here = zone(series[0].zone)
    days = [{_local(start, one.zone) for start in one.start_s.tolist()} for one in series]
    shared = sorted(set.intersection(*days))
    if not shared:
        raise InvalidInput("the queues of the file have no day in common")
    whole = [day for day in shared if shared[0] + timedelta(shared.index(day)) == day]
    return TimeGrid(here.key, whole[0], len(whole), GRID_MINUTES)


def _local(start_s: int, zone_name: str) -> date:
    from datetime import datetime

    return datetime.fromtimestamp(start_s, zone(zone_name)).date()


def _heads(grid: TimeGrid, one: QueueSeries) -> Iterator[SimulatedAgent]:
    """As many like people as the waiting line needs, each on queue while so many are."""
    from wfm.simulate import SimulatedAgent, Skill

    needed = np.ceil(_spread(grid, one, one.columns["on_queue"] - one.columns["movable"]) - 1e-6)
    for k in range(int(needed.max(initial=0))):
        yield SimulatedAgent(f"{one.queue} {k + 1}", (Skill(one.queue),), tuple((needed > k).tolist()))


def _spread(grid: TimeGrid, one: QueueSeries, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rates of a series on the grid; 0 where it does not reach."""
    begin, end, step = int(grid.begin.timestamp()), int(grid.end.timestamp()), one.interval_minutes * 60
    whole = np.arange(min(begin, int(one.start_s[0])), max(end, int(one.start_s[-1]) + step), step)
    padded = np.zeros(len(whole))
    padded[np.searchsorted(whole, one.start_s)] = values
    return on_grid(grid, whole, step, padded)


def _plan(
    grid: TimeGrid, live: list[tuple[QueueSeries, Queue]], agents: tuple[SimulatedAgent, ...], handle_cv: float, certain: bool
) -> Simulation:
    from wfm.simulate import SimulatedQueue, Simulation

    simulated = []
    for one, queue in live:
        volume, aht_s = one.columns["volume"], one.columns["aht_s"]
        known = ~np.isnan(aht_s) & (volume > 0)
        if not known.any():
            raise InvalidInput(f"queue {one.queue} has no handle times or no contacts; give --aht to `wfm staff`, or leave it out")
        cv = 0.0 if certain else float(np.average(np.nan_to_num(one.columns["rate_cv"]), weights=np.maximum(volume, 1e-9)))
        quarters = _spread(grid, one, volume) * GRID_MINUTES / one.interval_minutes
        simulated.append(
            SimulatedQueue(
                id=queue.id,
                volume=tuple(quarters.tolist()),
                aht_s=float(np.average(aht_s[known], weights=volume[known])),
                patience_s=queue.patience_s or float("inf"),
                target=queue.target,
                handle_cv=handle_cv,
                rate_cv=cv,
                priority=queue.priority,
            )
        )
    day = tuple(number for number, (a, b) in enumerate(grid.day_bounds) for _ in range(a, b))
    return Simulation(float(grid.interval_s), tuple(simulated), agents, day=day)


def _scopes(found: Simulated) -> Iterator[tuple[str, str, tuple[Queue, ...]]]:
    for queue in found.queues:
        yield "queue", queue.id, (queue,)
    for language in dict.fromkeys(queue.language for queue in found.queues):
        yield "language", language, tuple(queue for queue in found.queues if queue.language == language)
    yield "all", "", found.queues


def _busy(found: Simulated, queue: str) -> NDArray[np.bool_]:
    place = found.result.queues.index(queue)
    offered = found.result.counts[:, place, :, 0].sum(axis=0)
    return np.asarray(offered > 0) if offered.any() else np.ones(len(offered), np.bool_)


def _rows(found: Simulated) -> Iterator[list[str]]:
    starts = found.grid.local_starts
    every = tuple(range(found.grid.count))
    for scope, name, some in _scopes(found):
        language = name if scope == "language" else some[0].language if scope == "queue" else ""
        yield _row(found, scope, "", name if scope == "queue" else "", language, some, every)
    for queue in found.queues:
        for day, (a, b) in zip(found.grid.dates, found.grid.day_bounds, strict=True):
            yield _row(found, "day", day.isoformat(), queue.id, queue.language, (queue,), range(a, b))
        for t in np.flatnonzero(_busy(found, queue.id)).tolist():
            yield _row(found, "interval", starts[t].isoformat(), queue.id, queue.language, (queue,), (t,))


def _row(
    found: Simulated, scope: str, start: str, queue: str, language: str, some: tuple[Queue, ...], intervals: Iterable[int]
) -> list[str]:
    ids, chosen = [one.id for one in some], list(intervals)
    places = [found.result.queues.index(one) for one in ids]
    offered = found.result.counts[:, places][:, :, chosen, 0].sum() / found.result.replications
    figures = [found.result.measure(name, ids, chosen) for name in SHOWN]
    missed = f"{found.result.miss_probability(ids[0], chosen).mean:.6g}" if len(ids) == 1 and some[0].target.level is not None else ""
    told = [f"{value:.6g}" for figure in figures for value in (figure.mean, figure.half_width)]
    return [scope, start, guarded(queue), language, f"{offered:.6g}", *told, missed]
