"""A new draft from what is published: the published version stays as it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from wfm.domain.activities import with_fixed
from wfm.domain.roster import RosterProblem, Shift
from wfm.domain.rules import violations
from wfm.domain.staff import FixedActivity
from wfm.errors import NotFound
from wfm.service import draft_store, edit_effect
from wfm.service.context import Actor, Service
from wfm.service.coverage import cover
from wfm.service.draft_state import Placed, broken_rules
from wfm.service.gap import gap_in_words
from wfm.service.policy import require
from wfm.service.problem_document import unpacked
from wfm.service.scheduling import build_problem
from wfm.storage import drafts as store
from wfm.storage import publications
from wfm.storage.tables import DraftRow

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def draft_of_published(service: Service, actor: Actor, first_day: date, days: int = 7) -> int:
    """A new draft with the shifts that count on some days; its number.

    It answers the problem of the draft that was published, absences known there included; where the days were published in another way,
    the problem as it stands today.

    Raises
    ------
    NotFound
        When nothing is published for these days.
    """
    require(actor, "schedule.change")
    with service.database.reading() as session:
        covered = publications.covering(session, actor.organisation_id, first_day, first_day + timedelta(days - 1))
        shifts = [shift for _, _, shift in publications.effective(session, covered)] if covered else []
        versions = {row.number: row for row in covered.values()}
        source = _source(session, {row.draft_id for row in versions.values()}, first_day, days)
    if not versions:
        raise NotFound(f"nothing is published from {first_day} on; build a schedule and publish it first")
    if source is None:
        problem, bound, requirement = build_problem(service, actor, first_day, days), None, None
    else:
        problem, bound, requirement = unpacked(source.problem), source.lower_bound, source.requirement_id
    problem, shifts = _with_published_activities(problem, shifts)
    made = _made(problem, shifts, bound, max(versions))
    with service.database.transaction() as session:
        return draft_store.add(service, actor, session, made, requirement)


def _with_published_activities(problem: RosterProblem, shifts: list[Shift]) -> tuple[RosterProblem, list[Shift]]:
    """The problem with the activities that were published, and the shifts without: in a draft they stand with the people."""
    published: dict[str, list[FixedActivity]] = {}
    for shift in shifts:
        if shift.agent in problem.agent_of:
            published.setdefault(shift.agent, []).extend(shift.activities)
    differs = {name: parts for name, parts in published.items() if _plain(problem.agent_of[name].fixed) != _plain(parts)}
    return with_fixed(problem, differs), [replace(shift, activities=()) for shift in shifts]


def _plain(parts: Iterable[FixedActivity]) -> set[FixedActivity]:
    return {replace(part, due=None) for part in parts}


def _source(session: Session, draft_ids: set[int | None], first_day: date, days: int) -> DraftRow | None:
    """The draft behind the days, where it is one and has just these days and a problem."""
    row = store.by_id(session, next(iter(draft_ids))) if len(draft_ids) == 1 else None
    return row if row is not None and row.problem and (row.first_day, row.days) == (first_day, days) else None


def _made(problem: RosterProblem, shifts: list[Shift], bound: float | None, version: int) -> draft_store.Made:
    known = [shift for shift in shifts if shift.agent in problem.agent_of]
    gone = len(shifts) - len(known)
    coverage, broken = cover(problem, known), violations(problem, known)
    objective = coverage.cost + edit_effect.own_cost(problem, known, frozenset(problem.agent_of))
    report = {
        **broken_rules(broken),
        "gap": "" if broken else gap_in_words(problem, objective, bound),
        "based_on": version,
        "notes": [f"{gone} published shifts of people who cannot be scheduled any more are left out"] if gone else [],
    }
    return draft_store.Made(problem, tuple(map(Placed, known)), coverage, objective, bound, report)
