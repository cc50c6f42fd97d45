"""Queues without a history of their own: forecast like a similar queue at a typed size, until four weeks of history are there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from wfm import units
from wfm.domain.timegrid import TimeGrid
from wfm.errors import Conflict, InvalidInput, NotFound
from wfm.service import audit, fields
from wfm.service.cleaning import cleaned, volume_by_day
from wfm.service.cold_forecast import LEAST_OWN_DAYS, WEEK_DAYS, Similar, like, weeks_of
from wfm.service.context import Actor, Service
from wfm.service.forecast_figures import total_spread
from wfm.service.forecast_versions import begun, copied, queue_part
from wfm.service.policy import require
from wfm.service.queue_forecast import QueueForecast
from wfm.storage import cold_starts as store
from wfm.storage import forecasts, staff
from wfm.storage.series import unpack
from wfm.storage.tables import ColdStartRow, ForecastRow, QueueRow

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

MOST_CONTACTS, MOST_CV = 1e7, 2.0
NAME = 80
USUAL_CV = 0.25


@dataclass(frozen=True, slots=True)
class ColdWish:
    """What a planner types.

    Parameters
    ----------
    queue
        Key of the queue that has too little history; empty for one that does not exist yet.
    name
        Of the queue to be made, with the settings of the similar one; empty for one that exists.
    similar
        Key of the queue whose shape, season, opening hours and handle times are taken.
    weekly_total
        Contacts in an ordinary week.
    total_cv
        How far off that may be: standard deviation over mean, 0 to 2.
    """

    queue: str
    name: str
    similar: str
    weekly_total: float
    total_cv: float = USUAL_CV


@dataclass(frozen=True, slots=True)
class ColdDay:
    """A day of a preview: contacts with the band that holds four of five such days, and those of the similar queue."""

    day: date
    mean: float
    low_80: float
    high_80: float
    similar: float


@dataclass(frozen=True, slots=True)
class ColdPreview:
    """What a wish would give.

    Parameters
    ----------
    title
        What the queue is called.
    version
        Number of the forecast that the shape is taken from.
    similar_week
        Contacts of the similar queue in an ordinary week.
    days
        The first two weeks.
    busiest
        Contacts in the busiest interval.
    """

    wish: ColdWish
    title: str
    similar_name: str
    version: int
    similar_week: float
    days: tuple[ColdDay, ...]
    busiest: float
    interval_minutes: int


@dataclass(frozen=True, slots=True)
class ColdStart:
    """A queue that is forecast like a similar one; `own_days` are the days that it has of its own, of the 28 that end this."""

    queue: str
    name: str
    similar: str
    similar_name: str
    weekly_total: float
    total_cv: float
    own_days: int
    made_at: datetime
    made_by: str

    @property
    def is_over(self) -> bool:
        """Whether its own history has taken over."""
        return self.own_days >= LEAST_OWN_DAYS


@dataclass(frozen=True, slots=True)
class Candidate:
    """A queue to choose: `is_short` where it has no forecast or one of low confidence, `is_shape` where others can be like it."""

    key: str
    name: str
    is_short: bool
    is_shape: bool


def candidates(service: Service, actor: Actor) -> tuple[Candidate, ...]:
    """Every queue, those with little history in front."""
    require(actor, "forecast.read")
    with service.database.reading() as session:
        rows = [row for row, _ in staff.queues(session, actor.organisation_id)]
        reports = _newest_reports(session, actor)
        found = [
            Candidate(row.key, row.name, report is None or bool(report.get("low_confidence")), report is not None and "like" not in report)
            for row in rows
            for report in [reports.get(row.id)]
        ]
    return tuple(sorted(found, key=lambda one: (not one.is_short, one.name)))


def standing(service: Service, actor: Actor) -> tuple[ColdStart, ...]:
    """Queues that are forecast like a similar one."""
    require(actor, "forecast.read")
    with service.database.reading() as session:
        found = [(one.row, one.queue, one.similar) for one in store.standing(session, actor.organisation_id)]
    return tuple(_view(service, actor, *one) for one in found)


def preview(service: Service, actor: Actor, wish: ColdWish) -> ColdPreview:
    """What a wish would give, from the newest forecast; nothing is stored.

    Raises
    ------
    InvalidInput
        When a value is out of bounds, or the similar queue has no forecast of its own.
    Conflict
        When there is a queue of the new name already.
    """
    require(actor, "forecast.change")
    with service.database.reading() as session:
        version, queue, similar = _sources(session, actor, wish)
        zone_name = queue.zone if queue else similar.zone
        made = like(similar, zone_name, version.first_day, version.days, wish.weekly_total, wish.total_cv)
        grid = TimeGrid(zone_name, version.first_day, min(2 * WEEK_DAYS, version.days), made.interval_minutes)
        week = float(np.median(weeks_of(similar, version.first_day, version.days)))
        title = queue.name if queue else wish.name
        days = _days(grid, made, week / wish.weekly_total)
        return ColdPreview(wish, title, similar.name, version.number, week, days, float(made.mean.max()), made.interval_minutes)


def keep(service: Service, actor: Actor, wish: ColdWish) -> int:
    """Forecast the queue so from now on, beginning with a new version in which the others stay as they are; its number.

    A queue that does not exist yet is made with the settings of the similar one.

    Raises
    ------
    InvalidInput, Conflict
        As for `preview`.
    """
    require(actor, "forecast.change")
    if wish.name:
        require(actor, "staff.change")
    with service.database.transaction() as session:
        service.database.lock(session, "centre", actor.organisation_id)
        service.database.lock(session, "forecast", actor.organisation_id)
        version, queue, similar = _sources(session, actor, wish)
        theirs = staff.queue(session, actor.organisation_id, wish.similar)
        queue = queue or _new_queue(session, actor, wish.name, theirs)
        made = like(similar, queue.zone, version.first_day, version.days, wish.weekly_total, wish.total_cv)
        _end_standing(session, service, actor, queue.id)
        session.add(_row(service, actor, queue.id, theirs.id, wish))
        number = _with_part(session, service, actor, version, queue.id, made)
        if wish.name:
            audit.record(session, service, actor, "queue.add", "queue", queue.key, None, {"name": queue.name, "like": theirs.key})
        told = {"similar": theirs.key, "weekly_total": wish.weekly_total, "total_cv": wish.total_cv, "forecast": number}
        audit.record(session, service, actor, "cold_start.set", "queue", queue.key, None, told)
        return number


def remove(service: Service, actor: Actor, queue_key: str) -> None:
    """Forecast a queue from its own history again, from the next forecast on.

    Raises
    ------
    NotFound
        When it is not forecast like another one.
    """
    require(actor, "forecast.change")
    with service.database.transaction() as session:
        queue = staff.queue(session, actor.organisation_id, queue_key)
        if not _end_standing(session, service, actor, queue.id):
            raise NotFound(f"queue {queue_key} is not forecast like another one")
        audit.record(session, service, actor, "cold_start.remove", "queue", queue_key)


def added(
    service: Service, organisation_id: int, made: Mapping[int, QueueForecast], first_day: date, days: int
) -> Iterable[tuple[int, QueueForecast]]:
    """Forecasts by queue id for queues that are to be like one of those just `made`, and have too little history of their own."""
    with service.database.reading() as session:
        found = [
            (one.row.queue_id, one.queue.zone, one.row.weekly_total, one.row.total_cv, _just_made(one.similar, made[one.row.similar_id]))
            for one in store.standing(session, organisation_id)
            if one.row.similar_id in made
        ]
    for queue_id, zone_name, weekly_total, total_cv, similar in found:
        if len(volume_by_day(cleaned(service, organisation_id, queue_id), zone_name)) < LEAST_OWN_DAYS:
            yield queue_id, like(similar, zone_name, first_day, days, weekly_total, total_cv)


def _just_made(row: QueueRow, made: QueueForecast) -> Similar:
    return Similar(row.key, row.name, row.zone, made.interval_minutes, made.arrays(), made.report.get("dispersion", {}))


def _sources(session: Session, actor: Actor, wish: ColdWish) -> tuple[ForecastRow, QueueRow | None, Similar]:
    """The newest version, the queue where it exists, and the similar forecast."""
    if bool(wish.queue) == bool(wish.name):
        raise InvalidInput("choose a queue, or name a new one")
    if not 0 < units.real("contacts a week", wish.weekly_total) <= MOST_CONTACTS:
        raise InvalidInput(f"contacts a week must lie above 0 and be at most {MOST_CONTACTS:,.0f}, got {wish.weekly_total:g}")
    if not 0 <= units.real("uncertainty", wish.total_cv) <= MOST_CV:
        raise InvalidInput(f"the total may be off by 0 to {100 * MOST_CV:.0f} %, got {100 * wish.total_cv:g} %")
    if wish.queue == wish.similar:
        raise InvalidInput("the similar queue must be another one")
    queue = staff.queue(session, actor.organisation_id, wish.queue) if wish.queue else None
    if queue is None and fields.text("name", wish.name, NAME) in staff.queue_ids(session, actor.organisation_id):
        raise Conflict(f"there is a queue {wish.name!r} already; choose it from the list")
    similar = staff.queue(session, actor.organisation_id, wish.similar)
    version = forecasts.version(session, actor.organisation_id)
    part = forecasts.of_queue(session, version, similar.id)
    if part is None or "like" in part.report:
        raise InvalidInput(f"{similar.name} has no forecast from a history of its own; choose another similar queue")
    source = Similar(similar.key, similar.name, similar.zone, part.interval_minutes, unpack(part.series), part.report.get("dispersion", {}))
    return version, queue, source


def _new_queue(session: Session, actor: Actor, name: str, like_row: QueueRow) -> QueueRow:
    title = fields.text("name", name, NAME)
    settings = {"site_id": like_row.site_id, "zone": like_row.zone, "definition": dict(like_row.definition)}
    return staff.new_queue(session, actor.organisation_id, title, name=title, **settings)


def _row(service: Service, actor: Actor, queue_id: int, similar_id: int, wish: ColdWish) -> ColdStartRow:
    return ColdStartRow(
        organisation_id=actor.organisation_id,
        queue_id=queue_id,
        similar_id=similar_id,
        weekly_total=wish.weekly_total,
        total_cv=wish.total_cv,
        made_at=service.now(),
        made_by=actor.name,
    )


def _with_part(session: Session, service: Service, actor: Actor, before: ForecastRow, queue_id: int, made: QueueForecast) -> int:
    """A new version like the one before, with one queue replaced or added; its number."""
    row = begun(service, actor, session, before.first_day, before.days)
    session.add_all(copied(row, part) for part, _ in forecasts.queues(session, before) if part.queue_id != queue_id)
    session.add(queue_part(row, queue_id, made))
    session.flush()
    return row.number


def _end_standing(session: Session, service: Service, actor: Actor, queue_id: int) -> bool:
    rows = [one.row for one in store.standing(session, actor.organisation_id) if one.row.queue_id == queue_id]
    for row in rows:
        row.removed_at, row.removed_by = service.now(), actor.name
    session.flush()
    return bool(rows)


def _newest_reports(session: Session, actor: Actor) -> dict[int, Mapping[str, Any]]:
    try:
        newest = forecasts.version(session, actor.organisation_id)
    except NotFound:
        return {}
    return {part.queue_id: part.report for part, _ in forecasts.queues(session, newest)}


def _days(grid: TimeGrid, made: QueueForecast, factor: float) -> tuple[ColdDay, ...]:
    found = []
    for day, (a, b) in zip(grid.dates, grid.day_bounds, strict=True):
        mean = float(made.mean[a:b].sum())
        spread = total_spread([mean], made.report["dispersion"])
        found.append(ColdDay(day, mean, max(0.0, mean - spread), mean + spread, mean * factor))
    return tuple(found)


def _view(service: Service, actor: Actor, row: ColdStartRow, queue: QueueRow, similar: QueueRow) -> ColdStart:
    own_days = len(volume_by_day(cleaned(service, actor.organisation_id, row.queue_id), queue.zone))
    names = queue.key, queue.name, similar.key, similar.name
    return ColdStart(*names, row.weekly_total, row.total_cv, own_days, row.made_at, row.made_by)
