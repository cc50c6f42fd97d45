"""Queues that are forecast like a similar one: set, marked as removed, never deleted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from wfm.storage.tables import ColdStartRow, QueueRow


@dataclass(frozen=True, slots=True)
class Standing:
    """One that counts, with its queue and the similar one."""

    row: ColdStartRow
    queue: QueueRow
    similar: QueueRow


def standing(session: Session, organisation_id: int) -> Sequence[Standing]:
    """Those that count, by key of the queue; at most one for each queue."""
    similar = aliased(QueueRow)
    wanted = select(ColdStartRow, QueueRow, similar).join(QueueRow, QueueRow.id == ColdStartRow.queue_id)
    wanted = wanted.join(similar, similar.id == ColdStartRow.similar_id)
    wanted = wanted.where(ColdStartRow.organisation_id == organisation_id, ColdStartRow.removed_at.is_(None)).order_by(QueueRow.key)
    return [Standing(*found) for found in session.execute(wanted)]
