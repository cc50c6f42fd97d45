"""Numbers that people read: 1, 2, 3 within an organisation."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from wfm.storage.tables import CleaningRow, DraftRow, EditRow, ForecastRow, ImportRow, PublicationRow, RequirementRow, WorkRuleRow

Numbered = (
    type[ForecastRow]
    | type[RequirementRow]
    | type[DraftRow]
    | type[ImportRow]
    | type[PublicationRow]
    | type[EditRow]
    | type[CleaningRow]
    | type[WorkRuleRow]
)


def next_number(session: Session, table: Numbered, organisation_id: int) -> int:
    """The number after the last; the caller holds the lock of that name (`Database.lock`), so that no two get the same."""
    last = session.scalar(select(func.max(table.number)).where(table.organisation_id == organisation_id))
    return (last or 0) + 1
