"""The rest of a day worked out as a job; the outcome stays with the job and is shown at once, with the time that it is of.

An outcome says what it was worked out from: people needed, published version, imports and, for today, the quarter of an hour, as nobody's
plan is changed in the past. While these stand it is not worked out again. People are kept by key, never by name.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from wfm.domain.timegrid import zone
from wfm.errors import NotFound
from wfm.service import centre, intraday, schedule_diff, work
from wfm.service.context import Actor, Service
from wfm.service.day_changes import Offer
from wfm.service.intraday import QueueToday, TodayCell, TodayView
from wfm.service.policy import require
from wfm.service.progress import Progress
from wfm.service.work import JobView, Kind
from wfm.storage import history, publications, requirements
from wfm.storage.tables import ForecastRow

_LOOKED_AT = 50
_PENDING = ("waiting", "running")
_FIGURES = ("requirement", "publication", "short_before", "short_after", "spare_hours")
_OF_QUEUE = ("interval_minutes", "came", "due", "rest_before", "rest_now")


@dataclass(frozen=True, slots=True)
class Outcome:
    """The rest of a day as it was worked out at `made_at`; `is_current` while nothing that it came from has changed."""

    view: TodayView
    made_at: datetime
    is_current: bool


def run(service: Service, actor: Actor, progress: Progress, day: date) -> TodayView:
    """Work out the rest of a local day and keep it with the job. Heavy: for worker processes.

    Raises
    ------
    NotFound
        As `intraday.today`.
    """
    require(actor, "requirement.read")
    progress.say(0.0, "reading what came and what is planned")
    slot = _slot(service, actor, day)
    view = intraday.today(service, actor, day, progress)
    with service.database.transaction() as session:
        progress.finish(session, day=day.isoformat(), of=slot, outcome=_document(view))
    return view


def newest(service: Service, actor: Actor, day: date | None = None) -> Outcome | None:
    """The last outcome for a day that was worked out for a reader who sees the same people; None where there is none.

    Raises
    ------
    NotFound
        When the newest people needed do not reach over the day.
    """
    require(actor, "requirement.read")
    day = day or _local_today(service, actor)
    slot = _slot(service, actor, day)
    for job in work.jobs(service, actor, _LOOKED_AT, Kind.TODAY):
        if job.state == "done" and job.result and str(job.result.get("of", "")).startswith(_prefix(actor, day)):
            view = _view(service, actor, job.result["outcome"])
            return Outcome(view, job.finished_at or job.created_at, job.result["of"] == slot) if view.queues else None
    return None


def want(service: Service, actor: Actor, day: date | None = None, *, again: bool = False) -> JobView:
    """Want a day worked out: the job that is at it already, that of what is known now, or (`again`) another one.

    Raises
    ------
    NotFound
        When the newest people needed do not reach over the day.
    """
    require(actor, "requirement.read")
    day = day or _local_today(service, actor)
    slot, prefix = _slot(service, actor, day), _prefix(actor, day)
    for job in work.jobs(service, actor, _LOOKED_AT, Kind.TODAY):
        if job.state in _PENDING and job.slot.startswith(prefix):
            return job
    return work.enqueue(service, actor, Kind.TODAY, {"day": day.isoformat()}, f"{prefix}{uuid.uuid4().hex}" if again else slot)


def _local_today(service: Service, actor: Actor) -> date:
    return _now(service, actor).date()


def _now(service: Service, actor: Actor) -> datetime:
    return service.now().astimezone(zone(centre.organisation(service, actor).zone))


def _prefix(actor: Actor, day: date) -> str:
    """The day and whose people are seen."""
    site = centre.visible_site(actor)
    return f"{day} {'all' if site is None else f'site {site}'}: "


def _slot(service: Service, actor: Actor, day: date) -> str:
    """What the rest of a day is worked out from, in short."""
    now, owner = _now(service, actor), actor.organisation_id
    with service.database.reading() as session:
        needed = requirements.version(session, owner)
        forecast = session.get_one(ForecastRow, needed.forecast_id)
        if not forecast.first_day <= day < forecast.first_day + timedelta(forecast.days):
            raise NotFound(f"people needed {needed.number} do not reach over {day}; work them out from a newer forecast")
        published = publications.publications(session, owner, 1)
        imports, undone = history.stamp(session, owner)
    moment = f"{now.hour:02d}:{now.minute // 15 * 15:02d}" if day == now.date() else ("over" if day < now.date() else "to come")
    return f"{_prefix(actor, day)}{needed.number}/{published[0].number if published else 0}/{imports}/{undone} {moment}"


def _document(view: TodayView) -> dict[str, Any]:
    return {
        **{name: getattr(view, name) for name in _FIGURES},
        "day": view.day.isoformat(),
        "moment": view.moment.isoformat(),
        "soonest": view.soonest.isoformat(),
        "queues": {one.queue.key: _queue_document(one) for one in view.queues},
        "offers": [_offer_document(one) for one in view.offers],
        "home": [_offer_document(one) for one in view.home],
    }


def _queue_document(one: QueueToday) -> dict[str, Any]:
    """The intervals in which contacts are expected or came, column by column."""
    shown = [asdict(cell) for cell in one.cells if cell.is_open]
    columns = {name: [_short(cell[name]) for cell in shown] for name in TodayCell.__dataclass_fields__}
    return {**{name: getattr(one, name) for name in _OF_QUEUE}, "until": one.until and one.until.isoformat(), "cells": columns}


def _short(value: Any) -> Any:
    return round(value, 4) if isinstance(value, float) else value


def _offer_document(one: Offer) -> dict[str, Any]:
    shifts = {"before": schedule_diff.document((one.before,)), "after": schedule_diff.document((one.after,))}
    return {"agent": one.agent, "kind": one.kind, "hours": one.hours, "recovered_hours": one.recovered_hours, **shifts}


def _view(service: Service, actor: Actor, told: Mapping[str, Any]) -> TodayView:
    """An outcome as `intraday.today` gave it, with what the reader may see."""
    here = zone(centre.organisation(service, actor).zone)
    queues = {one.key: one for one in centre.queues(service, actor)}
    names = {one.agent.id: one.name for one in centre.agents(service, actor)}
    return TodayView(
        **{name: told[name] for name in _FIGURES},
        day=date.fromisoformat(told["day"]),
        moment=datetime.fromisoformat(told["moment"]).astimezone(here),
        soonest=datetime.fromisoformat(told["soonest"]).astimezone(here),
        queues=tuple(_queue(queues[key], one) for key, one in told["queues"].items() if key in queues),
        offers=tuple(_offer(names, one) for one in told["offers"] if one["agent"] in names),
        home=tuple(_offer(names, one) for one in told["home"] if one["agent"] in names),
    )


def _queue(view: centre.QueueView, told: Mapping[str, Any]) -> QueueToday:
    columns = told["cells"]
    cells = (TodayCell(**dict(zip(columns, row, strict=True))) for row in zip(*columns.values(), strict=True))
    until = told["until"] and datetime.fromisoformat(told["until"])
    return QueueToday(queue=view, cells=tuple(cells), until=until, **{name: told[name] for name in _OF_QUEUE})


def _offer(names: Mapping[str, str], told: Mapping[str, Any]) -> Offer:
    (before,), (after,) = (schedule_diff.from_document(told["agent"], told[name]) for name in ("before", "after"))
    return Offer(told["agent"], names[told["agent"]], told["kind"], before, after, told["hours"], told["recovered_hours"])
