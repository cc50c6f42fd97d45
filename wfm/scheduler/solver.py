"""`solve`: a roster with its objective and a proven bound, within a time limit."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from wfm.domain.roster import Roster, RosterProblem, RosterStatus, Shift

if TYPE_CHECKING:
    from wfm.scheduler.instance import Instance
    from wfm.scheduler.search import Kept

OPTIMAL_GAP = 1e-6


def solve(
    problem: RosterProblem,
    time_limit_s: float = 60.0,
    seed: int = 0,
    progress: Callable[[Roster], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    pinned: Sequence[Shift] = (),
    clock: Callable[[], float] = time.monotonic,
) -> Roster:
    """A roster for `problem`, as good as `time_limit_s` seconds allow.

    Parameters
    ----------
    problem
        What is asked.
    time_limit_s
        Seconds after which the best roster so far is returned, above 0.
    seed
        The same seed gives the same roster, unless the time limit cut the search short; the notes say so then.
    progress
        Called with every better roster, the first of them as soon as there is one.
    cancelled
        Asked now and then; once it says True, the best roster so far is returned.
    pinned
        Shifts that stay as they are, to the minute.
    clock
        Monotonic seconds.

    Raises
    ------
    InvalidInput
        When an argument is out of bounds.
    Infeasible
        When a pinned shift is against the rules or somebody has no legal tour; it names who and why.
    """
    from wfm import units
    from wfm.errors import Infeasible
    from wfm.scheduler.conflicts import refuse_pins, with_reasons
    from wfm.scheduler.instance import build_instance
    from wfm.scheduler.search import Search, Watch

    began = clock()
    watch = Watch(clock, began + units.positive("time_limit_s", time_limit_s), cancelled)
    refuse_pins(problem, pinned)
    instance = build_instance(problem, pinned)

    def tell(kept: Kept) -> None:
        if progress is not None:
            progress(_roster(instance, kept, None, seed, clock() - began))

    search = Search(instance, seed, watch, tell)
    try:
        search.run()
    except Infeasible as error:
        raise with_reasons(error, problem, pinned) from None
    assert search.best is not None
    return _roster(instance, search.best, search.bound, seed, clock() - began)


def _roster(instance: Instance, kept: Kept, bound: float | None, seed: int, seconds: float) -> Roster:
    from wfm.scheduler.result import shifts_of
    from wfm.scheduler.split import secondary_price

    shifts = shifts_of(instance, kept.tours)
    objective = kept.objective + secondary_price(instance.problem, shifts)
    close = bound is not None and objective - bound <= OPTIMAL_GAP * max(1.0, abs(objective))
    return Roster(
        problem=instance.problem.id,
        shifts=shifts,
        objective=objective,
        lower_bound=bound,
        status=RosterStatus.OPTIMAL if close else RosterStatus.FEASIBLE,
        solver="tours and prices",
        seed=seed,
        seconds=seconds,
    )
