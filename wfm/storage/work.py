"""Job rows: added once per slot, claimed by one guarded UPDATE, written to only by the worker that holds the claim."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, and_, exists, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from wfm.storage.tables import JobRow, OrganisationRow, UserRow

WAITING, RUNNING, DONE, FAILED, CANCELLED = "waiting", "running", "done", "failed", "cancelled"


@dataclass(frozen=True, slots=True)
class Fence:
    """Who may write to a running job: one attempt of one worker."""

    job_id: int
    worker: str
    attempt: int


def add(session: Session, values: Mapping[str, Any]) -> int | None:
    """Add a waiting job; None when its organisation has the kind and slot already."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    statement = insert(JobRow).values(**values).on_conflict_do_nothing(index_elements=["organisation_id", "kind", "slot"])
    return session.execute(statement.returning(JobRow.id)).scalar_one_or_none()


def by_slot(session: Session, organisation_id: int, kind: str, slot: str) -> JobRow | None:
    """The job of that slot."""
    wanted = select(JobRow).where(JobRow.organisation_id == organisation_id, JobRow.kind == kind, JobRow.slot == slot)
    return session.scalars(wanted).one_or_none()


def get(session: Session, organisation_id: int, job_id: int) -> JobRow | None:
    """One job of that organisation."""
    return session.scalars(select(JobRow).where(JobRow.organisation_id == organisation_id, JobRow.id == job_id)).one_or_none()


def newest(session: Session, organisation_id: int, limit: int, kind: str | None = None) -> list[JobRow]:
    """The newest jobs, newest first."""
    wanted = select(JobRow).where(JobRow.organisation_id == organisation_id).order_by(JobRow.id.desc()).limit(limit)
    return list(session.scalars(wanted if kind is None else wanted.where(JobRow.kind == kind)))


def any_free(session: Session, kinds: Collection[str], now: datetime) -> bool:
    """Whether a job waits for a worker, or was left by one."""
    return bool(session.scalar(select(exists().where(JobRow.kind.in_(kinds), _free(now)))))


def retire(session: Session, now: datetime, most_attempts: int, reason: str) -> None:
    """Close the jobs that their workers left and that nobody shall try again: cancelled ones, and those tried too often."""
    left = and_(JobRow.state == RUNNING, JobRow.lease_until < now)
    stopped = update(JobRow).where(left, JobRow.cancel_wanted.is_(True)).values(state=CANCELLED, finished_at=now)
    session.execute(stopped)
    session.execute(update(JobRow).where(left, JobRow.attempts >= most_attempts).values(state=FAILED, finished_at=now, error=reason))


def claim(
    session: Session, worker: str, kinds: Collection[str], now: datetime, lease_until: datetime, job_id: int | None = None
) -> JobRow | None:
    """Give the oldest free job, or that of `job_id`, to `worker`, or None; two workers never get the same attempt."""
    free = select(JobRow.id).where(JobRow.kind.in_(kinds), _free(now))
    free = free if job_id is None else free.where(JobRow.id == job_id)
    oldest = free.order_by(JobRow.id).limit(1).with_for_update(skip_locked=True)
    statement = (
        update(JobRow)
        .where(JobRow.id == oldest.scalar_subquery(), _free(now))
        .values(state=RUNNING, worker=worker, lease_until=lease_until, started_at=now, attempts=JobRow.attempts + 1)
        .returning(JobRow)
        .execution_options(synchronize_session=False)
    )
    return session.scalars(statement).one_or_none()


def held(session: Session, fence: Fence) -> JobRow | None:
    """The job, as long as `fence` holds it."""
    return session.scalars(select(JobRow).where(_mine(fence))).one_or_none()


def write(session: Session, fence: Fence, values: Mapping[str, Any]) -> bool:
    """Set columns of a job that `fence` holds; False when it holds it no longer."""
    answer = session.execute(update(JobRow).where(_mine(fence)).values(**values).execution_options(synchronize_session=False))
    return isinstance(answer, CursorResult) and answer.rowcount == 1


def cancel(session: Session, job_id: int, now: datetime) -> str | None:
    """Cancel a waiting job, or ask a running one to stop; its state afterwards, None when it is over."""
    waiting = update(JobRow).where(JobRow.id == job_id, JobRow.state == WAITING)
    for statement in (
        waiting.values(state=CANCELLED, cancel_wanted=True, finished_at=now),
        update(JobRow).where(JobRow.id == job_id, JobRow.state == RUNNING).values(cancel_wanted=True),
    ):
        state = session.execute(statement.returning(JobRow.state).execution_options(synchronize_session=False)).scalar_one_or_none()
        if state is not None:
            return state
    return None


def load(session: Session) -> tuple[int, int, datetime | None]:
    """How many jobs wait and run over all organisations, and since when the oldest waits."""
    wanted = select(JobRow.state, func.count(), func.min(JobRow.created_at)).where(JobRow.state.in_((WAITING, RUNNING)))
    found = {state: (count, oldest) for state, count, oldest in session.execute(wanted.group_by(JobRow.state))}
    waiting, oldest = found.get(WAITING, (0, None))
    return waiting, found.get(RUNNING, (0, None))[0], oldest


def user(session: Session, organisation_id: int, user_id: int) -> UserRow | None:
    """The account that wanted a job."""
    return session.scalars(select(UserRow).where(UserRow.organisation_id == organisation_id, UserRow.id == user_id)).one_or_none()


def organisations(session: Session) -> list[OrganisationRow]:
    """Every organisation, for the nightly slots."""
    return list(session.scalars(select(OrganisationRow).order_by(OrganisationRow.id)))


def _free(now: datetime) -> ColumnElement[bool]:
    return or_(JobRow.state == WAITING, and_(JobRow.state == RUNNING, JobRow.lease_until < now))


def _mine(fence: Fence) -> ColumnElement[bool]:
    return and_(JobRow.id == fence.job_id, JobRow.worker == fence.worker, JobRow.attempts == fence.attempt, JobRow.state == RUNNING)
