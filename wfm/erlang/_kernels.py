"""Compiled inner loops of Erlang B, C and A.

Letters, after the queueing literature: `a` offered load in erlang, `n` agents, `x = n * patience / aht`, `y = arrival_rate * patience`
(both without unit), `t` a wait in units of patience. All results are ratios of positive integrals, so that nothing cancels:

- `J(n, a) = 1/B = a * integral_0^inf exp(-a v) (1 + v)^n dv`, the inverse of blocking (Jagerman 1974);
- the offered wait of those who wait has density proportional to `f(t) = exp(-x t + y (1 - exp(-t)))` (Mandelbaum and Zeltyn 2007).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wfm.erlang._jit import inlined, kernel

Floats = NDArray[np.float64]


def _gauss_legendre(count: int) -> tuple[Floats, Floats]:
    """Nodes and weights, polished in extended precision: the library's weights near the ends are good to 13 digits only."""
    nodes: NDArray[Any] = np.polynomial.legendre.leggauss(count)[0].astype(np.longdouble)
    for _ in range(3):
        before, value = np.ones_like(nodes), nodes
        for k in range(2, count + 1):
            before, value = value, ((2 * k - 1) * nodes * value - (k - 1) * before) / k
        slope = count * (before - nodes * value) / (1 - nodes**2)
        nodes = nodes - value / slope
    return nodes.astype(np.float64), (2 / ((1 - nodes**2) * slope**2)).astype(np.float64)


_NODES, _WEIGHTS = _gauss_legendre(40)
_CUT = 40.0  # exp(-40) of a peak is below the last bit of the sum
_RECURSION_END = 100.0
_SERIES_END = 60.0
_TOLERANCE = 1e-12  # a target met to this relative distance is met: 85 erlangs at 85 % are 100 agents, not 101
_STABLE = 1e-15  # ten erlangs that rounding made 9.999999999999998 still fill ten agents
_LOG_2_HIGH, _LOG_2_LOW = 0.693147180369123816490, 1.90821492927058770002e-10
_WHOLE = 6755399441055744.0  # added and taken away again, it rounds to a whole number
_INVERSE_FACTORIALS = tuple(1.0 / math.factorial(k) for k in range(2, 15))


@inlined
def _expm1(v: float) -> float:
    """`exp(v) - 1` for |v| < 700 without a branch, so that the compiler works on several nodes at once; the library's is 7 times slower."""
    c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13, c14 = _INVERSE_FACTORIALS
    shifted = v * 1.4426950408889634 + _WHOLE
    k = shifted - _WHOLE
    r = (v - k * _LOG_2_HIGH) - k * _LOG_2_LOW
    tail = c8 + r * (c9 + r * (c10 + r * (c11 + r * (c12 + r * (c13 + r * c14)))))
    less_one = r + r * r * (c2 + r * (c3 + r * (c4 + r * (c5 + r * (c6 + r * (c7 + r * tail))))))
    power = np.int64((np.float64(shifted).view(np.int64) << 52) + (1023 << 52)).view(np.float64)
    return power * less_one + (power - 1.0)


@kernel
def _add(values: Floats, factor: Floats) -> float:
    """Scalar product in four lanes."""
    first = second = third = fourth = 0.0
    for i in range(0, values.size, 4):
        first += values[i] * factor[i]
        second += values[i + 1] * factor[i + 1]
        third += values[i + 2] * factor[i + 2]
        fourth += values[i + 3] * factor[i + 3]
    return (first + second) + (third + fourth)


@kernel
def _bend(s: float) -> float:
    """`s - log(1 + s)`; near 0 by the series of the inverse hyperbolic tangent, where the difference would cancel."""
    if abs(s) > 0.25:
        return s - math.log1p(s)
    z = s / (2.0 + s)
    square = z * z
    total, power, k = 0.0, 1.0, 3.0
    while power > 1e-17:
        total += power / k
        power *= square
        k += 2.0
    return 2.0 * square / (1.0 - z) - 2.0 * z * square * total


@kernel
def _fraction(f: float, a: float) -> float:
    """`J(f, a)` for 0 <= f < 1: continued fraction of the upper incomplete gamma function, or its complement where `a` is small."""
    if f == 0.0:
        return 1.0
    if a < 1.0:
        term = a / (f + 1.0)
        total = term
        k = 2.0
        while term > 1e-17 * total:
            term *= a / (f + k)
            total += term
            k += 1.0
        return max(1.0, math.gamma(1.0 + f) * math.exp(a - f * math.log(a)) - total)
    b = a - f
    c = 1e300
    d = 1.0 / b
    h = d
    for i in range(1, 2000):
        step = -i * (i - 1.0 - f)
        b += 2.0
        d = 1.0 / (step * d + b)
        c = b + step / c
        h *= c * d
        if abs(c * d - 1.0) < 1e-16:
            break
    return max(1.0, a * h)


