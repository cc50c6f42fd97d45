"""Bring contact history in: look at a file, store it, take it back."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from wfm import history, units
from wfm.domain import timegrid
from wfm.domain.demand import Queue
from wfm.errors import Conflict, InvalidInput, PersonalData, UnreadableFile
from wfm.service import audit, fields, policy
from wfm.service.comparing import Plan, plan_for
from wfm.service.context import Actor, Service
from wfm.service.observing import day_quality, series, source_rows
from wfm.service.progress import Progress
from wfm.storage import definitions, organisations, staff
from wfm.storage import history as store

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from wfm.storage.tables import ImportRow

__all__ = ["changes", "commit", "day_quality", "imports", "preview", "series", "source_rows", "undo"]
SHOWN_CHANGES = 20
SHOWN_WARNINGS = 200


@dataclass(frozen=True, slots=True)
class ChangedInterval:
    """An interval whose figures an import changes; handle times in s, None where unknown, `start` in the queue's zone."""

    queue: str
    start: datetime
    old_volume: float
    old_handle_s: float | None
    volume: float
    handle_s: float | None


@dataclass(frozen=True, slots=True)
class ImportPreview:
    """What a file is and what storing it would do.

    Parameters
    ----------
    file
        How the file was understood: first rows, columns, days, problems.
    rows_added, rows_changed, rows_same
        Intervals that are new, that differ from what is stored, and that do not; 0 while the file has problems.
    new_queues
        Names in the file that no queue has yet; they would be set up with defaults.
    changes
        The first intervals that would change.
    obstacle
        Why the file, though readable, cannot be stored; empty where it can.
    same_as
        Number of the import that brought the same bytes, or None.
    """

    file: history.Preview
    rows_added: int = 0
    rows_changed: int = 0
    rows_same: int = 0
    new_queues: tuple[str, ...] = ()
    changes: tuple[ChangedInterval, ...] = ()
    obstacle: str = ""
    same_as: int | None = None

    @property
    def ready(self) -> bool:
        """True when `commit` would store it."""
        return self.file.ready and not self.obstacle


@dataclass(frozen=True, slots=True)
class ImportView:
    """One file that was stored.

    Parameters
    ----------
    number
        Counts from 1 in the organisation.
    rows_added, rows_changed, rows_same
        What it did to the intervals.
    interval_minutes
        Length of its intervals.
    volume
        Contacts in the file.
    queues, new_queues
        Names in the file, and those among them that were set up for it.
    first, last
        Start of its first and last interval, UTC.
    undone_at
        When it was taken back, or None.
    repeated
        True where a commit stored nothing, as the import of this number had brought the same bytes.
    """

    number: int
    file_name: str
    sha256: str
    zone: str
    imported_at: datetime
    imported_by: str
    rows_added: int
    rows_changed: int
    rows_same: int
    interval_minutes: int
    volume: float
    queues: tuple[str, ...]
    new_queues: tuple[str, ...]
    first: datetime
    last: datetime
    warnings: tuple[str, ...]
    undone_at: datetime | None
    repeated: bool = field(default=False)


def preview(
    service: Service,
    actor: Actor,
    content: bytes,
    file_name: str,
    zone: str,
    gaps: history.Gaps = "refuse",
    repeated_hour: history.RepeatedHour = "refuse",
    queue: str = "",
) -> ImportPreview:
    """What a file is and what storing it would do; stores nothing.

    Parameters
    ----------
    content
        The bytes of the upload.
    zone, gaps, repeated_hour, queue
        As for `wfm.history.read_history`.

    A file with columns that identify people shows that as its problem; the refusal is written to the audit trail.
    """
    policy.require(actor, "history.change")
    name = fields.text("file name", file_name, 255)
    seen = history.preview(content, zone, name=name, gaps=gaps, repeated_hour=repeated_hour, queue=queue)
    try:
        file = _read(service, actor, content, name=name, zone=zone, gaps=gaps, repeated_hour=repeated_hour, queue=queue)
    except UnreadableFile:
        return ImportPreview(seen)
    with service.database.reading() as session:
        plan = plan_for(session, actor.organisation_id, file)
        earlier = store.import_of(session, actor.organisation_id, file.sha256)
    return ImportPreview(
        file=seen,
        rows_added=plan.added,
        rows_changed=plan.changed,
        rows_same=plan.same,
        new_queues=plan.new_queues,
        changes=tuple(_changed(file.zone, *change) for change in plan.first_changes(SHOWN_CHANGES)),
        obstacle=plan.obstacle,
        same_as=earlier.number if earlier else None,
    )


