"""Figures of the queueing room beside their goals: `python bench/queueing.py [section ...]`.

Every ratio is taken in one run on one core: our best of several repetitions against pyworkforce's mean in a process of its own. Nothing
is asserted. simpy and Ciw come with the extra `bench`. A section is a function that yields lines of what, figure, goal; add one to
SECTIONS.
"""

from __future__ import annotations

import csv
import gzip
import io
import sys
import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from math import ceil
from pathlib import Path

import numpy as np

from wfm.erlang import (
    ServiceTarget,
    chat,
    erlang_a,
    erlang_x,
    expected_service,
    gross_up,
    over_day,
    priority_classes,
    required_agents,
    required_over_day,
    required_with_uncertainty,
    spread_movable,
)
from wfm.erlang.second_opinion import pyworkforce_required
from wfm.simulate import SimulatedAgent, SimulatedQueue, Simulation, Skill, pooled_requirement, simulate

GOLDEN = Path(__file__).resolve().parents[1] / "tests" / "golden"
TARGET = ServiceTarget(level=0.8, awt_s=20)
AHT_S = 180.0
PROBABILITIES = {
    "wait": "wait_probability",
    "abandon": "abandon_probability",
    "block": "block_probability",
    "level": "service_level",
    "answered": "service_level_of_answered",
    "excluding": "service_level_excluding_short_abandons",
    "counting": "service_level_counting_short_abandons",
    "occupancy": "occupancy",
}
Lines = Iterator[tuple[str, str, str]]


def best(work: Callable[[], object], repeat: int = 7) -> float:
    """Shortest of several runs, s, after one to warm up."""
    work()
    spent = []
    for _ in range(repeat):
        began = time.perf_counter()
        work()
        spent.append(time.perf_counter() - began)
    return min(spent)


def table(name: str) -> list[dict[str, str]]:
    """Rows of a golden table."""
    with gzip.open(GOLDEN / f"{name}.csv.gz") as packed:
        return list(csv.DictReader(io.TextIOWrapper(packed)))


def column(rows: list[dict[str, str]], name: str) -> np.ndarray:
    """One column of a golden table as floats."""
    return np.array([float(row[name]) for row in rows])


def requirements_a_second() -> Lines:
    """Smallest n per second, beside pyworkforce."""
    factors = 1 + 0.01 * np.random.default_rng(1).random(20_000)
    for load, cases, goal in ((10, 400, 15), (100, 200, 50), (1_000, 12, 1_000), (10_000, 3, 10_000)):
        rate = load * factors / AHT_S
        ours = rate.size / best(lambda rate=rate: required_agents(rate, AHT_S, TARGET))
        said = pyworkforce_required(rate[:cases] * 1800, AHT_S, 1800, 0.8, 20, repeat=3)
        theirs = cases / said.seconds
        what = f"Erlang C at {load:,} erlangs (pyworkforce {theirs:,.0f}/s)"
        yield what, f"{ours:,.0f}/s, {ours / theirs:,.0f} times", f"500,000/s, {goal:,} times"
    for load in (10, 100, 1_000, 10_000):
        for patience_s in (60.0, AHT_S, 900.0):
            rate = load * factors / AHT_S
            ours = rate.size / best(lambda rate=rate, patience_s=patience_s: required_agents(rate, AHT_S, TARGET, patience_s))
            yield f"Erlang A at {load:,} erlangs, patience {patience_s:g} s", f"{ours:,.0f}/s", "100,000/s"


def a_year_of_quarter_hours() -> Lines:
    """35,040 requirements of 0 to 200 erlangs."""
    rate = np.random.default_rng(2).uniform(0, 200, 35_040) / AHT_S
    yield "Erlang C", f"{best(lambda: required_agents(rate, AHT_S, TARGET)):.3f} s", "0.1 s"
    yield "Erlang A, patience 180 s", f"{best(lambda: required_agents(rate, AHT_S, TARGET, 180.0)):.3f} s", "0.2 s"
    yield "Erlang A, patience 1000 s", f"{best(lambda: required_agents(rate, AHT_S, TARGET, 1000.0)):.3f} s", "0.2 s"


