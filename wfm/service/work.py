"""Long and nightly work as job rows: wanted by people, claimed by workers, finished once.

A claim is one attempt of one worker, held by a lease that beats extend. Whoever lost the lease can write nothing more: every write
names worker and attempt, so a result and the note that it exists are stored together, by one worker only.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from wfm.errors import Conflict, InvalidInput, NotAllowed, NotFound
from wfm.service import accounts, audit
from wfm.service.context import Actor, Service, night
from wfm.service.policy import require
from wfm.service.progress import Progress
from wfm.storage import work as rows
from wfm.storage.tables import JobRow

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

Fence = rows.Fence
MOST_ATTEMPTS = 3
LEASE_S = 30.0
_GIVEN_UP = f"This was tried {MOST_ATTEMPTS} times and the worker stopped each time. Nothing was changed; start it again."
_MOST_NOTES = 200


class Kind(StrEnum):
    """What a worker can do; `permission` is what the person who wants it needs."""

    IMPORT = "import"
    FORECAST = "forecast"
    REQUIREMENT = "requirement"
    SOLVE = "solve"
    POOLING = "pooling"
    REPAIR = "repair"
    CLEANING = "cleaning"
    REPLAY = "replay"
    TODAY = "today"
    NIGHT = "night"

    @property
    def permission(self) -> str:
        """Key of `policy.ALLOWED`."""
        return _PERMISSIONS[self]


_PERMISSIONS = {
    Kind.IMPORT: "history.change",
    Kind.FORECAST: "forecast.change",
    Kind.REQUIREMENT: "requirement.change",
    Kind.SOLVE: "schedule.change",
    Kind.POOLING: "requirement.change",
    Kind.REPAIR: "schedule.change",
    Kind.CLEANING: "forecast.change",
    Kind.REPLAY: "schedule.change",
    Kind.TODAY: "requirement.read",
    Kind.NIGHT: "job.change",
}


@dataclass(frozen=True, slots=True)
class JobView:
    """One job as people see it.

    Parameters
    ----------
    state
        waiting, running, done, failed or cancelled.
    share_done
        In [0, 1].
    step
        What is being done now.
    eta_s
        Seconds that are left at the present pace; None where that is not known.
    progress
        What was told on the way, oldest first: `at`, `text` and numbers such as `objective` and `bound`.
    result
        What was made, by name (`forecast`: number of the version); None before anything was stored.
    error
        Why it failed, in words.
    """

    id: int
    kind: str
    slot: str
    state: str
    share_done: float
    step: str
    eta_s: float | None
    progress: tuple[Mapping[str, Any], ...]
    result: Mapping[str, Any] | None
    error: str | None
    wanted_by: str
    cancel_wanted: bool
    attempts: int
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @property
    def over(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in (rows.DONE, rows.FAILED, rows.CANCELLED)


@dataclass(frozen=True, slots=True)
class Claim:
    """One attempt of one worker at a job."""

    fence: rows.Fence
    organisation_id: int
    kind: str
    slot: str
    payload: Mapping[str, Any]
    attachment: bytes | None
    wanted_by: Mapping[str, Any]
    kept: Mapping[str, Any]


class Beat(StrEnum):
    """What a worker learns when it extends its lease."""

    GO_ON = "go on"
    STOP = "stop"
    LOST = "lost"


def enqueue(
    service: Service, actor: Actor, kind: str, payload: Mapping[str, Any], slot: str | None = None, attachment: bytes | None = None
) -> JobView:
    """Want work done; with a `slot`, wanting it again gives the job that is there already.

    Raises
    ------
    InvalidInput
        When no worker does that kind.
    """
    require(actor, _kind(kind).permission)
    chosen = slot or uuid.uuid4().hex
    with service.database.transaction() as session:
        job_id = rows.add(session, _values(service, actor, kind, payload, chosen, attachment))
        row = rows.by_slot(session, actor.organisation_id, kind, chosen)
        if row is None:
            raise Conflict(f"the job {kind} {chosen} is gone; try again")
        if job_id is not None:
            after = {"kind": kind, "slot": chosen, "payload": dict(payload)}
            audit.record(session, service, actor, "job.start", "job", job_id, None, after)
        return _view(row, service.now())


def job(service: Service, actor: Actor, job_id: int) -> JobView:
    """One job."""
    require(actor, "job.read")
    with service.database.reading() as session:
        return _view(_row(session, actor, job_id), service.now())


def jobs(service: Service, actor: Actor, limit: int = 50, kind: str | None = None) -> tuple[JobView, ...]:
    """The newest jobs, newest first."""
    require(actor, "job.read")
    with service.database.reading() as session:
        return tuple(_view(row, service.now()) for row in rows.newest(session, actor.organisation_id, limit, kind))


def cancel(service: Service, actor: Actor, job_id: int) -> JobView:
    """Cancel a waiting job; ask a running one to stop (a solve keeps its best so far).

    Raises
    ------
    Conflict
        When the job is over.
    """
    require(actor, "job.change")
    with service.database.transaction() as session:
        before = _row(session, actor, job_id)
        if rows.cancel(session, job_id, service.now()) is None:
            raise Conflict(f"job {job_id} is {before.state} already; only waiting and running jobs can be cancelled")
        audit.record(session, service, actor, "job.cancel", "job", job_id, {"state": before.state}, None)
        session.refresh(before)
        return _view(before, service.now())


def claim(service: Service, worker: str, kinds: Collection[str], lease_s: float = LEASE_S) -> Claim | None:
    """Give `worker` the oldest job that waits, or that another worker left; None when there is none."""
    now = service.now()
    with service.database.reading() as session:
        if not rows.any_free(session, kinds, now):
            return None
    with service.database.transaction() as session:
        rows.retire(session, now, MOST_ATTEMPTS, _GIVEN_UP)
        row = rows.claim(session, worker, kinds, now, now + timedelta(seconds=lease_s))
        return None if row is None else _claim(row)


def claim_one(service: Service, job_id: int, worker: str, lease_s: float = LEASE_S) -> Claim | None:
    """Give `worker` that job, if it waits or was left by its worker."""
    now = service.now()
    with service.database.transaction() as session:
        row = rows.claim(session, worker, tuple(Kind), now, now + timedelta(seconds=lease_s), job_id)
        return None if row is None else _claim(row)


def held(service: Service, fence: rows.Fence) -> Claim:
    """The claim that `fence` stands for.

    Raises
    ------
    Conflict
        When another worker has it, or it is over.
    """
    with service.database.reading() as session:
        row = rows.held(session, fence)
        if row is None:
            raise _lost(fence)
        return _claim(row)


def beat(service: Service, fence: rows.Fence, lease_s: float = LEASE_S, **columns: Any) -> Beat:
    """Extend the lease and store what was told; says whether to go on."""
    values = {"lease_until": service.now() + timedelta(seconds=lease_s), **columns}
    with service.database.transaction() as session:
        if not rows.write(session, fence, values):
            return Beat.LOST
        row = rows.held(session, fence)
        return Beat.STOP if row is not None and row.cancel_wanted else Beat.GO_ON


def finish(session: Session, service: Service, fence: rows.Fence, result: Mapping[str, Any]) -> None:
    """Mark the job done, in the transaction that stores its result.

    Raises
    ------
    Conflict
        When another worker has taken the job over: the transaction must not be committed.
    """
    values = {"state": rows.DONE, "result": dict(result), "share_done": 1.0, "step": "", "finished_at": service.now(), "attachment": None}
    if not rows.write(session, fence, values):
        raise _lost(fence)


def fail(service: Service, fence: rows.Fence, error: str) -> bool:
    """Mark the job failed, with the reason in words; False when another worker has it."""
    return _close(service, fence, state=rows.FAILED, error=error)


def stopped(service: Service, fence: rows.Fence) -> bool:
    """Mark the job cancelled; False when another worker has it."""
    return _close(service, fence, state=rows.CANCELLED)


def release(service: Service, fence: Fence) -> bool:
    """End the lease of an attempt that died, so that the next one starts at once; False when it held none."""
    return beat(service, fence, 0.0) is not Beat.LOST


def give_back(service: Service, fence: Fence) -> bool:
    """Undo a claim, for a worker that is told to stop: the attempt does not count."""
    with service.database.transaction() as session:
        return rows.write(session, fence, {"state": rows.WAITING, "worker": None, "lease_until": None, "attempts": fence.attempt - 1})


def actor_of(service: Service, claim: Claim) -> Actor:
    """Who wanted the work, with the role of today.

    Raises
    ------
    NotAllowed
        When that account is gone or disabled.
    """
    user_id = claim.wanted_by.get("user_id")
    if user_id is None:
        return night(claim.organisation_id)
    with service.database.reading() as session:
        user = rows.user(session, claim.organisation_id, int(user_id))
        if user is None or user.disabled_at is not None:
            raise NotAllowed("the account that wanted this is disabled")
        return accounts.actor_of(user, "worker", f"job-{claim.fence.job_id}")


class JobProgress(Progress):
    """The progress of a claimed job, stored in its row.

    Parameters
    ----------
    pause_s
        Least seconds between two writes of mere progress.
    """

    def __init__(self, service: Service, claim: Claim, lease_s: float = LEASE_S, pause_s: float = 0.5) -> None:
        self._service, self._fence, self._lease_s, self._pause_s = service, claim.fence, lease_s, pause_s
        self._kept = dict(claim.kept)
        self._notes: list[dict[str, Any]] = []
        self._told: dict[str, Any] = {}
        self._written_at = -pause_s
        self._stop = False
        self.finished = False

    @property
    def job_id(self) -> int | None:
        """As `Progress.job_id`."""
        return self._fence.job_id

    @property
    def kept(self) -> Mapping[str, Any]:
        """What earlier attempts and steps stored."""
        return self._kept

    def note(self, share_done: float, text: str, **details: Any) -> None:
        """As `Progress.note`."""
        entry = {"at": self._service.now().isoformat(), "share_done": round(share_done, 4), "text": text, **details}
        self._notes = [*self._notes, entry][-_MOST_NOTES:]
        self._told = {"share_done": share_done, "step": text[:200], "progress": self._notes}
        self._write_soon()

    def cancelled(self) -> bool:
        """As `Progress.cancelled`; asks the database at most once in `pause_s`."""
        self._write_soon()
        return self._stop

    def keep(self, session: Session, **result: Any) -> None:
        """As `Progress.keep`: merged into the job's result."""
        self._kept |= result
        if not rows.write(session, self._fence, {"result": dict(self._kept), "progress": self._notes}):
            raise _lost(self._fence)

    def finish(self, session: Session, **result: Any) -> None:
        """As `Progress.finish`: the job is done with this transaction."""
        self._kept |= result
        rows.write(session, self._fence, {"progress": self._notes})
        finish(session, self._service, self._fence, self._kept)
        self.finished = True

    def _write_soon(self) -> None:
        if time.monotonic() - self._written_at < self._pause_s:
            return
        answer = beat(self._service, self._fence, self._lease_s, **self._told)
        self._told, self._written_at = {}, time.monotonic()
        if answer is Beat.LOST:
            raise _lost(self._fence)
        self._stop = answer is Beat.STOP


