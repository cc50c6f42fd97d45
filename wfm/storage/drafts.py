"""Drafts of the schedule and their shifts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from wfm.errors import NotFound
from wfm.storage.tables import AgentRow, DraftEditRow, DraftRow, DraftShiftRow, RequirementRow


class Holder(NamedTuple):
    """Whose a shift is."""

    key: str
    name: str


def draft(session: Session, organisation_id: int, number: int | None = None, *, to_change: bool = False) -> DraftRow:
    """The draft of that number, or the newest; `to_change` holds it to the end of the transaction.

    Raises
    ------
    NotFound
        When there is none.
    """
    wanted = select(DraftRow).where(DraftRow.organisation_id == organisation_id)
    wanted = wanted.order_by(DraftRow.number.desc()).limit(1) if number is None else wanted.where(DraftRow.number == number)
    if to_change:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    row = session.scalars(wanted).first()
    if row is None:
        raise NotFound("there is no draft yet" if number is None else f"there is no draft {number}")
    return row


def by_id(session: Session, draft_id: int | None) -> DraftRow | None:
    """A draft by its row id."""
    return None if draft_id is None else session.get(DraftRow, draft_id)


def drafts(session: Session, organisation_id: int, limit: int) -> Sequence[DraftRow]:
    """The newest drafts, newest in front."""
    wanted = select(DraftRow).where(DraftRow.organisation_id == organisation_id).order_by(DraftRow.number.desc()).limit(limit)
    return session.scalars(wanted).all()


def earlier(session: Session, draft: DraftRow) -> DraftRow | None:
    """The newest draft of the same days before `draft`, or None."""
    wanted = select(DraftRow).where(DraftRow.organisation_id == draft.organisation_id, DraftRow.number < draft.number)
    wanted = wanted.where(DraftRow.first_day == draft.first_day, DraftRow.days == draft.days)
    return session.scalars(wanted.order_by(DraftRow.number.desc()).limit(1)).first()


def shifts(
    session: Session, draft: DraftRow, begin: datetime | None = None, end: datetime | None = None
) -> Sequence[tuple[DraftShiftRow, Holder]]:
    """Every shift of a draft, or those that start in [begin, end), each with whose it is, by agent and start."""
    wanted = (
        select(DraftShiftRow, AgentRow.key, AgentRow.name)
        .join(AgentRow, AgentRow.id == DraftShiftRow.agent_id)
        .where(DraftShiftRow.draft_id == draft.id, DraftShiftRow.organisation_id == draft.organisation_id)
        .order_by(AgentRow.key, DraftShiftRow.start)
    )
    if begin is not None and end is not None:
        wanted = wanted.where(DraftShiftRow.start >= begin, DraftShiftRow.start < end)
    return [(row, Holder(key, name)) for row, key, name in session.execute(wanted)]


def number_of(session: Session, draft_id: int | None) -> int | None:
    """Number of a draft by its row id."""
    return None if draft_id is None else session.scalar(select(DraftRow.number).where(DraftRow.id == draft_id))


def shift_counts(session: Session, draft_ids: Sequence[int]) -> dict[int, int]:
    """Number of shifts by draft."""
    wanted = select(DraftShiftRow.draft_id, func.count()).where(DraftShiftRow.draft_id.in_(draft_ids)).group_by(DraftShiftRow.draft_id)
    return dict(session.execute(wanted).all())


def requirement_numbers(session: Session, organisation_id: int) -> dict[int, int]:
    """Number of every version of people needed by its id."""
    wanted = select(RequirementRow.id, RequirementRow.number).where(RequirementRow.organisation_id == organisation_id)
    return dict(session.execute(wanted).all())


def edits(session: Session, draft: DraftRow) -> Sequence[DraftEditRow]:
    """Every edit of a draft, those undone included, oldest in front."""
    wanted = select(DraftEditRow).where(DraftEditRow.draft_id == draft.id, DraftEditRow.organisation_id == draft.organisation_id)
    return session.scalars(wanted.order_by(DraftEditRow.number)).all()
