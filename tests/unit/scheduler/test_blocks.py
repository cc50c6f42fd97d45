"""Blocks on one queue are long, legal and serve nearly what the best split serves."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise, product
from pathlib import Path

import numpy as np
import pytest

from data import small
from tests.unit.domain.test_rules import AGENT, GRID, at, problem, shift
from wfm.domain.roster import Requirement, Roster, RosterProblem, RosterStatus
from wfm.errors import InvalidInput
from wfm.scheduler import channel_blocks, read_problem, solve
from wfm.scheduler.blocks import Walk, best_blocks

SHIFTS = (shift(0, 8), shift(0, 9, agent="ben"))


def two_queues(calls: float = 1.0, chats: float = 1.0) -> RosterProblem:
    both = {"calls": 1.0, "chats": 1.0}
    base = problem(contract={"week_days": (0, 5), "week_minutes": (0, 1200)})
    needs = tuple(Requirement(name, 40.0, (heads,) * GRID.count) for name, heads in (("calls", calls), ("chats", chats)))
    return replace(base, requirements=needs, agents=(replace(AGENT, queues=both), replace(AGENT, id="ben", queues=both)))


def roster(of: RosterProblem) -> Roster:
    return Roster(of.id, SHIFTS, 0.0, None, RosterStatus.FEASIBLE, "", 0, 0.0)


def test_two_people_share_two_queues_without_a_change() -> None:
    plan = channel_blocks(two_queues(), roster(two_queues()))
    spans = [(block.start, block.end) for block in plan.blocks["ana"]]
    assert spans == [(at(0, 8), at(0, 10)), (at(0, 10, 30), at(0, 12, 30))]
    assert all(len(block.queues) == 1 for blocks in plan.blocks.values() for block in blocks)
    assert plan.lost_share == 0.0


def test_a_head_that_must_be_split_takes_all_queues_where_the_tolerance_asks_for_it() -> None:
    of = two_queues(0.5, 0.5)
    strict, loose = channel_blocks(of, roster(of), tolerance=0.0), channel_blocks(of, roster(of), tolerance=1.0)
    assert strict.lost_share == pytest.approx(0.0)
    assert any(len(block.queues) == 2 for block in strict.blocks["ana"])
    assert loose.lost_share > 0
    assert all(len(block.queues) == 1 for block in loose.blocks["ana"])


@pytest.mark.parametrize(("least", "switch_cost"), list(product((1, 2, 3), (0.0, 0.7))))
def test_the_blocks_of_a_stretch_are_the_best_of_all(least: int, switch_cost: float) -> None:
    rng = np.random.default_rng(least)
    for _ in range(10):
        gain = rng.random((3, 7)).round(2)
        chosen = np.zeros(7, np.int64)
        best_blocks(gain, least, switch_cost, Walk(np.zeros((8, 3)), np.zeros((8, 3), np.int64), np.zeros((8, 3), np.int64)), chosen)

        def worth(queues: tuple[int, ...], gain: np.ndarray = gain) -> float:
            cuts = [0, *(t for t in range(1, 7) if queues[t] != queues[t - 1]), 7]
            if any(b - a < least for a, b in pairwise(cuts)):
                return -np.inf
            return float(sum(gain[q, t] for t, q in enumerate(queues)) - switch_cost * (len(cuts) - 2))

        assert worth(tuple(chosen.tolist())) == pytest.approx(max(worth(one) for one in product(range(3), repeat=7)))


def test_a_solved_roster_keeps_its_tolerance_and_its_least_lengths(tmp_path: Path) -> None:
    small.write_all(tmp_path)
    of = read_problem(tmp_path / "small_roster.json")
    solved = solve(of, 1)
    plan = channel_blocks(of, solved, least_minutes=60, tolerance=0.03)
    assert plan.lost_share <= 0.03 + 1e-9
    for blocks in plan.blocks.values():
        for before, after in pairwise(blocks):
            assert before.end <= after.start
            if before.end == after.start:
                assert min(before.end - before.start, after.end - after.start) >= timedelta(minutes=60)


def test_arguments_out_of_range_are_refused() -> None:
    with pytest.raises(InvalidInput, match="least_minutes"):
        channel_blocks(two_queues(), roster(two_queues()), least_minutes=0)
    with pytest.raises(InvalidInput, match="tolerance"):
        channel_blocks(two_queues(), roster(two_queues()), tolerance=2.0)