def exactness() -> Lines:
    """Against the 40-digit tables of tests/golden."""
    rows = table("erlang_measures")
    found = erlang_a(*(column(rows, name) for name in ("arrival_rate", "aht_s", "agents", "patience_s", "awt_s")))
    yield f"{len(rows)} queues, probabilities", f"{_probability_error(found, rows):.1e}", "1e-11"
    for key in ("mean_wait_s", "asa_s"):
        exact, value = column(rows, key), getattr(found, key)
        finite = np.isfinite(exact) & (exact > 0)
        yield f"{len(rows)} queues, {key} relative", f"{np.max(np.abs(value[finite] / exact[finite] - 1)):.1e}", "1e-9"
    yield "NaN among them", str(sum(int(np.isnan(getattr(found, field)).sum()) for field in type(found).__slots__)), "0"
    rows = table("erlang_smallest")
    yield "smallest n", f"{sum(map(_is_smallest, rows))} of {len(rows)}", "all"
    rows = table("erlang_limited")
    names = ("arrival_rate", "aht_s", "agents", "patience_s", "lines", "redial_share", "awt_s")
    yield f"Erlang X, {len(rows)} queues", f"{_probability_error(erlang_x(*(column(rows, name) for name in names)), rows):.1e}", "1e-9"
    rows = table("erlang_chat")
    yield f"chat, {len(rows)} queues", f"{max(map(_chat_error, rows)):.1e}", "1e-9"
    rows = table("erlang_expected")
    yield f"rate uncertainty, {len(rows)} queues", f"{max(map(_expected_error, rows)):.1e}", "1e-9"


def _probability_error(found: object, rows: list[dict[str, str]]) -> float:
    given = {key: field for key, field in PROBABILITIES.items() if key in rows[0]}
    return max(float(np.max(np.abs(getattr(found, field) - column(rows, key)))) for key, field in given.items())


def _is_smallest(row: dict[str, str]) -> bool:
    part, limit = row["part"], float(row["limit"])
    what = {"level": None, part: limit} if part.startswith("max_") else {"level": limit, "definition": part}
    target = ServiceTarget(awt_s=float(row["awt_s"]), **what)
    found = required_agents(float(row["arrival_rate"]), float(row["aht_s"]), target, float(row["patience_s"]))
    return int(found) == int(row["agents"])


def _chat_error(row: dict[str, str]) -> float:
    aht_s = [float(text) for text in row["aht_s"].split()]
    found = chat(float(row["arrival_rate"]), aht_s, int(row["agents"]), float(row["patience_s"]), float(row["awt_s"]))
    return _probability_error(found, [row])


def _expected_error(row: dict[str, str]) -> float:
    queue = [float(row[name]) for name in ("arrival_rate", "rate_cv", "aht_s", "agents", "patience_s", "awt_s")]
    return abs(expected_service(*queue, "call" if row["call_weighted"] == "True" else "interval") - float(row["level"]))


def against_pyworkforce() -> Lines:
    """Where the peer asks for too many."""
    grid = np.meshgrid(np.arange(5, 200, 7.0), [120.0, 300.0, 600.0], [0.3, 0.5, 0.7, 0.8, 0.9, 0.95], [10.0, 30.0, 120.0, 300.0])
    cases = np.stack([axis.reshape(-1) for axis in grid], axis=1)
    said = pyworkforce_required(cases[:, 0], cases[:, 1], 1800, cases[:, 2], cases[:, 3]).agents
    ours = [int(required_agents(v / 1800, aht_s, ServiceTarget(level=level, awt_s=awt_s))) for v, aht_s, level, awt_s in cases]
    yield f"pyworkforce above ours, of {said.size} cases", str(int((said > ours).sum())), "-"
    yield "pyworkforce below ours", str(int((said < ours).sum())), "0"
    agents, shares = np.arange(1, 101)[:, None], np.arange(5, 37) / 100
    exact = [[ceil(int(n) / (1 - Fraction(repr(float(share))))) for share in shares] for n in agents[:, 0]]
    yield f"gross-up exact, of {np.size(exact)}", str(int((gross_up(agents, shares) == exact).sum())), str(np.size(exact))
    yield "the float quotient rounded up, wrong", str(int((np.ceil(agents / (1 - shares)) != exact).sum())), "-"


def uncertainty_and_days() -> Lines:
    """Rate uncertainty, and a queue through a day."""
    rate = np.random.default_rng(3).uniform(0, 200, 672) / AHT_S
    spent = best(lambda: required_with_uncertainty(rate, 0.1, AHT_S, TARGET, 300.0), 2)
    yield "a week of requirements under rate uncertainty", f"{spent:.2f} s", "-"
    hours = np.arange(96) / 4
    day = (np.exp(-(((hours - 10) / 2.5) ** 2)) + 0.8 * np.exp(-(((hours - 15) / 2) ** 2)) + 0.01) * 100 / AHT_S
    heads = required_agents(day, AHT_S, TARGET, 240.0)
    yield "a day of 100 erlangs followed", f"{best(lambda: over_day(day, AHT_S, heads, 240.0), 3):.2f} s", "-"
    yield "a day of 100 erlangs staffed", f"{best(lambda: required_over_day(day, AHT_S, TARGET, 240.0), 2):.2f} s", "-"
    yield "delay probability over a day, worst error", f"{_day_error():.1e}", "5e-3"


