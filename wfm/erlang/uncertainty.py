"""Staffing for a volume that is not known: the rate of an interval is gamma distributed around its forecast.

With the rate `R` of mean `arrival_rate` and coefficient of variation `rate_cv`, two averages of the service level are in use. Over many
such intervals the share of *contacts* served in time is `E[R SL(R)] / E[R]`; the plain mean over *intervals* is `E[SL(R)]` and looks
better, because busy intervals count no more than quiet ones (Jongbloed and Koole 2001). Weighing by contacts turns a gamma density of
shape k into one of shape k + 1 with the same scale.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal, cast

import numpy as np
from numpy.typing import NDArray

from wfm import units
from wfm.domain.demand import ServiceTarget
from wfm.erlang._inputs import FloatOrArray, Floats, flat, numbers, plain, queue_inputs, together
from wfm.erlang.measures import erlang_a
from wfm.erlang.staffing import Heads, required_agents
from wfm.errors import InvalidInput

Weighting = Literal["call", "interval"]
_CUT = 40.0
_ACCURACY = 1e-11
_NODES = 20
_MOST_HALVINGS = 40
_LEAST_CV = 1e-8  # below it the variance moves nothing within float accuracy


def expected_service(
    arrival_rate: FloatOrArray,
    rate_cv: FloatOrArray,
    aht_s: FloatOrArray,
    agents: FloatOrArray,
    patience_s: FloatOrArray,
    awt_s: FloatOrArray,
    weighting: Weighting = "call",
) -> FloatOrArray:
    """Service level over offered contacts, averaged over a gamma-distributed rate, to 1e-9.

    Parameters
    ----------
    arrival_rate
        Mean contacts per second, at least 0.
    rate_cv
        Standard deviation of the rate over its mean, at least 0; at most 100.
    aht_s
        Mean handle time, s, above 0.
    agents
        Agents on queue, at least 0, fractions allowed.
    patience_s
        Mean patience, s, above 0; infinite for Erlang C, which serves nobody in time while the rate is beyond its capacity.
    awt_s
        Acceptable waiting time, s, at least 0.
    weighting
        "call": share of contacts, `E[R SL(R)] / E[R]`; "interval": plain mean, `E[SL(R)]`.

    Returns
    -------
    service_level
        Share in [0, 1], of the broadcast shape.

    Raises
    ------
    InvalidInput
        For anything outside these bounds.

    Examples
    --------
    >>> round(expected_service(100 / 180, 0.1, 180, 105, 180, 20), 4)
    0.8467
    """
    rate, aht, patience, awt, heads, cv = together(
        **dict(zip(_NAMES, queue_inputs(arrival_rate, aht_s, patience_s, awt_s, agents), strict=True)),
        rate_cv=numbers("rate_cv", rate_cv, at_least=0, at_most=100),
    )
    if not isinstance(weighting, str) or weighting not in ("call", "interval"):
        raise InvalidInput(f"weighting must be call or interval, got {weighting!r}")
    level = np.array(erlang_a(rate, aht, heads, patience, awt).service_level, dtype=np.float64)
    varied = (cv >= _LEAST_CV) & (rate > 0) & (heads > 0)
    if varied.any():
        shape = 1.0 / cv[varied] ** 2
        scale = rate[varied] / shape
        level[varied] = _averaged(shape + (weighting == "call"), scale, aht[varied], patience[varied], awt[varied], heads[varied])
    return plain(level)  # type: ignore[no-any-return]


_NAMES = ("arrival_rate", "aht_s", "patience_s", "awt_s", "agents")


def _averaged(shape: Floats, scale: Floats, aht: Floats, patience: Floats, awt: Floats, heads: Floats) -> Floats:
    """Means of the service level over gamma densities, by halving panels of `v = log(rate / mean)` until two Gauss rules agree.

    In `v` the density is `exp(-shape (exp(v) - 1 - v))`, smooth and without overflow for every shape. A panel ends at capacity, where
    Erlang C has a kink.
    """
    mean = shape * scale
    fall = (_CUT + np.sqrt(_CUT * _CUT + 8.0 * _CUT * shape)) / (2.0 * shape)
    rise = np.minimum(np.sqrt(2.0 * _CUT / shape), 1.0 + np.log1p(2.0 * _CUT / shape))
    capacity = np.clip(np.log(heads / aht / mean), -fall, rise)
    sums, todo = np.zeros((2, shape.size)), np.tile(np.arange(shape.size), 3)
    low = np.concatenate([-fall, np.minimum(capacity, 0.0), np.maximum(capacity, 0.0)])
    high = np.concatenate([np.minimum(capacity, 0.0), np.maximum(capacity, 0.0), rise])
    wide = high > low
    todo, low, high = todo[wide], low[wide], high[wide]

    def rule(of: NDArray[np.int64], start: Floats, end: Floats) -> Floats:
        return _gauss(start, end, shape[of], mean[of], (heads[of], aht[of], patience[of], awt[of]))

    whole = rule(todo, low, high)
    allowed = _ACCURACY * np.sqrt(2.0 * np.pi / shape)
    for _ in range(_MOST_HALVINGS):
        middle = 0.5 * (low + high)
        left, right = rule(todo, low, middle), rule(todo, middle, high)
        done = np.max(np.abs(left + right - whole), axis=0) <= allowed[todo]
        for row in range(2):
            np.add.at(sums[row], todo[done], (left + right)[row, done])
        if done.all():
            break
        more = ~done
        todo, whole = np.tile(todo[more], 2), np.concatenate([left[:, more], right[:, more]], axis=1)
        low, high = np.concatenate([low[more], middle[more]]), np.concatenate([middle[more], high[more]])
    return np.asarray(np.clip(sums[0] / sums[1], 0.0, 1.0))


def _gauss(start: Floats, end: Floats, shape: Floats, mean: Floats, queue: tuple[Floats, Floats, Floats, Floats]) -> Floats:
    """Integrals of density times service level, and of the density, over every panel."""
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    half = 0.5 * (end - start)
    v = (0.5 * (start + end))[:, None] + half[:, None] * nodes
    # exp(v) - 1 - v, whose terms cancel near 0
    bend = np.where(np.abs(v) < 1e-3, v * v * (0.5 + v * (1 / 6 + v * (1 / 24 + v / 120))), np.expm1(v) - v)
    density = weights * half[:, None] * np.exp(-shape[:, None] * bend)
    heads, aht, patience, awt = (column[:, None] for column in queue)
    level = _level(mean[:, None] * np.exp(v), aht, heads, patience, awt)
    return np.stack([(density * level).sum(axis=1), density.sum(axis=1)])


def _level(rate: Floats, aht: Floats, heads: Floats, patience: Floats, awt: Floats) -> Floats:
    """Service level without the checks of `erlang_a`."""
    from wfm.erlang import _kernels

    rate, aht, heads, patience, awt = np.broadcast_arrays(rate, aht, heads, patience, awt)
    rows = np.empty((5, rate.size))
    _kernels.fill_waiting(flat(heads), flat(aht), flat(rate), flat(patience), flat(awt), rows)
    return np.asarray(np.maximum(1.0 - rows[1] - rows[2], 0.0)).reshape(rate.shape)


def required_with_uncertainty(
    arrival_rate: FloatOrArray,
    rate_cv: FloatOrArray,
    aht_s: FloatOrArray,
    target: ServiceTarget,
    patience_s: FloatOrArray = np.inf,
    *,
    weighting: Weighting = "call",
) -> Heads:
    """Smallest number of agents whose expected service level over a gamma-distributed rate reaches the target's.

    Parameters
    ----------
    arrival_rate, rate_cv, aht_s, patience_s, weighting
        As in `expected_service`.
    target
        Needs a level over offered contacts; its other limits are kept at the mean rate.

    Returns
    -------
    agents
        int64, of the broadcast shape.

    Raises
    ------
    InvalidInput
        For anything outside these bounds, or a target without a level over offered contacts.
    UnreachableTarget
        As in `required_agents`.

    Examples
    --------
    >>> int(required_with_uncertainty(200 / 240, 0.1, 240, ServiceTarget(level=0.8, awt_s=20), 300))
    209
    """
    at_mean = required_agents(arrival_rate, aht_s, target, patience_s)
    if target.level is None or target.definition != "offered":
        raise InvalidInput(f"target must have a level over offered contacts, got level {target.level!r} {target.definition}")
    rate, cv, aht, patience, least = together(
        arrival_rate=numbers("arrival_rate", arrival_rate),
        rate_cv=numbers("rate_cv", rate_cv, at_least=0, at_most=100),
        aht_s=numbers("aht_s", aht_s),
        patience_s=numbers("patience_s", patience_s, infinite=True),
        required=np.asarray(at_mean, dtype=np.float64),
    )
    only_level = replace(target, max_asa_s=None, max_mean_wait_s=None, max_abandonment=None, max_occupancy=None)
    if only_level == target:
        least = np.zeros_like(rate)
    guess = np.maximum(least, required_with_probability(rate, cv, aht, only_level, patience, probability=0.7))
    queue = tuple(flat(array) for array in (rate, cv, aht, patience))
    found = _smallest_expected(queue, target, flat(least), flat(guess), weighting)
    return found.reshape(rate.shape).astype(np.int64)[()]


def _smallest_expected(queue: tuple[Floats, ...], target: ServiceTarget, least: Floats, guess: Floats, weighting: Weighting) -> Floats:
    """Doubling steps from the guess, down to `least` at most, then bisection; all queues at once."""
    rate, cv, aht, patience = queue
    wanted = cast(float, target.level) - 1e-12

    def enough(heads: Floats, of: NDArray[Any]) -> NDArray[np.bool_]:
        level = expected_service(rate[of], cv[of], aht[of], heads, patience[of], target.awt_s, weighting)
        return np.asarray(level) >= wanted

    high, low, busy = np.where(rate > 0, guess, 0.0), least - 1.0, np.flatnonzero(rate > 0)
    met = enough(high[busy], busy)
    todo, step = busy[~met], 1.0
    while todo.size:
        low[todo] = high[todo]
        high[todo] += step
        todo, step = todo[~enough(high[todo], todo)], 2.0 * step
    todo, step = busy[met & (high[busy] > least[busy])], 1.0
    while todo.size:
        tried = np.maximum(high[todo] - step, least[todo])
        met = enough(tried, todo)
        low[todo[~met]], high[todo[met]] = tried[~met], tried[met]
        todo, step = todo[met & (tried > least[todo])], 2.0 * step
    while (todo := busy[high[busy] - low[busy] > 1.0]).size:
        middle = np.floor(0.5 * (low[todo] + high[todo]))
        met = enough(middle, todo)
        high[todo[met]], low[todo[~met]] = middle[met], middle[~met]
    return high


def required_with_probability(
    arrival_rate: FloatOrArray,
    rate_cv: FloatOrArray,
    aht_s: FloatOrArray,
    target: ServiceTarget,
    patience_s: FloatOrArray = np.inf,
    *,
    probability: float = 0.9,
) -> Heads:
    """Smallest number of agents that keeps the whole target with a chosen probability over a gamma-distributed rate.

    Every measure worsens as the rate grows, so this is the requirement at the rate's quantile.

    Parameters
    ----------
    arrival_rate, rate_cv, aht_s, patience_s
        As in `expected_service`.
    target
        The promise; every part that is not None must hold.
    probability
        In (0, 1).

    Returns
    -------
    agents
        int64, of the broadcast shape.

    Raises
    ------
    InvalidInput
        For anything outside these bounds.
    UnreachableTarget
        As in `required_agents`.

    Examples
    --------
    >>> int(required_with_probability(100 / 180, 0.1, 180, ServiceTarget(), 180, probability=0.9))
    111
    """
    return required_agents(rate_with_chance(arrival_rate, rate_cv, probability), aht_s, target, patience_s)


def rate_with_chance(arrival_rate: FloatOrArray, rate_cv: FloatOrArray, probability: float) -> Floats:
    """The rate, contacts per second, that a gamma-distributed one stays below with a probability in (0, 1); of the broadcast shape.

    Raises
    ------
    InvalidInput
        As in `required_with_probability`.

    Examples
    --------
    >>> float(rate_with_chance(2.0, 0.0, 0.9)), round(float(rate_with_chance(2.0, 0.1, 0.9)), 3)
    (2.0, 2.26)
    """
    from scipy.special import gammaincinv

    wanted = units.share("probability", probability, above_zero=True, below_one=True)
    rate, cv = together(
        arrival_rate=numbers("arrival_rate", arrival_rate, at_least=0), rate_cv=numbers("rate_cv", rate_cv, at_least=0, at_most=100)
    )
    shape = 1.0 / np.maximum(cv, _LEAST_CV) ** 2
    return np.where(cv >= _LEAST_CV, gammaincinv(shape, wanted) / shape * rate, rate)
