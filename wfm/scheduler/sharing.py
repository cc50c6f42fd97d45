"""Shared queues divided among parts of the staff: by the prices of the whole, then by what is left over.

An instance whose kinds of heads are told apart by part (`kinds_by_part`) has the same tours, prices and bound as the whole one, and says
besides who serves what. A part is then asked for its share of what every queue requires. Shares add up to the whole, so that the sum of
the parts' costs is never below what the parts cost together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from wfm.scheduler.bound import Ascent
from wfm.scheduler.coverage import Split
from wfm.scheduler.instance import KIND, QUEUE, Floats, Instance, Ints

MEAN_STRIDE = 0.003
"""Stride of the steps whose answers are averaged, in prices of a missing head."""
EVEN = 1e-3
"""Weight of a part that could serve a queue but is not seen to, beside one head that is."""


def kinds_by_part(instance: Instance, part: Ints, parts: int) -> Instance:
    """The instance with every kind of heads divided into one for each part; `part` numbers every agent's, from 0."""
    cover = instance.cover
    pairs, kind = np.unique(instance.agent[:, KIND] * parts + part, return_inverse=True)
    old = pairs // parts
    arcs = [np.arange(cover.kind_first[k], cover.kind_first[k + 1]) for k in old]
    groups = [np.arange(cover.group_first[k], cover.group_first[k + 1]) for k in old]
    of, group = (np.concatenate([np.zeros(0, np.int64), *rows]) for rows in (arcs, groups))
    arc = np.column_stack([np.repeat(np.arange(len(old)), [len(row) for row in arcs]), cover.arc[of, QUEUE]])
    into = np.argsort(arc[:, QUEUE], kind="stable")
    divided = cover._replace(
        kind_first=np.cumsum([0, *map(len, arcs)], dtype=np.int64),
        arc=np.ascontiguousarray(arc, dtype=np.int64),
        speed=cover.speed[of],
        extra=cover.extra[of],
        into=into.astype(np.int64),
        into_first=np.searchsorted(arc[into, QUEUE], np.arange(len(cover.under_cost) + 1)).astype(np.int64),
        group_first=np.cumsum([0, *map(len, groups)], dtype=np.int64),
        group=cover.group[group],
    )
    return replace(instance, cover=divided, agent=np.column_stack([kind, instance.agent[:, 1]]).astype(np.int64))


def part_of_kind(divided: Instance, part: Ints) -> Ints:
    """The part of each kind of an instance from `kinds_by_part`."""
    of = np.zeros(len(divided.cover.kind_first) - 1, np.int64)
    of[divided.agent[:, KIND]] = part
    return of


def served_at_prices(ascent: Ascent, steps: int, stop: Callable[[], bool]) -> Floats:
    """Cover by arc (intervals by arcs) that the relaxed roster gives, the mean of `steps` answers around the best prices so far.

    At any one price whole crowds choose the same tour; the mean of the answers to prices that keep moving approaches a roster.
    """
    cover = ascent.instance.cover
    w, total = ascent.best_w, np.zeros((ascent.instance.intervals, len(cover.arc)))
    stride = MEAN_STRIDE * float(ascent.high.max(initial=0.0))
    for step in range(max(steps, 1)):
        _, slope = ascent.value(w)
        _, share = ascent.prices(w)
        total += share * cover.speed * ascent.heads[cover.arc[:, KIND]].T
        w = np.clip(w + stride * np.sign(slope), ascent.low, ascent.high)
        if stop():
            return total / (step + 1)
    return total / max(steps, 1)


def shares_of_service(divided: Instance, served: Floats, part: Ints, parts: int) -> Floats:
    """What each part is asked for (parts by intervals by queues): what is required, as those who serve it at the prices divide it."""
    weight = _by_part(divided, served, part, parts) + EVEN * _able(divided, part, parts)[:, None, :]
    total = weight.sum(axis=0)
    shares: Floats = np.divide(weight, total, out=np.zeros_like(weight), where=total > 0)
    shares[0] += np.where(total > 0, 0.0, 1.0)  # what nobody can serve counts once
    return shares * divided.required


def shares_of_rest(divided: Instance, split: Split, part: Ints, parts: int) -> Floats:
    """What each part is asked for next: what it serves now, and of what is missing a share by its people."""
    able = _able(divided, part, parts)
    total = able.sum(axis=0)
    even: Floats = np.divide(able, total, out=np.zeros_like(able), where=total > 0)
    even[0] += np.where(total > 0, 0.0, 1.0)
    return _by_part(divided, split.flow, part, parts) + even[:, None, :] * split.miss


def instance_of_part(instance: Instance, people: Ints, required: Floats) -> Instance:
    """The instance of some agents (row numbers) who are asked for `required` (intervals by queues).

    Its calendars, options and shapes keep their numbers, so that tours mean the same in both. Limits of groups are divided by members.
    """
    problem, cover = instance.problem, instance.cover
    mine = replace(problem, agents=tuple(problem.agents[k] for k in people.tolist()), requirements=())
    share = _group_shares(instance, people)
    limits = cover._replace(least=cover.least * share, most=cover.most * share)
    return replace(
        instance,
        problem=mine,
        cover=limits,
        required=np.ascontiguousarray(required),
        agent=instance.agent[people],
        wish=instance.wish[people],
    )


def _group_shares(instance: Instance, people: Ints) -> Floats:
    """Of each group, the share of its members who are among `people`."""
    cover = instance.cover
    member = np.zeros((len(cover.kind_first) - 1, len(cover.group_cost)))
    member[np.repeat(np.arange(len(member)), np.diff(cover.group_first)), cover.group] = 1.0
    everybody, mine = (member[instance.agent[rows, KIND]].sum(axis=0) for rows in (slice(None), people))
    return np.asarray(np.divide(mine, everybody, out=np.zeros_like(everybody), where=everybody > 0))


def _by_part(divided: Instance, flow: Floats, part: Ints, parts: int) -> Floats:
    """Cover by arc, added up to parts by intervals by queues."""
    cover, of = divided.cover, part_of_kind(divided, part)
    total = np.zeros((parts, *divided.required.shape))
    for a, (kind, queue) in enumerate(cover.arc.tolist()):
        total[of[kind], :, queue] += flow[:, a]
    return total


def _able(divided: Instance, part: Ints, parts: int) -> Floats:
    """Heads who can serve each queue, each divided evenly over its queues; parts by queues."""
    cover, of = divided.cover, part_of_kind(divided, part)
    heads = np.bincount(divided.agent[:, KIND], minlength=len(of))
    total = np.zeros((parts, divided.required.shape[1]))
    for a, (kind, queue) in enumerate(cover.arc.tolist()):
        total[of[kind], queue] += cover.speed[a] * heads[kind] / (cover.kind_first[kind + 1] - cover.kind_first[kind])
    return total


def numbered(names: Sequence[str]) -> tuple[Ints, int]:
    """Parts by name as numbers from 0 in the order of the names, and how many they are."""
    known = sorted(set(names))
    place = {name: k for k, name in enumerate(known)}
    return np.array([place[name] for name in names], dtype=np.int64), len(known)