def _day_error() -> float:
    """A day of eight intervals with an overload against matrix exponentials."""
    from scipy.linalg import expm

    rate, agents, most, steps = [0.03, 0.08, 0.12, 0.12, 0.06, 0.03, 0.09, 0.02], [8, 16, 20, 24, 14, 8, 18, 6], 160, 200
    weights = np.r_[1, np.tile([4, 2], steps // 2 - 1), 4, 1] / (3 * steps)
    state, delayed = np.eye(most + 1)[0], []
    for arrivals, heads in zip(rate, agents, strict=True):
        out = np.minimum(np.arange(most + 1), heads) / AHT_S + np.maximum(np.arange(most + 1) - heads, 0) / 240
        moves = np.diag(np.full(most, arrivals), 1) + np.diag(out[1:], -1)
        moves -= np.diag(moves.sum(axis=1))
        step, mean = expm(moves * 900 / steps), np.zeros(most + 1)
        for i, weight in enumerate(weights):
            mean += weight * state
            state = state @ step if i < steps else state
        delayed.append(mean[heads:].sum())
    return float(np.max(np.abs(over_day(rate, AHT_S, agents, 240.0).measures.wait_probability - delayed)))


def simulator() -> Lines:
    """Contacts per CPU second beside simpy and Ciw (extra `bench`), and agreement with exact Erlang A."""
    import simulation as peers

    peers.ours_one_queue(2)
    ours = max(peers.rate(lambda: peers.ours_one_queue(10_000)) for _ in range(3))
    for name, goal, work in (("simpy", "100 times", peers.simpy_one_queue), ("Ciw", "-", peers.ciw_one_queue)):
        theirs = peers.rate(lambda work=work: work(20_000))
        yield f"one queue of 50 agents ({name} {theirs:,.0f}/s)", f"{ours:,.0f}/s, {ours / theirs:,.0f} times", f"5,000,000/s, {goal}"
    tried, outside, worst = peers.agreement(20, 2)
    chance = f"about {0.0027 * tried:.1f} by chance"
    yield f"exact Erlang A, {tried} figures, beyond 3 standard errors", f"{outside}, worst {worst:.2f}", chance


def sharing() -> Lines:
    """Priority classes against simulation, pooled heads against the sum of Erlangs, movable work."""
    exact = priority_classes([0.02, 0.06], AHT_S, 17, 20)
    names, skills = ("urgent", "routine"), (Skill("urgent"), Skill("routine"))
    queues = tuple(
        SimulatedQueue(name, (rate * 1800,) * 400, AHT_S, target=TARGET, priority=k)
        for k, (name, rate) in enumerate(zip(names, (0.02, 0.06), strict=True))
    )
    result = simulate(Simulation(1800, queues, tuple(SimulatedAgent(f"a{k}", skills, (True,) * 400) for k in range(17)), 8), 60, 5)
    errors = [
        abs(result.measure(measure, name).mean - np.asarray(getattr(exact, measure))[k]) / result.measure(measure, name).standard_error
        for k, name in enumerate(names)
        for measure in ("service_level", "mean_wait_s", "wait_probability")
    ]
    yield "two priority classes, worst of six figures in standard errors", f"{max(errors):.2f}", "3"
    volumes = (40, 25, 15, 60, 8, 12)
    lines = [SimulatedQueue(f"q{i}", (float(v),), 240.0, 180.0, TARGET) for i, v in enumerate(volumes)]
    alone = {f"s{i}": int(required_agents(v / 1800, 240.0, TARGET, 180.0)) for i, v in enumerate(volumes)}
    groups = {f"s{i}": (Skill(f"q{i}"),) for i in range(6)}
    groups |= {f"p{i}": (Skill(f"q{i}"), Skill(f"q{(i + 1) % 6}", rank=1)) for i in range(6)}
    began = time.perf_counter()
    pooled = pooled_requirement(lines, groups, alone | {f"p{i}": 0 for i in range(6)}, hours=200)
    spent = time.perf_counter() - began
    yield f"six queues, pairs of skills, pooled ({spent:.1f} s)", f"{pooled.total} heads, {sum(alone.values())} alone", "-"
    required = np.random.default_rng(1).integers(5, 25, 56 * 48)
    windows = [(48 * day + 18, 48 * day + 34) for day in range(56)]
    spent = best(lambda: spread_movable(required, np.full(56, 96_000.0), windows, 1_800.0), 2)
    yield "400 calls on each of 56 days laid into half hours", f"{spent:.2f} s", "-"


SECTIONS: dict[str, Callable[[], Lines]] = {
    "exactness": exactness,
    "speed": requirements_a_second,
    "year": a_year_of_quarter_hours,
    "pyworkforce": against_pyworkforce,
    "days": uncertainty_and_days,
    "simulator": simulator,
    "sharing": sharing,
}


def main(names: list[str]) -> None:
    """The chosen sections, or all."""
    for name, section in SECTIONS.items():
        if names and name not in names:
            continue
        print(f"\n{name}: {section.__doc__}")
        for what, figure, goal in section():
            print(f"  {what:<62} {figure:>28}   goal {goal}")


if __name__ == "__main__":
    main(sys.argv[1:])
