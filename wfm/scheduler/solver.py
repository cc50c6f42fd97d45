"""`solve`: a roster with its objective and a proven bound, within a time limit."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from wfm.domain.roster import Roster, RosterProblem, RosterStatus, Shift

if TYPE_CHECKING:
    from wfm.scheduler.instance import Instance
    from wfm.scheduler.search import Kept, Search

OPTIMAL_GAP = 1e-6
TELL_EVERY_S = 0.3
SHARE_TO_END, MOST_TO_END_S = 0.03, 3.0
"""Time kept back of the limit, for the last bound and the shifts."""
CUT_SHORT = "The search was ended by its time limit or by a stop: another run may find a slightly different schedule."


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
        Seconds after which the best roster so far is returned, above 0; those in which kernels are compiled, at the first use after an
        installation, do not count.
    seed
        The same seed gives the same roster, unless the time limit cut the search short; the notes say so then.
    progress
        Called with better rosters, the first of them as soon as there is one and then a few times a second at most; they carry the
        bound once there is one.
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
    return solve_by(lambda search: search.run(time_limit_s), problem, time_limit_s, seed, progress, cancelled, pinned, clock)


def solve_by(
    way: Callable[[Search], None],
    problem: RosterProblem,
    time_limit_s: float,
    seed: int,
    progress: Callable[[Roster], None] | None,
    cancelled: Callable[[], bool] | None,
    pinned: Sequence[Shift],
    clock: Callable[[], float],
) -> Roster:
    """As `solve`, where `way` leads the search from its beginning to the best roster that it keeps."""
    from wfm import units
    from wfm.errors import Infeasible
    from wfm.scheduler.conflicts import refuse_pins, with_reasons
    from wfm.scheduler.instance import build_instance
    from wfm.scheduler.jit import without_compiling
    from wfm.scheduler.search import Search, Watch

    began = clock()
    units.positive("time_limit_s", time_limit_s)
    refuse_pins(problem, pinned)
    instance = build_instance(problem, pinned)
    told = -math.inf

    def tell(kept: Kept) -> None:
        nonlocal told
        if progress is not None and clock() >= told + TELL_EVERY_S:
            progress(_roster(search, kept, seed, clock() - began))
            told = clock()

    kept_back = min(SHARE_TO_END * time_limit_s, MOST_TO_END_S)
    with without_compiling(clock) as running:
        spent = clock() - began
        search = Search(instance, seed, Watch(running, running() - spent + time_limit_s - kept_back, cancelled), tell)
        try:
            way(search)
        except Infeasible as error:
            raise with_reasons(error, problem, pinned) from None
    assert search.best is not None
    return _roster(search, _named(instance, search.best), seed, clock() - began)


def _named(instance: Instance, kept: Kept) -> Kept:
    """The roster with the best names on its tours."""
    from wfm.scheduler.names import exchanged
    from wfm.scheduler.search import Kept

    tours, saved = exchanged(instance, kept.tours)
    return Kept(tours, kept.objective - saved)


def _roster(search: Search, kept: Kept, seed: int, seconds: float) -> Roster:
    from wfm.scheduler.result import shifts_of

    instance, bound, objective = search.instance, search.proven, kept.objective
    close = bound is not None and objective - bound <= OPTIMAL_GAP * max(1.0, abs(objective))
    return Roster(
        problem=instance.problem.id,
        shifts=shifts_of(instance, kept.tours),
        objective=objective,
        lower_bound=bound,
        status=RosterStatus.OPTIMAL if close else RosterStatus.FEASIBLE,
        solver="tours and prices",
        seed=seed,
        seconds=seconds,
        notes=(*search.notes, *((CUT_SHORT,) if search.watch.late or search.watch.hurried else ())),
    )
