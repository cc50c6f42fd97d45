"""QuickXplain: one smallest set of facts that cannot hold together, by divide and conquer.

Source: U. Junker, QuickXplain: preferred explanations and relaxations for over-constrained problems, AAAI 2004. A conflict of k facts
out of n takes about 2 k log2(n / k) + 2 k questions. Many searches run side by side, so that their questions can be answered together.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Hashable, Sequence
from typing import TypeVar

Fact = TypeVar("Fact", bound=Hashable)
Questions = Generator[tuple[Fact, ...], bool, tuple[Fact, ...]]
"""Sets of facts asked about; True is sent back where they can hold together; the conflict is what is returned."""


def smallest_conflict(facts: Sequence[Fact]) -> Questions[Fact]:
    """A set of `facts`, known to contradict each other, of which every one is needed; empty where not even none of them can hold.

    Facts that stand first are preferred in the answer.
    """
    if not (yield ()):
        return ()
    if not facts:
        return ()
    return (yield from _search((), False, tuple(facts)))


def _search(background: tuple[Fact, ...], grown: bool, facts: tuple[Fact, ...]) -> Questions[Fact]:
    if grown and not (yield background):
        return ()
    if len(facts) == 1:
        return facts
    first, second = facts[: len(facts) // 2], facts[len(facts) // 2 :]
    late = yield from _search((*background, *first), True, second)
    early = yield from _search((*background, *late), bool(late), first)
    return (*early, *late)


def side_by_side(
    searches: Sequence[Questions[Fact]], answer: Callable[[Sequence[tuple[int, tuple[Fact, ...]]]], Sequence[bool]]
) -> list[tuple[Fact, ...]]:
    """Runs searches to their ends; `answer` is given (number of the search, facts asked about) for all that wait, round by round.

    Examples
    --------
    >>> impossible = [{1, 4}, {2}]
    >>> def ask(open_questions):
    ...     return [not impossible[i] <= set(facts) for i, facts in open_questions]
    >>> side_by_side([smallest_conflict(range(6)) for _ in impossible], ask)
    [(1, 4), (2,)]
    """
    found: list[tuple[Fact, ...]] = [()] * len(searches)
    waiting = {i: next(search) for i, search in enumerate(searches)}
    while waiting:
        asked = sorted(waiting.items())
        waiting = {}
        for (i, _), told in zip(asked, answer(asked), strict=True):
            try:
                waiting[i] = searches[i].send(told)
            except StopIteration as end:
                found[i] = end.value
    return found