@kernel
def inverse_blocking(n: float, a: float, work: Floats) -> float:
    """`J(n, a) = 1 / B(n, a)` for real n >= 0; infinite where blocking is below the smallest float.

    For many agents the integral is taken over `u = log(1 + v)`, measured from its peak, whose height alone may overflow.
    """
    if a <= 0.0:
        return 1.0 if n == 0.0 else math.inf
    if n <= _RECURSION_END:
        k = math.floor(n)
        f = n - k
        value = _fraction(f, a)
        per_erlang = 1.0 / a
        for i in range(1, int(k) + 1):
            value = 1.0 + (f + i) * per_erlang * value
        return value
    slope, scale, low = a - n, 1.0, 0.0
    if n > a:
        height = n * _bend((a - n) / n)
        if height > 705.0:
            return math.inf
        slope, scale = 0.0, n / a * math.exp(height)
        low = -min((n - a) / n, math.sqrt(2.0 * _CUT / n))
    c = 4.0 / 3.0 * _CUT - 2.0 * slope
    quadratic = slope * 4.0 / 3.0 + n
    root = math.sqrt(c * c + 8.0 * _CUT * quadratic)
    high = math.log1p((c + root) / (2.0 * quadratic) if c > 0.0 else 4.0 * _CUT / (root - c))
    low = math.log1p(low)
    panels = 1 + int((high - low) / 1.2)
    half, total = 0.5 * (high - low) / panels, 0.0
    grown, value = work[0], work[1]
    for panel in range(panels):
        middle = low + (2 * panel + 1) * half
        for i in range(_NODES.size):
            grown[i] = _expm1(middle + half * _NODES[i])
        for i in range(_NODES.size):
            v = grown[i]
            value[i] = (1.0 + v) * (1.0 + _expm1(-slope * v - n * (v - (middle + half * _NODES[i]))))
        total += _add(value, _WEIGHTS)
    return max(1.0, a * scale * half * total)


@kernel
def _series(x: float, y: float) -> tuple[float, float, float, float]:
    """The four integrals of `_wait_integrals` as sums of positive terms."""
    k = 0.0
    term = 1.0 / (x + 1.0)
    steps = term
    answered, waited, left = term, term * steps, term
    while True:
        k += 1.0
        step = 1.0 / (x + 1.0 + k)
        steps += step
        term *= y * step
        answered += term
        waited += term * steps
        left += (k + 1.0) * term
        if y * step < 1.0 and (k + 1.0) * term * (x + 1.0 + k) <= 1e-17 * left * (x + 1.0 + k - y):
            return (1.0 + y * answered) / x, answered, left / x, waited


@kernel
def _from_peak(x: float, y: float, peak: float, low: float, high: float, work: Floats) -> tuple[float, float, float, float]:
    """The four integrals over `low <= t - peak <= high`, relative to `f(peak)`, for `peak = log(y / x) >= 0`."""
    half, middle = 0.5 * (high - low), 0.5 * (high + low)
    ratio, gap = x / y, (y - x) / y
    fallen, weight, leaves, stays, late = work[0], work[1], work[2], work[3], work[4]
    for i in range(_NODES.size):
        fallen[i] = -_expm1(-middle - half * _NODES[i])
    for i in range(_NODES.size):
        s, fall = middle + half * _NODES[i], fallen[i]
        weight[i] = half * (1.0 + _expm1(-x * (s - fall)))
        leaves[i] = weight[i] * max(gap + ratio * fall, 0.0)
        stays[i] = weight[i] * ratio * (1.0 - fall)
        late[i] = stays[i] * (peak + s)
    return _add(weight, _WEIGHTS), _add(stays, _WEIGHTS), _add(leaves, _WEIGHTS), _add(late, _WEIGHTS)


