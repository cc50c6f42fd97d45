"""The best split of one interval where the same head covers more of one queue than of another, or costs more there.

Heads cannot be swapped one for one then, so that no single path tells what a head is worth: the interval is a flow with gains. It is kept
at an optimal basis of its linear programme

    least  sum under_cost * miss + sum over_cost * spare + sum extra * x      x: heads on arcs, at least 0 as are miss and spare
    sum of x of a kind + spare = heads of the kind;   sum of speed * x into a queue + miss = required

and a head that comes or goes is a step of the dual simplex method along the right-hand side. Every kind has one key variable, which makes
up its heads; what is left is a basis of as many columns as there are queues, whose inverse is all that a step touches (generalised upper
bounds: Dantzig and Van Slyke 1967). Variables are numbered arcs first, then spare heads by kind, then missing cover by queue.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from wfm.scheduler.instance import KIND, QUEUE, Cover, Floats, Ints
from wfm.scheduler.jit import inner

EPS = 1e-9
TIE = 1e-12
NONE = -1
PATIENCE = 50
"""After so many changes of the basis in one step ties are broken by number, so that it cannot go in circles (Bland 1977)."""
MOST = 10_000
FRESH = 500
"""Changes of the basis after which its inverse is computed anew."""


class Basis(NamedTuple):
    """One interval: its split, and the basis that proves it.

    flow: cover by arc; spare: heads by kind; miss: cover by queue; inverse: of the working basis, queues by queues; price: of cover, by
    queue; column: variable of each row of the inverse, and then the number of changes since it was fresh; key: key variable by kind, and
    then heads by kind.
    """

    flow: Floats
    spare: Floats
    miss: Floats
    inverse: Floats
    price: Floats
    column: Ints
    key: Ints


class Bases(NamedTuple):
    """What a split of many intervals holds of their bases; rows of `Basis`."""

    inverse: Floats
    price: Floats
    column: Ints
    key: Ints


class Slope(NamedTuple):
    """Scratch room of a step.

    row, kind: change per head of the basic variables of each row, and of the keys; mark: the step that used a kind last, and the last
    step; work: square matrix for a fresh inverse.
    """

    row: Floats
    kind: Floats
    mark: Ints
    work: Floats


def make_slope(cover: Cover) -> Slope:
    """Scratch room for the steps of any interval."""
    kinds, queues = len(cover.kind_first) - 1, len(cover.under_cost)
    return Slope(np.zeros(queues), np.zeros(kinds), np.zeros(kinds + 1, np.int64), np.zeros((queues, queues)))


def make_bases(cover: Cover, count: int) -> Bases:
    """The bases of `count` intervals without anybody."""
    arcs, kinds, queues = len(cover.arc), len(cover.kind_first) - 1, len(cover.under_cost)
    column = np.append(arcs + kinds + np.arange(queues), 0)
    key = np.append(arcs + np.arange(kinds), np.zeros(kinds, np.int64))
    inverse, price = np.tile(np.eye(queues), (count, 1, 1)), np.tile(cover.under_cost, (count, 1))
    return Bases(inverse, price, np.tile(column, (count, 1)), np.tile(key, (count, 1)))


@inner
def copy_basis(t: int, source: Bases, u: int, target: Bases) -> None:
    """Row t of one table into row u of another."""
    for q in range(source.inverse.shape[1]):
        target.price[u, q] = source.price[t, q]
        for i in range(source.inverse.shape[1]):
            target.inverse[u, q, i] = source.inverse[t, q, i]
    for i in range(source.column.shape[1]):
        target.column[u, i] = source.column[t, i]
    for k in range(source.key.shape[1]):
        target.key[u, k] = source.key[t, k]


@inner
def _kind(cover: Cover, j: int) -> int:
    arcs = len(cover.arc)
    if j < arcs:
        return int(cover.arc[j, KIND])
    return j - arcs if j < arcs + len(cover.kind_first) - 1 else NONE


@inner
def _value(cover: Cover, basis: Basis, j: int) -> float:
    arcs, kinds = len(cover.arc), len(cover.kind_first) - 1
    if j < arcs:
        return float(basis.flow[j] / cover.speed[j])
    return float(basis.spare[j - arcs]) if j < arcs + kinds else float(basis.miss[j - arcs - kinds])


@inner
def _put(cover: Cover, basis: Basis, j: int, value: float) -> None:
    arcs, kinds = len(cover.arc), len(cover.kind_first) - 1
    if j < arcs:
        basis.flow[j] = value * cover.speed[j]
    elif j < arcs + kinds:
        basis.spare[j - arcs] = value
    else:
        basis.miss[j - arcs - kinds] = value


@inner
def _dear(cover: Cover, basis: Basis, j: int) -> float:
    """Cost of a head on variable j of a kind, less the cover that it gives at its price."""
    if j < len(cover.arc):
        return float(cover.extra[j] - cover.speed[j] * basis.price[cover.arc[j, QUEUE]])
    return cover.over_cost


@inner
def _mark_kinds(cover: Cover, basis: Basis, slope: Slope) -> int:
    """Marks the kinds of which more than the key is in the basis; returns the mark."""
    slope.mark[-1] += 1
    now = slope.mark[-1]
    for i in range(len(basis.miss)):
        k = _kind(cover, basis.column[i])
        if k >= 0:
            slope.mark[k] = now
    return int(now)


@inner
def _choose_key(cover: Cover, kind: int, basis: Basis, slope: Slope) -> None:
    """Gives a kind that has neither heads nor a row the key that is best at present prices, so that every other one is too dear."""
    now, kinds = _mark_kinds(cover, basis, slope), len(cover.kind_first) - 1
    if basis.key[kinds + kind] > 0 or slope.mark[kind] == now:
        return
    _put(cover, basis, basis.key[kind], 0.0)
    best = len(cover.arc) + kind
    for a in range(cover.kind_first[kind], cover.kind_first[kind + 1]):
        if _dear(cover, basis, a) < _dear(cover, basis, best):
            best = a
    basis.key[kind] = best


@inner
def _aim(cover: Cover, kind: int, way: float, basis: Basis, slope: Slope) -> None:
    """Change of every basic variable per head of `kind` that comes (way 1) or goes (-1)."""
    now, key = _mark_kinds(cover, basis, slope), basis.key[kind]
    for i in range(len(basis.miss)):
        slope.row[i] = -way * cover.speed[key] * basis.inverse[i, cover.arc[key, QUEUE]] if key < len(cover.arc) else 0.0
        k = _kind(cover, basis.column[i])
        if k >= 0:
            slope.kind[k] = 0.0
    slope.kind[kind], slope.mark[kind] = way, now
    for i in range(len(basis.miss)):
        k = _kind(cover, basis.column[i])
        if k >= 0:
            slope.kind[k] -= slope.row[i]


@inner
def _reach(cover: Cover, kind: int, left: float, strict: bool, basis: Basis, slope: Slope) -> tuple[float, int]:
    """How many of `left` heads change before a basic variable falls to 0, and the row of that one (queues + kind for a key)."""
    queues = len(basis.miss)
    most, leaves, steep, number = left, NONE, 0.0, 0
    for at in range(2 * queues + 1):
        row = at
        if at < queues:
            j, fall = basis.column[at], -slope.row[at]
        else:
            k = kind if at == 2 * queues else _kind(cover, basis.column[at - queues])
            if k < 0:
                continue
            j, fall, row = basis.key[k], -slope.kind[k], queues + k
        if fall <= EPS:
            continue
        until = max(_value(cover, basis, j), 0.0) / fall
        if until > most + TIE or (leaves == NONE and until >= left - TIE):
            continue
        if leaves != NONE and until > most - TIE and (j >= number if strict else fall <= steep):
            continue
        most, leaves, steep, number = min(until, most), row, fall, j
    return most, leaves


@inner
def _go(cover: Cover, kind: int, heads: float, basis: Basis, slope: Slope) -> None:
    """Moves all basic variables along the slope."""
    now = slope.mark[-1]
    key = basis.key[kind]
    _put(cover, basis, key, max(_value(cover, basis, key) + heads * slope.kind[kind], 0.0))
    slope.mark[kind] = now - 1
    for i in range(len(basis.miss)):
        j = basis.column[i]
        _put(cover, basis, j, max(_value(cover, basis, j) + heads * slope.row[i], 0.0))
        k = _kind(cover, j)
        if k >= 0 and slope.mark[k] == now:
            slope.mark[k] = now - 1
            key = basis.key[k]
            _put(cover, basis, key, max(_value(cover, basis, key) + heads * slope.kind[k], 0.0))


@inner
def _change_key(cover: Cover, kind: int, basis: Basis) -> int:
    """Makes another basic variable of the kind its key; returns the row in which the old key stands now, `NONE` if it was alone."""
    queues, row, most = len(basis.miss), NONE, -1.0
    for i in range(queues):
        if _kind(cover, basis.column[i]) == kind and _value(cover, basis, basis.column[i]) > most:
            row, most = i, _value(cover, basis, basis.column[i])
    if row == NONE:
        return NONE
    for q in range(queues):
        total = 0.0
        for i in range(queues):
            if _kind(cover, basis.column[i]) == kind:
                total += basis.inverse[i, q]
        basis.inverse[row, q] = -total
    old = basis.key[kind]
    basis.key[kind], basis.column[row] = basis.column[row], old
    return row


@inner
def _enter(cover: Cover, row: int, strict: bool, basis: Basis, slope: Slope) -> tuple[int, float]:
    """The variable that takes the place of that of `row` at the least rise of prices, and its entry there; `NONE` if there is none."""
    arcs, kinds = len(cover.arc), len(cover.kind_first) - 1
    now, enters, entry, least = _mark_kinds(cover, basis, slope), NONE, 0.0, np.inf
    for k in range(kinds):
        if basis.key[kinds + k] == 0 and slope.mark[k] != now:
            continue
        key, base = basis.key[k], 0.0
        if key < arcs:
            base = cover.speed[key] * basis.inverse[row, cover.arc[key, QUEUE]]
        dear = _dear(cover, basis, key)
        for at in range(cover.kind_first[k], cover.kind_first[k + 1] + 1):
            j = at if at < cover.kind_first[k + 1] else arcs + k
            pull = (cover.speed[j] * basis.inverse[row, cover.arc[j, QUEUE]] if j < arcs else 0.0) - base
            if pull >= -EPS:
                continue
            ratio = max(_dear(cover, basis, j) - dear, 0.0) / -pull
            if ratio < least - TIE or (ratio < least + TIE and (j < enters if strict else pull < entry)):
                enters, entry, least = j, pull, min(ratio, least)
    for q in range(len(basis.miss)):
        j, pull = arcs + kinds + q, basis.inverse[row, q]
        if pull >= -EPS:
            continue
        ratio = max(cover.under_cost[q] - basis.price[q], 0.0) / -pull
        if ratio < least - TIE or (ratio < least + TIE and (j < enters if strict else pull < entry)):
            enters, entry, least = j, pull, min(ratio, least)
    return enters, entry


@inner
def _part(cover: Cover, basis: Basis, j: int, q: int) -> float:
    """Entry of variable j at queue q, its key taken off."""
    arcs, kinds = len(cover.arc), len(cover.kind_first) - 1
    if j >= arcs + kinds:
        return 1.0 if j - arcs - kinds == q else 0.0
    part, key = 0.0, basis.key[_kind(cover, j)]
    if j < arcs and cover.arc[j, QUEUE] == q:
        part = cover.speed[j]
    if key < arcs and cover.arc[key, QUEUE] == q:
        part -= cover.speed[key]
    return float(part)


@inner
def _dear_part(cover: Cover, basis: Basis, j: int) -> float:
    """Reduced cost of variable j."""
    arcs, kinds = len(cover.arc), len(cover.kind_first) - 1
    if j >= arcs + kinds:
        return float(cover.under_cost[j - arcs - kinds] - basis.price[j - arcs - kinds])
    return _dear(cover, basis, j) - _dear(cover, basis, basis.key[_kind(cover, j)])


@inner
def _exchange(cover: Cover, row: int, j: int, entry: float, basis: Basis, slope: Slope) -> None:
    """Puts variable j into the basis in place of that of `row`."""
    queues, inverse = len(basis.miss), basis.inverse
    rise = max(_dear_part(cover, basis, j), 0.0) / entry
    for q in range(queues):
        basis.price[q] += rise * inverse[row, q]
    for i in range(queues):
        slope.row[i] = 0.0
        for q in range(queues):
            part = _part(cover, basis, j, q)
            if part != 0.0:
                slope.row[i] += inverse[i, q] * part
    for q in range(queues):
        inverse[row, q] /= entry
    for i in range(queues):
        if i != row and slope.row[i] != 0.0:
            for q in range(queues):
                inverse[i, q] -= slope.row[i] * inverse[row, q]
    _put(cover, basis, basis.column[row], 0.0)
    basis.column[row] = j
    basis.column[-1] += 1
    if basis.column[-1] >= FRESH:
        _freshen(cover, basis, slope)


@inner
def _freshen(cover: Cover, basis: Basis, slope: Slope) -> None:
    """Computes the inverse and the prices anew by elimination, which ends the drift of rounding."""
    queues, work, inverse = len(basis.miss), slope.work, basis.inverse
    for q in range(queues):
        for i in range(queues):
            work[q, i], inverse[q, i] = _part(cover, basis, basis.column[i], q), 1.0 if q == i else 0.0
    for i in range(queues):
        best = i
        for q in range(i + 1, queues):
            if abs(work[q, i]) > abs(work[best, i]):
                best = q
        for c in range(queues):
            work[i, c], work[best, c] = work[best, c], work[i, c]
            inverse[i, c], inverse[best, c] = inverse[best, c], inverse[i, c]
        by = work[i, i]
        for c in range(queues):
            work[i, c], inverse[i, c] = work[i, c] / by, inverse[i, c] / by
        for q in range(queues):
            times = work[q, i]
            if q != i and times != 0.0:
                for c in range(queues):
                    work[q, c] -= times * work[i, c]
                    inverse[q, c] -= times * inverse[i, c]
    for q in range(queues):
        basis.price[q] = 0.0
        for i in range(queues):
            basis.price[q] += _cost_part(cover, basis, basis.column[i]) * inverse[i, q]
    basis.column[-1] = 0


@inner
def _cost(cover: Cover, j: int) -> float:
    arcs, kinds = len(cover.arc), len(cover.kind_first) - 1
    if j < arcs:
        return float(cover.extra[j])
    return cover.over_cost if j < arcs + kinds else float(cover.under_cost[j - arcs - kinds])


@inner
def _cost_part(cover: Cover, basis: Basis, j: int) -> float:
    """Cost of variable j, its key's taken off."""
    k = _kind(cover, j)
    return _cost(cover, j) - _cost(cover, basis.key[k]) if k >= 0 else _cost(cover, j)


