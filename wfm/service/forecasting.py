"""Forecast versions: made in worker processes, stored whole, read by pages."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from wfm.domain.timegrid import zone
from wfm.errors import InvalidInput, NotFound, WfmError
from wfm.service import audit, special_days
from wfm.service.context import Actor, Service
from wfm.service.forecast_view import ForecastVersion, ForecastView, version_view, view
from wfm.service.observations import observed
from wfm.service.policy import require
from wfm.service.processes import each
from wfm.service.progress import Progress
from wfm.service.queue_forecast import ForecastTask, QueueForecast, forecast
from wfm.storage import forecasts, organisations, staff
from wfm.storage.numbering import next_number
from wfm.storage.series import pack
from wfm.storage.tables import ForecastRow, QueueForecastRow

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

__all__ = ["ForecastVersion", "ForecastView", "reports", "run", "versions", "view"]

LONGEST_DAYS = 400
RECENT_DAYS = 14


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
    tasks, first_day = _tasks(service, actor, first_day, days, queues, tuple(candidates) if candidates else None)
    made = _forecasts(service, progress, tasks)
    progress.say(0.97, "storing")
    with service.database.transaction() as session:
        return _store(service, actor, session, progress, made, first_day, days)


def versions(service: Service, actor: Actor, limit: int = 30) -> tuple[ForecastVersion, ...]:
    """The newest versions, newest in front."""
    require(actor, "forecast.read")
    with service.database.reading() as session:
        return tuple(version_view(row) for row in forecasts.versions(session, actor.organisation_id, limit))


def reports(service: Service, actor: Actor, version: int | None = None) -> Mapping[str, Mapping[str, Any]]:
    """How each queue of a version was forecast (backtest, sentence, floor and so on), by key; of the newest version where none is named."""
    require(actor, "forecast.read")
    with service.database.reading() as session:
        row = forecasts.version(session, actor.organisation_id, version)
        return {queue.key: dict(part.report) for part, queue in forecasts.queues(session, row)}


@dataclass(frozen=True, slots=True, eq=False)
class _Wanted:
    """A task and the row of its queue."""

    queue_id: int
    task: ForecastTask


@dataclass(frozen=True, slots=True, eq=False)
class _Made:
    """Forecasts by queue id, and why other queues have none, by key."""

    forecasts: list[tuple[int, QueueForecast]]
    skipped: dict[str, str]


def _tasks(
    service: Service, actor: Actor, first_day: date | None, days: int, wanted: Collection[str] | None, candidates: tuple[str, ...] | None
) -> tuple[list[_Wanted], date]:
    with service.database.reading() as session:
        owner = organisations.organisation(session, actor.organisation_id)
        home, country, subdivision = owner.zone, owner.country, owner.subdivision
        rows = [(row.id, row.key, row.zone) for row, _ in staff.queues(session, actor.organisation_id)]
    unknown = sorted(set(wanted or ()) - {key for _, key, _ in rows})
    if unknown:
        raise NotFound(f"there is no queue {unknown[0]!r}")
    known = [
        (queue_id, key, where, seen)
        for queue_id, key, where in rows
        if (wanted is None or key in wanted) and (seen := observed(service, actor.organisation_id, queue_id)).start_s.size
    ]
    if not known:
        raise InvalidInput("no queue has any history yet; import a file first")
    first_day = first_day or _following_day(max(int(seen.start_s[-1]) for *_, seen in known), home, service.now())
    with service.database.reading() as session:
        told = {queue_id: special_days.told(session, actor.organisation_id, queue_id) for queue_id, *_ in known}
    tasks = [
        _Wanted(queue_id, ForecastTask(key, where, country, subdivision, seen, first_day, days, candidates, *told[queue_id]))
        for queue_id, key, where, seen in known
    ]
    return tasks, first_day


def _following_day(last_s: int, zone_name: str, now: datetime) -> date:
    here = zone(zone_name)
    after = datetime.fromtimestamp(last_s, UTC).astimezone(here).date() + timedelta(1)
    today = now.astimezone(here).date()
    return today if today - after <= timedelta(RECENT_DAYS) else after


def _forecasts(service: Service, progress: Progress, tasks: list[_Wanted]) -> _Made:
    ids = {wanted.task.key: wanted.queue_id for wanted in tasks}

    def tick(done: int) -> None:
        progress.say(0.05 + 0.9 * done / len(tasks), f"forecasting, {done} of {len(tasks)} queues done")

    longest_first = sorted((wanted.task for wanted in tasks), key=lambda task: -len(task.observed.start_s))
    done, skipped = [], {}
    for task, made in each(_attempt, longest_first, service.settings.workers, tick, service.settings.cluster):
        if isinstance(made, str):
            skipped[task.key] = made
        else:
            done.append((ids[task.key], made))
    if not done:
        raise InvalidInput("no queue can be forecast: " + "; ".join(f"{key}: {reason}" for key, reason in skipped.items()))
    return _Made(sorted(done, key=lambda pair: pair[0]), skipped)


def _attempt(task: ForecastTask) -> QueueForecast | str:
    """One queue that cannot be forecast does not keep the others from it."""
    try:
        return forecast(task)
    except WfmError as error:
        return str(error)


def begun(service: Service, actor: Actor, session: Session, first_day: date, days: int, source: str = "") -> ForecastRow:
    """A new version without its queues, under the lock of the caller; `source` names where one made elsewhere is from."""
    row = ForecastRow(
        organisation_id=actor.organisation_id,
        number=next_number(session, ForecastRow, actor.organisation_id),
        made_at=service.now(),
        made_by=actor.name,
        first_day=first_day,
        days=days,
        cutoff=service.now(),
        source=source,
    )
    session.add(row)
    session.flush()
    return row


def _store(service: Service, actor: Actor, session: Session, progress: Progress, made: _Made, first_day: date, days: int) -> int:
    service.database.lock(session, "forecast", actor.organisation_id)
    row = begun(service, actor, session, first_day, days)
    for queue_id, part in made.forecasts:
        session.add(
            QueueForecastRow(
                organisation_id=actor.organisation_id,
                forecast_id=row.id,
                queue_id=queue_id,
                interval_minutes=part.interval_minutes,
                report=dict(part.report),
                series=pack(part.arrays()),
            )
        )
    session.flush()
    after = {"first_day": first_day.isoformat(), "days": days, "queues": len(made.forecasts)}
    audit.record(session, service, actor, "forecast.make", "forecast", row.number, None, after)
    progress.finish(session, forecast=row.number, **({"skipped": made.skipped} if made.skipped else {}))
    return row.number