@kernel
def _wait_integrals(x: float, y: float, beta: float, work: Floats) -> tuple[float, float, float, float, float, float]:
    """Integrals over t >= 0 of `f`, `f e^-t`, `f (1 - e^-t)`, `f t e^-t`, divided by `exp(height)`; `height = log f(at)`; and `at`.

    `beta = x - y`, given apart because the caller knows it without rounding. The peak value is split off: alone it overflows.
    """
    if y < _SERIES_END or y < 0.6 * x:
        whole, answered, left, waited = _series(x, y)
        return whole, answered, left, waited, 0.0, 0.0
    if beta < 0.0:
        peak = math.log1p(-beta / x)
        height = x * _bend(-beta / x)
        low = -min(peak, math.sqrt(2.0 * _CUT / x), 1.0 + math.log1p(2.0 * _CUT / x))
        high = (_CUT + math.sqrt(_CUT * _CUT + 8.0 * _CUT * x)) / (2.0 * x)
        whole = answered = left = waited = 0.0
        if high > _CUT:
            # few agents in heavy overload: the far tail is exactly exponential, its width without bound
            high = _CUT
            left = whole = math.exp(-x * (high - 1.0)) / x
        panels = 1 + int((high - low) / 1.5)
        for i in range(panels):
            start, end = low + (high - low) * i / panels, low + (high - low) * (i + 1) / panels
            part = _from_peak(x, y, peak, start, end, work)
            whole, answered, left, waited = whole + part[0], answered + part[1], left + part[2], waited + part[3]
        return whole, answered, left, waited, height, peak
    c = _CUT - 2.0 * beta
    root = math.hypot(c, math.sqrt(8.0 * _CUT * x))
    half = (c + root) / (4.0 * x) if c > 0.0 else 2.0 * _CUT / (root - c)
    fallen, weight, leaves, late = work[0], work[1], work[2], work[3]
    for i in range(_NODES.size):
        fallen[i] = -_expm1(-half - half * _NODES[i])
    for i in range(_NODES.size):
        t, fall = half + half * _NODES[i], fallen[i]
        weight[i] = half * (1.0 + _expm1(-beta * t - y * (t - fall)))
        leaves[i] = weight[i] * fall
        late[i] = weight[i] * t * (1.0 - fall)
    whole, left = _add(weight, _WEIGHTS), _add(leaves, _WEIGHTS)
    return whole, whole - left, left, _add(late, _WEIGHTS), 0.0, 0.0


@kernel
def _slack(agents: float, arrival_rate: float, aht_s: float) -> float:
    """`agents - arrival_rate * aht_s` with the rounding error of the product taken back (Dekker 1971): it decides waits near capacity."""
    product = arrival_rate * aht_s
    split = 134217729.0
    high_r = split * arrival_rate - (split * arrival_rate - arrival_rate)
    high_s = split * aht_s - (split * aht_s - aht_s)
    low_r, low_s = arrival_rate - high_r, aht_s - high_s
    error = ((high_r * high_s - product) + high_r * low_s + low_r * high_s) + low_r * low_s
    return (agents - product) - error


@kernel
def waiting(
    below: float, agents: float, aht_s: float, arrival_rate: float, patience_s: float, awt_s: float, work: Floats
) -> tuple[float, float, float, float, float]:
    """What a full room does to an arrival: P(wait), P(abandon), P(answered after awt), P(still waiting at awt), E[wait; answered] in s.

    `below` is the sum of the probabilities of all states with a free agent, relative to the first state without one.
    """
    if arrival_rate == 0.0:
        return 0.0, 0.0, 0.0, 0.0, 0.0
    if agents <= 0.0:
        stay = math.exp(-awt_s / patience_s)
        return 1.0, 0.0 if math.isinf(patience_s) else 1.0, 1.0 if math.isinf(patience_s) else 0.0, stay, math.inf
    slack = _slack(agents, arrival_rate, aht_s)
    if math.isinf(patience_s):
        if slack <= _STABLE * agents:
            return 1.0, 0.0, 1.0, 1.0, math.inf
        wait = 1.0 / (below * slack / agents + 1.0)
        late = wait * math.exp(-slack * awt_s / aht_s)
        return wait, 0.0, late, late, wait * aht_s / slack
    patience = max(patience_s, 1e-100)
    ratio = patience / aht_s
    x, y, beta, tau = agents * ratio, arrival_rate * patience, slack * ratio, awt_s / patience
    whole, _, left, waited, height, at = _wait_integrals(x, y, beta, work)
    peak = x * whole * math.exp(min(height, 700.0))
    wait = peak / (below + peak) if height < 700.0 else 1.0
    if math.isinf(below):
        wait = 0.0
    if tau > 700.0:
        return wait, wait * left / whole, 0.0, 0.0, wait * waited / whole * patience_s
    lost = -math.expm1(-tau)
    tail = _wait_integrals(x, y * (1.0 - lost), beta + y * lost, work)
    to = tau + tail[5]
    drop = -beta * to - y * (to + math.expm1(-to))
    if at > 0.0:
        drop = 0.0 if tail[5] > 0.0 else -x * (to - at + math.expm1(at - to))
    share = wait * math.exp(drop) / whole
    stay = math.exp(-tau)
    return (
        wait,
        wait * left / whole,
        share * stay * tail[1],
        share * stay * tail[0],
        wait * waited / whole * patience_s,
    )


