"""What a forecast of every queue is made from: the history that may be read, the days wanted, what planners told."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache

from wfm.domain.timegrid import zone
from wfm.errors import InvalidInput, NotFound, WfmError
from wfm.service import special_days
from wfm.service.cleaning import cleaned, kept
from wfm.service.context import Actor, Service
from wfm.service.families import Member, with_family
from wfm.service.queue_forecast import ForecastTask, QueueForecast, forecast
from wfm.storage import definitions, organisations, staff
from wfm.storage.tables import QueueRow

RECENT_DAYS = 14


@dataclass(frozen=True, slots=True, eq=False)
class WantedTask:
    """A task and the row of its queue."""

    queue_id: int
    task: ForecastTask


def wanted_tasks(
    service: Service,
    actor: Actor,
    first_day: date | None,
    days: int,
    wanted: Collection[str] | None = None,
    candidates: tuple[str, ...] | None = None,
) -> tuple[list[WantedTask], date]:
    """One task for every queue with a history, and the first day; as for `forecasting.run`.

    A queue that is not a year old gets its siblings with it, whichever queues are wanted.

    Raises
    ------
    NotFound
        When a queue that is wanted does not exist.
    InvalidInput
        When no queue has any history.
    """
    with service.database.reading() as session:
        owner = organisations.organisation(session, actor.organisation_id)
        home, country, subdivision = owner.zone, owner.country, owner.subdivision
        members = [_member(row) for row, _ in staff.queues(session, actor.organisation_id)]
    unknown = sorted(set(wanted or ()) - {one.queue.id for one in members})
    if unknown:
        raise NotFound(f"there is no queue {unknown[0]!r}")
    history = cache(lambda queue_id: cleaned(service, actor.organisation_id, queue_id))
    known = [one for one in members if (wanted is None or one.queue.id in wanted) and history(one.id).start_s.size]
    if not known:
        raise InvalidInput("no queue has any history yet; import a file first")
    first_day = first_day or _following_day(max(int(history(one.id).start_s[-1]) for one in known), home, service.now())
    with service.database.reading() as session:
        keeps = {one.id: kept(session, actor.organisation_id, one.id) for one in known}
        told = {one.id: (*special_days.told(session, actor.organisation_id, one.id), keeps[one.id]) for one in known}
    tasks = [
        ForecastTask(one.queue.id, one.zone, country, subdivision, history(one.id), first_day, days, candidates, *told[one.id])
        for one in known
    ]
    return [WantedTask(one.id, with_family(task, one, members, history)) for one, task in zip(known, tasks, strict=True)], first_day


def _member(row: QueueRow) -> Member:
    return Member(row.id, row.zone, row.site_id, definitions.queue(row.key, row.name, row.definition))


def attempt(task: ForecastTask) -> QueueForecast | str:
    """The forecast of a queue, or why it has none: one that cannot be forecast does not keep the others from it."""
    try:
        return forecast(task)
    except WfmError as error:
        return str(error)


def _following_day(last_s: int, zone_name: str, now: datetime) -> date:
    here = zone(zone_name)
    after = datetime.fromtimestamp(last_s, UTC).astimezone(here).date() + timedelta(1)
    today = now.astimezone(here).date()
    return today if today - after <= timedelta(RECENT_DAYS) else after
