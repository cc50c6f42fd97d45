"""Where hard rules tie the days together, tours built anew find what small moves cannot reach."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.unit.scheduler.test_search_and_bound import searched, small
from wfm.domain.roster import RosterProblem
from wfm.domain.rules.minimum_run import MinimumRun
from wfm.scheduler import check, solve
from wfm.scheduler.instance import build_instance
from wfm.scheduler.rebuilding import MOST_PEOPLE, days_are_tied, rebuild

RUNS = (MinimumRun("work", 2, open_start=True), MinimumRun("off", 2, open_start=True))


def tied(agents: int = 6) -> RosterProblem:
    base = small(4, agents=agents)
    return replace(base, contracts=tuple(replace(contract, rules=RUNS) for contract in base.contracts))


@pytest.mark.parametrize(("agents", "expected"), [(3, False), (4, True), (MOST_PEOPLE, True), (MOST_PEOPLE + 1, False)])
def test_few_people_under_hard_rules_are_rebuilt(agents: int, expected: bool) -> None:
    assert days_are_tied(build_instance(tied(agents))) is expected


def test_people_without_further_rules_are_not_rebuilt() -> None:
    assert not days_are_tied(build_instance(small(4, agents=6)))


def test_rebuilding_never_ends_above_its_beginning_and_lowers_a_first_roster() -> None:
    search = searched(tied())
    assert search.best is not None
    before = search.best.objective
    rebuild(search, 0.5)
    assert search.best.objective < before


def test_a_rebuilt_roster_keeps_every_rule_and_tells_its_true_cost() -> None:
    of = tied()
    roster = solve(of, 2.0)
    found = check(of, roster)
    assert found.violations == ()
    assert found.objective == pytest.approx(roster.objective, rel=1e-6)