def commit(
    service: Service,
    actor: Actor,
    content: bytes,
    file_name: str,
    zone: str,
    gaps: history.Gaps = "refuse",
    repeated_hour: history.RepeatedHour = "refuse",
    queue: str = "",
    progress: Progress | None = None,
) -> ImportView:
    """Store a file of history: all of it in one transaction, or nothing.

    Intervals that are stored with the same figures stay as they are, so the same file twice changes nothing. Queues that are not set
    up yet are, with defaults (telephone, skill "general", English).

    Parameters
    ----------
    progress
        Told of each step; its `finish` is called in the storing transaction with `number`, so that work which is tried again after
        a crash is done once.

    Raises
    ------
    UnreadableFile, PersonalData
        When the file cannot be used, or identifies people.
    InvalidInput
        When its intervals do not fit the stored ones.
    """
    policy.require(actor, "history.change")
    progress = progress or Progress()
    if "number" in progress.kept:
        return _numbered(service, actor, progress.kept["number"])
    name = fields.text("file name", file_name, 255)
    progress.say(0.02, "reading the file")
    file = _read(service, actor, content, name=name, zone=zone, gaps=gaps, repeated_hour=repeated_hour, queue=queue)
    progress.say(0.4, f"comparing {len(file)} intervals with what is stored")
    with service.database.reading() as session:
        plan = plan_for(session, actor.organisation_id, file)
    progress.say(0.6, f"storing {plan.added} new and {plan.changed} changed intervals")
    return _store(service, actor, plan, progress)


def _read(service: Service, actor: Actor, content: bytes, **options: Any) -> history.HistoryFile:
    """Read a file; that it was refused for personal data is written down, without its name or content."""
    try:
        return history.read_history(content, **options)
    except PersonalData:
        with service.database.transaction() as session:
            audit.record(session, service, actor, "history.refuse", "import", "", after={"reason": "personal data"})
        raise


def _store(service: Service, actor: Actor, plan: Plan, progress: Progress) -> ImportView:
    owner = actor.organisation_id
    with service.database.transaction() as session:
        service.database.lock(session, "import", owner)
        if store.stamp(session, owner) != plan.stamp:  # another import came between: look again, now alone
            plan = plan_for(session, owner, plan.file)
        if plan.obstacle:
            raise InvalidInput(plan.obstacle)
        earlier = store.import_of(session, owner, plan.file.sha256)
        if earlier is not None and not plan.added and not plan.changed:
            view = replace(_view(earlier), rows_added=0, rows_changed=0, rows_same=plan.same, repeated=True)
        else:
            view = _view(_write(session, service, actor, plan))
        counts = {"rows_added": view.rows_added, "rows_changed": view.rows_changed, "rows_same": view.rows_same}
        progress.finish(session, number=view.number, **counts)
    return view


def _write(session: Session, service: Service, actor: Actor, plan: Plan) -> ImportRow:
    owner, file = actor.organisation_id, plan.file
    if plan.new_queues:
        service.database.lock(session, "centre", owner)
        _set_up(session, owner, plan)
    row = store.add_import(
        session,
        organisation_id=owner,
        file_name=file.name,
        sha256=file.sha256,
        zone=file.zone,
        imported_at=service.now(),
        imported_by=actor.name,
        rows_added=plan.added,
        rows_changed=plan.changed,
        rows_same=plan.same,
        report=_report(plan),
    )
    store.note_changes(session, plan.way_back(owner, row.id))
    store.drop_noted(session, row.id)
    store.add_rows(session, plan.history_rows(owner, row.id, staff.queue_ids(session, owner)))
    counts = {"added": row.rows_added, "changed": row.rows_changed, "same": row.rows_same}
    told = {"file": file.name, "sha256": file.sha256, "new_queues": list(plan.new_queues)} | counts
    audit.record(session, service, actor, "history.import", "import", row.number, after=told)
    return row


