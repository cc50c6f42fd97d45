"""Planners' edits: looked at before they count, kept with name and reason, taken back one by one, judged once the contacts came.

An edit belongs to a queue and a stretch of time, not to a version: a new forecast, made by the night or at the same moment by somebody
else, comes under the edits and loses none of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from wfm import units
from wfm.domain.timegrid import TimeGrid, zone
from wfm.errors import Conflict, InvalidInput
from wfm.service import audit, centre, fields
from wfm.service.context import Actor, Service
from wfm.service.edit_verdict import Verdict, verdicts
from wfm.service.edit_wish import EditWish, check, stretch
from wfm.service.edited import Change, EditKind, laid
from wfm.service.forecast_curve import arrays_of, change_of, changes_of, grid_starts, part_of, placed
from wfm.service.policy import require
from wfm.storage import edits as store
from wfm.storage import forecasts, staff
from wfm.storage.numbering import next_number
from wfm.storage.tables import EditRow

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

NAME, REASON = 80, 500
SHOWN = 50


@dataclass(frozen=True, slots=True)
class EditDay:
    """A day before and after an edit, contacts."""

    day: date
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class EditPreview:
    """What an edit would do to the newest forecast.

    Parameters
    ----------
    revision
        State of the edits that this was computed on; give it to `add`.
    begin, end
        The stretch.
    beside
        Edits that count already on the same stretch: this one comes on top of them.
    """

    wish: EditWish
    version: int
    revision: int
    begin: datetime
    end: datetime
    days: tuple[EditDay, ...]
    beside: tuple[EditView, ...]


@dataclass(frozen=True, slots=True)
class EditView:
    """An edit as people see it; `verdict` is None while nothing of its stretch has come, `batch` where it was made by itself."""

    number: int
    kind: EditKind
    begin: datetime
    end: datetime
    value: float
    name: str
    reason: str
    made_at: datetime
    made_by: str
    reverted_at: datetime | None
    reverted_by: str | None
    verdict: Verdict | None
    batch: int | None


def preview(service: Service, actor: Actor, wish: EditWish) -> EditPreview:
    """What an edit would do to the newest forecast, with the edits that are on it; nothing is stored.

    Raises
    ------
    InvalidInput
        When the edit is out of bounds, lies in the past or outside the forecast, or has nothing to scale.
    """
    require(actor, "forecast.change")
    queue = centre.queue(service, actor, wish.queue)
    check(wish)
    with service.database.reading() as session:
        return _previewed(service, actor, session, queue, wish)


def add(service: Service, actor: Actor, wish: EditWish, seen_revision: int) -> EditView:
    """Keep an edit; it counts from now on, in every version.

    Parameters
    ----------
    seen_revision
        As in the preview or view that the planner decided on.

    Raises
    ------
    Conflict
        When somebody else edited the same stretch since; both edits are told.
    InvalidInput
        As for `preview`.
    """
    require(actor, "forecast.change")
    queue = centre.queue(service, actor, wish.queue)
    check(wish)
    with service.database.transaction() as session:
        service.database.lock(session, "forecast_edit", actor.organisation_id)
        row = put(session, service, actor, queue, wish, seen_revision)
        audit.record(session, service, actor, "forecast.edit", "edit", row.number, None, told(queue.key, row))
        return _view(row, None)


def put(
    session: Session,
    service: Service,
    actor: Actor,
    queue: centre.QueueView,
    wish: EditWish,
    seen_revision: int,
    batch: int | None = None,
) -> EditRow:
    """Store an edit under the lock of the caller, as `add` does; the caller writes the audit row."""
    name, reason = fields.note("name", wish.name, NAME), fields.note("reason", wish.reason, REASON)
    shown = _previewed(service, actor, session, queue, wish)
    begin_s, end_s = int(shown.begin.timestamp()), int(shown.end.timestamp())
    newer = store.changed_since(session, actor.organisation_id, queue.id, seen_revision, begin_s, end_s)
    if newer:
        raise Conflict(_both(newer[-1], name, wish, queue.zone))
    row = EditRow(
        organisation_id=actor.organisation_id,
        queue_id=queue.id,
        number=next_number(session, EditRow, actor.organisation_id),
        revision=shown.revision + 1,
        kind=str(wish.kind),
        begin_s=begin_s,
        end_s=end_s,
        value=wish.value,
        name=name,
        reason=reason,
        made_at=service.now(),
        made_by=actor.name,
        batch=batch,
    )
    session.add(row)
    session.flush()
    return row


def revert(service: Service, actor: Actor, number: int) -> EditView:
    """Take an edit back; it stays in the list.

    Raises
    ------
    NotFound
        When there is none of that number.
    Conflict
        When it is taken back already.
    """
    require(actor, "forecast.change")
    number = units.whole("number", number, at_least=1)
    with service.database.transaction() as session:
        service.database.lock(session, "forecast_edit", actor.organisation_id)
        row = store.edit(session, actor.organisation_id, number)
        if row.reverted_at is not None:
            raise Conflict(f"{row.reverted_by} took edit {number} ({row.name}) back already, at {row.reverted_at:%Y-%m-%d %H:%M} UTC")
        row.reverted_at, row.reverted_by = service.now(), actor.name
        row.revision = store.revision(session, actor.organisation_id) + 1
        session.flush()
        key = staff.queue_key(session, row.queue_id)
        audit.record(session, service, actor, "forecast.edit.revert", "edit", number, told(key, row), None)
        return _view(row, None)


def edits(service: Service, actor: Actor, queue_key: str, limit: int = SHOWN) -> tuple[EditView, ...]:
    """The newest edits of a queue, those taken back too, newest first, each with the verdict on it."""
    require(actor, "forecast.read")
    queue = centre.queue(service, actor, queue_key)
    with service.database.reading() as session:
        rows = store.of_queue(session, actor.organisation_id, queue.id, min(units.whole("limit", limit, at_least=1), 500))
        counted = [change_of(row) for row in reversed(rows) if row.reverted_at is None]
        judged = verdicts(service, actor, session, queue, counted) if counted else {}
        return tuple(_view(row, judged.get(row.number)) for row in rows)


def _previewed(service: Service, actor: Actor, session: Session, queue: centre.QueueView, wish: EditWish) -> EditPreview:
    row = forecasts.version(session, actor.organisation_id)
    part = part_of(session, row, queue)
    begin, end = stretch(wish, queue.zone, part.interval_minutes)
    if end <= service.now():
        raise InvalidInput(f"an edit changes what is still to come; {end.astimezone(zone(queue.zone)):%Y-%m-%d %H:%M} is over")
    present = changes_of(session, actor.organisation_id, queue.id)
    before = arrays_of(part, present)
    wanted = Change(wish.kind, int(begin.timestamp()), int(end.timestamp()), wish.value)
    reach = (row.first_day, row.first_day + timedelta(row.days - 1))
    after = laid(before, wanted, part.report.get("dispersion", {}), reach)
    days = _days(TimeGrid(queue.zone, wish.first_day, (wish.last_day - wish.first_day).days + 1, part.interval_minutes), before, after)
    counted = store.active(session, actor.organisation_id, queue.id)
    beside = tuple(_view(one, None) for one in counted if one.begin_s < wanted.end_s and one.end_s > wanted.begin_s)
    return EditPreview(wish, row.number, store.revision(session, actor.organisation_id), begin, end, days, beside)


def _days(grid: TimeGrid, before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[EditDay, ...]:
    start_s = grid_starts(grid)
    old, new = (placed(start_s, arrays["start_s"], arrays["mean"]) for arrays in (before, after))
    bounds = zip(grid.dates, grid.day_bounds, strict=True)
    return tuple(EditDay(day, float(np.nansum(old[a:b])), float(np.nansum(new[a:b]))) for day, (a, b) in bounds)


def _both(newer: EditRow, name: str, wish: EditWish, zone_name: str) -> str:
    who, what = (newer.reverted_by, "took back") if newer.reverted_at else (newer.made_by, "kept")
    theirs = _figure(EditKind(newer.kind), newer.value)
    when = f"{_clock(newer.begin_s, zone_name)} to {_clock(newer.end_s, zone_name)}"
    return (
        f"{who} {what} the edit {newer.name!r} ({theirs}, {when}: {newer.reason}) after you looked. "
        f"Yours, {name!r} ({_figure(wish.kind, wish.value)}), was not kept. Look at both, then decide."
    )


def _figure(kind: EditKind, value: float) -> str:
    return f"{value:+.1%}" if kind is EditKind.PERCENT else f"{value:,.0f} contacts"


def _clock(instant_s: int, zone_name: str) -> str:
    return f"{datetime.fromtimestamp(instant_s, UTC).astimezone(zone(zone_name)):%Y-%m-%d %H:%M}"


def told(key: str, row: EditRow) -> dict[str, object]:
    """An edit as the audit trail keeps it."""
    figures = {"kind": row.kind, "begin_s": row.begin_s, "end_s": row.end_s, "value": row.value}
    return {"queue": key, **figures, "name": row.name, "reason": row.reason}


def _view(row: EditRow, verdict: Verdict | None) -> EditView:
    return EditView(
        number=row.number,
        kind=EditKind(row.kind),
        begin=datetime.fromtimestamp(row.begin_s, UTC),
        end=datetime.fromtimestamp(row.end_s, UTC),
        value=row.value,
        name=row.name,
        reason=row.reason,
        made_at=row.made_at,
        made_by=row.made_by,
        reverted_at=row.reverted_at,
        reverted_by=row.reverted_by,
        verdict=verdict,
        batch=row.batch,
    )
