"""Everything that is wrong with a file, collected before anybody is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from wfm.errors import LineProblem

LISTED = 200

_Thing = TypeVar("_Thing")


@dataclass
class ProblemList:
    """Problems in the order found; the first `LISTED` are kept in words, the rest only counted.

    Examples
    --------
    >>> problems = ProblemList()
    >>> problems.add(3, "volume", "must be at least 0, got -2")
    >>> problems.count, str(problems.in_order()[0])
    (1, 'line 3, volume: must be at least 0, got -2')
    """

    listed: list[LineProblem] = field(default_factory=list)
    count: int = 0

    @property
    def full(self) -> bool:
        """True when a further problem would only be counted."""
        return len(self.listed) >= LISTED

    def add(self, line: int, column: str, reason: str) -> None:
        """Note one problem."""
        if not self.full:
            self.listed.append(LineProblem(int(line), column, reason))
        self.count += 1

    def find_room(self, rows: Sequence[_Thing]) -> Sequence[_Thing]:
        """Those of the rows that are still to be put into words; the others are counted here, so that a bad file costs no more than a good
        one.

        Examples
        --------
        >>> problems = ProblemList()
        >>> len(problems.find_room(range(1_000_000))), problems.count
        (200, 999800)
        """
        room = LISTED - len(self.listed)
        self.count += max(0, len(rows) - room)
        return rows[:room]

    def in_order(self) -> tuple[LineProblem, ...]:
        """The listed problems in the order of the file."""
        return tuple(sorted(self.listed, key=lambda problem: problem.line))

    def summary(self, name: str) -> str:
        """One sentence about the file called `name`."""
        many = "1 problem" if self.count == 1 else f"{self.count} problems"
        shown = f"; the first {LISTED} are listed" if self.count > LISTED else ""
        first = f": {self.in_order()[0]}" if self.listed else ""
        return f"{name or 'the file'} cannot be read, {many}{shown}{first}"
