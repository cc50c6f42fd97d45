"""Play days that have come again: what was promised, what the roster kept at the contacts that came, and why they differ."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wfm import units
from wfm.domain.demand import Channel, Queue
from wfm.domain.roster import RosterProblem, Shift
from wfm.domain.timegrid import TimeGrid
from wfm.errors import InvalidInput
from wfm.service.away import without_those_away
from wfm.service.coverage import cover
from wfm.service.exchange import QueueSeries, read_series
from wfm.service.missed import CAUSES, Conditions, Explained, Heads, explain
from wfm.service.past_contacts import observed_on, weekday_means

if TYPE_CHECKING:
    from wfm.history import HistoryFile
    from wfm.service.file_chain import Reading
    from wfm.simulate import SimulatedAgent, Simulation

Floats = NDArray[np.float64]
PARTS = (*CAUSES, "sharing")
PLAN_COLUMNS = ("volume", "aht_s", "on_queue")


@dataclass(frozen=True, slots=True, eq=False)
class Played:
    """One queue of a replay before it is played; arrays over the intervals of the grid.

    Parameters
    ----------
    planned, actual
        Contacts and handle times, as planned and as they came; NaN in `actual.volume` where nothing was observed.
    on_queue
        Heads that the plan wanted on queue.
    earlier
        Contacts that the mean of the last six same weekdays expects; None without six weeks of history before.
    rate_cv
        Uncertainty of the contact rate that the plan counted with, standard deviation over mean; None for a certain one.
    there
        Share of the people on the schedule who are on queue on an average day, above 0, at most 1; None for all of them.
    """

    queue: Queue
    planned: Conditions
    actual: Conditions
    on_queue: Floats
    earlier: Floats | None = None
    rate_cv: Floats | None = None
    there: Floats | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """A span of a queue, weighted by the contacts that came: `planned + sum(parts) = kept`."""

    contacts: float
    planned: float
    kept: float
    parts: Mapping[str, float]


@dataclass(frozen=True, slots=True, eq=False)
class QueueReplay:
    """One queue, played; arrays over the intervals of the grid.

    Parameters
    ----------
    volume
        Contacts that came; 0 where nothing was observed.
    planned, kept
        Service level that the plan expected, and that the roster kept in the simulation.
    parts
        By `PARTS`: what each added to `planned` on the way to `kept`; `sharing` is what the simulation has beyond Erlang A: people
        shared between queues, lines that reach over intervals, and chance.
    expected, met
        Conditions as planned, and as they came (0 contacts where nothing was observed).
    heads
        Heads planned, on the schedule, and there.
    clairvoyant, spreadsheet
        Heads that the volumes that came ask of the queue alone, and those of the mean of the last six same weekdays (None without six
        weeks of history).
    hours, clairvoyant_hours, spreadsheet_hours
        Head-hours of the observed intervals: there, and of the two plans above.
    """

    queue: Queue
    volume: Floats
    planned: Floats
    kept: Floats
    parts: Mapping[str, Floats]
    expected: Conditions
    met: Conditions
    heads: Heads
    clairvoyant: Floats
    spreadsheet: Floats | None
    hours: float
    clairvoyant_hours: float
    spreadsheet_hours: float | None

    def over(self, intervals: Sequence[int] | None = None) -> Verdict:
        """The verdict over some intervals; None for all."""
        chosen = slice(None) if intervals is None else np.asarray(intervals, np.int64)
        weight = self.volume[chosen]
        contacts = float(weight.sum())

        def mean(values: Floats) -> float:
            return float(weight @ values[chosen]) / contacts if contacts else 0.0

        parts = {name: mean(values) for name, values in self.parts.items()}
        return Verdict(contacts, mean(self.planned), mean(self.kept), parts)


@dataclass(frozen=True, slots=True, eq=False)
class Replay:
    """A span, played; `left_out` says why a queue is not among them."""

    grid: TimeGrid
    queues: tuple[QueueReplay, ...]
    left_out: Mapping[str, str]


def replay(
    problem: RosterProblem,
    scheduled: Sequence[Shift],
    played: Sequence[Played],
    worked: Sequence[Shift] | None = None,
    replications: int = 50,
    seed: int = 0,
) -> Replay:
    """Play the contacts that came with the people of a roster.

    Parameters
    ----------
    scheduled, worked
        Shifts as scheduled, and as they were worked; None for as scheduled, and then nothing is put down to shrinkage.
    replications
        How often each day is played, at least 1.
    seed
        The same seed gives the same replay.
    """
    left_out = {one.queue.id: reason for one in played if (reason := _unfit(one))}
    live = [one for one in played if one.queue.id not in left_out]
    if not live:
        raise InvalidInput("no queue can be replayed: " + ("; ".join(left_out.values()) or "none was given"))
    there = scheduled if worked is None else worked
    names = [one.queue.id for one in live]
    planned_heads = heads_by_queue(problem, scheduled, names)
    present = planned_heads if worked is None else heads_by_queue(problem, there, names)
    kept = _kept(problem, there, live, replications, seed)
    queues = []
    for one in live:
        share = 1.0 if one.there is None else one.there
        heads = Heads(one.on_queue, planned_heads[one.queue.id] * share, present[one.queue.id] * share)
        queues.append(_judged(problem.grid, one, heads, kept[one.queue.id]))
    return Replay(problem.grid, tuple(queues), left_out)


def replay_files(
    history: Path,
    reading: Reading,
    plan: Path,
    queues: Callable[[str], Queue],
    problem: Path,
    roster: Path,
    worked: Path | None = None,
    replications: int = 50,
    seed: int = 0,
) -> Replay:
    """Play the weeks of a roster with the contacts of a history file against a file of people needed.

    Raises
    ------
    InvalidInput
        When a file cannot be used, or the history does not reach over the roster.
    """
    from wfm.scheduler import read_problem, read_roster
    from wfm.service.file_chain import read_file

    wanted = read_problem(problem)
    shifts = read_roster(roster, wanted).shifts
    came = None if worked is None else read_roster(worked, wanted).shifts
    file = read_file(history, reading)
    if file.interval_minutes > units.MINUTES_PER_DAY // 24:
        raise InvalidInput(f"a replay needs contacts by intervals of at most an hour, {history.name} has {file.interval_minutes} minutes")
    played = [_of_files(wanted.grid, file, one, queues(one.queue)) for one in read_series(plan, PLAN_COLUMNS)]
    return replay(wanted, shifts, played, came, replications, seed)


def _of_files(grid: TimeGrid, file: HistoryFile, plan: QueueSeries, queue: Queue) -> Played:
    """One queue of a file of people needed, with what a history file says came."""
    if plan.queue not in file.bounds:
        raise InvalidInput(f"the history has no queue {plan.queue!r}; it has {', '.join(file.bounds)}")
    rows, step_s = file.bounds[plan.queue], 60 * file.interval_minutes
    start_s = np.asarray(file.start_utc[rows]).astype("datetime64[s]").astype(np.int64)
    volume = observed_on(grid, start_s, step_s, file.volume[rows])
    handle_s = np.full(grid.count, np.nan) if file.handle_s is None else observed_on(grid, start_s, step_s, file.handle_s[rows])
    planned, on_queue = _planned(grid, plan, volume)
    with np.errstate(divide="ignore", invalid="ignore"):
        aht_s = np.where((volume > 0) & (handle_s > 0), handle_s / volume, planned.aht_s)
    return Played(queue, planned, Conditions(volume, aht_s), on_queue, weekday_means(grid, start_s, step_s, file.volume[rows]))


def _planned(grid: TimeGrid, plan: QueueSeries, came: Floats) -> tuple[Conditions, Floats]:
    """Contacts, handle times and heads on queue of a file of people needed; refused where it has nothing on a day with contacts."""
    step_s = 60 * plan.interval_minutes
    volume, heads = (observed_on(grid, plan.start_s, step_s, plan.columns[name]) for name in ("volume", "on_queue"))
    for day, (a, b) in zip(grid.dates, grid.day_bounds, strict=True):
        if np.nansum(came[a:b]) > 0 and np.isnan(volume[a:b]).all():
            raise InvalidInput(f"the file of people needed must reach over the roster's days; it has nothing of {plan.queue} on {day}")
    aht_s = _aht(grid, plan.start_s, step_s, plan.columns)
    return Conditions(np.nan_to_num(volume), aht_s), np.nan_to_num(heads) * step_s / grid.interval_s


def heads_by_queue(problem: RosterProblem, shifts: Sequence[Shift], names: Sequence[str]) -> dict[str, Floats]:
    """Heads of a roster by queue: the best split of the problem, and whoever is spare in proportion to what each queue requires."""
    found = cover(problem, shifts)
    required = {part.queue: np.array(part.required) for part in problem.requirements}
    missing = [name for name in names if name not in required]
    if missing:
        raise InvalidInput(f"the roster problem has no queue {missing[0]!r}; it has {', '.join(required)}")
    weight = np.array([required[name] for name in required])
    idle = weight.sum(axis=0) <= 0
    share = np.where(idle, 1.0 / len(required), weight / np.maximum(weight.sum(axis=0), 1e-12))
    return {name: found.served[name] + found.spare * share[q] for q, name in enumerate(required)}


def summary(found: Replay) -> Iterator[tuple[str, str, Verdict]]:
    """Verdicts by queue over the whole span, then by queue and local day."""
    for one in found.queues:
        yield one.queue.id, "", one.over()
    for one in found.queues:
        for day, (a, b) in zip(found.grid.dates, found.grid.day_bounds, strict=True):
            yield one.queue.id, day.isoformat(), one.over(range(a, b))


def document(found: Replay) -> dict[str, object]:
    """A replay for programs (wfm-replay/1): verdicts by queue and day, intervals with contacts, hours."""
    starts = found.grid.local_starts
    return {
        "format": "wfm-replay/1",
        "left_out": dict(found.left_out),
        "verdicts": [{"queue": queue, "day": day, **_told(verdict)} for queue, day, verdict in summary(found)],
        "hours": [
            {
                "queue": one.queue.id,
                "roster": one.hours,
                "clairvoyant": one.clairvoyant_hours,
                "spreadsheet": one.spreadsheet_hours,
            }
            for one in found.queues
        ],
        "intervals": [
            {"queue": one.queue.id, "start": starts[t].isoformat(), **_told(one.over([t]))}
            for one in found.queues
            for t in np.flatnonzero(one.volume > 0).tolist()
        ],
    }


def _told(verdict: Verdict) -> dict[str, object]:
    return {"contacts": verdict.contacts, "planned": verdict.planned, "kept": verdict.kept, "parts": dict(verdict.parts)}


def _unfit(one: Played) -> str:
    queue = one.queue
    if queue.channel.deferred:
        return f"{queue.name} is answered later and has no waiting line"
    if queue.channel is Channel.CHAT and queue.concurrency > 1:
        return f"{queue.name} holds several chats at once, which is not simulated"
    if not np.nansum(one.actual.volume) > 0:
        return f"{queue.name} had no contacts"
    return ""


def _kept(problem: RosterProblem, shifts: Sequence[Shift], live: Sequence[Played], replications: int, seed: int) -> dict[str, Floats]:
    """Service level by queue and interval, each day played by itself with its own handle times."""
    from wfm.simulate import agents_on_queue, simulate

    names = {one.queue.id for one in live}
    everyone = without_those_away(problem, agents_on_queue(problem, shifts), _away(problem, live), seed)
    agents = [replace(one, skills=tuple(skill for skill in one.skills if skill.queue in names)) for one in everyone]
    kept = {name: np.ones(problem.grid.count) for name in names}
    for number, (a, b) in enumerate(problem.grid.day_bounds):
        here = tuple(replace(one, on_queue=one.on_queue[a:b]) for one in agents if one.skills and any(one.on_queue[a:b]))
        result = simulate(_day(problem.grid, live, here, a, b), replications, seed + number)
        for name in names:
            kept[name][a:b] = result.service_level_by_interval(name)
    return kept


def _away(problem: RosterProblem, live: Sequence[Played]) -> dict[str, Floats]:
    """Share of the people of each queue who are away from the queues that are played: absent, or at work on one that is left out."""
    there = {one.queue.id: 1.0 if one.there is None else one.there for one in live}
    full = np.ones(problem.grid.count)
    return {need.queue: full - there.get(need.queue, 0.0) for need in problem.requirements}


def _day(grid: TimeGrid, live: Sequence[Played], agents: tuple[SimulatedAgent, ...], a: int, b: int) -> Simulation:
    from wfm.simulate import SimulatedQueue, Simulation

    queues = []
    for one in live:
        volume = np.nan_to_num(one.actual.volume[a:b])
        weight = volume if volume.any() else np.ones(b - a)
        queues.append(
            SimulatedQueue(
                id=one.queue.id,
                volume=tuple(volume.tolist()),
                aht_s=float(np.average(one.actual.aht_s[a:b], weights=weight)),
                patience_s=one.queue.patience_s or float("inf"),
                target=one.queue.target,
                priority=one.queue.priority,
            )
        )
    return Simulation(float(grid.interval_s), tuple(queues), agents)


def _judged(grid: TimeGrid, one: Played, heads: Heads, kept: Floats) -> QueueReplay:
    known = ~np.isnan(one.actual.volume)
    met = Conditions(np.nan_to_num(one.actual.volume), one.actual.aht_s)
    patience_s = one.queue.patience_s or float("inf")
    found = _expected(one, explain(one.planned, met, heads, one.queue.target, patience_s, float(grid.interval_s)), grid.interval_s)
    clairvoyant = _needed(grid, one.queue, met)
    spreadsheet = None if one.earlier is None else _needed(grid, one.queue, Conditions(one.earlier, one.planned.aht_s))

    def hours(people: Floats) -> float:
        return float(people[known].sum()) * grid.interval_s / units.SECONDS_PER_HOUR

    return QueueReplay(
        queue=one.queue,
        volume=met.volume,
        planned=found.planned,
        kept=kept,
        parts={**found.parts, "sharing": kept - found.actual},
        expected=one.planned,
        met=met,
        heads=heads,
        clairvoyant=clairvoyant,
        spreadsheet=spreadsheet,
        hours=hours(heads.present),
        clairvoyant_hours=hours(clairvoyant),
        spreadsheet_hours=None if spreadsheet is None else hours(spreadsheet),
    )


def _expected(one: Played, found: Explained, interval_s: int) -> Explained:
    """The planned level over the volumes that the plan counted with; what the mean volume is better than they is a part of volume.

    Busy intervals miss more than quiet ones gain, so a plan that keeps its promise on average looks better at its mean volume. Weighted by
    contacts, level kept and level planned agree on average where the volumes come as uncertain as planned.
    """
    from wfm.erlang import expected_service

    target = one.queue.target
    if one.rate_cv is None or str(target.definition) != "offered":
        return found
    patience_s = one.queue.patience_s or np.inf
    uncertain = expected_service(one.planned.volume / interval_s, one.rate_cv, one.planned.aht_s, one.on_queue, patience_s, target.awt_s)
    planned = np.asarray(uncertain, np.float64)
    return replace(found, planned=planned, parts={**found.parts, "volume": found.parts["volume"] + found.planned - planned})


def _needed(grid: TimeGrid, queue: Queue, met: Conditions) -> Floats:
    from wfm.erlang import required_agents

    agents = required_agents(met.volume / grid.interval_s, met.aht_s, queue.target, queue.patience_s or np.inf)
    return np.asarray(agents, np.float64)


def _aht(grid: TimeGrid, start_s: NDArray[np.int64], step_s: int, columns: Mapping[str, Floats]) -> Floats:
    """Planned handle time, s, by interval of the grid; the mean of all where the plan has none."""
    volume, aht_s = columns["volume"], columns["aht_s"]
    known = (aht_s > 0) & (volume > 0)
    if not known.any():
        raise InvalidInput("the file of people needed has a queue without handle times; give --aht to `wfm staff`")
    amounts = observed_on(grid, start_s, step_s, np.where(known, aht_s, np.nan)) * step_s / grid.interval_s
    return np.where(np.isnan(amounts), float(np.average(aht_s[known], weights=volume[known])), amounts)
