"""The split of people who are faster on one queue than on another is exact, head by head, and so is all that is built on it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.domain.test_rules import AGENT, problem
from tests.unit.scheduler.test_search_and_bound import judged, searched
from wfm.domain.roster import Requirement, RosterProblem
from wfm.domain.rules import violations
from wfm.domain.rules.presence import Seats
from wfm.scheduler import check, solve
from wfm.scheduler.bound import Ascent
from wfm.scheduler.coverage import Split, make_paths, make_split, split_cost
from wfm.scheduler.instance import Instance, build_instance
from wfm.scheduler.placing import change_heads
from wfm.scheduler.replies import worth_of_kind
from wfm.scheduler.result import shifts_of

KINDS = st.fixed_dictionaries({name: st.booleans() for name in ("secondary", "minima", "seats")})
NAMES = ("a", "b", "c", "d")
SPEEDS = (0.5, 0.8, 1.0, 1.25)


def uneven(seed: int, agents: int = 3, secondary: bool = False, minima: bool = False, seats: bool = False) -> RosterProblem:
    """Random people on four queues, each at speeds of its own on up to three of them."""
    rng = np.random.default_rng(seed)
    base = problem(contract={"week_days": (0, 5), "week_minutes": (0, 2400)})
    hour = np.zeros(base.grid.count)
    hour[32:72] = 1.0
    needs = []
    for name in NAMES:
        required = (hour * rng.uniform(0, 1.2, base.grid.count) * rng.integers(0, 2)).round(2)
        floor = tuple((required * 0.5).tolist()) if minima else ()
        needs.append(Requirement(name, float(rng.choice([40.0, 60.0, 120.0])), tuple(required.tolist()), minimum=floor, minimum_cost=30.0))
    people = []
    for k in range(agents):
        mine = rng.choice(NAMES, int(rng.integers(1, 4)), replace=False).tolist()
        second = frozenset(mine[1:]) if secondary else frozenset()
        people.append(replace(AGENT, id=f"p{k}", queues={name: float(rng.choice(SPEEDS)) for name in mine}, secondary=second, site="hall"))
    rules = (Seats("hall", 1, 15.0),) if seats else ()
    return replace(
        base, requirements=tuple(needs), agents=tuple(people), over_cost=float(rng.choice([0.0, 2.0])),
        secondary_cost=7.0 if secondary else 0.0, rules=rules,
    )  # fmt: skip


def priced(of: RosterProblem, duty: np.ndarray) -> tuple[Instance, Split]:
    """The split when everybody came to their intervals one by one, in the order of the agents."""
    instance = build_instance(of)
    split, paths = make_split(instance), make_paths(instance)
    for k in range(instance.agents):
        change_heads(instance.cover, instance.agent[k : k + 1, 0].copy(), np.flatnonzero(duty[k]), split, paths, True)
    return instance, split


def best_cost(instance: Instance, duty: np.ndarray) -> float:
    """The same cost by a linear programme of its own, interval by interval."""
    from scipy.optimize import linprog

    cover = instance.cover
    arcs, kinds, queues = len(cover.arc), len(cover.kind_first) - 1, len(cover.under_cost)
    balance = np.zeros((kinds + queues, arcs + kinds + queues))
    balance[cover.arc[:, 0], np.arange(arcs)] = 1.0
    balance[kinds + cover.arc[:, 1], np.arange(arcs)] = cover.speed
    balance[:kinds, arcs : arcs + kinds] = np.eye(kinds)
    balance[kinds:, arcs + kinds :] = np.eye(queues)
    cost = np.concatenate([cover.extra, np.full(kinds, cover.over_cost), cover.under_cost])
    busy = duty.any(axis=0)
    total = float((instance.required[~busy] @ cover.under_cost).sum())
    for t in np.flatnonzero(busy):
        heads = np.bincount(instance.agent[:, 0], weights=duty[:, t], minlength=kinds)
        total += linprog(cost, A_eq=balance, b_eq=np.concatenate([heads, instance.required[t]]), method="highs").fun
    return total * cover.hours


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 100_000), secondary=st.booleans(), minima=st.booleans())
def test_heads_that_come_and_go_leave_the_best_split(seed: int, secondary: bool, minima: bool) -> None:
    of = uneven(seed, 9, secondary, minima)
    rng = np.random.default_rng(seed)
    duty = np.zeros((9, of.grid.count), dtype=bool)
    duty[:, 36:48] = rng.random((9, 12)) < 0.6
    instance, split = priced(of, duty)
    assert split_cost(instance.cover, split) == pytest.approx(best_cost(instance, duty), abs=1e-7)
    gone = duty & (rng.random(duty.shape) < 0.5)
    paths = make_paths(instance)
    for k in rng.permutation(9):
        change_heads(instance.cover, instance.agent[k : k + 1, 0].copy(), np.flatnonzero(gone[k]), split, paths, False)
    assert split_cost(instance.cover, split) == pytest.approx(best_cost(instance, duty & ~gone), abs=1e-7)


def test_one_head_serves_two_queues_at_two_speeds() -> None:
    """A head covers the first queue's half in half the hour, and with the other half a quarter of the second."""
    base = problem(contract={"week_days": (0, 5), "week_minutes": (0, 2400)})
    hour = np.zeros(base.grid.count)
    hour[36:40] = 0.5
    needs = (Requirement("a", 60.0, tuple(hour.tolist())), Requirement("b", 60.0, tuple(hour.tolist())))
    of = replace(base, requirements=needs, agents=(replace(AGENT, queues={"a": 1.0, "b": 0.5}),))
    duty = np.zeros((1, of.grid.count), dtype=bool)
    duty[0, 36:40] = True
    instance, split = priced(of, duty)
    assert split.miss[36] == pytest.approx([0.0, 0.25])
    assert split_cost(instance.cover, split) == pytest.approx(60.0 * 0.25)


