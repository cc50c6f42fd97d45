"""Simulated annealing of a whole roster on two threads, by a schedule of work instead of time.

Days whose shifts cannot overlap share no interval, so two threads may move different people on different days of one plan at the same
time. Who moves where is drawn anew for every phase; the outcome depends on the seed alone.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np

from wfm.scheduler.anneal import anneal
from wfm.scheduler.instance import LENGTH as SHAPE_LENGTH
from wfm.scheduler.instance import OPTIONS, OPTIONS_END, SHAPE, START, Instance, Ints
from wfm.scheduler.plan import Room, make_room
from wfm.scheduler.trial import Dice, make_dice

if TYPE_CHECKING:
    from wfm.scheduler.search import Search

PHASES = 200
WORK_PER_S = 500_000
"""Work of a thread per second of the limit: about half of what a core of 2020 does."""
WORK_PER_DAY = 400_000
"""More than this per person and day has not been seen to pay."""
HEATS, HEATS_WHERE_SMALL = (0.5, 0.015), (1.0, 0.04)
"""Heat at the start and at the end, in prices of one head that is missing in one interval."""
SMALL = 50
"""Up to so many people there is work enough to begin hotter."""
THREADS = 2
Part = tuple[Ints, Ints]


def days_are_apart(instance: Instance) -> bool:
    """True where no shift can reach into a day on which another may start."""
    calendars, shapes = instance.calendars, instance.shapes
    first = np.full(calendars.days, instance.intervals)
    last = np.zeros(calendars.days, np.int64)
    for row, (begin, end) in enumerate(calendars.row[:, [OPTIONS, OPTIONS_END]].tolist()):
        option, day = calendars.option[begin:end], row % calendars.days
        if len(option):
            first[day] = min(first[day], option[:, START].min())
            last[day] = max(last[day], (option[:, START] + shapes.table[option[:, SHAPE], SHAPE_LENGTH]).max())
    reached = np.maximum.accumulate(last)
    return bool((reached[:-1] <= first[1:]).all())


def unit_of_heat(instance: Instance) -> float:
    """Mean price of a head that is missing in one interval of demand."""
    cover = instance.cover
    heads = instance.required.sum(axis=0)
    mean = float(heads @ cover.under_cost) / max(float(heads.sum()), 1e-9)
    return max(mean, cover.over_cost, 1e-3) * cover.hours


def draw_parts(rng: np.random.Generator, agents: int, days: int, apart: bool, threads: int = THREADS) -> list[Part]:
    """People and days of every thread in one phase."""
    if not apart or threads == 1 or agents < threads or days < threads:
        return [(np.arange(agents), np.arange(days))]
    people, when = rng.permutation(agents), rng.permutation(days)
    return [(people[i::threads].copy(), when[i::threads].copy()) for i in range(threads)]


def cool(search: Search, limit_s: float, hot: float | None = None, threads: int = THREADS) -> None:
    """Anneals the plan of `search` with the work that a limit of `limit_s` seconds allows, keeping every better roster.

    Parameters
    ----------
    hot
        Heat at the start, in prices of one head that is missing in one interval; None for one that leaves little of the plan.
    threads
        How many move people at the same time.
    """
    instance = search.instance
    agents, days = instance.agents, instance.calendars.days
    total = min(limit_s * WORK_PER_S, agents * days * WORK_PER_DAY / threads)
    desks = [(make_dice(instance, search.seed, i), search.room if i == 0 else make_room(instance)) for i in range(threads)]
    apart, unit = days_are_apart(instance), unit_of_heat(instance)
    if hot is None and agents <= SMALL:
        first, last = HEATS_WHERE_SMALL
    else:
        first, last = hot or HEATS[0], HEATS[1]
    done = search.watch.hurry(0.0)
    with ThreadPoolExecutor(threads) as pool:
        while agents and done < 1.0 and not search.watch.stop():
            parts = draw_parts(search.rng, agents, days, apart, threads)
            _phase(search, pool, parts, desks, max(int(total / PHASES), 1), unit * first * (last / first) ** done)
            search.keep()
            done = search.watch.hurry(done + 1.0 / PHASES)


def _phase(search: Search, pool: ThreadPoolExecutor, parts: list[Part], desks: list[tuple[Dice, Room]], work: int, heat: float) -> None:
    tasks = [
        pool.submit(anneal, search.model, search.plan, people, days, work, heat, dice, room)
        for (people, days), (dice, room) in zip(parts, desks, strict=False)
    ]
    for task in tasks:
        task.result()