@kernel
def fill_blocking(load: Floats, agents: Floats, out: Floats) -> None:
    """Erlang B of every pair of load and agents."""
    work = np.empty((5, _NODES.size))
    for i in range(load.size):
        out[i] = 1.0 / inverse_blocking(agents[i], load[i], work)


@kernel
def fill_waiting(
    agents: Floats, aht_s: Floats, arrival_rate: Floats, patience_s: Floats, awt_s: Floats, out: Floats
) -> None:
    """`waiting` of every queue, one row of `out` for each of its five results."""
    work = np.empty((5, _NODES.size))
    for i in range(agents.size):
        below = inverse_blocking(agents[i], arrival_rate[i] * aht_s[i], work) - 1.0
        out[:, i] = waiting(below, agents[i], aht_s[i], arrival_rate[i], patience_s[i], awt_s[i], work)


@kernel
def fill_waiting_above(
    below: Floats, agents: Floats, aht_s: Floats, arrival_rate: Floats, patience_s: Floats, awt_s: Floats, out: Floats
) -> None:
    """`waiting` of every queue above a room whose lower states were summed elsewhere."""
    work = np.empty((5, _NODES.size))
    for i in range(agents.size):
        out[:, i] = waiting(below[i], agents[i], aht_s[i], arrival_rate[i], patience_s[i], awt_s[i], work)


@kernel
def _meets(n: float, a: float, values: tuple[float, float, float, float, float], patience_s: float, limits: Floats) -> bool:
    """Do the results of `waiting` with `n` agents keep every limit: miss by definition, ASA, mean wait, abandonment, occupancy?"""
    abandoned, late, staying, wait_s = values[1], values[2], values[3], values[4]
    answered = 1.0 - abandoned
    kind = int(limits[0])
    miss = abandoned + late
    if kind == 1:
        miss = late / answered if n > 0.0 else 1.0
    elif kind == 2:
        miss = staying / (1.0 - miss + staying) if n > 0.0 else 1.0
    elif kind == 3:
        miss = staying
    slightly = 1.0 + _TOLERANCE
    mean_wait_s = wait_s if math.isinf(patience_s) else abandoned * patience_s
    return bool(
        miss <= limits[1] * slightly
        and wait_s <= limits[2] * slightly * answered
        and mean_wait_s <= limits[3] * slightly
        and abandoned <= limits[4] * slightly
        and min(a * answered, n) <= n * limits[5] * slightly
    )


@kernel
def _log_mills(u: float) -> float:
    """Logarithm of the normal tail over the normal density at `u`, to three digits (Abramowitz and Stegun 1964, 26.2.17)."""
    if u < -5.0:
        return 0.5 * u * u + 0.9189385332
    v = abs(u)
    if v > 4.0:
        return math.log(4.0 / (3.0 * v + math.sqrt(v * v + 8.0)))
    s = 1.0 / (1.0 + 0.2316419 * v)
    tail = s * (0.31938153 + s * (-0.356563782 + s * (1.781477937 + s * (-1.821255978 + s * 1.330274429))))
    return math.log(tail if u >= 0.0 else 2.506628275 * math.exp(0.5 * v * v) - tail)


