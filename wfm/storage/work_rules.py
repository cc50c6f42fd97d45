"""Work rules, licences and the compact as rows: added, taken away, brought back, never deleted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from wfm.errors import NotFound
from wfm.storage.numbering import next_number
from wfm.storage.tables import WorkRuleRow


def rules(session: Session, organisation_id: int) -> Sequence[WorkRuleRow]:
    """Every rule, those taken away included, oldest in front."""
    wanted = select(WorkRuleRow).where(WorkRuleRow.organisation_id == organisation_id)
    return session.scalars(wanted.order_by(WorkRuleRow.number)).all()


def rule(session: Session, organisation_id: int, number: int) -> WorkRuleRow:
    """One rule.

    Raises
    ------
    NotFound
        When the organisation has none of that number.
    """
    wanted = select(WorkRuleRow).where(WorkRuleRow.organisation_id == organisation_id, WorkRuleRow.number == number)
    row = session.scalars(wanted).first()
    if row is None:
        raise NotFound(f"there is no rule {number}")
    return row


def add(session: Session, organisation_id: int, **values: Any) -> WorkRuleRow:
    """A new rule under the next number; the caller holds the lock of the organisation's rules."""
    row = WorkRuleRow(organisation_id=organisation_id, number=next_number(session, WorkRuleRow, organisation_id), **values)
    session.add(row)
    session.flush()
    return row
