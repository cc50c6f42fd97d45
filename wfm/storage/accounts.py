"""People who sign in, their one-time links and the tries that failed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from wfm.errors import NotFound
from wfm.storage.database import rows_of
from wfm.storage.tables import AgentRow, AttemptRow, OneTimeSignInRow, SiteRow, UserRow


def user(session: Session, organisation_id: int, user_id: int) -> UserRow:
    """One user of an organisation.

    Raises
    ------
    NotFound
        When the organisation has no such user.
    """
    row = session.scalars(select(UserRow).where(UserRow.id == user_id, UserRow.organisation_id == organisation_id)).first()
    if row is None:
        raise NotFound(f"there is no user {user_id}")
    return row


def any_user(session: Session, user_id: int) -> UserRow | None:
    """A user by its id alone: only for the command line and for sessions, which name the user before an organisation is known."""
    return session.get(UserRow, user_id)


def with_email(session: Session, email: str) -> UserRow | None:
    """The one account of an address, over all organisations."""
    return session.scalars(select(UserRow).where(UserRow.email == email)).first()


def users(session: Session, organisation_id: int, user_id: int | None = None) -> Sequence[tuple[UserRow, str | None, str | None]]:
    """Every user, or one, with the key of its agent and the name of its site, by name."""
    wanted = select(UserRow, AgentRow.key, SiteRow.name).outerjoin(AgentRow, AgentRow.id == UserRow.agent_id)
    wanted = wanted.outerjoin(SiteRow, SiteRow.id == UserRow.site_id).where(UserRow.organisation_id == organisation_id)
    if user_id is not None:
        wanted = wanted.where(UserRow.id == user_id)
    return session.execute(wanted.order_by(UserRow.name, UserRow.id)).all()


def active_count(session: Session, organisation_id: int, role: str) -> int:
    """Users of that role who can sign in."""
    wanted = select(func.count()).select_from(UserRow)
    wanted = wanted.where(UserRow.organisation_id == organisation_id, UserRow.role == role, UserRow.disabled_at.is_(None))
    return session.scalar(wanted) or 0


def add_user(session: Session, **values: Any) -> UserRow:
    """A new user, with the fields of `UserRow`."""
    row = UserRow(**values)
    session.add(row)
    session.flush()
    return row


def add_one_time(session: Session, row: UserRow, token_hash: str, now: datetime, expires_at: datetime) -> None:
    """Keep the hash of a token that signs a user in once."""
    session.add(
        OneTimeSignInRow(
            organisation_id=row.organisation_id, user_id=row.id, token_hash=token_hash, created_at=now, expires_at=expires_at
        )
    )
    session.flush()


def one_time(session: Session, token_hash: str) -> OneTimeSignInRow | None:
    """The one-time sign-in of that token, used or not."""
    return session.scalars(select(OneTimeSignInRow).where(OneTimeSignInRow.token_hash == token_hash)).first()


def use_one_time(session: Session, token_hash: str, now: datetime) -> bool:
    """Mark a one-time sign-in as used; True for exactly one caller."""
    wanted = update(OneTimeSignInRow).where(
        OneTimeSignInRow.token_hash == token_hash, OneTimeSignInRow.used_at.is_(None), OneTimeSignInRow.expires_at > now
    )
    return rows_of(session, wanted.values(used_at=now)) == 1


def drop_one_time(session: Session, user_id: int) -> None:
    """Forget the unused one-time sign-ins of a user."""
    session.execute(delete(OneTimeSignInRow).where(OneTimeSignInRow.user_id == user_id, OneTimeSignInRow.used_at.is_(None)))


def attempts(session: Session, key_hash: str, since: datetime) -> int:
    """Tries under one key after `since`."""
    wanted = select(func.count()).select_from(AttemptRow).where(AttemptRow.key_hash == key_hash, AttemptRow.at > since)
    return session.scalar(wanted) or 0


def add_attempts(session: Session, key_hashes: Sequence[str], at: datetime) -> list[int]:
    """Count one try under each key; the ids serve `drop_attempts`."""
    rows = [AttemptRow(key_hash=key_hash, at=at) for key_hash in key_hashes]
    session.add_all(rows)
    session.flush()
    return [row.id for row in rows]


def drop_attempts(session: Session, ids: Sequence[int]) -> None:
    """Take tries back that turned out to be good."""
    session.execute(delete(AttemptRow).where(AttemptRow.id.in_(ids)))


def sweep(session: Session, attempts_before: datetime, links_before: datetime) -> int:
    """Delete old tries and one-time sign-ins that ended; how many."""
    tries = rows_of(session, delete(AttemptRow).where(AttemptRow.at < attempts_before))
    return tries + rows_of(session, delete(OneTimeSignInRow).where(OneTimeSignInRow.expires_at < links_before))