@kernel
def _rough(n: float, a: float, aht_s: float, patience_s: float, awt_s: float) -> tuple[float, float, float, float, float]:
    """`waiting` by the normal approximation of Garnett, Mandelbaum and Reiman (2002): where to begin the search, never its answer."""
    below = 0.5 * math.log(a) + _log_mills((a - n) / math.sqrt(a))
    if math.isinf(patience_s):
        wait = 1.0 / (1.0 + math.exp(min(below, 700.0)) * (n - a) / n)
        late = wait * math.exp((a - n) * awt_s / aht_s)
        return wait, 0.0, late, late, wait * aht_s / (n - a)
    ratio = patience_s / aht_s
    x, y, tau = n * ratio, a * ratio, awt_s / patience_s
    root, fade = math.sqrt(y), math.exp(-0.5 * tau)
    u = (x - y) / root
    if u < -2.0:
        # overload: the offered wait is normal around the wait that sheds the surplus
        left = 1.0 - x / y
        staying = fade * fade * 0.5 * math.erfc((tau - math.log(y / x)) * math.sqrt(0.5 * x))
        return 1.0, left, staying, staying, math.log(y / x) * (1.0 - left) * patience_s
    mills = _log_mills(u)
    full = math.log(x / root) + mills
    wait = 1.0 / (1.0 + math.exp(min(below - full, 700.0)))
    spell = (math.exp(-mills) - u) / root
    lost = 1.0 - fade * fade
    after = _log_mills((x - y + y * lost) / (root * fade)) - mills + 0.5 * tau
    staying = wait * math.exp(min(0.0, after - tau - (x - y) * tau - y * (tau - lost)))
    abandoned = wait * spell / (1.0 + spell)
    return wait, abandoned, staying, staying, wait * spell * patience_s


@kernel
def _guess(a: float, aht_s: float, patience_s: float, awt_s: float, limits: Floats, surplus: float) -> float:
    """Roots of the load by which the normal approximation says to exceed it, searched around `surplus`."""
    root = math.sqrt(a)
    lowest = 1e-6 if math.isinf(patience_s) else (1e-3 - a) / root
    accuracy = max(0.02, 0.3 / root)
    reach = accuracy
    enough = max(surplus, lowest) + 0.5 * reach
    short = lowest
    while enough < 40.0:
        n = a + root * enough
        if _meets(n, a, _rough(n, a, aht_s, patience_s, awt_s), patience_s, limits):
            break
        short, reach = enough, 2.0 * reach
        enough += reach
    while short == lowest and enough > lowest:
        tried = max(lowest, enough - reach)
        n = a + root * tried
        if _meets(n, a, _rough(n, a, aht_s, patience_s, awt_s), patience_s, limits):
            enough, reach = tried, 2.0 * reach
        else:
            short = tried
            break
    while enough - short > accuracy:
        middle = 0.5 * (enough + short)
        n = a + root * middle
        if _meets(n, a, _rough(n, a, aht_s, patience_s, awt_s), patience_s, limits):
            enough = middle
        else:
            short = middle
    return 0.5 * (enough + short)


@kernel
def _smallest(
    a: float, rate: float, aht_s: float, patience_s: float, awt_s: float, limits: Floats, guess: float, work: Floats
) -> float:
    """Smallest whole number of agents that keeps every limit, from a first guess."""
    lowest = 0.0
    if math.isinf(patience_s):
        lowest = math.floor(a)
        if _slack(lowest, rate, aht_s) > _STABLE * lowest:
            lowest -= 1.0
    n = max(guess, lowest + 1.0)
    short, enough, step = lowest, math.inf, 1.0
    inverse = inverse_blocking(n, a, work)
    while True:
        if _meets(n, a, waiting(inverse - 1.0, n, aht_s, rate, patience_s, awt_s, work), patience_s, limits):
            enough = n
        else:
            short = n
        if enough - short <= 1.0:
            return enough
        if math.isinf(enough):
            following = short + step
        elif enough - short > 2.0 * step:
            following = enough - step
        else:
            following = math.floor(0.5 * (enough + short))
        step *= 2.0
        if following == n + 1.0:
            inverse = 1.0 + following / a * inverse
        elif following == n - 1.0 and 2.0 < inverse < 1e300:
            inverse = (inverse - 1.0) * a / n
        else:
            inverse = inverse_blocking(following, a, work)
        n = following


@kernel
def fill_required(
    arrival_rate: Floats, aht_s: Floats, patience_s: Floats, awt_s: float, limits: Floats, out: NDArray[np.int64]
) -> None:
    """Smallest number of agents of every queue; each search begins where the one before ended."""
    surplus = 0.5
    work = np.empty((5, _NODES.size))
    for i in range(out.size):
        a = arrival_rate[i] * aht_s[i]
        if a == 0.0:
            out[i] = 0
            continue
        surplus = _guess(a, aht_s[i], patience_s[i], awt_s, limits, surplus)
        guess = math.ceil(a + surplus * math.sqrt(a))
        out[i] = int(_smallest(a, arrival_rate[i], aht_s[i], patience_s[i], awt_s, limits, guess, work))