def _set_up(session: Session, organisation_id: int, plan: Plan) -> None:
    """Queues for the names that have none; their clock is the file's, or the organisation's where the file is in UTC."""
    home = organisations.organisation(session, organisation_id).zone
    zone = home if plan.file.zone == "UTC" or plan.file.zone.startswith("Etc/") else plan.file.zone
    known = staff.queue_ids(session, organisation_id)
    for key in (fields.text("queue", name, 80) for name in plan.new_queues if name not in known):
        definition = definitions.queue_definition(Queue(key, key))
        staff.new_queue(session, organisation_id, key, name=key, zone=zone, definition=definition)


def _report(plan: Plan) -> dict[str, Any]:
    file = plan.file
    return {
        "interval_minutes": file.interval_minutes,
        "volume": sum(file.totals.values()),
        "totals": dict(file.totals),
        "waits": {queue: [sums.contacts, sums.abandoned, sums.wait_s] for queue, sums in file.waits.items()},
        "new_queues": list(plan.new_queues),
        "first": file.first.isoformat(),
        "last": file.last.isoformat(),
        "warnings": list(file.warnings[:SHOWN_WARNINGS]),
    }


def undo(service: Service, actor: Actor, number: int) -> ImportView:
    """Take an import back: what it added goes, what it changed is as before, exactly. Queues that it set up stay.

    Raises
    ------
    Conflict
        When it was taken back already, or later imports changed the same intervals: those come first.
    """
    policy.require(actor, "history.change")
    with service.database.transaction() as session:
        service.database.lock(session, "import", actor.organisation_id)
        row = store.import_numbered(session, actor.organisation_id, number)
        if row.undone_at is not None:
            raise Conflict(f"import {number} was taken back already")
        later = store.later_imports(session, row.id)
        if later:
            raise Conflict(f"import {later[-1]} changed intervals of import {number} after it; take import {later[-1]} back first")
        store.take_back(session, row.id)
        row.undone_at = service.now()
        session.flush()
        counts = {"added": row.rows_added, "changed": row.rows_changed}
        audit.record(session, service, actor, "history.undo", "import", number, counts)
        return _view(row)


def imports(service: Service, actor: Actor) -> tuple[ImportView, ...]:
    """Every import, newest first."""
    policy.require(actor, "history.read")
    with service.database.reading() as session:
        return tuple(_view(row) for row in store.imports(session, actor.organisation_id))


def changes(service: Service, actor: Actor, number: int, limit: int = 200) -> tuple[ChangedInterval, ...]:
    """The first intervals (at most 1,000) that an import changed, with old and new figures; none once it was taken back."""
    policy.require(actor, "history.read")
    limit = min(units.whole("limit", limit, at_least=1), 1_000)
    with service.database.reading() as session:
        row = store.import_numbered(session, actor.organisation_id, number)
        return tuple(_changed(row.zone, *change) for change in store.changes(session, row.id, limit))


def _numbered(service: Service, actor: Actor, number: int) -> ImportView:
    with service.database.reading() as session:
        return _view(store.import_numbered(session, actor.organisation_id, number))


def _changed(
    zone: str, queue: str, start_s: int, old_volume: float, old_handle_s: float | None, volume: float, handle_s: float | None
) -> ChangedInterval:
    start = datetime.fromtimestamp(start_s, UTC).astimezone(timegrid.zone(zone))
    return ChangedInterval(queue, start, old_volume, old_handle_s, volume, handle_s)


def _view(row: ImportRow) -> ImportView:
    report = row.report
    return ImportView(
        number=row.number,
        file_name=row.file_name,
        sha256=row.sha256,
        zone=row.zone,
        imported_at=row.imported_at,
        imported_by=row.imported_by,
        rows_added=row.rows_added,
        rows_changed=row.rows_changed,
        rows_same=row.rows_same,
        interval_minutes=report["interval_minutes"],
        volume=report["volume"],
        queues=tuple(sorted(report["totals"])),
        new_queues=tuple(report["new_queues"]),
        first=datetime.fromisoformat(report["first"]),
        last=datetime.fromisoformat(report["last"]),
        warnings=tuple(report["warnings"]),
        undone_at=row.undone_at,
    )
