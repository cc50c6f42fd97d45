"""The nightly work: import, reforecast, people needed, accuracy, promises, drift. It proposes; it never publishes."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from wfm.domain.timegrid import zone
from wfm.errors import InvalidInput, WfmError
from wfm.service import accuracy, accuracy_limits, audit, centre, forecasting, observing, promises, staffing, work
from wfm.service.accuracy import Judged
from wfm.service.context import Actor, Service, night
from wfm.service.drift import Drift, drift
from wfm.service.observing import DayStatus
from wfm.service.policy import require
from wfm.service.progress import Part, Progress
from wfm.service.verdicts import DayVerdict
from wfm.service.watched import Taken, take_in
from wfm.service.work import JobView
from wfm.storage import findings as store
from wfm.storage.tables import FindingRow

KINDS = ("import", "missing_data", "accuracy", "promise", "drift")  # found anew every night; a drift of the level kept stays open
MOST_FINDINGS = 50
_LEASE_S = 3_600.0  # for a night in the foreground, which nobody beats for
_SHARES = {
    "import": (0.0, 0.1),
    "forecast": (0.1, 0.6),
    "requirement": (0.6, 0.75),
    "accuracy": (0.75, 0.8),
    "promises": (0.8, 0.9),
    "drift": (0.9, 0.98),
}


@dataclass(frozen=True, slots=True)
class FindingView:
    """Something that the night noticed; `weight` orders by impact, largest first."""

    id: int
    kind: str
    queue: str | None
    found_at: datetime
    weight: float
    text: str
    details: Mapping[str, Any]
    settled_at: datetime | None
    settled_by: str | None


@dataclass(frozen=True, slots=True)
class _Finding:
    kind: str
    queue: str | None
    weight: float
    text: str
    details: Mapping[str, Any]


def run_night(service: Service, organisation_id: int, slot: str, progress: Progress) -> tuple[FindingView, ...]:
    """Do the night of a local date. Each step is stored by itself; a night that is tried again goes on after the last one stored.

    Parameters
    ----------
    slot
        The local date, YYYY-MM-DD.
    progress
        That of a job: findings name it.

    Returns
    -------
    What was found, most weighty first.
    """
    actor = night(organisation_id)
    require(actor, "job.change")
    yesterday = date.fromisoformat(slot) - timedelta(1)
    taken = take_in(service, actor, _part(progress, "import"))
    found = _import_findings(taken) + _missing(service, actor, yesterday)
    requirement = _plan_ahead(service, actor, progress)
    found += _accuracy(service, actor, _part(progress, "accuracy"), yesterday)
    judged = promises.judge(service, actor, _part(progress, "promises"), yesterday)
    found += [_promise_finding(one) for one in promises.broken(judged, yesterday)]
    if requirement is not None:
        progress.say(_SHARES["drift"][0], "comparing the published schedule with the people needed")
        found += [_drift_finding(service, actor, one) for one in drift(service, actor, yesterday + timedelta(1), requirement)]
    progress.say(0.98, f"{len(found)} findings")
    most = sorted(found, key=lambda one: -one.weight)[:MOST_FINDINGS]
    return _store(service, actor, progress, most, promises.drifted(judged, yesterday))


def run_here(service: Service, organisation_id: int, slot: str) -> JobView:
    """Do the night of a local date in this process, unless somebody did it or is at it; the job that it is."""
    actor = night(organisation_id)
    job = work.enqueue(service, actor, work.Kind.NIGHT, {}, slot)
    claim = None if job.over else work.claim_one(service, job.id, f"here-{os.getpid()}", _LEASE_S)
    if claim is None:
        return job
    try:
        run_night(service, organisation_id, slot, work.JobProgress(service, claim, _LEASE_S))
    except WfmError as error:
        work.fail(service, claim.fence, str(error))
        raise
    return work.job(service, actor, job.id)


def findings(service: Service, actor: Actor, settled: bool = False, limit: int = MOST_FINDINGS) -> tuple[FindingView, ...]:
    """Open findings, most weighty first; or settled ones, newest first."""
    require(actor, "finding.read")
    with service.database.reading() as session:
        return tuple(_view(row, key) for row, key in store.of_organisation(session, actor.organisation_id, limit, settled=settled))


def settle(service: Service, actor: Actor, finding_id: int) -> FindingView:
    """Put a finding away: somebody has seen to it."""
    require(actor, "finding.change")
    with service.database.transaction() as session:
        row = store.finding(session, actor.organisation_id, finding_id)
        if row.settled_at is None:
            row.settled_at, row.settled_by = service.now(), actor.name
            session.flush()
            audit.record(session, service, actor, "finding.settle", "finding", finding_id, None, {"kind": row.kind})
        return _view(row, None)


def _part(progress: Progress, name: str) -> Part:
    return Part(progress, name, *_SHARES[name])


def _plan_ahead(service: Service, actor: Actor, progress: Progress) -> int | None:
    """New forecast and new people needed; the number of the latter, None while there is no history."""
    forecast, requirement = _part(progress, "forecast"), _part(progress, "requirement")
    try:
        number = forecast.kept.get("forecast") or forecasting.run(service, actor, forecast)
        return int(requirement.kept.get("requirement") or staffing.plan(service, actor, requirement, int(number)))
    except InvalidInput as error:
        progress.note(_SHARES["requirement"][1], f"nothing to plan: {error}")
        return None


def _accuracy(service: Service, actor: Actor, progress: Part, yesterday: date) -> list[_Finding]:
    progress.say(0.0, "comparing yesterday with its forecast")
    rows, judged = accuracy.judge(service, actor, yesterday)
    with service.database.transaction() as session:
        accuracy.store(session, rows)
        progress.finish(session, rows=len(rows))
    limit = accuracy_limits.limits(service, actor).day
    return [finding for one in judged if (finding := _accuracy_finding(one, limit)) is not None]


def _accuracy_finding(one: Judged, limit: float) -> _Finding | None:
    """A day total further off than a planner lets pass, where chance does not explain it (2.5 % on either side)."""
    gap = one.volume - one.mean
    if one.low_95 <= one.volume <= one.high_95 or abs(gap) < limit * max(one.mean, 1.0):
        return None
    side = "more" if gap > 0 else "fewer"
    text = (
        f"{one.name}: {abs(gap):,.0f} {side} contacts than forecast on {one.day:%A %d %B} ({one.volume:,.0f}, forecast {one.mean:,.0f}). "
        "Chance alone explains that less than once in twenty days: was there a campaign, an outage or a closed clinic?"
    )
    details = {"day": one.day.isoformat(), "volume": one.volume, "mean": one.mean, "lead_days": one.lead_days}
    return _Finding("accuracy", one.key, abs(gap), text, details)


def _import_findings(taken: Iterable[Taken]) -> list[_Finding]:
    return [
        _Finding("import", None, 1e6, f"The file {one.file_name} was not imported: {one.reason}", {"file": one.file_name})
        for one in taken
        if one.number is None
    ]


def _missing(service: Service, actor: Actor, yesterday: date) -> list[_Finding]:
    """Queues of which yesterday is missing, or a part of it, though they are usually open then."""
    found = []
    for queue in centre.queues(service, actor):
        (day,) = observing.day_quality(service, actor, queue.key, yesterday, 1)
        if day.status not in (DayStatus.MISSING, DayStatus.GAP):
            continue
        gap = f"{day.expected - day.intervals} of {day.expected} intervals are missing"
        what = "there is no data" if day.status is DayStatus.MISSING else gap
        text = f"{queue.queue.name}: {what} for {yesterday:%A %d %B}. Forecasts treat them as unknown; import the file when it is there."
        found.append(_Finding("missing_data", queue.key, float(day.expected), text, {"day": yesterday.isoformat()}))
    return found


def _promise_finding(one: DayVerdict) -> _Finding:
    missed = one.verdict.contacts * ((one.promised or 0.0) - one.verdict.kept)
    details = {"day": one.day.isoformat(), "kept": one.verdict.kept, "planned": one.verdict.planned, "promised": one.promised}
    return _Finding("promise", one.queue, missed, promises.broken_in_words(one), {**details, "parts": dict(one.verdict.parts)})


def _drift_finding(service: Service, actor: Actor, one: Drift) -> _Finding:
    name = centre.queue(service, actor, one.queue).queue.name
    change = one.needed_hours - one.was_needed_hours
    text = (
        f"{name} on {one.day:%A %d %B}: the published schedule is short by {one.short_hours:.1f} h, {one.more_hours:.1f} h more than when "
        f"it was built, most in the hour from {one.worst_clock} (short by {one.worst_heads:.1f} more). People needed went from "
        f"{one.was_needed_hours:.0f} to {one.needed_hours:.0f} h ({change:+.0f} h)."
    )
    details = {
        "day": one.day.isoformat(),
        "short_hours": round(one.short_hours, 2),
        "was_short_hours": round(one.was_short_hours, 2),
        "needed_hours": round(one.needed_hours, 2),
        "was_needed_hours": round(one.was_needed_hours, 2),
        "worst_clock": one.worst_clock,
        "worst_heads": round(one.worst_heads, 2),
    }
    return _Finding("drift", one.queue, one.cost, text, details)


def _store(
    service: Service, actor: Actor, progress: Progress, found: list[_Finding], levels: tuple[list[promises.Drifted], list[str]]
) -> tuple[FindingView, ...]:
    with service.database.transaction() as session:
        store.supersede(session, actor.organisation_id, KINDS, service.now(), actor.name)
        ids = _queue_ids(service, actor)
        rows = [
            FindingRow(
                organisation_id=actor.organisation_id,
                job_id=progress.job_id,
                queue_id=ids.get(one.queue or ""),
                found_at=service.now(),
                kind=one.kind,
                weight=one.weight,
                text=one.text,
                details=dict(one.details),
                settled_at=None,
                settled_by=None,
            )
            for one in found
        ]
        session.add_all(rows)
        new = promises.keep_findings(session, service, actor, progress.job_id or 0, *levels, ids)
        session.flush()
        audit.record(session, service, actor, "night.run", "organisation", actor.organisation_id, None, {"findings": len(rows) + new})
        progress.finish(session, findings=len(rows) + new)
        return tuple(_view(row, one.queue) for row, one in zip(rows, found, strict=True))


def _queue_ids(service: Service, actor: Actor) -> dict[str, int]:
    return {view.key: view.id for view in centre.queues(service, actor)}


def _view(row: FindingRow, key: str | None) -> FindingView:
    return FindingView(row.id, row.kind, key, row.found_at, row.weight, row.text, row.details, row.settled_at, row.settled_by)


def local_today(service: Service, actor: Actor) -> date:
    """Today on the organisation's clock."""
    return service.now().astimezone(zone(centre.organisation(service, actor).zone)).date()
