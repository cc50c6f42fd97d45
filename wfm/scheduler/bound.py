"""The proven bound: queue prices that make everybody's best tours cover demand as nearly as can be.

For any prices w[t, q] of a unit of cover (per hour, at most `under_cost`) a head of kind k is worth ``p[k, t]``: ``speed * w[t, q]`` on
each of its queues, dearest first, for at most ``required / speed`` of its time each, since nobody can serve more than is required; time
that is left, or would earn less, costs `over_cost`. No roster can cost less than

    sum of hours * required * w  -  sum over agents of max over legal tours of (sum on duty of hours * p - wishes - paid hours).

The limit of its time is what makes small centres' bounds close: without it a third of a person could serve a third of a head all week.

An arc to a secondary queue is worth its extra price less. A group of which at least L and at most M heads shall be on duty has a price x
in [-cost, cost] of one head: it adds to p of the group's kinds, and ``x * (L if x > 0 else M)`` to the sum. These prices stand in the
last columns of w.

The prices climb by a normalised subgradient with momentum. What is reported is evaluated once more in numbers that cannot round the
wrong way.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from threading import Thread

import numpy as np

from wfm.scheduler.instance import Floats, Instance
from wfm.scheduler.plan import make_model, make_room
from wfm.scheduler.relax import answer, count_served, make_crowd, price_heads

DECAY = 0.99
UNLIMITED = 1e6
MOMENTUM = 0.9
CLIMBED = 0.3
"""Share of a search's time that the climb may take, on one of two cores."""
STEP_S_PER_DAY = 6e-6
"""Seconds of one step per type of agent and day."""
MOST_STEPS = 4_000
STRIDES = (0.03, 0.01, 0.003)
"""First strides of the parts of a climb, in prices of a missing head."""