@inner
def first_reach(cover: Cover, kind: int, way: float, basis: Basis, slope: Slope) -> float:
    """Rise of the cost per hour if a head of `kind` came (way 1) or went (-1), where no change of the basis is needed; else infinite."""
    _choose_key(cover, kind, basis, slope)
    _aim(cover, kind, way, basis, slope)
    _, leaves = _reach(cover, kind, 1.0, False, basis, slope)
    return float(way * _dear(cover, basis, basis.key[kind])) if leaves == NONE else np.inf


@inner
def shift_head(cover: Cover, kind: int, way: float, basis: Basis, slope: Slope) -> float:
    """Adds a head of `kind` (way 1) or takes one away (-1) and re-optimises the interval; returns the rise of its cost per hour."""
    queues, kinds = len(basis.miss), len(cover.kind_first) - 1
    _choose_key(cover, kind, basis, slope)
    basis.key[kinds + kind] += int(way)
    left, rise = 1.0, 0.0
    for change in range(MOST):
        strict = change > PATIENCE
        _aim(cover, kind, way, basis, slope)
        heads, row = _reach(cover, kind, left, strict, basis, slope)
        _go(cover, kind, heads, basis, slope)
        rise += heads * way * _dear(cover, basis, basis.key[kind])
        left -= heads
        if row == NONE:
            break
        if row >= queues:
            row = _change_key(cover, row - queues, basis)
        enters, entry = _enter(cover, row, strict, basis, slope) if row != NONE else (NONE, 0.0)
        if enters == NONE:
            break
        _exchange(cover, row, enters, entry, basis, slope)
    return float(rise)
