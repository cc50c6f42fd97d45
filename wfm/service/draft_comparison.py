"""One draft beside an earlier one of the same days: what it costs, what it misses, and for whom it differs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wfm import units
from wfm.domain.roster import Shift
from wfm.domain.timegrid import zone
from wfm.errors import NotFound
from wfm.service.context import Actor, Service
from wfm.service.draft_view import shift_of
from wfm.service.policy import require
from wfm.service.problem_document import unpacked
from wfm.service.schedule_diff import Day, by_day, paid_hours
from wfm.storage import drafts as store
from wfm.storage.series import unpack

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from wfm.storage.tables import DraftRow


@dataclass(frozen=True, slots=True)
class DraftFigures:
    """A draft in figures; `gap` says in words how far it can be from the best possible."""

    number: int
    objective: float
    short_hours: float
    over_hours: float
    paid_hours: float
    shifts: int
    rules_broken: int
    gap: str


@dataclass(frozen=True, slots=True)
class DraftComparison:
    """Two drafts of the same days.

    Parameters
    ----------
    before, after
        The earlier one and the one that was asked for.
    people, days
        People with any other day, and how many of their days differ.
    names
        Some of these people, by name.
    """

    before: DraftFigures
    after: DraftFigures
    people: int
    days: int
    names: tuple[str, ...]


def compare_drafts(service: Service, actor: Actor, number: int, other: int | None = None) -> DraftComparison:
    """A draft beside another one; beside the newest earlier one of the same days where none is named.

    Raises
    ------
    NotFound
        When one of them is not there, or there is no earlier one of these days.
    """
    require(actor, "schedule.read")
    with service.database.reading() as session:
        row = store.draft(session, actor.organisation_id, number)
        earlier = store.draft(session, actor.organisation_id, other) if other else _earlier(session, row)
        names: dict[str, str] = {}
        before, after = _days(session, earlier, names), _days(session, row, names)
        differ = [key for key in before.keys() | after.keys() if before.get(key, ()) != after.get(key, ())]
        people = sorted({agent for agent, _ in differ}, key=lambda agent: names[agent])
        figures = _figures(earlier, before), _figures(row, after)
        return DraftComparison(*figures, len(people), len(differ), tuple(names[agent] for agent in people[:12]))


def _earlier(session: Session, row: DraftRow) -> DraftRow:
    found = store.earlier(session, row)
    if found is None:
        raise NotFound(f"there is no draft of these days before draft {row.number}")
    return found


def _days(session: Session, row: DraftRow, names: dict[str, str]) -> Mapping[Day, tuple[Shift, ...]]:
    here, rows = zone(row.zone), store.shifts(session, row)
    names |= {agent.key: agent.name for _, agent in rows}
    shifts = (shift_of(one, agent.key) for one, agent in rows)
    return by_day((shift.start.astimezone(here).date(), shift) for shift in shifts)


def _figures(row: DraftRow, days: Mapping[Day, tuple[Shift, ...]]) -> DraftFigures:
    arrays, hours = unpack(row.coverage), unpacked(row.problem).grid.interval_s / units.SECONDS_PER_HOUR
    missing = sum(float(values.sum()) for name, values in arrays.items() if name.startswith("missing "))
    shifts = [shift for some in days.values() for shift in some]
    return DraftFigures(
        number=row.number,
        objective=row.objective,
        short_hours=missing * hours,
        over_hours=float(arrays["spare"].sum()) * hours,
        paid_hours=sum(map(paid_hours, shifts)),
        shifts=len(shifts),
        rules_broken=len(row.report.get("rules_broken", ())),
        gap=str(row.report.get("gap", "")),
    )
