"""Views that people keep, each for the own use."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from wfm.storage.tables import SavedViewRow


def views(session: Session, organisation_id: int, user_id: int, page: str) -> Sequence[SavedViewRow]:
    """The views of a page that somebody keeps, by name."""
    wanted = select(SavedViewRow).where(SavedViewRow.organisation_id == organisation_id, SavedViewRow.user_id == user_id)
    return session.scalars(wanted.where(SavedViewRow.page == page).order_by(SavedViewRow.name)).all()


def add(session: Session, organisation_id: int, **values: Any) -> None:
    """A new view."""
    session.add(SavedViewRow(organisation_id=organisation_id, **values))
