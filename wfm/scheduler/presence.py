"""The price of groups of which too few or too many are on duty, interval by interval (see `domain.rules.presence`)."""

from __future__ import annotations

from wfm.scheduler.instance import Cover, Floats
from wfm.scheduler.jit import inner


@inner
def group_price(cover: Cover, t: int, group: int, heads: float) -> float:
    """Price per hour of so many heads of a group in interval t."""
    low, high = cover.least[t, group] - heads, heads - cover.most[t, group]
    return float(cover.group_cost[group] * max(low, high, 0.0))


@inner
def presence_price(cover: Cover, t: int, present: Floats) -> float:
    """Price per hour of all groups in interval t; `present` are their heads."""
    price = 0.0
    for g in range(len(present)):
        price += group_price(cover, t, g, present[g])
    return price


@inner
def presence_gain(cover: Cover, t: int, kind: int, present: Floats, more: float) -> float:
    """Fall of that price if `more` heads of a kind came to interval t (below 0: if they left)."""
    gain = 0.0
    for i in range(cover.group_first[kind], cover.group_first[kind + 1]):
        g = cover.group[i]
        gain += group_price(cover, t, g, present[g]) - group_price(cover, t, g, present[g] + more)
    return gain


@inner
def count_heads(cover: Cover, kind: int, present: Floats, more: float) -> None:
    """Adds `more` heads of a kind to its groups."""
    for i in range(cover.group_first[kind], cover.group_first[kind + 1]):
        present[cover.group[i]] += more
