"""With rules switched on at random, solver and checker agree, and no hard rule is ever broken."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wfm.domain.roster import Requirement, RosterProblem
from wfm.domain.rules import rule_from
from wfm.domain.staff import Agent, BreakRule, Contract, DayOffWish, Licence, ShiftShape
from wfm.domain.timegrid import TimeGrid
from wfm.errors import Infeasible
from wfm.scheduler import check, solve

GRID = TimeGrid("America/Chicago", date(2026, 10, 26), 7, 60)
CONTRACT = Contract(
    "c", (0, 2400), (0, 5), (ShiftShape(360, (BreakRule(60, False, 120, 240),)), ShiftShape(240)), 0, 2880, 180, 600, 5, 60, 3.0
)
COSTS = st.one_of(st.none(), st.sampled_from([1.0, 7.5, 40.0]))
PRICES = st.sampled_from([1.0, 7.5, 40.0])
CLOCKS = st.integers(0, 23).map(lambda hour: f"{hour:02d}:00")


def listed(kind: str, cost: Any = COSTS, **figures: Any) -> Any:
    return st.fixed_dictionaries({"kind": st.just(kind), "cost": cost, **figures}).map(rule_from)


TOUR_RULES = st.one_of(
    listed("consistent_starts", max_spread_minutes=st.sampled_from([0, 180, 360])),
    listed("weekends", most=st.integers(0, 1), per=st.sampled_from(["month", "horizon"])),
    listed("nights_in_a_row", most=st.integers(1, 2)),
    listed("forbidden_succession", after_from=CLOCKS, after_until=CLOCKS, then_from=CLOCKS, then_until=CLOCKS),
    listed("minimum_run", of=st.sampled_from(["work", "off"]), days=st.integers(1, 3), open_start=st.booleans()),
    listed("shifts_of_kind", **{"most": st.integers(0, 2), "from": CLOCKS, "until": CLOCKS}),
    listed("minor", latest_end=CLOCKS, most_day_minutes=st.sampled_from([240, 360]), weekdays=st.just([0, 1, 2, 3, 5])),
    listed("overtime", PRICES, normal_week_minutes=st.sampled_from([0, 480, 960])),
    listed("horizon_minutes", least=st.sampled_from([0, 240]), most=st.sampled_from([480, 1200])),
    listed("fair_share", PRICES, of=st.sampled_from(["weekends", "lates", "nights", "holidays"]), dates=st.just(["2026-10-28"])),
    listed("shift_request", day=st.just("2026-10-31"), wanted=st.booleans(), **{"from": CLOCKS, "until": CLOCKS}),
    listed("rotation", PRICES, weeks=st.just([[["06:00", 360], None, ["21:00", 240], None, None, None, ["00:00", 360]]])),
)
ACROSS = st.one_of(
    listed("seats", PRICES, site=st.sampled_from(["West", "East"]), seats=st.integers(0, 1)),
    listed("always_present", PRICES, **{"skill": st.just("es"), "heads": st.integers(1, 2), "from": CLOCKS, "until": CLOCKS}),
)


@st.composite
def needs(draw: Any, queue: str) -> Requirement:
    heads = np.random.default_rng(draw(st.integers(0, 999))).integers(0, 3, GRID.count) * draw(st.sampled_from([0.5, 1.0]))
    least = draw(st.sampled_from([(), (1.0,) * GRID.count]))
    licence = draw(st.sampled_from(["", "TX"]))
    return Requirement(queue, draw(PRICES), tuple(heads.tolist()), least, draw(PRICES) if least else 0.0, licence)


@st.composite
def people(draw: Any, number: int) -> Agent:
    queues = draw(st.sets(st.sampled_from(["a", "b"]), min_size=1))
    days = st.integers(0, 6).map(lambda n: GRID.first_day + timedelta(n))
    licence = draw(st.one_of(st.just(()), st.just((Licence("TX"),)), days.map(lambda day: (Licence("PA", None, day, True),))))
    return Agent(
        f"p{number}", "c", dict.fromkeys(sorted(queues), draw(st.sampled_from([1.0, 1.1]))), name="",
        days_off=frozenset(draw(st.sets(days, max_size=2))), wishes=(DayOffWish(draw(days), 5.0),),
        days_worked_before=draw(st.integers(0, 2)), rules=tuple(draw(st.lists(TOUR_RULES, max_size=2))),
        carried=(("nights_in_a_row", draw(st.integers(0, 1))), ("weekends", 1), ("weekends_in_month", draw(st.integers(0, 1)))),
        site=draw(st.sampled_from(["West", "East", ""])), skills=frozenset(draw(st.sets(st.just("es")))), licences=licence,
        secondary=frozenset(draw(st.sets(st.sampled_from(sorted(queues))))),
    )  # fmt: skip


@st.composite
def problems(draw: Any) -> RosterProblem:
    crowd = tuple(draw(people(number)) for number in range(draw(st.integers(1, 4))))
    contract = replace(CONTRACT, rules=tuple(draw(st.lists(TOUR_RULES, max_size=2))))
    return RosterProblem(
        "p", GRID, 1.0, (draw(needs("a")), draw(needs("b"))), (contract,), crowd, tuple(draw(st.lists(ACROSS, max_size=2))),
        draw(st.sampled_from([0.0, 0.5])), {"TX": date(2026, 1, 1), "PA": date(2026, 10, 28)},
    )  # fmt: skip


@given(problems())
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_solver_and_checker_agree_whatever_rules_are_on(problem: RosterProblem) -> None:
    try:
        roster = solve(problem, 0.1, seed=1)
    except Infeasible:
        return
    judged = check(problem, roster)
    assert judged.violations == ()
    assert judged.objective == pytest.approx(roster.objective, abs=1e-6, rel=1e-9)
    assert roster.lower_bound is None or roster.lower_bound <= judged.objective + 1e-9