class Ascent:
    """Climbs the bound of one instance.

    Parameters
    ----------
    instance
        What to bound.
    """

    def __init__(self, instance: Instance) -> None:
        self.instance, self.model, self.room = instance, make_model(instance), make_room(instance)
        cover = instance.cover
        self.crowd = make_crowd(instance)
        self.heads = np.zeros((len(cover.kind_first) - 1, instance.intervals))
        queues, groups = instance.required.shape[1], len(cover.group_cost)
        floor = np.where((cover.most < UNLIMITED).any(axis=0), -cover.group_cost, 0.0)
        self.low = np.concatenate([np.full(queues, -cover.over_cost / float(cover.speed.min(initial=1.0))), floor])
        self.high = np.concatenate([cover.under_cost, cover.group_cost])
        self.member = np.zeros((len(cover.kind_first) - 1, groups))
        self.member[np.repeat(np.arange(len(self.member)), np.diff(cover.group_first)), cover.group] = 1.0
        self.w: Floats = np.zeros((instance.intervals, queues + groups))
        self.best_w, self.best = self.w, -np.inf

    def prices(self, w: Floats) -> tuple[Floats, Floats]:
        """Price of an interval on queue per kind and interval at the prices `w`, and the time that a head spends on each arc."""
        price, share = np.zeros(self.heads.shape), np.zeros((len(w), len(self.instance.cover.arc)))
        price_heads(self.instance.cover, self.instance.required, w, price, share)
        groups = self.member @ w[:, self.instance.required.shape[1] :].T
        return price + groups * self.instance.cover.hours, share

    def _needs(self, w: Floats) -> Floats:
        """What the prices of each column of w are paid for: heads required, and limits of groups."""
        cover = self.instance.cover
        x = w[:, self.instance.required.shape[1] :]
        return np.hstack([self.instance.required, np.where(x < 0, cover.most, cover.least)])

    def value(self, w: Floats) -> tuple[float, Floats]:
        """The bound at prices `w`, and a subgradient."""
        cover, needs = self.instance.cover, self._needs(w)
        queues = self.instance.required.shape[1]
        price, share = self.prices(w)
        total = answer(self.model, self.crowd, price, self.room, self.heads)
        served = np.zeros_like(w)
        count_served(cover, share, self.heads, served)
        served[:, queues:] = (self.member.T @ self.heads).T
        x = w[:, queues:]
        idle = (x == 0) & (served[:, queues:] >= cover.least) & (served[:, queues:] <= cover.most)
        crowded = (x == 0) & (served[:, queues:] > cover.most)
        slope = needs - served
        slope[:, queues:] = np.where(idle, 0.0, np.where(crowded, cover.most - served[:, queues:], slope[:, queues:]))
        return cover.hours * float((needs * w).sum()) - total, cover.hours * slope

    def climb(self, steps: int, length: float, stop: Callable[[], bool]) -> None:
        """Takes `steps` steps that shrink from `length` (cost per hour) by a factor of ten."""
        size = np.zeros_like(self.w)
        motion = np.zeros_like(self.w)
        for step in range(steps):
            bound, slope = self.value(self.w)
            if bound > self.best:
                self.best, self.best_w = bound, self.w
            size = DECAY * size + (1 - DECAY) * slope * slope if step else slope * slope
            motion = MOMENTUM * motion + (1 - MOMENTUM) * slope
            stride = length / (1 + 9 * step / steps)
            self.w = np.clip(self.w + stride * motion / np.sqrt(size + 1e-6), self.low, self.high)
            if stop():
                return

    def proven(self) -> float:
        """The bound at the best prices, rounded down at every step.

        Prices per interval become multiples of a power of two, rounded upwards for heads and downwards for what tours cost, so that
        every sum inside the tours is exact in double precision; demand is added in rational numbers.
        """
        price, _ = self.prices(self.best_w)
        grain = self._grain(price)
        up = np.ceil(price / grain + 1e-2) * grain
        calendars = self.model.calendars
        cost, arc_cost = (np.floor(table / grain) * grain for table in (calendars.cost, calendars.arc_cost))
        wish = np.floor(self.model.wish / grain) * grain
        model = self.model._replace(calendars=calendars._replace(cost=cost, arc_cost=arc_cost), wish=wish)
        total = answer(model, self.crowd, up, self.room, self.heads)
        return rounded_down(self._demand(self.best_w) - Fraction(total))

    def _grain(self, price: Floats) -> float:
        """A power of two so small that the sums of the tours fit 50 bits."""
        calendars, model = self.model.calendars, self.model
        tour = float(np.abs(price).max(initial=0.0)) * self.instance.intervals
        tour += calendars.days * sum(float(table.max(initial=0.0)) for table in (calendars.cost, calendars.arc_cost, model.wish))
        most = (tour + 1.0) * max(self.instance.agents, 1)
        return float(2.0 ** (math.ceil(math.log2(most)) - 50))

    def _demand(self, w: Floats) -> Fraction:
        hours = Fraction(self.instance.problem.grid.interval_minutes, 60)
        needs = self._needs(w)
        counts = (needs > 0) & (w != 0)
        pairs = zip(needs[counts].tolist(), w[counts].tolist(), strict=True)
        return hours * sum((Fraction(r) * Fraction(x) for r, x in pairs), Fraction(0))


class Climber:
    """Climbs the bound of an instance in a thread of its own while the body of the `with` statement runs.

    Parameters
    ----------
    instance
        What to bound.
    limit_s
        Seconds that the search may take; the number of steps follows from it.
    stop
        Asked at every step.
    """

    def __init__(self, instance: Instance, limit_s: float, stop: Callable[[], bool]) -> None:
        self.ascent, self.stop = Ascent(instance), stop
        types, days = len(self.ascent.crowd.agent), max(instance.calendars.days, 1)
        self.steps = int(np.clip(CLIMBED * limit_s / (STEP_S_PER_DAY * max(types * days, 1)), 10, MOST_STEPS))
        self.bound: float | None = None
        self.left = False
        self.thread = Thread(target=self._climb, daemon=True)

    def __enter__(self) -> Climber:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Waits for the climb, unless it is time to stop."""
        self.thread.join()

    def _climb(self) -> None:
        ascent = self.ascent
        unit = float(ascent.high.max(initial=0.0))
        for length in STRIDES:
            ascent.w = ascent.best_w
            ascent.climb(self.steps // len(STRIDES) + 1, length * unit, self.stop)
            self.bound = ascent.proven()

    def proven(self) -> float | None:
        """The best bound so far; None before there is one."""
        return self.bound


def rounded_down(exact: Fraction) -> float:
    """The largest double that is certain not to exceed `exact`."""
    return float(np.nextafter(float(exact), -np.inf))


