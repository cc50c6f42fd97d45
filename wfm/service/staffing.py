"""People needed: computed from a forecast version, stored whole, opened cell by cell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from wfm.domain.demand import Queue
from wfm.errors import InvalidInput, WfmError
from wfm.service import audit
from wfm.service.context import Actor, Service
from wfm.service.edited import Change
from wfm.service.forecast_curve import arrays_of, changes_of
from wfm.service.movable_work import LocalClock
from wfm.service.people_needed import people_needed
from wfm.service.policy import require
from wfm.service.processes import each
from wfm.service.progress import Progress
from wfm.service.staffing_view import QueueLine, RequirementVersion, RequirementView, Why, day_cells, overview, version_view, view, why
from wfm.storage import definitions, edits, forecasts, requirements
from wfm.storage.numbering import next_number
from wfm.storage.series import pack
from wfm.storage.tables import QueueRequirementRow, RequirementRow

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from wfm.storage.tables import QueueForecastRow, QueueRow

__all__ = ["QueueLine", "RequirementVersion", "RequirementView", "Why", "day_cells", "overview", "plan", "versions", "view", "why"]

LEAST_OPEN = 0.05  # contacts expected in an interval of a live queue; below it nobody would open the line


def plan(service: Service, actor: Actor, progress: Progress, forecast_number: int | None = None) -> int:
    """Compute people needed on every queue of a forecast and store them as a new version; its number.

    The forecast is taken with the planners' edits on it. Each queue is computed for the target, patience, concurrency, minimum and
    shrinkage that it has now; they are stored along.

    Parameters
    ----------
    forecast_number
        Version of the forecast; None for the newest.

    Raises
    ------
    NotFound
        When there is no such forecast.
    InvalidInput
        When people needed can be computed for no queue.
    """
    require(actor, "requirement.change")
    progress.say(0.0, "reading the forecast")
    origin, parts = _parts(service, actor, forecast_number)
    made, skipped = _computed(service, progress, parts)
    progress.say(0.95, "storing")
    with service.database.transaction() as session:
        return _store(service, actor, session, progress, origin, made, skipped)


def versions(service: Service, actor: Actor, limit: int = 30) -> tuple[RequirementVersion, ...]:
    """The newest versions, newest in front."""
    require(actor, "requirement.read")
    with service.database.reading() as session:
        return tuple(version_view(row, number) for row, number in requirements.versions(session, actor.organisation_id, limit))


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """One queue as it is now, with its forecast."""

    queue_id: int
    queue: Queue
    definition: Mapping[str, Any]
    interval_minutes: int
    zone_name: str
    arrays: Mapping[str, NDArray[Any]]
    staffed: NDArray[np.bool_] | None = None


@dataclass(frozen=True, slots=True)
class _Origin:
    """The forecast that people needed are computed from, and the edits that are on it."""

    forecast_id: int
    edit_revision: int


def _parts(service: Service, actor: Actor, forecast_number: int | None) -> tuple[_Origin, list[_Part]]:
    owner = actor.organisation_id
    with service.database.reading() as session:
        row = forecasts.version(session, owner, forecast_number)
        origin = _Origin(row.id, edits.revision(session, owner))
        parts = [_part(part, queue, changes_of(session, owner, queue.id)) for part, queue in forecasts.queues(session, row)]
        return origin, _staffed(parts)


def _part(part: QueueForecastRow, queue: QueueRow, changes: Iterable[Change]) -> _Part:
    as_set_up = definitions.queue(queue.key, queue.name, queue.definition)
    return _Part(queue.id, as_set_up, queue.definition, part.interval_minutes, queue.zone, arrays_of(part, changes))


def _computed(service: Service, progress: Progress, parts: list[_Part]) -> tuple[list[tuple[_Part, bytes]], dict[str, str]]:
    """Packed people needed by queue, and why other queues have none, by key."""
    made: list[tuple[_Part, bytes]] = []
    skipped: dict[str, str] = {}

    def tick(done: int) -> None:
        progress.say(0.05 + 0.85 * done / len(parts), f"people needed, {done} of {len(parts)} queues done")

    for part, series in each(_attempt, parts, service.settings.workers, tick):
        if isinstance(series, str):
            skipped[part.queue.id] = series
        else:
            made.append((part, series))
    if not made:
        raise InvalidInput("people needed can be computed for no queue: " + "; ".join(skipped.values()))
    return sorted(made, key=lambda pair: pair[0].queue_id), skipped


def _attempt(part: _Part) -> bytes | str:
    """One queue that cannot be computed does not keep the others from it."""
    try:
        return pack(_arrays(part))
    except WfmError as error:
        return str(error)


def _staffed(parts: list[_Part]) -> list[_Part]:
    """Deferred queues are worked on while a live queue of the same skill is open; those without one, whenever contacts come."""
    live = [part for part in parts if not part.queue.channel.deferred]
    found = []
    for part in parts:
        beside = [one for one in live if part.queue.channel.deferred and one.queue.skill == part.queue.skill]
        found.append(replace(part, staffed=_open_with(part, beside)) if beside else part)
    return found


def _open_with(part: _Part, beside: list[_Part]) -> NDArray[np.bool_]:
    start_s = part.arrays["start_s"]
    is_open = np.zeros(len(start_s), np.bool_)
    for one in beside:
        index = np.searchsorted(one.arrays["start_s"], start_s, side="right") - 1
        is_open |= (index >= 0) & (one.arrays["mean"][np.maximum(index, 0)] > LEAST_OPEN)
    return is_open


def _arrays(part: _Part) -> dict[str, NDArray[Any]]:
    arrays = part.arrays
    clock = LocalClock(arrays["start_s"], part.zone_name)
    need = people_needed(part.queue, part.interval_minutes * 60, arrays["mean"], arrays["aht_s"], arrays["rate_cv"], part.staffed, clock)
    return {
        "start_s": arrays["start_s"],
        "volume": arrays["mean"],
        "low_80": arrays["q0.1"],
        "high_80": arrays["q0.9"],
        "aht_s": arrays["aht_s"],
        "rate_cv": arrays["rate_cv"],
        "load": need.offered_load,
        "backlog": need.backlog,
        "oldest_age_s": need.oldest_age_s,
        "movable": need.movable.astype(np.int32),
        "shrinkage": need.shrinkage,
        "on_queue": need.on_queue.astype(np.int32),
        "scheduled": need.scheduled.astype(np.int32),
    }


def _store(
    service: Service,
    actor: Actor,
    session: Session,
    progress: Progress,
    origin: _Origin,
    made: list[tuple[_Part, bytes]],
    skipped: dict[str, str],
) -> int:
    service.database.lock(session, "requirement", actor.organisation_id)
    number = next_number(session, RequirementRow, actor.organisation_id)
    row = RequirementRow(
        organisation_id=actor.organisation_id,
        number=number,
        forecast_id=origin.forecast_id,
        made_at=service.now(),
        made_by=actor.name,
        edit_revision=origin.edit_revision,
    )
    session.add(row)
    session.flush()
    for part, series in made:
        session.add(
            QueueRequirementRow(
                organisation_id=actor.organisation_id,
                requirement_id=row.id,
                queue_id=part.queue_id,
                interval_minutes=part.interval_minutes,
                definition=dict(part.definition),
                series=series,
            )
        )
    session.flush()
    after = {"forecast_id": origin.forecast_id, "edit_revision": origin.edit_revision, "queues": len(made)}
    audit.record(session, service, actor, "requirement.make", "requirement", number, None, after)
    progress.finish(session, requirement=number, **({"not_computed": skipped} if skipped else {}))
    return number
