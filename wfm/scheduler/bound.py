"""The proven bound: queue prices that make everybody's best tours cover demand as nearly as can be.

For any prices w[t, q] of a unit of cover (per hour, at most `under_cost`) a head of kind k is worth ``p[k, t]``: ``speed * w[t, q]`` on
each of its queues, dearest first, for at most ``required / speed`` of its time each, since nobody can serve more than is required; time
that is left, or would earn less, costs `over_cost`. No roster can cost less than

    sum of hours * required * w  -  sum over agents of max over legal tours of (sum on duty of hours * p - wishes - paid hours).

The limit of its time is what makes small centres' bounds close: without it a third of a person could serve a third of a head all week.

An arc to a secondary queue is worth its extra price less. A group of which at least L and at most M heads shall be on duty has a price x
in [-cost, cost] of one head: it adds to p of the group's kinds, and ``x * (L if x > 0 else M)`` to the sum. These prices stand in the
last columns of w.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from threading import Thread

import numpy as np

from wfm.scheduler import whole_heads
from wfm.scheduler.climb import Climb, rounded_down
from wfm.scheduler.instance import Floats, Instance
from wfm.scheduler.relax import answer, count_served, price_heads

UNLIMITED = 1e6
CLIMBED, CLIMBED_BY_WHOLE_HEADS = 0.3, 0.25
"""Shares of a search's time that the two climbs may take, on one of two cores."""
STEP_S_PER_DAY = 6e-6
"""Seconds of one step per type of agent and day."""
MOST_STEPS = 4_000
SHORTER = 4
"""By how much the climb by prices of cover is shorter where one by whole heads follows."""
STEP_S_PER_VECTOR = 3e-9
"""Seconds that a step takes longer for every vector of whole heads."""
STRIDES = (0.3, 0.03, 0.003)
"""First strides of the parts of a climb, in prices of a missing head: wide at first, for where people are too few prices are high."""
STRIDES_OF_WHOLE_HEADS = ((0.02, 0.25), (0.008, 0.2), (0.008, 0.15), (0.003, 0.12), (0.001, 0.1))
"""As above, each with how far above the best of an interval a vector may be to be asked: a narrower table leads prices astray."""
WIDER = 2.0
"""By how much the tables are wider once one has led astray."""
MOST_STEPS_OF_WHOLE_HEADS = 800
"""More steps than this on one narrowed table would leave it."""


class Ascent(Climb):
    """Climbs the bound of one instance by prices of a unit of cover, intervals by queues and groups.

    Parameters
    ----------
    instance
        What to bound.
    """

    def __init__(self, instance: Instance) -> None:
        cover = instance.cover
        queues, groups = instance.required.shape[1], len(cover.group_cost)
        floor = np.where((cover.most < UNLIMITED).any(axis=0), -cover.group_cost, 0.0)
        low = np.concatenate([np.full(queues, -cover.over_cost / float(cover.speed.min(initial=1.0))), floor])
        high = np.concatenate([cover.under_cost, cover.group_cost])
        super().__init__(instance, np.zeros((instance.intervals, queues + groups)), low, high)
        self.member = np.zeros((len(self.heads), groups))
        self.member[np.repeat(np.arange(len(self.member)), np.diff(cover.group_first)), cover.group] = 1.0

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

    def proven(self) -> float:
        """The bound at the best prices, rounded down at every step; demand is added in rational numbers."""
        price, _ = self.prices(self.best_w)
        return rounded_down(self._demand(self.best_w) - self.worth_of_tours(price))

    def _demand(self, w: Floats) -> Fraction:
        hours = Fraction(self.instance.problem.grid.interval_minutes, 60)
        needs = self._needs(w)
        counts = (needs > 0) & (w != 0)
        pairs = zip(needs[counts].tolist(), w[counts].tolist(), strict=True)
        return hours * sum((Fraction(r) * Fraction(x) for r, x in pairs), Fraction(0))


def step_seconds(climb: Climb) -> float:
    """Seconds that one step of everybody's tours takes."""
    return STEP_S_PER_DAY * max(len(climb.crowd.agent) * climb.instance.calendars.days, 1)


def steps_within(limit_s: float, step_s: float, share: float = CLIMBED) -> int:
    """Steps of a climb that may take a `share` of a search of so many seconds."""
    return int(np.clip(share * limit_s / step_s, 10, MOST_STEPS))


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
        self.ascent, self.limit_s, self.stop = Ascent(instance), limit_s, stop
        self.bound: float | None = None
        self.thread = Thread(target=self._climb, daemon=True)

    def __enter__(self) -> Climber:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Waits for the climb, unless it is time to stop."""
        self.thread.join()

    def proven(self) -> float | None:
        """The best bound so far; None before there is one."""
        return self.bound

    def _climb(self) -> None:
        ascent, step_s = self.ascent, step_seconds(self.ascent)
        steps = steps_within(self.limit_s, step_s)
        if not whole_heads.fits(ascent.instance):
            self._rise(ascent, steps, STRIDES)
            return
        self._rise(ascent, steps // SHORTER, STRIDES)
        if not self.stop() and not self._rise_with_whole_heads(step_s) and not self.stop():
            self._rise(ascent, steps, STRIDES[1:])

    def _rise_with_whole_heads(self, step_s: float) -> bool:
        """False where there is no table of whole heads."""
        ascent = self.ascent
        vectors = whole_heads.make_vectors(ascent.instance, self.stop)
        if vectors is None:
            return False
        price = ascent.prices(ascent.best_w)[0] / ascent.instance.cover.hours
        closer = whole_heads.WholeHeads(ascent.instance, vectors, price)
        best, best_w, wider = -np.inf, closer.best_w, 1.0
        for length, width in STRIDES_OF_WHOLE_HEADS:
            closer.best_w = best_w
            proven = self._rise_narrowed(closer, step_s, length, wider * width)
            if proven > best:
                best, best_w = proven, closer.best_w
            else:  # the table was too narrow and led astray: the next stride begins where this one did, with a wider one
                wider *= WIDER
        return True

    def _rise_narrowed(self, closer: whole_heads.WholeHeads, step_s: float, length: float, width: float) -> float:
        if self.stop():
            return -np.inf
        closer.narrow(width * float(closer.high.max(initial=0.0)))
        step_s += STEP_S_PER_VECTOR * len(closer.asked.cost)
        steps = steps_within(self.limit_s, step_s, CLIMBED_BY_WHOLE_HEADS / len(STRIDES_OF_WHOLE_HEADS))
        return self._rise(closer, min(steps, MOST_STEPS_OF_WHOLE_HEADS), (length,))

    def _rise(self, climb: Climb, steps: int, strides: tuple[float, ...]) -> float:
        """What is proven after the last stride."""
        unit = float(climb.high.max(initial=0.0))
        for length in strides:
            climb.w = climb.best_w
            climb.climb(steps // len(strides) + 1, length * unit, self.stop)
            proven = climb.proven()
            self.bound = max(proven, -np.inf if self.bound is None else self.bound)
        return proven
