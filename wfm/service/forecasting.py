"""Forecast versions: made in worker processes, stored whole, read by pages."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from wfm.errors import InvalidInput
from wfm.service import audit, cold_starts
from wfm.service.context import Actor, Service
from wfm.service.forecast_tasks import WantedTask, attempt, wanted_tasks
from wfm.service.forecast_versions import begun, queue_part
from wfm.service.forecast_view import ForecastVersion, ForecastView, version_view, view
from wfm.service.policy import require
from wfm.service.processes import each
from wfm.service.progress import Progress
from wfm.service.queue_forecast import QueueForecast
from wfm.storage import forecasts, staff

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

__all__ = ["ForecastVersion", "ForecastView", "has_queue", "reports", "run", "versions", "view"]

LONGEST_DAYS = 400


def run(
    service: Service,
    actor: Actor,
    progress: Progress,
    first_day: date | None = None,
    days: int | None = None,
    queues: Collection[str] | None = None,
    candidates: Collection[str] | None = None,
) -> int:
    """Forecast every queue and store the result as a new version; its number. Heavy: for worker processes.

    Parameters
    ----------
    first_day
        First local day wanted; None for today where history ends in the last fortnight, else for the day after the history.
    days
        Local days wanted; None for `settings.forecast_days`.
    queues
        Keys of the queues wanted; None for all.
    candidates
        Names of the model families to choose from; None for the usual ones.

    Raises
    ------
    InvalidInput
        When no queue has any history.
    """
    require(actor, "forecast.change")
    days = service.settings.forecast_days if days is None else days
    if not 1 <= days <= LONGEST_DAYS:
        raise InvalidInput(f"days must be in 1 to {LONGEST_DAYS}, got {days}")
    progress.say(0.0, "reading history")
    tasks, first_day = wanted_tasks(service, actor, first_day, days, queues, tuple(candidates) if candidates else None)
    made = _forecasts(service, progress, tasks)
    made = _with_new_queues(service, actor, made, first_day, days)
    progress.say(0.97, "storing")
    with service.database.transaction() as session:
        return _store(service, actor, session, progress, made, first_day, days)


def versions(service: Service, actor: Actor, limit: int = 30) -> tuple[ForecastVersion, ...]:
    """The newest versions, newest in front."""
    require(actor, "forecast.read")
    with service.database.reading() as session:
        return tuple(version_view(row) for row in forecasts.versions(session, actor.organisation_id, limit))


def has_queue(service: Service, actor: Actor, queue_key: str, version: int | None = None) -> bool:
    """Whether a version has a queue; the newest where none is named.

    Raises
    ------
    NotFound
        When there is no such version or queue.
    """
    require(actor, "forecast.read")
    with service.database.reading() as session:
        queue = staff.queue(session, actor.organisation_id, queue_key)
        return forecasts.of_queue(session, forecasts.version(session, actor.organisation_id, version), queue.id) is not None


def reports(service: Service, actor: Actor, version: int | None = None) -> Mapping[str, Mapping[str, Any]]:
    """How each queue of a version was forecast (backtest, sentence, floor and so on), by key; of the newest version where none is named."""
    require(actor, "forecast.read")
    with service.database.reading() as session:
        row = forecasts.version(session, actor.organisation_id, version)
        return {queue.key: dict(part.report) for part, queue in forecasts.queues(session, row)}


@dataclass(frozen=True, slots=True, eq=False)
class _Made:
    """Forecasts by queue id, and why other queues have none, by key."""

    forecasts: list[tuple[int, QueueForecast]]
    skipped: dict[str, str]


def _forecasts(service: Service, progress: Progress, tasks: list[WantedTask]) -> _Made:
    ids = {wanted.task.key: wanted.queue_id for wanted in tasks}

    def tick(done: int) -> None:
        progress.say(0.05 + 0.9 * done / len(tasks), f"forecasting, {done} of {len(tasks)} queues done")

    longest_first = sorted((wanted.task for wanted in tasks), key=lambda task: -len(task.observed.start_s))
    done, skipped = [], {}
    for task, made in each(attempt, longest_first, service.settings.workers, tick, service.settings.cluster):
        if isinstance(made, str):
            skipped[task.key] = made
        else:
            done.append((ids[task.key], made))
    if not done:
        raise InvalidInput("no queue can be forecast: " + "; ".join(f"{key}: {reason}" for key, reason in skipped.items()))
    return _Made(sorted(done, key=lambda pair: pair[0]), skipped)


def _with_new_queues(service: Service, actor: Actor, made: _Made, first_day: date, days: int) -> _Made:
    """With the queues that planners want forecast like another one."""
    known = dict(made.forecasts)
    known |= dict(cold_starts.added(service, actor.organisation_id, known, first_day, days))
    return _Made(sorted(known.items()), made.skipped)


def _store(service: Service, actor: Actor, session: Session, progress: Progress, made: _Made, first_day: date, days: int) -> int:
    service.database.lock(session, "forecast", actor.organisation_id)
    row = begun(service, actor, session, first_day, days)
    session.add_all(queue_part(row, queue_id, part) for queue_id, part in made.forecasts)
    session.flush()
    after = {"first_day": first_day.isoformat(), "days": days, "queues": len(made.forecasts)}
    audit.record(session, service, actor, "forecast.make", "forecast", row.number, None, after)
    progress.finish(session, forecast=row.number, **({"skipped": made.skipped} if made.skipped else {}))
    return row.number
