"""Rosters whose parts (sites, teams, or groups of like size) are solved side by side, in processes or on a cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from wfm.domain.roster import Roster, RosterProblem, Shift
from wfm.service.processes import each
from wfm.settings import Settings

Given = TypeVar("Given")
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Parts:
    """Into which parts a roster is divided, and where they are solved.

    Parameters
    ----------
    by
        "site", "team" or a number of parts.
    workers
        Processes of this machine, at least 1.
    cluster
        Address of a Dask scheduler whose workers solve the parts instead; empty for none.
    """

    by: str
    workers: int
    cluster: str = ""

    @classmethod
    def of(cls, by: str, settings: Settings) -> Parts | None:
        """As the settings have it; None where `by` is empty."""
        return cls(by, settings.workers, settings.cluster) if by else None

    def solve(
        self,
        problem: RosterProblem,
        time_limit_s: float,
        seed: int,
        progress: Callable[[Roster], None],
        cancelled: Callable[[], bool],
        pinned: Sequence[Shift] = (),
    ) -> Roster:
        """As `wfm.scheduler.solve_in_parts`.

        Raises
        ------
        InvalidInput
            When the parts cannot be made, or the cluster does not answer.
        """
        from wfm import scheduler

        at_once = self._at_once()
        workers = partial(_side_by_side, self) if at_once > 1 else None
        return scheduler.solve_in_parts(problem, self.by, time_limit_s, seed, progress, cancelled, pinned, workers, at_once)

    def _at_once(self) -> int:
        if not self.cluster:
            return self.workers
        from wfm.service.cluster import threads_of

        return threads_of(self.cluster)


def _side_by_side(
    parts: Parts, work: Callable[[Given], Made], items: Iterable[Given], tick: Callable[[int], None]
) -> Iterator[tuple[Given, Made]]:
    return each(work, items, parts.workers, tick, parts.cluster)
