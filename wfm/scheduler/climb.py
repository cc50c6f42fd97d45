"""What every bound by prices shares: a climb by a normalised subgradient with momentum, and rounding that never raises the bound."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from fractions import Fraction

import numpy as np

from wfm.scheduler.instance import Floats, Instance
from wfm.scheduler.plan import make_model, make_room
from wfm.scheduler.relax import answer, make_crowd

DECAY = 0.99
MOMENTUM = 0.9


class Climb(ABC):
    """Climbs a bound of one instance.

    Parameters
    ----------
    instance
        What to bound.
    w
        Prices to begin with.
    low, high
        Least and most of each price.
    """

    def __init__(self, instance: Instance, w: Floats, low: Floats, high: Floats) -> None:
        self.instance, self.model, self.room = instance, make_model(instance), make_room(instance)
        self.crowd = make_crowd(instance)
        self.heads = np.zeros((len(instance.cover.kind_first) - 1, instance.intervals))
        self.w, self.low, self.high = w, low, high
        self.best_w, self.best = w, -np.inf

    @abstractmethod
    def value(self, w: Floats) -> tuple[float, Floats]:
        """The bound at prices `w`, and a subgradient."""

    @abstractmethod
    def proven(self) -> float:
        """The bound at the best prices, rounded down at every step."""

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

    def worth_of_tours(self, price: Floats) -> Fraction:
        """What everybody's best tours are worth at most at `price`, of an interval on queue by kind and interval.

        Prices become multiples of a power of two, rounded upwards for heads and downwards for what tours cost, so that every sum inside
        the tours is exact in double precision.
        """
        grain, calendars = self._grain(price), self.model.calendars
        up = np.ceil(price / grain + 1e-2) * grain
        cost, arc_cost = (np.floor(table / grain) * grain for table in (calendars.cost, calendars.arc_cost))
        wish = np.floor(self.model.wish / grain) * grain
        model = self.model._replace(calendars=calendars._replace(cost=cost, arc_cost=arc_cost), wish=wish)
        return Fraction(answer(model, self.crowd, up, self.room, self.heads))

    def _grain(self, price: Floats) -> float:
        """A power of two so small that the sums of the tours fit 50 bits."""
        calendars, model = self.model.calendars, self.model
        tour = float(np.abs(price).max(initial=0.0)) * self.instance.intervals
        tour += calendars.days * sum(float(table.max(initial=0.0)) for table in (calendars.cost, calendars.arc_cost, model.wish))
        most = (tour + 1.0) * max(self.instance.agents, 1)
        return float(2.0 ** (math.ceil(math.log2(most)) - 50))


def rounded_down(exact: Fraction) -> float:
    """The largest double that is certain not to exceed `exact`."""
    return float(np.nextafter(float(exact), -np.inf))
