"""An invented staff for a demand that comes from a file: contracts, windows and skills in plausible shares, the same for the same seed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wfm import units
from wfm.domain.staff import Agent, BreakRule, Contract, ShiftShape
from wfm.domain.timegrid import TimeGrid
from wfm.errors import InvalidInput
from wfm.service.demand_grid import unplanned_share

Floats = NDArray[np.float64]
# Contract, share of the staff, paid hours a week on average, minutes from start to end.
_MIX = (("full_8", 0.55, 40.0, 510), ("full_10", 0.1, 40.0, 630), ("part_6", 0.2, 26.0, 390), ("part_4", 0.15, 17.0, 240))
_ON_QUEUE_SHARE = 0.85  # of paid hours, after breaks and what does not fit the demand
_EARLY, _LATE = 0.25, 0.25
MOST_AGENTS = 10_000


@dataclass(frozen=True, slots=True)
class Staff:
    """Contracts and the agents under them."""

    contracts: tuple[Contract, ...]
    agents: tuple[Agent, ...]


def invented_staff(grid: TimeGrid, heads: Mapping[str, Floats], count: int | None, shrinkage: Mapping[str, float], seed: int) -> Staff:
    """People who can do the work of `heads`.

    Parameters
    ----------
    heads
        Heads on queue by queue and interval of `grid`.
    count
        Number of people; None for as many as their paid hours must be, by a rule of thumb.
    shrinkage
        By queue.
    seed
        Seed of who gets which contract and which skills.

    Raises
    ------
    InvalidInput
        When nobody is needed, for less than a short shift, or the count is out of bounds.
    """
    hours = _hours(grid, heads, shrinkage)
    if not sum(hours.values()):
        raise InvalidInput("people needed are zero throughout these days; choose other days")
    first, last = _open_minutes(grid, heads)
    mix = [row for row in _MIX if row[3] <= last - first]
    if not mix:
        raise InvalidInput(f"people are needed for {last - first} minutes of a day at most; the shortest shift has {_MIX[-1][3]}")
    week_hours = sum(share * paid for _, share, paid, _ in mix) / sum(share for _, share, _, _ in mix) * _ON_QUEUE_SHARE
    people = math.ceil(sum(hours.values()) / (grid.days / 7) / week_hours) if count is None else count
    if not 1 <= people <= MOST_AGENTS:
        raise InvalidInput(f"agents must be in 1 to {MOST_AGENTS}, got {people}")
    rng = np.random.default_rng(seed)
    names, shares = [row[0] for row in mix], np.array([row[1] for row in mix])
    kinds = rng.choice(names, people, p=shares / shares.sum())
    skills = _skills(rng, hours, people)
    agents = tuple(_agent(rng, f"a{k + 1:04d}", str(kinds[k]), skills[k], first, last) for k in range(people))
    return Staff(tuple(contract for contract in _contracts(first, last) if contract.id in names), agents)


def _hours(grid: TimeGrid, heads: Mapping[str, Floats], shrinkage: Mapping[str, float]) -> dict[str, float]:
    step = grid.interval_s / units.SECONDS_PER_HOUR
    return {queue: float(values.sum()) * step / (1.0 - unplanned_share(shrinkage[queue], 0.0625)) for queue, values in heads.items()}


def _open_minutes(grid: TimeGrid, heads: Mapping[str, Floats]) -> tuple[int, int]:
    """Earliest start and latest end of the demand on any day, minutes after local midnight, on the half hour."""
    total = np.sum(list(heads.values()), axis=0)
    minutes = [start.hour * 60 + start.minute for start, needed in zip(grid.local_starts, total, strict=True) if needed > 0]
    first, last = min(minutes) // 30 * 30, -(-(max(minutes) + grid.interval_minutes) // 30) * 30
    around_the_clock = first == 0 and last == units.MINUTES_PER_DAY
    return first, last + (8 * 60 if around_the_clock else 0)


def _contracts(first: int, last: int) -> tuple[Contract, ...]:
    pause, meal = (15, True), (30, False)
    shapes = {
        600: _shape(600, (*pause, 90, 195), (*meal, 240, 375), (*pause, 420, 540)),
        480: _shape(480, (*pause, 75, 165), (*meal, 195, 315), (*pause, 345, 435)),
        360: _shape(360, (*pause, 75, 135), (*meal, 165, 255)),
        240: _shape(240, (*pause, 75, 165)),
    }
    terms = {
        "full_8": ((2_400, 2_400), (5, 5), 480),
        "full_10": ((2_400, 2_400), (4, 4), 600),
        "part_6": ((1_080, 1_800), (3, 5), 360),
        "part_4": ((720, 1_200), (3, 5), 240),
    }
    return tuple(
        Contract(name, week_minutes, week_days, (shapes[paid],), first, last, 30, 660, 6, 45)
        for name, (week_minutes, week_days, paid) in terms.items()
    )


def _shape(paid_minutes: int, *breaks: tuple[int, bool, int, int]) -> ShiftShape:
    return ShiftShape(paid_minutes, tuple(BreakRule(*rule) for rule in breaks))


def _skills(rng: np.random.Generator, hours: Mapping[str, float], people: int) -> list[dict[str, float]]:
    """Everybody knows one queue, in the shares of the demand, and four of ten know a second one."""
    queues, weight = list(hours), np.array(list(hours.values()))
    chance = weight / weight.sum()
    skills = []
    for main in rng.choice(len(queues), people, p=chance):
        mine = {queues[int(main)]: 1.0}
        if len(queues) > 1 and rng.random() < 0.4:
            mine[queues[int(rng.choice(len(queues), p=chance))]] = 1.0
        skills.append(mine)
    return skills


def _agent(rng: np.random.Generator, key: str, contract: str, skills: dict[str, float], first: int, last: int) -> Agent:
    """A quarter of the people prefer the first half of the day, a quarter the second; the rest take any time."""
    draw, half = rng.random(), 11 * 60
    earliest, latest = None, None
    if last - first > half and contract != "full_10":
        earliest, latest = (None, first + half) if draw < _EARLY else (last - half, None) if draw < _EARLY + _LATE else (None, None)
    return Agent(key, contract, skills, earliest, latest)
