"""Browser sessions, found by the hash of their token."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from wfm.storage.database import rows_of
from wfm.storage.tables import SessionRow, UserRow


def found(session: Session, token_hash: str) -> tuple[SessionRow, UserRow | None] | None:
    """The session of that token with its user, whatever its state."""
    wanted = select(SessionRow, UserRow).outerjoin(UserRow, UserRow.id == SessionRow.user_id)
    return session.execute(wanted.where(SessionRow.token_hash == token_hash)).first()


def add(session: Session, token_hash: str, user: UserRow | None, now: datetime, expires_at: datetime) -> None:
    """A new session, of nobody where `user` is None."""
    session.add(
        SessionRow(
            organisation_id=user.organisation_id if user else None,
            user_id=user.id if user else None,
            token_hash=token_hash,
            data={},
            created_at=now,
            last_seen_at=now,
            expires_at=expires_at,
        )
    )
    session.flush()


def touch(session: Session, session_id: int, now: datetime) -> None:
    """Move the last click on; never back."""
    wanted = update(SessionRow).where(SessionRow.id == session_id, SessionRow.last_seen_at < now, SessionRow.ended_at.is_(None))
    session.execute(wanted.values(last_seen_at=now))


def store(session: Session, token_hash: str, data: dict[str, Any]) -> bool:
    """Replace what a session that has not ended keeps; False where there is none."""
    wanted = update(SessionRow).where(SessionRow.token_hash == token_hash, SessionRow.ended_at.is_(None))
    return rows_of(session, wanted.values(data=data)) == 1


def end(session: Session, token_hash: str, now: datetime) -> None:
    """End one session."""
    wanted = update(SessionRow).where(SessionRow.token_hash == token_hash, SessionRow.ended_at.is_(None))
    session.execute(wanted.values(ended_at=now, data={}))


def end_all(session: Session, user_id: int, now: datetime, keep_hash: str = "") -> int:
    """End every session of a user but one; how many."""
    wanted = update(SessionRow).where(SessionRow.user_id == user_id, SessionRow.ended_at.is_(None), SessionRow.token_hash != keep_hash)
    return rows_of(session, wanted.values(ended_at=now, data={}))


def open_sessions(session: Session, user_id: int, seen_after: datetime, now: datetime) -> Sequence[SessionRow]:
    """The sessions of a user that are alive, the last used in front."""
    wanted = select(SessionRow).where(SessionRow.user_id == user_id, SessionRow.ended_at.is_(None))
    wanted = wanted.where(SessionRow.last_seen_at >= seen_after, SessionRow.expires_at > now)
    return session.scalars(wanted.order_by(SessionRow.last_seen_at.desc())).all()


def sweep(session: Session, before: datetime) -> int:
    """Delete sessions that were over before an instant; how many."""
    over = or_(SessionRow.expires_at < before, SessionRow.ended_at < before)
    return rows_of(session, delete(SessionRow).where(over))
