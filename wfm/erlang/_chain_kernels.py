"""Compiled work on birth-death chains: limited lines with redials, chat, and the queue as it changes over a day.

Stationary weights are relative to the first state without a free agent; sums are scaled down when they outgrow a float. The day is
solved by uniformization: with a total rate `pace` above every state's, `p(t) = sum_k Poisson(pace t; k) p P^k`.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from wfm.erlang._jit import kernel

Floats = NDArray[np.float64]
_BIG = 1e200
_LOG_BIG = math.log(_BIG)
_EVENTS = 100.0  # expected events in one piece of a day
_FAINT = 1e-13  # states with less probability are dropped


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
def _first_late(rate: float, awt_s: float) -> tuple[float, float, float, float]:
    """Distribution function that starts at `exp(-rate awt)`: its sum and last term, over a scale, that scale and its logarithm."""
    return 1.0, 1.0, math.exp(-rate * awt_s), -rate * awt_s


@kernel
def _next_late(late: tuple[float, float, float, float], factor: float) -> tuple[float, float, float, float]:
    """One more term, `factor` times the last."""
    total, term, scale, log_scale = late
    term *= factor
    total += term
    if total > _BIG and log_scale < 0.0:
        total, term, log_scale = total / _BIG, term / _BIG, log_scale + _LOG_BIG
        scale = math.exp(log_scale)
    return total, term, scale, log_scale


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
    late, tilted = _first_late(full, awt_s), _first_late(full + theta, awt_s)
    weight, entered, left, waited, served_late, staying = 1.0, 0.0, 0.0, 0.0, 0.0, 0.0
    pace = 1.0 / (full + theta) if full + theta > 0.0 else math.inf
    for k in range(places):
        reach = full / (full + (k + 1) * theta) if full > 0.0 else 0.0
        entered += weight
        left += weight * (1.0 - reach) if full > 0.0 else weight
        if reach > 0.0:
            waited += weight * reach * pace
            served_late += weight * reach * (tilted[0] * tilted[2])
        staying += weight * stay * (late[0] * late[2])
        out = full + (k + 1) * theta
        if out == 0.0:
            # no agents and no end of patience: the lines fill for good
            return 0.0, 0.0, 1.0, 0.0, 0.0, 0.0
        weight *= rate / out
        late = _next_late(late, spread * (full + k * theta) / (k + 1))
        tilted = _next_late(tilted, spread * (full + (k + 1) * theta) / (k + 1))
        pace += 1.0 / (full + (k + 2) * theta)
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
            if math.isinf(total):
                total, engaged, scaled = 1.0, 0.0, True
                break
            if total > _BIG:
                total, engaged, term, scaled = total / _BIG, engaged / _BIG, term / _BIG, True
        below[i] = math.inf if scaled else total
        busy[i] = engaged / total


@kernel
def _carry(
    state: Floats, low: int, high: int, rate: float, agents: float, mu: float, theta: float, left_s: float, mean: Floats, work: Floats
) -> tuple[int, int, float]:
    """Carry `state[low..high]` on for a time in which few events happen, at most `left_s`; `mean` gains its integral over that time.

    Returns the ends of what matters afterwards, and the time. Beyond `reach` more states probability is below 1e-16 and is turned back.
    """
    reach = 60
    first, last = max(low - reach, 0), min(high + reach, state.size - 1)
    width = last - first + 1
    pace = rate + min(float(last), agents) * mu + max(last - agents, 0.0) * theta
    if pace == 0.0:
        mean[low : high + 1] += left_s * state[low : high + 1]
        return low, high, left_s
    span = min(left_s, _EVENTS / pace)
    events = pace * span
    current, following, carried, up, down = work[0], work[1], work[2], work[3], work[4]
    for i in range(width):
        k = float(first + i)
        current[i + 1], carried[i + 1], following[i + 1] = state[first + i], 0.0, 0.0
        up[i + 1] = rate / pace if i < width - 1 else 0.0
        down[i + 1] = (min(k, agents) * mu + max(k - agents, 0.0) * theta) / pace if i > 0 else 0.0
    for row in (current, following, up, down):
        row[0] = row[width + 1] = 0.0
    chance = math.exp(-events)
    beyond = 1.0 - chance
    count = int(events + 9.0 * math.sqrt(events) + 20.0)
    for k in range(count + 1):
        share = beyond / pace
        for i in range(1, width + 1):
            carried[i] += chance * current[i]
            mean[first + i - 1] += share * current[i]
            following[i] = current[i] * (1.0 - up[i] - down[i]) + current[i - 1] * up[i - 1] + current[i + 1] * down[i + 1]
        current, following = following, current
        chance *= events / (k + 1)
        beyond = max(beyond - chance, 0.0)
    start, end = 1, width
    while start < end and carried[start] < _FAINT:
        start += 1
    while end > start and carried[end] < _FAINT:
        end -= 1
    total = carried[start : end + 1].sum()
    state[low : high + 1] = 0.0
    state[first + start - 1 : first + end] = carried[start : end + 1] / total
    return first + start - 1, first + end - 1, span


@kernel
def _arrivals_find(mean: Floats, agents: int, mu: float, theta: float, awt_s: float, out: Floats) -> None:
    """What happens to arrivals that see the states `mean` if staffing stays as it is: the five results of `waiting`."""
    full = agents * mu
    stay = math.exp(-theta * awt_s)
    spread = -math.expm1(-theta * awt_s) / theta if theta > 0.0 else awt_s
    late, tilted = _first_late(full, awt_s), _first_late(full + theta, awt_s)
    pace = 0.0
    last = mean.size - 1
    while last > agents and mean[last] == 0.0:
        last -= 1
    for k in range(last + 1 - agents):
        weight = mean[agents + k]
        out_rate = full + (k + 1) * theta
        pace += 1.0 / out_rate if out_rate > 0.0 else math.inf
        reach = full / out_rate if out_rate > 0.0 else 1.0
        out[0] += weight
        out[1] += weight * (1.0 - reach)
        if weight * reach > 0.0:
            out[2] += weight * reach * (tilted[0] * tilted[2])
            out[4] += weight * reach * pace
        out[3] += weight * stay * (late[0] * late[2])
        late = _next_late(late, spread * (full + k * theta) / (k + 1))
        tilted = _next_late(tilted, spread * (full + (k + 1) * theta) / (k + 1))


@kernel
def fill_day(
    rate: Floats, agents: Floats, aht_s: float, theta: float, awt_s: float, interval_s: float, state: Floats, out: Floats
) -> float:
    """Follow the queue through the intervals; `state` becomes its end. Returns the largest probability met at the last state.

    Rows of `out`: the five results of `waiting` for arrivals of the interval, mean queue, mean busy agents, mean queue at its end.
    """
    low, high, edge = 0, state.size - 1, 0.0
    while low < high and state[low] == 0.0:
        low += 1
    while high > low and state[high] == 0.0:
        high -= 1
    mean, work = np.empty_like(state), np.zeros((5, state.size + 2))
    for t in range(rate.size):
        mean[:] = 0.0
        left_s = interval_s
        while left_s > 1e-9 * interval_s:
            low, high, span = _carry(state, low, high, rate[t], agents[t], 1.0 / aht_s, theta, left_s, mean, work)
            left_s -= span
        mean /= interval_s
        edge = max(edge, mean[-1])
        n = int(agents[t])
        out[:, t] = 0.0
        _arrivals_find(mean, n, 1.0 / aht_s, theta, awt_s, out[:5, t])
        for k in range(state.size):
            out[5, t] += max(k - n, 0) * mean[k]
            out[6, t] += min(k, n) * mean[k]
            out[7, t] += max(k - n, 0) * state[k]
    return edge
