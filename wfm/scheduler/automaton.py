"""The rules of the week as a layered automaton, as small as it can be.

A path through it is a choice of off or a kind of shift for every day that keeps every hard rule which reads a tour day by day (see
`domain.rules.base.TourRule`); its arcs carry what soft rules cost. Nodes from which no legal end can be reached are gone; nodes that
allow the same future at the same cost are one.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wfm.domain.rules import Day, Setting, TourRule

Labels = tuple[Hashable, ...]
"""What each rule sees of a shift, rule by rule."""


@dataclass(frozen=True)
class Automaton:
    """Layers of nodes; `next_node[d][u, a]` is the node after action `a` on day d (0 is a day off), -1 where it is forbidden.

    `arc_cost` has the same shape: what soft rules charge for the step. Where no legal path exists, `node_count` is all zero.
    """

    node_count: tuple[int, ...]
    next_node: tuple[NDArray[np.int64], ...]
    arc_cost: tuple[NDArray[np.float64], ...]

    @property
    def possible(self) -> bool:
        """True where at least one legal path exists."""
        return self.node_count[0] > 0


class RuleTable:
    """The steps of one rule in one setting, each worked out once.

    Parameters
    ----------
    rule
        Any rule that reads a tour day by day.
    setting
        Whose tour; where the rule does not look at the agent, anybody's under the same contract.
    """

    def __init__(self, rule: TourRule, setting: Setting) -> None:
        self.rule, self.setting = rule, setting
        self.numbers: dict[Hashable, int] = {}
        self.states: list[Hashable] = []
        self.known: list[dict[tuple[int, Hashable], tuple[int, float]]] = [{} for _ in range(setting.grid.days)]

    def number(self, state: Hashable) -> int:
        """The state as a small number."""
        found = self.numbers.setdefault(state, len(self.states))
        if found == len(self.states):
            self.states.append(state)
        return found

    def step(self, state: int, day: Day, label: Hashable | None) -> tuple[int, float]:
        """The number of the state after the day, and its cost: below 0 where it is forbidden."""
        known, key = self.known[day.number], (state, label)
        if key not in known:
            following, breach = self.rule.step(self.setting, self.states[state], day, label)
            cost = -1.0 if breach > 0 and self.rule.cost is None else (self.rule.cost or 0.0) * breach
            known[key] = self.number(following), cost
        return known[key]


def build_automaton(
    days: Sequence[Day], tables: Sequence[RuleTable], start: Sequence[int], by_day: Sequence[Sequence[Labels]], pinned: frozenset[int]
) -> Automaton:
    """The smallest automaton of the rules of `tables` over `days`.

    Parameters
    ----------
    tables
        One per rule.
    start
        Number of every rule's first state.
    by_day
        The actions possible on each day, off apart: what each rule sees of them.
    pinned
        Days that must be worked.
    """
    off: Labels = (None,) * len(tables)
    layers: list[dict[tuple[int, ...], int]] = [{tuple(start): 0}]
    rows: list[list[list[tuple[int, float]]]] = []
    for day, actions in zip(days, by_day, strict=True):
        following: dict[tuple[int, ...], int] = {}
        choices = [None if day.number in pinned else off, *actions]
        rows.append([[_arc(tables, state, day, labels, following) for labels in choices] for state in layers[-1]])
        layers.append(following)
    return _smallest(rows, len(layers[-1]), [len(a) + 1 for a in by_day])


_FORBIDDEN = (-1, 0.0)


def _arc(
    tables: Sequence[RuleTable], state: tuple[int, ...], day: Day, labels: Labels | None, following: dict[tuple[int, ...], int]
) -> tuple[int, float]:
    if labels is None:
        return _FORBIDDEN
    ends, total = [], 0.0
    for table, at, label in zip(tables, state, labels, strict=True):
        end, cost = table.step(at, day, label)
        if cost < 0:
            return _FORBIDDEN
        ends.append(end)
        total += cost
    return following.setdefault(tuple(ends), len(following)), total


def _smallest(rows: list[list[list[tuple[int, float]]]], last: int, widths: list[int]) -> Automaton:
    merged = [0] * last
    counts, nodes, costs = [1 if last else 0], [], []
    for layer, width in zip(rows[::-1], widths[::-1], strict=True):
        signatures: dict[tuple[tuple[int, float], ...], int] = {}
        renamed = []
        for row in layer:
            signature = tuple(_FORBIDDEN if v < 0 or merged[v] < 0 else (merged[v], cost) for v, cost in row)
            dead = all(v < 0 for v, _ in signature)
            renamed.append(-1 if dead else signatures.setdefault(signature, len(signatures)))
        merged = renamed
        counts.append(len(signatures))
        flat = [arc for signature in signatures for arc in signature]
        nodes.append(np.array([v for v, _ in flat], dtype=np.int64).reshape(len(signatures), width))
        costs.append(np.array([cost for _, cost in flat], dtype=float).reshape(len(signatures), width))
    return Automaton(tuple(counts[::-1]), tuple(nodes[::-1]), tuple(costs[::-1]))
