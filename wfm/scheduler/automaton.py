"""The rules of the week as a layered automaton, as small as it can be.

A path through it is a choice of off or a kind of shift for every day that keeps paid minutes and days per week, runs of days and
fixed activities. Nodes from which no legal end can be reached are gone; nodes that allow the same future are one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wfm.domain.staff import Contract


class Action(NamedTuple):
    """A kind of working day: its paid minutes, and which fixed activities the shift holds."""

    paid_minutes: int
    holds: tuple[int, ...] = ()


class _State(NamedTuple):
    days: int
    minutes: int
    run: int
    held: frozenset[int]


@dataclass(frozen=True)
class Automaton:
    """Layers of nodes; `next_node[d][u, a]` is the node after action `a` on day d (0 is a day off), -1 where it is forbidden.

    Where no legal path exists, `node_count` is all zero.
    """

    node_count: tuple[int, ...]
    next_node: tuple[NDArray[np.int64], ...]

    @property
    def possible(self) -> bool:
        """True where at least one legal path exists."""
        return self.node_count[0] > 0


def build_automaton(
    contract: Contract, days_before: int, by_day: Sequence[Sequence[Action]], pinned: frozenset[int], fixed_count: int
) -> Automaton:
    """The smallest automaton of a contract over the days of `by_day`.

    Parameters
    ----------
    contract
        Limits per week and of days in a row.
    days_before
        Run of working days that reaches up to the horizon.
    by_day
        The actions possible on each day, off apart.
    pinned
        Days that must be worked.
    fixed_count
        Number of fixed activities, each of which must be held by some shift.
    """
    due = _last_day_to_hold(by_day, fixed_count)
    layers = [{_State(0, 0, days_before, frozenset()): 0}]
    moves: list[list[list[int]]] = []
    for day, actions in enumerate(by_day):
        following: dict[_State, int] = {}
        rows = []
        for state in layers[-1]:
            choices = [None if day in pinned else _off(state), *(_work(state, a, contract) for a in actions)]
            ends = [_close(s, day, due, contract) for s in choices]
            rows.append([-1 if s is None else following.setdefault(s, len(following)) for s in ends])
        moves.append(rows)
        layers.append(following)
    return _smallest(moves, len(layers[-1]), [len(a) + 1 for a in by_day])


def _last_day_to_hold(by_day: Sequence[Sequence[Action]], fixed_count: int) -> list[int]:
    due = [0] * fixed_count
    for day, actions in enumerate(by_day):
        for action in actions:
            for one in action.holds:
                due[one] = day
    return due


def _off(state: _State) -> _State:
    return state._replace(run=0)


def _work(state: _State, action: Action, contract: Contract) -> _State | None:
    days, minutes, run = state.days + 1, state.minutes + action.paid_minutes, state.run + 1
    if run > contract.max_consecutive_days or days > contract.week_days[1] or minutes > contract.week_minutes[1]:
        return None
    return _State(days, minutes, run, state.held | frozenset(action.holds))


def _close(state: _State | None, day: int, due: list[int], contract: Contract) -> _State | None:
    """The state after the day is over: fixed activities held in time, the week's least reached."""
    if state is None or any(d <= day and f not in state.held for f, d in enumerate(due)):
        return None
    if day % 7 < 6:
        return state
    if state.days < contract.week_days[0] or state.minutes < contract.week_minutes[0]:
        return None
    return _State(0, 0, state.run, state.held)


def _smallest(moves: list[list[list[int]]], last: int, widths: list[int]) -> Automaton:
    merged = [0] * last
    found = 1 if last else 0
    counts, tables = [found], []
    for rows, width in zip(moves[::-1], widths[::-1], strict=True):
        signatures: dict[tuple[int, ...], int] = {}
        renamed = []
        for row in rows:
            signature = tuple(-1 if v < 0 else merged[v] for v in row)
            dead = all(v < 0 for v in signature)
            renamed.append(-1 if dead else signatures.setdefault(signature, len(signatures)))
        merged = renamed
        counts.append(len(signatures))
        tables.append(np.array(list(signatures), dtype=np.int64).reshape(len(signatures), width))
    return Automaton(tuple(counts[::-1]), tuple(tables[::-1]))