def test_long_use_does_not_spoil_a_split() -> None:
    of = uneven(11, 12, secondary=True)
    rng = np.random.default_rng(11)
    instance = build_instance(of)
    split, paths, duty = make_split(instance), make_paths(instance), np.zeros((12, of.grid.count), dtype=bool)
    for k in rng.integers(0, 12, 20_000):
        duty[k, 40:44] ^= True
        change_heads(instance.cover, instance.agent[k : k + 1, 0].copy(), np.arange(40, 44), split, paths, bool(duty[k, 40]))
    assert split_cost(instance.cover, split) == pytest.approx(best_cost(instance, duty), abs=1e-8)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 100_000))
def test_kinds_that_come_and_go_as_a_whole_leave_the_best_split(seed: int) -> None:
    """Three people of three kinds: a kind has often nobody left, and may then still stand in the basis."""
    of = uneven(seed, 3)
    rng = np.random.default_rng(seed)
    instance = build_instance(of)
    split, paths, duty = make_split(instance), make_paths(instance), np.zeros((3, of.grid.count), dtype=bool)
    for k in rng.integers(0, 3, 60):
        duty[k, 36:44] ^= True
        change_heads(instance.cover, instance.agent[k : k + 1, 0].copy(), np.arange(36, 44), split, paths, bool(duty[k, 36]))
        assert split_cost(instance.cover, split) == pytest.approx(best_cost(instance, duty), abs=1e-7)


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 100_000), agents=st.integers(1, 6), kinds=KINDS)
def test_search_and_checker_agree_at_uneven_speeds(seed: int, agents: int, kinds: dict[str, bool]) -> None:
    from wfm.scheduler.cooling import cool

    of = uneven(seed, agents, **kinds)
    search = searched(of, seed)
    cool(search, 0.02)
    shifts = shifts_of(search.instance, search.plan.tours)
    assert violations(of, shifts) == ()
    assert search.objective() == pytest.approx(judged(of, shifts), abs=1e-6)


@pytest.mark.parametrize("seed", range(4))
def test_what_a_head_is_worth_is_what_the_cost_changes_by(seed: int) -> None:
    search = searched(uneven(seed, 5, secondary=True), seed)
    before, kind = search.objective(), int(search.instance.agent[0, 0])
    more, fewer = (np.zeros(search.instance.intervals) for _ in range(2))
    worth_of_kind(search.model, search.plan, kind, search.room, more, fewer)
    for t in range(32, 72, 5):
        one = search.instance.agent[:1, 0].copy()
        change_heads(search.model.cover, one, np.array([t]), search.plan.split, search.room.paths, True)
        assert before - search.objective() == pytest.approx(more[t], abs=1e-9)
        change_heads(search.model.cover, one, np.array([t]), search.plan.split, search.room.paths, False)
        assert search.objective() == pytest.approx(before, abs=1e-9)


@pytest.mark.parametrize("seed", range(6))
def test_the_bound_holds_at_uneven_speeds(seed: int) -> None:
    """One person's best response to nobody is the optimum."""
    search = searched(uneven(seed, 1, secondary=seed % 2 == 1, minima=seed % 3 == 1))
    search.polish()
    ascent = Ascent(search.instance)
    ascent.climb(800, 12.0, lambda: False)
    assert search.best is not None
    assert ascent.proven() <= search.best.objective + 1e-9
    assert ascent.proven() >= 0.9 * search.best.objective - 1e-9


def test_a_solved_roster_tells_its_exact_cost_and_a_bound_below_it() -> None:
    of = uneven(5, 8, secondary=True, minima=True, seats=True)
    roster = solve(of, 2.0)
    told = check(of, roster)
    assert told.violations == ()
    assert roster.objective == pytest.approx(told.objective, abs=1e-6)
    assert roster.lower_bound is not None
    assert roster.lower_bound <= roster.objective
