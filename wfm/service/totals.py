"""Totals of the newest forecast by channel, language, site and skill; a total typed for one of them is spread over its queues.

Every total is the sum of its queues, so that all of them agree. A typed one counts as certain: each queue takes of the difference in
proportion to the variance of its own total (`wfm.forecast.reconcile`), so that what is known well moves little.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from wfm import units
from wfm.domain.timegrid import TimeGrid, zone
from wfm.errors import Conflict, InvalidInput, NotFound
from wfm.service import audit, centre, fields, forecast_edits
from wfm.service.context import Actor, Service
from wfm.service.edit_wish import EditWish, check
from wfm.service.edited import EditKind
from wfm.service.forecast_curve import arrays_of, changes_of, grid_starts, placed
from wfm.service.forecast_figures import group_spread, span_spread
from wfm.service.policy import require
from wfm.storage import edits as edit_rows
from wfm.storage import forecasts, organisations, staff
from wfm.storage.tables import ForecastRow

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

MOST_DAYS = 62
MOST_CONTACTS = 1e8
NO_SITE = "-"


class By(StrEnum):
    """What queues are grouped by."""

    CHANNEL = "channel"
    LANGUAGE = "language"
    SITE = "site"
    SKILL = "skill"


@dataclass(frozen=True, slots=True)
class Total:
    """Contacts expected over the days, edits included.

    Parameters
    ----------
    key
        Of a queue, or the name of a group ("voice", "es", a site, a skill).
    name
        What people read.
    days
        Contacts by local day.
    spread
        Half the width of the band that holds four of five such totals, contacts.
    members
        Keys of the queues; the queue itself for a queue.
    """

    key: str
    name: str
    days: tuple[float, ...]
    spread: float
    members: tuple[str, ...]

    @property
    def contacts(self) -> float:
        """Over all days."""
        return sum(self.days)


@dataclass(frozen=True, slots=True)
class TotalsView:
    """Totals that agree.

    Parameters
    ----------
    version
        Number of the newest forecast.
    first_day, days
        Local days, each by the clock of its queue.
    groups
        By what queues are grouped; the totals of each kind add up to `whole`.
    revision
        What the reader has seen of the edits; give it back with a typed total.
    """

    version: int
    first_day: date
    days: int
    queues: tuple[Total, ...]
    groups: Mapping[By, tuple[Total, ...]]
    whole: Total
    revision: int


@dataclass(frozen=True, slots=True)
class GroupWish:
    """A total typed for a group: contacts from `first_day` to `last_day`, both included."""

    by: By
    group: str
    contacts: float
    first_day: date
    last_day: date
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class QueueShare:
    """What a typed total makes of one queue, contacts."""

    queue: str
    name: str
    before: float
    after: float

    @property
    def change(self) -> float:
        """As a share of what it was."""
        return self.after / self.before - 1


@dataclass(frozen=True, slots=True)
class SpreadPreview:
    """What a typed total would do; nothing is stored. `left_out` expect nothing on these days and stay so."""

    wish: GroupWish
    title: str
    version: int
    revision: int
    before: float
    queues: tuple[QueueShare, ...]
    left_out: tuple[str, ...]


def totals(service: Service, actor: Actor, first_day: date | None = None, days: int = 7) -> TotalsView:
    """Totals of the newest forecast.

    Parameters
    ----------
    first_day
        None for today, or the first day ahead.
    days
        1 to 62; fewer where the forecast ends earlier.

    Raises
    ------
    NotFound
        When there is no forecast yet.
    InvalidInput
        When the first day lies outside the forecast.
    """
    require(actor, "forecast.read")
    days = min(units.whole("days", days, at_least=1), MOST_DAYS)
    queues = {queue.key: queue for queue in centre.queues(service, actor)}
    with service.database.reading() as session:
        row = forecasts.version(session, actor.organisation_id)
        today = service.now().astimezone(zone(organisations.organisation(session, actor.organisation_id).zone)).date()
        first = first_day or max(row.first_day, min(today, row.first_day + timedelta(row.days - 1)))
        days = min(days, _days_from(row, first))
        found = tuple(_of_queues(session, actor, row, queues, first, days))
        revision = edit_rows.revision(session, actor.organisation_id)
        number = row.number
    groups = {by: _grouped(by, found, queues) for by in By}
    whole = _sum("", "", found)
    return TotalsView(number, first, days, found, groups, whole, revision)


def preview(service: Service, actor: Actor, wish: GroupWish) -> SpreadPreview:
    """What a typed total would do to the queues of its group.

    Raises
    ------
    NotFound
        When there is no such group, or no forecast.
    InvalidInput
        When a value is out of bounds, the days lie outside the forecast, or the group expects nothing on them.
    """
    require(actor, "forecast.change")
    if not 0 <= units.real("contacts", wish.contacts) <= MOST_CONTACTS:
        raise InvalidInput(f"contacts must lie in 0 to {MOST_CONTACTS:,.0f}, got {wish.contacts:g}")
    first, last = fields.day("first day", wish.first_day), fields.day("last day", wish.last_day)
    if not timedelta(0) <= last - first < timedelta(MOST_DAYS):
        raise InvalidInput(f"the last day must be the first or one of the {MOST_DAYS - 1} after it, got {first} to {last}")
    seen = totals(service, actor, first, (last - first).days + 1)
    if seen.first_day + timedelta(seen.days - 1) != last:
        raise InvalidInput(f"the newest forecast ends on {seen.first_day + timedelta(seen.days - 1)}; choose days in it")
    group = next((one for one in seen.groups[wish.by] if one.key == wish.group), None)
    if group is None:
        raise NotFound(f"there is no {wish.by} {wish.group!r} in the forecast")
    inside = [one for one in seen.queues if one.key in group.members]
    moving = [one for one in inside if one.contacts > 0]
    if not moving:
        raise InvalidInput(f"no contacts are forecast for {group.name} on these days, so there is no shape to keep")
    shares = tuple(
        QueueShare(one.key, one.name, one.contacts, after) for one, after in zip(moving, _shared(moving, wish.contacts), strict=True)
    )
    left_out = tuple(one.name for one in inside if one.contacts <= 0)
    return SpreadPreview(wish, group.name, seen.version, seen.revision, group.contacts, shares, left_out)


def spread(service: Service, actor: Actor, wish: GroupWish, seen_revision: int) -> int:
    """Keep a typed total: an edit on each queue of the group, all or none; the number that they share, for `revert`.

    Parameters
    ----------
    seen_revision
        As in the preview that the planner decided on.

    Raises
    ------
    Conflict
        When somebody else edited one of these queues on these days since.
    InvalidInput, NotFound
        As for `preview`.
    """
    require(actor, "forecast.change")
    queues = {queue.key: queue for queue in centre.queues(service, actor)}
    with service.database.transaction() as session:
        service.database.lock(session, "forecast_edit", actor.organisation_id)
        shown = preview(service, actor, wish)
        batch: int | None = None
        for one in shown.queues:
            edit = EditWish(one.queue, EditKind.PERCENT, one.change, wish.first_day, wish.last_day, wish.name, wish.reason)
            check(edit)
            row = forecast_edits.put(session, service, actor, queues[one.queue], edit, seen_revision, batch)
            batch = row.batch = batch or row.number
        session.flush()
        told = {"by": str(wish.by), "group": wish.group, "contacts": wish.contacts, "before": shown.before, "queues": len(shown.queues)}
        days = {"first_day": wish.first_day.isoformat(), "last_day": wish.last_day.isoformat()}
        audit.record(session, service, actor, "forecast.spread", "edit", batch, None, told | days)
        assert batch is not None
        return batch


def revert(service: Service, actor: Actor, batch: int) -> int:
    """Take back every edit of a typed total that still counts; how many.

    Raises
    ------
    NotFound
        When there is no typed total of that number.
    Conflict
        When all of it is taken back already.
    """
    require(actor, "forecast.change")
    with service.database.transaction() as session:
        service.database.lock(session, "forecast_edit", actor.organisation_id)
        rows = edit_rows.of_batch(session, actor.organisation_id, units.whole("number", batch, at_least=1))
        if not rows:
            raise NotFound(f"there is no typed total {batch}")
        counted = [row for row in rows if row.reverted_at is None]
        if not counted:
            raise Conflict(f"{rows[0].reverted_by} took the typed total {batch} ({rows[0].name}) back already")
        newest = edit_rows.revision(session, actor.organisation_id)
        for place, row in enumerate(counted, start=1):
            row.reverted_at, row.reverted_by, row.revision = service.now(), actor.name, newest + place
        session.flush()
        audit.record(session, service, actor, "forecast.spread.revert", "edit", batch, {"queues": len(counted)}, None)
        return len(counted)


@dataclass(frozen=True, slots=True)
class TypedTotal:
    """A typed total that counts: its edits share `batch`."""

    batch: int
    name: str
    reason: str
    made_by: str
    queues: tuple[str, ...]


def typed(service: Service, actor: Actor) -> tuple[TypedTotal, ...]:
    """Typed totals that count, newest first."""
    require(actor, "forecast.read")
    with service.database.reading() as session:
        keys = {queue_id: key for key, queue_id in staff.queue_ids(session, actor.organisation_id).items()}
        rows = [row for row in edit_rows.active(session, actor.organisation_id) if row.batch is not None]
        batches = sorted({row.batch for row in rows if row.batch is not None}, reverse=True)
        found = [[row for row in rows if row.batch == batch] for batch in batches]
        return tuple(
            TypedTotal(batch, of[0].name, of[0].reason, of[0].made_by, tuple(keys[row.queue_id] for row in of))
            for batch, of in zip(batches, found, strict=True)
        )


def _days_from(row: ForecastRow, first: date) -> int:
    last = row.first_day + timedelta(row.days - 1)
    if not row.first_day <= first <= last:
        raise InvalidInput(f"the newest forecast reaches from {row.first_day} to {last}; choose days in it")
    return (last - first).days + 1


def _of_queues(
    session: Session, actor: Actor, row: ForecastRow, queues: Mapping[str, centre.QueueView], first: date, days: int
) -> Iterator[Total]:
    for part, queue in forecasts.queues(session, row):
        grid = TimeGrid(queue.zone, first, days, part.interval_minutes)
        arrays = arrays_of(part, changes_of(session, actor.organisation_id, queue.id))
        mean = np.nan_to_num(placed(grid_starts(grid), arrays["start_s"], arrays["mean"]))
        of_days = tuple(float(mean[a:b].sum()) for a, b in grid.day_bounds)
        spread = span_spread(of_days, (first - row.first_day).days + 1, part.report)
        yield Total(queue.key, queues[queue.key].queue.name, of_days, spread, (queue.key,))


def _grouped(by: By, found: tuple[Total, ...], queues: Mapping[str, centre.QueueView]) -> tuple[Total, ...]:
    members: dict[str, list[Total]] = {}
    for one in found:
        members.setdefault(_group_of(by, queues[one.key]), []).append(one)
    return tuple(_sum(group, group, tuple(inside)) for group, inside in sorted(members.items()))


def _group_of(by: By, view: centre.QueueView) -> str:
    if by is By.CHANNEL:
        return str(view.queue.channel)
    if by is By.SITE:
        return view.site or NO_SITE
    return view.queue.language if by is By.LANGUAGE else view.queue.skill


def _sum(key: str, name: str, inside: tuple[Total, ...]) -> Total:
    days = tuple(float(sum(of_day)) for of_day in zip(*(one.days for one in inside), strict=True))
    spread = group_spread([one.contacts for one in inside], [one.spread for one in inside])
    return Total(key, name, days, spread, tuple(member for one in inside for member in one.members))


def _shared(moving: list[Total], contacts: float) -> list[float]:
    """Contacts of each queue once they add up to the typed total."""
    from wfm.forecast.reconciliation import reconcile_means

    mean = np.array([[one.contacts] for one in moving])
    variance = np.array([[max(one.spread, 1e-3) ** 2] for one in moving])
    after = reconcile_means(mean, variance, np.array([[contacts]]), np.zeros((1, 1)), np.ones((1, len(moving)), dtype=bool))
    return [float(one) for one in after[:, 0]]
