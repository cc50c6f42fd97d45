"""A draft with its problem, for tests that edit it: three people, one queue, a week of days; made without a solver."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from tests.support.drafts import MONDAY, ZONE, week
from tests.support.service import CONTRACT
from wfm.domain.roster import Requirement, RosterProblem, Shift
from wfm.domain.staff import Agent, BreakRule, ShiftShape
from wfm.domain.timegrid import TimeGrid
from wfm.service import draft_store
from wfm.service.context import Actor, Service
from wfm.service.coverage import cover
from wfm.service.draft_state import Placed
from wfm.service.gap import gap_in_words

SHORT_DAY = ShiftShape(360, (BreakRule(15, True, 60, 240),))


def problem(names: Iterable[str] = ("a1", "a2", "a3"), needed: float = 2.0) -> RosterProblem:
    """`needed` heads on visits from 8 to 18 o'clock, Monday to Friday."""
    grid = TimeGrid(ZONE, MONDAY, 7)
    required = tuple(needed if 8 <= start.hour < 18 and start.weekday() < 5 else 0.0 for start in grid.local_starts)
    contract = replace(CONTRACT, shifts=(*CONTRACT.shifts, SHORT_DAY))
    agents = tuple(Agent(name, contract.id, {"visits": 1.0}, name=f"Agent {name[1:]}") for name in names)
    return RosterProblem("test", grid, 2.0, (Requirement("visits", 50.0, required),), (contract,), agents)


def planned(service: Service, actor: Actor, shifts: Iterable[Shift] = (), of: RosterProblem | None = None) -> int:
    """A stored draft; its number. Everybody works from Monday to Friday, 8:00 to 16:30, where no shifts are given."""
    asked = of or problem()
    some = tuple(shifts) or tuple(week(*(agent.id for agent in asked.agents)))
    covered = cover(asked, some)
    report = {"rules_broken": [], "gap": gap_in_words(asked, covered.cost, 0.0)}
    made = draft_store.Made(asked, tuple(map(Placed, some)), covered, covered.cost, 0.0, report)
    with service.database.transaction() as session:
        return draft_store.add(service, actor, session, made, None)