def _kind(name: str) -> Kind:
    if name not in set(Kind):
        raise InvalidInput(f"the kind of a job must be one of {', '.join(Kind)}, got {name!r}")
    return Kind(name)


def _values(service: Service, actor: Actor, kind: str, payload: Mapping[str, Any], slot: str, attachment: bytes | None) -> dict[str, Any]:
    return {
        "organisation_id": actor.organisation_id,
        "kind": kind,
        "slot": slot,
        "state": rows.WAITING,
        "payload": dict(payload),
        "attachment": attachment,
        "wanted_by": {"user_id": actor.user_id, "name": actor.name},
        "created_at": service.now(),
        "attempts": 0,
        "cancel_wanted": False,
        "share_done": 0.0,
        "step": "",
        "progress": [],
    }


def _row(session: Session, actor: Actor, job_id: int) -> JobRow:
    row = rows.get(session, actor.organisation_id, job_id)
    if row is None:
        raise NotFound(f"there is no job {job_id}")
    return row


def _claim(row: JobRow) -> Claim:
    fence = rows.Fence(row.id, row.worker or "", row.attempts)
    return Claim(fence, row.organisation_id, row.kind, row.slot, row.payload, row.attachment, row.wanted_by, row.result or {})


def _close(service: Service, fence: rows.Fence, **values: Any) -> bool:
    with service.database.transaction() as session:
        return rows.write(session, fence, {**values, "finished_at": service.now(), "attachment": None})


def _lost(fence: rows.Fence) -> Conflict:
    return Conflict(f"job {fence.job_id} was taken over by another worker, or is over")


def _view(row: JobRow, now: datetime) -> JobView:
    return JobView(
        id=row.id,
        kind=row.kind,
        slot=row.slot,
        state=row.state,
        share_done=row.share_done,
        step=row.step,
        eta_s=_eta_s(row, now),
        progress=tuple(row.progress),
        result=row.result,
        error=row.error,
        wanted_by=str(row.wanted_by.get("name", "")),
        cancel_wanted=row.cancel_wanted,
        attempts=row.attempts,
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )


def _eta_s(row: JobRow, now: datetime) -> float | None:
    if row.state != rows.RUNNING or row.started_at is None or row.share_done < 0.05:
        return None
    spent_s = (now - row.started_at).total_seconds()
    return max(0.0, spent_s * (1.0 - row.share_done) / row.share_done)
