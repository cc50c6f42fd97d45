"""The pinned shifts and the activities of a draft, for a new one that keeps them."""

from __future__ import annotations

from wfm.domain.activities import with_fixed
from wfm.domain.roster import RosterProblem, Shift
from wfm.domain.rules import RULES, Rule, violations
from wfm.domain.staff import FixedActivity
from wfm.errors import InvalidInput
from wfm.service.context import Actor, Service
from wfm.service.draft_view import shift_of
from wfm.service.policy import require
from wfm.service.problem_document import unpacked
from wfm.storage import drafts as store

_OF_A_SHIFT = frozenset(
    {"horizon", "grid", "start grid", "start window", "shift length", "breaks", "work stretch", "day off", "availability", "rest"}
)


def of_draft(service: Service, actor: Actor, number: int, problem: RosterProblem) -> tuple[Shift, ...]:
    """The pinned shifts of a draft that lie on the days of `problem` and belong to its people.

    Raises
    ------
    InvalidInput
        When one of them breaks a rule whatever the rest of the week is; naming all of these.
    """
    require(actor, "schedule.read")
    with service.database.reading() as session:
        rows = store.shifts(session, store.draft(session, actor.organisation_id, number))
        pinned = [shift_of(row, agent.key) for row, agent in rows if row.pinned]
    grid = problem.grid
    found = tuple(one for one in pinned if one.agent in problem.agent_of and grid.begin <= one.start < one.end <= grid.end)
    broken = violations(problem, found, _rules_of_a_shift())
    if broken:
        raise InvalidInput(f"pinned shifts of draft {number} break rules; change or unpin them: {'; '.join(map(str, broken[:5]))}")
    return found


def with_activities(service: Service, actor: Actor, number: int, problem: RosterProblem) -> RosterProblem:
    """`problem` with the activities of a draft that lie on its days, for those of its people who have them."""
    require(actor, "schedule.read")
    with service.database.reading() as session:
        content = store.draft(session, actor.organisation_id, number).problem
    theirs = unpacked(content).agent_of if content else {}
    found: dict[str, list[FixedActivity]] = {}
    for agent in problem.agents:
        parts = theirs[agent.id].fixed if agent.id in theirs else ()
        new = [one for one in parts if one not in agent.fixed and problem.grid.begin <= one.start and one.end <= problem.grid.end]
        if new:
            found[agent.id] = [*agent.fixed, *new]
    return with_fixed(problem, found)


def _rules_of_a_shift() -> tuple[Rule, ...]:
    return tuple(rule for rule in RULES if rule.name in _OF_A_SHIFT)
