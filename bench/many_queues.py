"""Seconds and memory to forecast many queues, and whether time is linear in queues.

    python bench/many_queues.py [--queues 25 50] [--years 2] [--workers 2] [--cluster tcp://host:8786]

Every queue is invented anew: half hours of open days with a weekly and a yearly shape, between 3 and 120 contacts in the busiest one,
28 days ahead, selection, bands and handle times included, as `wfm forecast` makes them. The goal is 1,000 queues in 120 s on two cores in
2 GB: 0.12 s a queue, or 0.24 s of processor time on the two. Starting the processes is part of it, so that the second of two numbers of
queues says more than the first. Memory is the largest sum over this process and its children, looked at ten times a second (Linux).
"""

from __future__ import annotations

import argparse
import os
import resource
import threading
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np

from wfm.service.processes import each
from wfm.service.queue_forecast import ForecastTask, Observed, forecast

FIRST_DAY = date(2026, 3, 2)
STEP_S = 1_800
GOAL_S = 0.12
GOAL_MB = 2_000


def tasks(queues: int, years: float) -> Iterator[ForecastTask]:
    """Invented queues, made as they are asked for."""
    days = round(365 * years)
    end_s = int(datetime(FIRST_DAY.year, FIRST_DAY.month, FIRST_DAY.day, tzinfo=UTC).timestamp())
    start_s = end_s + STEP_S * np.arange(-48 * days, 0, dtype=np.int64)
    day, slot = start_s // 86_400, start_s % 86_400 // STEP_S
    for number in range(queues):
        random = np.random.default_rng(number)
        week = np.array([1, 0.95, 0.9, 0.9, 0.95, 0.4, 0.3])[(day + 3) % 7]
        shape = np.where((slot >= 14) & (slot < 40), np.exp(-(((slot - random.uniform(20, 28)) / 9) ** 2)), 0.0)
        yearly = 1 + 0.15 * np.sin(2 * np.pi * (day % 365) / 365)
        level = random.gamma(50, 1 / 50, days).repeat(48)
        volume = random.poisson(random.uniform(3, 120) * week * shape * yearly * level).astype(np.float64)
        seen = Observed(start_s, volume, volume * random.gamma(20, 15, len(volume)), STEP_S // 60)
        yield ForecastTask(f"q{number}", "UTC", "US", None, seen, FIRST_DAY, 28)


def resident_mb() -> float:
    """Memory of this process and its children, MB; pages that they share count twice."""
    parents: dict[int, int] = {}
    pages: dict[int, int] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
                pages[int(folder.name)] = int((folder / "statm").read_text().split()[1])
            except OSError:
                continue  # it ended while we looked
    ours = {os.getpid()} | {process for process, parent in parents.items() if parent == os.getpid()}
    return sum(pages.get(process, 0) for process in ours) * os.sysconf("SC_PAGE_SIZE") / 1e6


def cpu_s() -> float:
    """Processor time of this process and of children that ended, s."""
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in both)


class Watch:
    """The largest memory seen between entering and leaving."""

    def __init__(self) -> None:
        self.most_mb = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def _look(self) -> None:
        while not self._over.wait(0.1):
            self.most_mb = max(self.most_mb, resident_mb())

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._over.set()
        self._thread.join()


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--queues", type=int, nargs="+", default=[25, 50])
    parser.add_argument("--years", type=float, default=2.0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--cluster", default="")
    options = parser.parse_args()
    for queues in options.queues:
        began, spent = time.perf_counter(), cpu_s()
        with Watch() as watch:
            done = sum(1 for _ in each(forecast, tasks(queues, options.years), options.workers, lambda _: None, options.cluster))
        took = time.perf_counter() - began
        print(
            f"{done} queues, {options.years:g} years: {took:.1f} s, {took / done:.3f} s a queue (goal {GOAL_S}), "
            f"{(cpu_s() - spent) / done:.3f} s of CPU, {watch.most_mb:.0f} MB (goal {GOAL_MB})",
            flush=True,
        )


if __name__ == "__main__":
    main()
