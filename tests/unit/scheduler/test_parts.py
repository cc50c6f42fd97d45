"""A roster made of parts is one roster of the whole problem: legal, at its true cost, whatever happens to the workers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import BrokenExecutor
from dataclasses import replace

import numpy as np
import pytest

from tests.unit.scheduler.test_search_and_bound import frozen_clock, small
from tests.unit.scheduler.test_search_and_bound import judged as by_hand
from wfm.domain.roster import RosterProblem
from wfm.errors import InvalidInput
from wfm.scheduler import check, solve_in_parts
from wfm.scheduler.bound import Ascent
from wfm.scheduler.cooling import PHASES
from wfm.scheduler.instance import build_instance
from wfm.scheduler.parts import PartAnswer, PartTask, divided, solve_part
from wfm.scheduler.sharing import instance_of_part, kinds_by_part, served_at_prices, shares_of_service
from wfm.scheduler.solver import CUT_SHORT
from wfm.service.processes import each
from wfm.service.side_by_side import Parts

LIMIT_S = 4.0
Work = Callable[[PartTask], PartAnswer]
Tick = Callable[[int], None]


def sites(agents: int = 9) -> RosterProblem:
    base = small(3, agents=agents)
    return replace(base, agents=tuple(replace(a, site=("east", "west")[k % 2], team=f"t{k % 3}") for k, a in enumerate(base.agents)))


def with_nobody(of: RosterProblem) -> float:
    """Cost of an empty roster, which is legal here."""
    return by_hand(of, ())


def judged(of: RosterProblem, parts: str, **more: object) -> float:
    roster = solve_in_parts(of, parts, LIMIT_S, 1, **more)  # type: ignore[arg-type]
    found = check(of, roster)
    assert found.violations == ()
    assert roster.lower_bound is not None
    assert roster.lower_bound <= found.objective + 1e-6
    assert roster.objective == pytest.approx(found.objective, rel=1e-6)
    return float(found.objective)


@pytest.mark.parametrize("parts", ["site", "team", "2"])
def test_a_roster_of_parts_keeps_every_rule_and_tells_its_true_cost(parts: str) -> None:
    assert judged(sites(), parts) < with_nobody(sites())


def test_parts_are_asked_for_the_whole_demand_and_no_more() -> None:
    of = sites()
    instance = build_instance(of)
    part, count = divided(of, instance, "team")
    whole = kinds_by_part(instance, part, count)
    ascent = Ascent(whole)
    ascent.climb(20, 1.0, lambda: False)
    shares = shares_of_service(whole, served_at_prices(ascent, 5, lambda: False), part, count)
    assert shares.min() >= 0.0
    np.testing.assert_allclose(shares.sum(axis=0), instance.required)


def test_telling_kinds_apart_by_part_changes_no_bound() -> None:
    of = sites()
    instance = build_instance(of)
    part, count = divided(of, instance, "site")
    prices = np.random.default_rng(0).uniform(0.0, 60.0, (instance.intervals, instance.required.shape[1]))
    values = [Ascent(one).value(prices)[0] for one in (instance, kinds_by_part(instance, part, count))]
    assert values[0] == pytest.approx(values[1])


def test_a_part_has_its_own_people_and_the_same_tours() -> None:
    instance = build_instance(sites())
    people = np.array([1, 4, 7])
    mine = instance_of_part(instance, people, instance.required / 2)
    assert [agent.id for agent in mine.problem.agents] == ["a1", "a4", "a7"]
    assert mine.calendars is instance.calendars


def test_parts_by_number_are_of_like_size() -> None:
    of = sites(11)
    part, count = divided(of, build_instance(of), "4")
    assert sorted(np.bincount(part, minlength=count)) == [2, 3, 3, 3]


def test_the_same_seed_gives_the_same_roster_in_any_order_of_answers() -> None:
    of = sites()

    def backwards(work: Work, items: Iterable[PartTask], tick: Tick) -> Iterator[tuple[PartTask, PartAnswer]]:
        tick(0)
        for item in reversed(list(items)):
            yield item, solve_part(item, clock=frozen_clock)

    def forwards(work: Work, items: Iterable[PartTask], tick: Tick) -> Iterator[tuple[PartTask, PartAnswer]]:
        tick(0)
        for item in items:
            yield item, solve_part(item, clock=frozen_clock)

    found = [solve_in_parts(of, "team", 1.0, 5, workers=workers, clock=frozen_clock).shifts for workers in (forwards, backwards)]
    assert found[0] == found[1]


def test_a_worker_that_dies_once_is_tried_again() -> None:
    deaths = [1]

    def mortal(work: Work, items: Iterable[PartTask], tick: Tick) -> Iterator[tuple[PartTask, PartAnswer]]:
        for item in items:
            if deaths and item.number == 1:
                deaths.pop()
                raise BrokenExecutor("gone")
            yield item, work(item)

    of = sites()
    roster = solve_in_parts(of, "team", LIMIT_S, workers=mortal, clock=frozen_clock)
    assert not deaths
    assert not any("ended before" in note for note in roster.notes)


def test_workers_that_always_die_leave_a_legal_roster_that_says_so() -> None:
    def dead(work: Work, items: Iterable[PartTask], tick: Tick) -> Iterator[tuple[PartTask, PartAnswer]]:
        raise BrokenExecutor("gone")
        yield

    of = sites()
    roster = solve_in_parts(of, "team", LIMIT_S, workers=dead, clock=frozen_clock)
    assert check(of, roster).violations == ()
    assert any("3 of 3 parts ended before" in note for note in roster.notes)


def test_a_stop_keeps_the_best_so_far() -> None:
    asked, read_after = 0, 0

    def cancelled() -> bool:
        nonlocal asked
        asked += 1
        return asked > 2

    def clock() -> float:
        nonlocal read_after
        read_after += asked > 2
        return 0.0

    of = sites()
    roster = solve_in_parts(of, "site", 60.0, cancelled=cancelled, clock=clock)
    assert read_after < PHASES / 2  # a search that goes on reads the clock once in each phase
    assert CUT_SHORT in roster.notes
    assert check(of, roster).violations == ()


@pytest.mark.parametrize(
    ("parts", "said"),
    [("1", "from 2 to 9"), ("10", "from 2 to 9"), ("building", "site, team or a whole number"), ("team", "at least 2 teams")],
)
def test_parts_that_cannot_be_made_are_refused(parts: str, said: str) -> None:
    of = sites()
    alike = replace(of, agents=tuple(replace(agent, team="one") for agent in of.agents))
    with pytest.raises(InvalidInput, match=said):
        solve_in_parts(alike, parts, LIMIT_S)


@pytest.mark.slow
def test_processes_solve_parts() -> None:
    assert judged(sites(), "site", workers=_in_processes, at_once=2) < with_nobody(sites())


def _in_processes(work: Work, items: Iterable[PartTask], tick: Tick) -> Iterator[tuple[PartTask, PartAnswer]]:
    return each(work, items, 2, tick)


@pytest.mark.filterwarnings("ignore")
def test_a_cluster_solves_parts() -> None:
    distributed = pytest.importorskip("distributed", reason="the extra `cluster` is not installed")
    of = sites()
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None, protocol="tcp", host="127.0.0.1"
    ) as cluster:
        roster = Parts("site", 1, cluster.scheduler_address).solve(of, LIMIT_S, 1, lambda _: None, lambda: False)
    assert check(of, roster).violations == ()
