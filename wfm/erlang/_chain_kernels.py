"""Compiled sums over the states of birth-death chains: limited lines with redials, and chat.

Weights are relative to the first state without a free agent; sums are scaled down when they outgrow a float.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from wfm.erlang._jit import kernel

Floats = NDArray[np.float64]
_BIG = 1e200
_LOG_BIG = math.log(_BIG)


@kernel
def _below(a: float, n: int) -> float:
    """Sum of the states 0..n-1 of n busy servers, relative to state n."""
    total, term = 0.0, 1.0
    for k in range(n, 0, -1):
        term *= k / a
        total += term
        if math.isinf(total) or (k < a and term < 1e-18 * total):
            break
    return total


@kernel
def _late_start(rate: float, awt_s: float) -> tuple[float, float, float]:
    """First term of a distribution function that starts at `exp(-rate awt)`: mantissa, logarithm of its scale, scale."""
    log_scale = -rate * awt_s
    return 1.0, log_scale, math.exp(log_scale)


@kernel
def limited_lines(
    rate: float, aht_s: float, agents: int, theta: float, lines: int, awt_s: float
) -> tuple[float, float, float, float, float, float]:
    """Of all attempts: P(wait), P(abandon), P(block), P(answered after awt), P(still waiting at awt), E[wait; answered] in s.

    Who finds k waiting is answered after k + 1 departures at rates `full + j theta`, j = 0..k; exp(-theta V) is then Beta distributed and
    P(V > awt) a sum of negative binomial terms, started in logarithms because `exp(-full awt)` underflows.
    """
    if rate == 0.0:
        return 0.0, 0.0, 1.0 if lines == 0 else 0.0, 0.0, 0.0, 0.0
    servers = min(agents, lines)
    places = lines - servers
    below = _below(rate * aht_s, servers)
    if math.isinf(below):
        return 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    full = agents / aht_s
    stay = math.exp(-theta * awt_s)
    spread = -math.expm1(-theta * awt_s) / theta if theta > 0.0 else awt_s
    late_term, late_log, late_scale = _late_start(full, awt_s)
    tilted_term, tilted_log, tilted_scale = _late_start(full + theta, awt_s)
    late, tilted = late_term, tilted_term
    weight, entered, left, waited, served_late, staying = 1.0, 0.0, 0.0, 0.0, 0.0, 0.0
    pace = 1.0 / (full + theta) if full + theta > 0.0 else math.inf
    for k in range(places):
        reach = full / (full + (k + 1) * theta) if full > 0.0 else 0.0
        entered += weight
        left += weight * (1.0 - reach) if full > 0.0 else weight
        if reach > 0.0:
            waited += weight * reach * pace
            served_late += weight * reach * tilted * tilted_scale
        staying += weight * stay * late * late_scale
        out = full + (k + 1) * theta
        if out == 0.0:
            # no agents and no end of patience: the lines fill for good
            return 0.0, 0.0, 1.0, 0.0, 0.0, 0.0
        weight *= rate / out
        late_term *= spread * (full + k * theta) / (k + 1)
        late += late_term
        tilted_term *= spread * (full + (k + 1) * theta) / (k + 1)
        tilted += tilted_term
        pace += 1.0 / (full + (k + 2) * theta)
        if late > _BIG and late_log < 0.0:
            late, late_term, late_log = late / _BIG, late_term / _BIG, late_log + _LOG_BIG
            late_scale = math.exp(late_log)
        if tilted > _BIG and tilted_log < 0.0:
            tilted, tilted_term, tilted_log = tilted / _BIG, tilted_term / _BIG, tilted_log + _LOG_BIG
            tilted_scale = math.exp(tilted_log)
        if weight > _BIG:
            weight, below, entered, left = weight / _BIG, below / _BIG, entered / _BIG, left / _BIG
            waited, served_late, staying = waited / _BIG, served_late / _BIG, staying / _BIG
        if weight == 0.0:
            break
    total = below + entered + weight
    return entered / total, left / total, weight / total, served_late / total, staying / total, waited / total


@kernel
def _surplus(attempts: float, fresh: float, aht_s: float, agents: int, theta: float, lines: int, share: float) -> float:
    """How far the attempts exceed the fresh ones and the redials that they themselves cause."""
    _, left, blocked, _, _, _ = limited_lines(attempts, aht_s, agents, theta, lines, 0.0)
    return attempts * (1.0 - share * (left + blocked)) - fresh


@kernel
def attempts_rate(fresh: float, aht_s: float, agents: int, theta: float, lines: int, share: float) -> float:
    """Rate of all attempts, by false position with Illinois steps; NaN where redials never settle.

    The surplus rises with the attempts, since what gets through does. Its root lies between `fresh` and `fresh / (1 - share)`.
    """
    if fresh == 0.0 or share == 0.0:
        return fresh
    low, high = fresh, fresh / (1.0 - share) if share < 1.0 else 2.0 * fresh
    f_low = _surplus(low, fresh, aht_s, agents, theta, lines, share)
    f_high = _surplus(high, fresh, aht_s, agents, theta, lines, share)
    while f_high < 0.0 and share == 1.0:
        low, f_low, high = high, f_high, 2.0 * high
        if high > 1e6 * fresh:
            return math.nan
        f_high = _surplus(high, fresh, aht_s, agents, theta, lines, share)
    side = 0
    for _ in range(200):
        if f_low >= 0.0:
            return low
        if f_high <= 0.0 or high - low <= 4e-16 * high:
            return high
        at = (low * f_high - high * f_low) / (f_high - f_low)
        if not low < at < high:
            at = 0.5 * (low + high)
        f_at = _surplus(at, fresh, aht_s, agents, theta, lines, share)
        if abs(f_at) <= 2e-16 * at:
            return at
        if f_at > 0.0:
            high, f_high = at, f_at
            if side == 1:
                f_low *= 0.5
            side = 1
        else:
            low, f_low = at, f_at
            if side == -1:
                f_high *= 0.5
            side = -1
    return 0.5 * (low + high)


@kernel
def fill_limited(
    fresh: Floats,
    aht_s: Floats,
    agents: Floats,
    patience_s: Floats,
    lines: Floats,
    share: Floats,
    awt_s: Floats,
    attempts: Floats,
    out: Floats,
) -> None:
    """`limited_lines` of every queue at the attempts that its redials settle at."""
    for i in range(fresh.size):
        heads, places, theta = int(agents[i]), int(lines[i]), 1.0 / patience_s[i]
        attempts[i] = attempts_rate(fresh[i], aht_s[i], heads, theta, places, share[i])
        if not math.isnan(attempts[i]):
            out[:, i] = limited_lines(attempts[i], aht_s[i], heads, theta, places, awt_s[i])


@kernel
def fill_chat(rate: Floats, agents: Floats, aht_by_concurrency_s: Floats, below: Floats, busy: Floats) -> None:
    """Sum of the states with a free slot relative to the first without, and the mean share of agents that have a chat among them."""
    most = aht_by_concurrency_s.shape[1]
    for i in range(rate.size):
        n = int(agents[i])
        if rate[i] == 0.0 or n == 0:
            below[i], busy[i] = math.inf if n > 0 else 0.0, 0.0
            continue
        total, engaged, term, scaled = 0.0, 0.0, 1.0, False
        for x in range(n * most, 0, -1):
            each, more = x // n, x % n
            pace = more * (each + 1) / aht_by_concurrency_s[i, each] if more > 0 else 0.0
            if each > 0:
                pace += (n - more) * each / aht_by_concurrency_s[i, each - 1]
            term *= pace / rate[i]
            total += term
            engaged += term * min(x - 1, n) / n
            if total > _BIG:
                total, engaged, term, scaled = total / _BIG, engaged / _BIG, term / _BIG, True
        below[i] = math.inf if scaled else total
        busy[i] = engaged / total
