"""What cleaning does to the forecast of a queue: made three ways by the same methods, as a job; the result stays with the job."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

import numpy as np

from wfm.domain.wallclock import wall_clock
from wfm.errors import InvalidInput
from wfm.service import cleaning, work
from wfm.service.context import Actor, Service
from wfm.service.forecast_tasks import attempt, wanted_tasks
from wfm.service.observations import observed
from wfm.service.policy import require
from wfm.service.processes import each
from wfm.service.progress import Progress
from wfm.service.queue_forecast import ForecastTask, QueueForecast

DAYS = 28
_LOOKED_AT = 50
IMPORTED, ACCEPTED, EVERYTHING = "imported", "accepted", "everything"


@dataclass(frozen=True, slots=True)
class Effect:
    """Contacts forecast for the next days, by how the history was read.

    Parameters
    ----------
    totals
        By way: `imported` reads all that was imported, `accepted` leaves out what was accepted, `everything` the open proposals too.
        A way that would read the same as another is not there.
    weekdays
        The same by weekday, Monday first.
    is_current
        Whether the decisions are still those that it was worked out with.
    """

    first_day: date
    days: int
    totals: Mapping[str, float]
    weekdays: Mapping[str, tuple[float, ...]]
    made_at: datetime
    is_current: bool


def run(service: Service, actor: Actor, progress: Progress, queue_key: str) -> Mapping[str, float]:
    """Forecast a queue with and without its cleanings; contacts by way. Heavy: for worker processes.

    Raises
    ------
    InvalidInput
        When the queue cannot be forecast, or there is nothing to leave out.
    """
    require(actor, "forecast.change")
    progress.say(0.0, "reading history")
    seen = cleaning.view(service, actor, queue_key)
    ways = _ways(service, actor, seen)
    made: dict[str, QueueForecast] = {}

    def tick(done: int) -> None:
        progress.say(0.1 + 0.85 * done / len(ways), f"forecasting, {done} of {len(ways)} ways done")

    for (way, _), result in each(_attempt, ways, service.settings.workers, tick, service.settings.cluster):
        if isinstance(result, str):
            raise InvalidInput(result)
        made[way] = result
    totals = {way: float(one.mean.sum()) for way, one in made.items()}
    with service.database.transaction() as session:
        progress.finish(
            session,
            queue=queue_key,
            stamp=_stamp(seen),
            first_day=ways[0][1].first_day.isoformat(),
            days=DAYS,
            totals=totals,
            weekdays={way: _by_weekday(one, seen.queue.zone) for way, one in made.items()},
        )
    return totals


def newest(service: Service, actor: Actor, seen: cleaning.CleaningView) -> Effect | None:
    """The last effect that was worked out for the queue of a view; None where there is none."""
    require(actor, "forecast.read")
    for job in work.jobs(service, actor, _LOOKED_AT, work.Kind.CLEANING):
        result = job.result
        if job.state == "done" and result and result.get("queue") == seen.queue.key:
            return Effect(
                first_day=date.fromisoformat(result["first_day"]),
                days=result["days"],
                totals=result["totals"],
                weekdays={way: tuple(values) for way, values in result["weekdays"].items()},
                made_at=job.finished_at or job.created_at,
                is_current=result["stamp"] == _stamp(seen),
            )
    return None


def _ways(service: Service, actor: Actor, seen: cleaning.CleaningView) -> list[tuple[str, ForecastTask]]:
    accepted = [one.stretch for one in seen.decisions if one.accepted and one.undone_at is None]
    if not accepted and not seen.proposals:
        raise InvalidInput("nothing is proposed or left out for this queue, so cleaning changes nothing")
    (wanted,), _ = wanted_tasks(service, actor, None, DAYS, [seen.queue.key])
    raw = observed(service, actor.organisation_id, seen.queue.id)
    ways: dict[str, list[cleaning.Stretch]] = {IMPORTED: []} | ({ACCEPTED: accepted} if accepted else {})
    if seen.proposals:
        ways[EVERYTHING] = [*accepted, *seen.proposals]
    return [
        (way, replace(wanted.task, observed=cleaning.without(raw, [(one.begin.timestamp(), one.end.timestamp()) for one in out])))
        for way, out in ways.items()
    ]


def _attempt(way: tuple[str, ForecastTask]) -> QueueForecast | str:
    return attempt(way[1])


def _by_weekday(made: QueueForecast, zone_name: str) -> list[float]:
    clock = wall_clock(zone_name, int(made.start_s[0]), int(made.start_s[-1]))
    weekday = (clock.to_wall(made.start_s) // 86_400 + 3) % 7  # 1970 began on a Thursday
    return [float(one) for one in np.bincount(weekday, made.mean, 7)]


def _stamp(seen: cleaning.CleaningView) -> list[int]:
    """Changes with every decision, every undo and every new proposal."""
    undone = sum(one.undone_at is not None for one in seen.decisions)
    return [len(seen.decisions), undone, len(seen.proposals)]
