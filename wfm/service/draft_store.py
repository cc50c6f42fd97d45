"""A schedule becomes a stored draft: problem, shifts, coverage and what is known about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from wfm.domain.roster import RosterProblem
from wfm.service import audit
from wfm.service.context import Actor, Service
from wfm.service.coverage import Coverage
from wfm.service.draft_state import Placed, shift_row
from wfm.service.problem_document import packed
from wfm.storage import staff
from wfm.storage.numbering import next_number
from wfm.storage.series import pack
from wfm.storage.tables import DraftRow

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Made:
    """A schedule on its way to becoming a draft.

    Parameters
    ----------
    objective, lower_bound
        As `roster-format` defines them; no bound where nothing was proven.
    report
        What pages say about it: `gap`, `rules_broken`, `notes`, and how it was made.
    """

    problem: RosterProblem
    placed: tuple[Placed, ...]
    coverage: Coverage
    objective: float
    lower_bound: float | None
    report: Mapping[str, Any]


def add(service: Service, actor: Actor, session: Session, made: Made, requirement_id: int | None) -> int:
    """Store a new draft in the caller's transaction, with its audit row; its number."""
    service.database.lock(session, "draft", actor.organisation_id)
    row = DraftRow(
        organisation_id=actor.organisation_id,
        number=next_number(session, DraftRow, actor.organisation_id),
        requirement_id=requirement_id,
        zone=made.problem.grid.zone_name,
        first_day=made.problem.grid.first_day,
        days=made.problem.grid.days,
        made_at=service.now(),
        made_by=actor.name,
        problem=packed(made.problem),
        coverage=pack(coverage_arrays(made.coverage)),
        objective=made.objective,
        lower_bound=made.lower_bound,
        report=dict(made.report),
        row_version=1,
    )
    session.add(row)
    session.flush()
    ids = staff.agent_ids(session, actor.organisation_id)
    session.add_all(shift_row(row, ids[one.shift.agent], one, 1) for one in made.placed)
    session.flush()
    after = {"first_day": row.first_day.isoformat(), "days": row.days, "shifts": len(made.placed), "objective": row.objective}
    audit.record(session, service, actor, "draft.make", "draft", row.number, None, after)
    return row.number


def coverage_arrays(coverage: Coverage) -> dict[str, Any]:
    """As a draft keeps its coverage."""
    missing = {f"missing {queue}": values.astype(np.float32) for queue, values in coverage.missing.items()}
    return {"spare": coverage.spare.astype(np.float32), "on_duty": coverage.on_duty.astype(np.float32), **missing}
