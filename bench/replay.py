"""Seconds to replay a week of an invented centre of 120 people and 14 queues.

    python bench/replay.py

The first day is played once before the clock starts, so that compiling does not count. Also prints how far planned level plus parts is
from the level kept.
"""

from __future__ import annotations

import argparse
import time
from datetime import date, timedelta

import numpy as np

from wfm.domain.demand import Queue
from wfm.domain.roster import Requirement, RosterProblem, Shift
from wfm.domain.staff import Agent, Contract, ShiftShape
from wfm.domain.timegrid import TimeGrid
from wfm.service.missed import Conditions
from wfm.service.replaying import Played, Replay, replay

GRID = TimeGrid("America/Chicago", date(2026, 6, 8), 7, 15)
AHT_S = 240.0


def invented(people: int, queues: int, seed: int) -> tuple[RosterProblem, list[Shift], list[Played]]:
    """People with two queues each, eight hours on five days from seven, eight, nine or ten; contacts that come near the plan."""
    random = np.random.default_rng(seed)
    names = [f"q{k}" for k in range(queues)]
    agents = tuple(Agent(f"a{k}", "c", {names[k % queues]: 1.0, names[(k + 1) % queues]: 1.0}) for k in range(people))
    shifts = []
    for k in range(people):
        for day in range(7):
            if (day - k) % 7 < 5:
                start = GRID.begin + timedelta(days=day, hours=7 + k % 4)
                shifts.append(Shift(f"a{k}", start, start + timedelta(hours=8)))
    open_now = np.array([7 <= start.hour < 18 for start in GRID.local_starts])
    heads = people * 5 / 7 * 8 / 11 / queues
    planned = np.where(open_now, 0.75 * heads * 900 / AHT_S, 0.0)
    aht_s = np.full(GRID.count, AHT_S)
    played = [
        Played(
            Queue(name, name, patience_s=180.0),
            Conditions(planned, aht_s),
            Conditions(random.poisson(planned * random.gamma(50, 1 / 50)).astype(float), aht_s * random.uniform(0.9, 1.1)),
            np.where(open_now, heads, 0.0),
        )
        for name in names
    ]
    needs = tuple(Requirement(one.queue.id, 60.0, tuple(one.on_queue.tolist())) for one in played)
    return RosterProblem("bench", GRID, 1.0, needs, (Contract("c", (0, 2_400), (0, 7), (ShiftShape(480, ()),)),), agents), shifts, played


def gap(found: Replay) -> float:
    """Largest distance between planned level plus parts and the level kept."""
    verdicts = [one.over() for one in found.queues]
    return max(abs(one.planned + sum(one.parts.values()) - one.kept) for one in verdicts)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--people", type=int, default=120)
    parser.add_argument("--queues", type=int, default=14)
    parser.add_argument("--replications", type=int, default=50)
    options = parser.parse_args()
    problem, shifts, played = invented(options.people, options.queues, 1)
    replay(problem, shifts, played, replications=1)
    began, cpu = time.perf_counter(), time.process_time()
    found = replay(problem, shifts, played, replications=options.replications)
    took, used = time.perf_counter() - began, time.process_time() - cpu
    contacts = sum(one.volume.sum() for one in found.queues)
    print(f"{options.people} people, {options.queues} queues, 7 days, {contacts:,.0f} contacts, {options.replications} replications")
    print(f"{took:.2f} s on the clock, {used:.2f} s of CPU; goal: under 5 s")
    print(f"planned level plus parts is within {gap(found):.1e} of the level kept")


if __name__ == "__main__":
    main()
