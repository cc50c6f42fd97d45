"""The bound of whole heads: it never exceeds an optimum known by trying everything, and is no lower than the bound of queue prices."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from tests.unit.domain.test_rules import problem
from tests.unit.scheduler.test_search_and_bound import judged, searched, small
from wfm.domain.roster import RosterProblem, Shift
from wfm.domain.rules import violations
from wfm.scheduler import whole_heads
from wfm.scheduler.bound import STRIDES_OF_WHOLE_HEADS, WIDER, Ascent, Climber
from wfm.scheduler.instance import CALENDAR, KIND, OFF, Floats, Instance, build_instance
from wfm.scheduler.result import shifts_of_agent
from wfm.scheduler.split import best_split, served_by
from wfm.scheduler.whole_heads import Vectors, WholeHeads, make_vectors, most_heads, near_vectors


def tiny(seed: int, agents: int = 2) -> RosterProblem:
    """People who may work on the first day only, from one of a few starts."""
    base = small(seed, agents)
    contracts = tuple(
        replace(c, week_days=(0, 1), week_minutes=(0, 600), earliest_start_minutes=540, latest_end_minutes=1140, start_step_minutes=60)
        for c in base.contracts
    )
    return replace(base, contracts=contracts, agents=tuple(replace(a, days_off=frozenset(base.grid.dates[1:])) for a in base.agents))


def every_tour(of: RosterProblem, agent: int) -> list[tuple[Shift, ...]]:
    """All legal tours of somebody who works one day at most: every start with every placement of its breaks."""
    search = searched(of)
    instance, plan = search.instance, search.plan
    row = instance.calendars.row[instance.agent[agent, CALENDAR] * 7]
    found: list[tuple[Shift, ...]] = [()]
    for o in range(row[0], row[1]):
        plan.tours.option[agent, :] = OFF
        plan.tours.option[agent, 0] = o
        start, shape = instance.calendars.option[o, :2]
        breaks = instance.shapes.breaks[instance.shapes.table[shape, 2] : instance.shapes.table[shape, 3]]
        for places in itertools.product(*(range(start + b[1], start + b[2] + 1) for b in breaks)):
            plan.tours.breaks[agent, 0, : len(places)] = places
            shifts = shifts_of_agent(instance, plan.tours, agent)
            if not violations(replace(of, agents=of.agents[agent : agent + 1]), shifts):
                found.append(shifts)
    return found


def climbed(instance: Instance, steps: int = 200) -> WholeHeads:
    ascent = Ascent(instance)
    ascent.climb(steps, 12.0, lambda: False)
    vectors = make_vectors(instance, lambda: False)
    assert vectors is not None
    closer = WholeHeads(instance, vectors, ascent.prices(ascent.best_w)[0] / instance.cover.hours)
    closer.climb(steps, 3.0, lambda: False)
    return closer


@pytest.mark.parametrize("seed", range(3))
def test_the_bound_never_exceeds_the_best_of_all_rosters(seed: int) -> None:
    of = tiny(seed, agents=1)
    best = min(judged(of, tour) for tour in every_tour(of, 0))
    assert climbed(build_instance(of)).proven() <= best + 1e-9


@pytest.mark.parametrize("width", [0.0, 5.0])
def test_prices_led_astray_by_a_narrow_table_prove_no_more_than_is_true(width: float) -> None:
    of = tiny(1, agents=1)
    best = min(judged(of, tour) for tour in every_tour(of, 0))
    closer = climbed(build_instance(of), 20)
    for _ in range(3):
        closer.narrow(width)
        closer.climb(100, 30.0, lambda: False)
        assert closer.proven() <= best + 1e-9


def test_a_narrowed_table_tells_the_bound_of_the_whole_one_at_the_prices_it_was_made_for() -> None:
    closer = climbed(build_instance(small(2, agents=4)), 50)
    told, slope = closer.value(closer.best_w)
    closer.narrow(1.0)
    again, same = closer.value(closer.best_w)
    assert again == pytest.approx(told)
    assert len(closer.asked.cost) < len(closer.vectors.cost)
    assert np.array_equal(slope, same)


def test_a_stride_led_astray_is_gone_back_on_with_wider_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    began: list[tuple[float, float]] = []
    tells = iter((5.0, 3.0, 6.0, 4.0, 7.0))

    def stride(_: Climber, closer: WholeHeads, step_s: float, length: float, width: float) -> float:
        began.append((float(closer.best_w[0, 0]), width))
        proven = next(tells)
        closer.best_w = np.full_like(closer.best_w, proven)
        return proven

    monkeypatch.setattr(Climber, "_rise_narrowed", stride)
    Climber(build_instance(small(1, 2)), 1.0, lambda: False)._rise_with_whole_heads(1e-3)
    assert [price for price, _ in began[1:]] == [5.0, 5.0, 6.0, 6.0]
    planned = [width for _, width in STRIDES_OF_WHOLE_HEADS]
    assert [width / first for (_, width), first in zip(began, planned, strict=True)] == [1.0, 1.0, WIDER, WIDER, WIDER**2]


def test_near_vectors_are_those_of_the_table_within_the_width() -> None:
    instance = build_instance(small(3, agents=3))
    vectors, t, width = make_vectors(instance, lambda: False), 48, 20.0
    assert vectors is not None
    price = np.full((len(most_heads(instance)), instance.intervals), -1.0)
    near = near_vectors(vectors, price, width)
    sums, kept = priced(vectors, price, t), priced(near, price, t)
    assert 1 < len(kept) < len(sums)
    assert sorted(kept.values())[0] == min(sums.values())
    assert {m for m, total in sums.items() if total <= min(sums.values()) + width} <= kept.keys() <= sums.keys()
    assert all(kept[m] == sums[m] for m in kept)


def priced(vectors: Vectors, price: Floats, t: int) -> dict[tuple[int, ...], float]:
    """Cost and price of every vector of interval t, by its heads."""
    found = {}
    for row in range(vectors.first[t], vectors.first[t + 1]):
        at, heads = row, np.zeros(len(price))
        while vectors.before[at] >= 0:
            heads[vectors.kind[at]] += 1
            at = vectors.before[at]
        found[tuple(heads.astype(int).tolist())] = float(vectors.cost[row] + heads @ price[:, t])
    return found


def test_the_bound_is_closer_than_that_of_queue_prices() -> None:
    instance = build_instance(small(2, agents=3))
    ascent = Ascent(instance)
    ascent.climb(400, 12.0, lambda: False)
    assert climbed(instance, 400).proven() > ascent.proven()


@pytest.mark.parametrize("seed", range(5))
def test_a_vector_costs_what_the_best_split_costs(seed: int) -> None:
    """Every vector that is written down, against a linear programme of its own; every one that is not is no better at any price."""
    of = small(seed, agents=4)
    instance = build_instance(of)
    vectors, most = make_vectors(instance, lambda: False), most_heads(instance)
    assert vectors is not None
    t = 48
    kinds = {int(instance.agent[k, KIND]): served_by(of, agent, of.grid.first_day) for k, agent in enumerate(of.agents)}
    known: dict[tuple[int, ...], float] = {}
    for row in range(vectors.first[t], vectors.first[t + 1]):
        at, heads = row, [0] * len(most)
        while vectors.before[at] >= 0:
            heads[vectors.kind[at]] += 1
            at = vectors.before[at]
        known[tuple(heads)] = float(vectors.cost[row])
    for heads in itertools.product(*(range(n + 1) for n in most[:, t])):
        split = best_split(of, tuple(kinds[k] for k in range(len(most))), np.array(heads, float)[:, None], [t])
        cost = sum(split.costs(of)) / instance.cover.hours
        if heads in known:
            assert known[heads] == pytest.approx(cost, abs=1e-3)
        else:
            smaller = [m for m in known if all(a <= b for a, b in zip(m, heads, strict=True))]
            assert min(known[m] + of.over_cost * (sum(heads) - sum(m)) for m in smaller) <= cost + 1e-3


def test_where_vectors_are_too_many_the_other_bound_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whole_heads, "MOST_VECTORS", 10)
    instance = build_instance(small(1, agents=3))
    with Climber(instance, 0.5, lambda: False) as climber:
        pass
    assert climber.proven() is not None


def test_nobody_to_bound_is_left_to_the_other_bound() -> None:
    assert not whole_heads.fits(build_instance(replace(problem(), agents=())))
