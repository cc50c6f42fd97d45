"""Contacts a second of the simulator beside simpy and Ciw in the same run, and its agreement with exact Erlang A.

    python bench/simulation.py

Rates are in CPU seconds of this process, so that other work on the machine does not count.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Generator
from typing import Any

import numpy as np

from wfm.erlang import erlang_a
from wfm.simulate import SimulatedAgent, SimulatedQueue, Simulation, Skill, simulate, staff

VOLUME, AHT_S, AGENTS, PATIENCE_S, INTERVAL_S = 360.0, 240.0, 50, 180.0, 1800.0


def rate(work: Callable[[], float]) -> float:
    """Contacts a CPU second."""
    began = time.process_time()
    contacts = work()
    return contacts / (time.process_time() - began)


def ours_one_queue(intervals: int) -> float:
    queue = SimulatedQueue("queue", (VOLUME,) * intervals, AHT_S, PATIENCE_S)
    return float(simulate(Simulation(INTERVAL_S, (queue,), staff(AGENTS, intervals)), 1).counts[..., 0].sum())


def ours_many_queues(intervals: int, queues: int = 8) -> float:
    lines = tuple(SimulatedQueue(f"q{i}", (VOLUME / queues,) * intervals, AHT_S, PATIENCE_S) for i in range(queues))
    always = (True,) * intervals
    people = tuple(
        SimulatedAgent(f"a{k}", (Skill(f"q{k % queues}"), Skill(f"q{(k + 1) % queues}", rank=1)), always) for k in range(AGENTS)
    )
    return float(simulate(Simulation(INTERVAL_S, lines, people), 1).counts[..., 0].sum())


def simpy_one_queue(contacts: int) -> float:
    """The same queue in simpy: one process a contact, the patience as a race."""
    import simpy

    rng = np.random.default_rng(1)
    world = simpy.Environment()
    desk = simpy.Resource(world, AGENTS)

    def contact() -> Generator[Any, Any, None]:
        with desk.request() as turn:
            outcome = yield turn | world.timeout(rng.exponential(PATIENCE_S))
            if turn in outcome:
                yield world.timeout(rng.exponential(AHT_S))

    def arrivals() -> Generator[Any, Any, None]:
        for _ in range(contacts):
            yield world.timeout(rng.exponential(INTERVAL_S / VOLUME))
            world.process(contact())

    world.process(arrivals())
    world.run()
    return contacts


def ciw_one_queue(contacts: int) -> float:
    """The same queue in Ciw."""
    import ciw

    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(VOLUME / INTERVAL_S)],
        service_distributions=[ciw.dists.Exponential(1 / AHT_S)],
        reneging_time_distributions=[ciw.dists.Exponential(1 / PATIENCE_S)],
        number_of_servers=[AGENTS],
    )
    ciw.seed(1)
    world = ciw.Simulation(network)
    world.simulate_until_max_customers(contacts)
    return contacts


def agreement(points: int, seeds: int) -> tuple[int, int, float]:
    """Figures compared with exact Erlang A over random points, those beyond 3 standard errors, and the worst in standard errors."""
    rng = np.random.default_rng(7)
    worst, outside, tried = 0.0, 0, 0
    for _ in range(points):
        load = 10 ** rng.uniform(-0.3, 2.3)
        agents, patience_s = max(1, round(load * rng.uniform(0.8, 1.3))), 10 ** rng.uniform(1, 3.5)
        exact = erlang_a(load / AHT_S, AHT_S, agents, patience_s, 20.0)
        queue = SimulatedQueue("queue", (load / AHT_S * INTERVAL_S,) * 300, AHT_S, patience_s)
        for seed in range(seeds):
            result = simulate(Simulation(INTERVAL_S, (queue,), staff(agents, 300), warm_up=8), 20, seed)
            for name in ("wait_probability", "abandon_probability", "service_level", "mean_wait_s", "occupancy"):
                found = result.measure(name)
                if found.standard_error > 0 and (name == "mean_wait_s" or 1e-4 < found.mean < 1 - 1e-4):
                    errors = abs(found.mean - float(getattr(exact, name))) / found.standard_error
                    worst, outside, tried = max(worst, errors), outside + (errors > 3), tried + 1
    return tried, outside, worst


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer-contacts", type=int, default=20_000)
    parser.add_argument("--points", type=int, default=40)
    parser.add_argument("--seeds", type=int, default=3)
    chosen = parser.parse_args()
    ours_one_queue(2)
    ours_many_queues(2)
    rows = [
        ("wfm, one queue", rate(lambda: ours_one_queue(20_000))),
        ("wfm, eight queues, two skills each", rate(lambda: ours_many_queues(5_000))),
        ("simpy, one queue", rate(lambda: simpy_one_queue(chosen.peer_contacts))),
        ("Ciw, one queue", rate(lambda: ciw_one_queue(chosen.peer_contacts))),
    ]
    for name, figure in rows:
        print(f"{name:36s} {figure:14,.0f} contacts a second   {rows[0][1] / figure:8.1f} x slower than the first")
    tried, outside, worst = agreement(chosen.points, chosen.seeds)
    print(f"agreement with exact Erlang A: {tried} figures, {outside} beyond 3 standard errors ({outside / tried:.2%}), worst {worst:.2f}")


if __name__ == "__main__":
    main()
