"""The search for a good roster: a first one at once, then simulated annealing (see `cooling`), then best responses.

Sweeps of best responses alone stick where every head is needed somewhere: nobody can leave although all together are too many. For a
quick answer `Search.anneal` prices missing heads low at first, so that hours match the demand in total, and then at their true height.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from wfm.errors import Infeasible
from wfm.scheduler.coverage import arrays_of, make_split, split_cost
from wfm.scheduler.instance import Instance, Ints
from wfm.scheduler.plan import Model, Plan, Room, Tours, improve, make_model, make_plan, make_room, price_of_tours, raise_everybody, settle

CHUNK = 128
ANNEALED = 0.9
"""Share of the time that the annealing may take."""
HEAD_START = 0.1
"""By how much the clock may be ahead of the work at first, while kernels are loaded."""
NO_WORST = np.zeros(0)


@dataclass
class Watch:
    """When to stop: a clock, its limit and the person who may cancel; `late` is set once one of them spoke.

    Parameters
    ----------
    clock
        Monotonic seconds.
    end
        Reading at which to stop.
    cancelled
        Asked now and then.
    late
        Whether it is time to stop.
    begin
        Reading when the annealing began; set by `hurry`.
    hurried
        Whether the clock was ahead of the work.
    """

    clock: Callable[[], float]
    end: float
    cancelled: Callable[[], bool] | None = None
    late: bool = False
    begin: float | None = None
    hurried: bool = False

    def stop(self) -> bool:
        """True from the moment on at which the search has to end."""
        if not self.late:
            self.late = self.clock() >= self.end or (self.cancelled is not None and self.cancelled())
        return self.late

    def over(self) -> bool:
        """True once it is time to stop, for threads that must not ask the person."""
        return self.late or self.clock() >= self.end

    def hurry(self, done: float) -> float:
        """The share of the work that is `done`, or more where the clock is ahead of it: the rest is then left out."""
        if self.begin is None:
            self.begin = self.clock()
        spent = (self.clock() - self.begin) / max(ANNEALED * (self.end - self.begin), 1e-9)
        due = spent - HEAD_START * (1.0 - spent)
        self.hurried |= due > done
        return max(done, due)


@dataclass(frozen=True)
class Kept:
    """A roster as the search keeps it."""

    tours: Tours
    objective: float


class Search:
    """One search over one instance.

    Parameters
    ----------
    instance
        What to solve.
    seed
        Of every random choice.
    watch
        When to stop.
    better
        Called with every new best roster.
    """

    def __init__(self, instance: Instance, seed: int, watch: Watch, better: Callable[[Kept], None]) -> None:
        self.instance, self.watch, self.better = instance, watch, better
        self.seed, self.rng = seed, np.random.default_rng(seed)
        self.model: Model = make_model(instance)
        self.plan: Plan = make_plan(instance)
        self.room: Room = make_room(instance)
        self.best: Kept | None = None
        self.bound: Callable[[], float | None] | None = None
        self.notes: tuple[str, ...] = ()

    @property
    def work(self) -> int:
        """Searches for augmenting paths so far: a measure of work that no clock disturbs."""
        return int(self.room.paths.seen[-1])

    def objective(self) -> float:
        """Objective of the present plan."""
        return split_cost(self.model.cover, self.plan.split) + price_of_tours(self.model, self.plan.tours)

    def first(self) -> None:
        """A legal roster as fast as can be.

        Raises
        ------
        Infeasible
            When somebody has no legal tour.
        """
        agents = self.instance.agents
        without = settle(self.model, self.plan, self.rng.permutation(agents), self.room, max(1, agents // 20))
        if without:
            raise Infeasible(f"{without} agents have no tour that keeps every rule")
        self.keep()

    def keep(self) -> bool:
        """Remembers the present plan where it is the best so far."""
        objective = self.objective()
        if self.best is not None and objective >= self.best.objective - 1e-6:
            return False
        now = self.plan.tours
        self.best = Kept(Tours(now.option.copy(), now.breaks.copy(), now.duty.copy()), objective)
        self.better(self.best)
        return True

    def go_back(self) -> None:
        """Makes the best roster the present plan."""
        assert self.best is not None
        for mine, kept in zip(self.plan.tours, self.best.tours, strict=True):
            mine[:] = kept
        self.resplit()

    def start_from(self, tours: Tours) -> None:
        """Makes `tours`, which must be legal, the present plan."""
        for mine, given in zip(self.plan.tours, tours, strict=True):
            mine[:] = given
        self.resplit()
        self.keep()

    def resplit(self, model: Model | None = None) -> None:
        """Computes the split anew from the tours, at the prices of `model`, which also ends any drift of rounding."""
        model = model or self.model
        fresh = make_split(self.instance, model.cover)
        raise_everybody(model, self.plan.tours.duty, fresh, self.room.paths)
        for mine, new in zip(arrays_of(self.plan.split), arrays_of(fresh), strict=True):
            mine[:] = new
        self.restamp()

    def restamp(self) -> None:
        """Makes every worth be read anew."""
        now = self.plan.worth.now
        now[:] = now[-1] + 1 + np.arange(len(now))

    def sweep(self, scale: float = 1.0, people: Ints | None = None) -> float:
        """One round of best responses with missing heads at `scale` times their price; returns the fall of that objective."""
        model = self.at_scale(scale)
        order = self.rng.permutation(self.instance.agents if people is None else people)
        fall = 0.0
        for chunk in range(0, len(order), CHUNK):
            fall += improve(model, self.plan, order[chunk : chunk + CHUNK, None], 0, self.room, NO_WORST)
            if self.watch.stop():
                break
        return fall

    def at_scale(self, scale: float) -> Model:
        """The model with missing heads at `scale` times their price."""
        cover = self.instance.cover
        return self.model._replace(cover=cover._replace(under_cost=cover.under_cost * scale))

    def anneal(self, scales: Sequence[float], rounds: int) -> None:
        """Sweeps at rising prices of missing heads, then at the true price until nothing moves."""
        for scale in scales:
            self._reprice(self.at_scale(scale))
            for _ in range(rounds):
                if self.watch.stop() or self.sweep(scale) < 1e-6:
                    break
            self._reprice(self.model)
            self.keep()
            if self.watch.stop():
                return
        self.polish()

    def _reprice(self, model: Model) -> None:
        """Makes the worths those of `model`; an even split is the best at any scale."""
        if self.instance.cover.even:
            self.restamp()
        else:
            self.resplit(model)

    def polish(self) -> None:
        """Best responses at the true price until nothing moves."""
        self._reprice(self.model)
        while self.sweep() > 1e-6 and not self.watch.stop():
            pass
        self.keep()

    def run(self, limit_s: float) -> None:
        """The whole search for a time limit of so many seconds, and the bound beside it.

        The work is measured in steps that no clock disturbs, so few that the search ends by itself before the limit; where it does not,
        the watch ends it.
        """
        from wfm.scheduler.bound import Climber
        from wfm.scheduler.cooling import cool
        from wfm.scheduler.rebuilding import cool_and_rebuild, days_are_tied

        self.first()
        with Climber(self.instance, limit_s, self.watch.over) as climber:
            self.bound = climber.proven
            way = cool_and_rebuild if days_are_tied(self.instance) else cool
            way(self, limit_s)
            self.polish()
        self.go_back()

    @property
    def proven(self) -> float | None:
        """The best bound proven so far."""
        return self.bound() if self.bound is not None else None
