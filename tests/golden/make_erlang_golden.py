"""Make the reference tables of the queueing formulas: `python tests/golden/make_erlang_golden.py`, about ten minutes.

Every figure is a sum over the states of the birth-death process in 40-digit arithmetic. The package under test uses none of this: it
integrates the density of the offered wait. Inputs are written as the shortest decimals that give back the same floats.

An arrival that finds all `n` agents busy and `k` contacts waiting is answered after `k + 1` departures at rates `n mu + j theta`,
`j = 0..k`, if it stays that long. With `V` that time, `exp(-theta V)` has a Beta(n mu / theta, k + 1) distribution, whose
distribution function is a sum of negative binomial probabilities.
"""

from __future__ import annotations

import csv
import gzip
import io
import itertools
import random
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import mpmath as mp

HERE = Path(__file__).parent
FIGURES = ("wait", "abandon", "mean_wait_s", "asa_s", "level", "answered", "excluding", "counting", "occupancy", "queue")
SMALL = mp.mpf(10) ** -32
COLUMNS = {
    "offered": "level",
    "excluding_short_abandons": "excluding",
    "counting_short_abandons": "counting",
    "max_abandonment": "abandon",
    "max_asa_s": "asa_s",
    "max_mean_wait_s": "mean_wait_s",
    "max_occupancy": "occupancy",
}


def figures(rate: float, aht_s: float, n: int, patience_s: float, awt_s: float) -> dict[str, mp.mpf]:
    """Every measure of M/M/n+M (patience infinite: M/M/n) by summing over the states."""
    lam, aht, awt = mp.mpf(rate), mp.mpf(aht_s), mp.mpf(awt_s)
    theta = mp.mpf(0) if patience_s == mp.inf else 1 / mp.mpf(patience_s)
    if theta == 0 and lam * aht > n * (1 - mp.mpf(10) ** -12):  # full, but for the rounding of the inputs
        return dict(zip(FIGURES, (1, 0, mp.inf, mp.inf, 0, 0, 0, 0, 1, mp.inf), strict=True))
    found = queue_sums(lam, n / aht, theta, awt, states_below(lam * aht, n), None)
    return {**found, "occupancy": lam * aht * (1 - found["abandon"]) / n}


def states_below(load: mp.mpf, n: int) -> mp.mpf:
    """States n-1, n-2, ... 0 of n busy agents relative to state n."""
    below, term = mp.mpf(0), mp.mpf(1)
    for k in range(n, 0, -1):
        term *= k / load
        below += term
        if term < SMALL * below and k < load:
            break
    return below


def queue_sums(lam: mp.mpf, full: mp.mpf, theta: mp.mpf, awt: mp.mpf, below: mp.mpf, places: int | None) -> dict[str, mp.mpf]:
    """Measures of all attempts where a full room empties at the rate `full`; `places` limits the queue."""
    stay = mp.exp(-theta * awt)
    spread = (1 - stay) / theta if theta else awt
    late = late_term = mp.exp(-full * awt)  # P(V_k > awt), grown with k
    tilted = tilted_term = mp.exp(-(full + theta) * awt)  # the same for Beta(x + 1, k + 1)
    whole, queue, served, waited, served_late, staying = (mp.mpf(0) for _ in range(6))
    weight, harmonic, k = mp.mpf(1), 1 / (full + theta), 0
    while places is None or k < places:
        reach = full / (full + (k + 1) * theta)  # share of those who find k waiting and stay long enough
        whole += weight
        queue += k * weight
        served += weight * reach
        waited += weight * reach * harmonic
        served_late += weight * reach * tilted
        staying += weight * stay * late
        ratio = lam / (full + (k + 1) * theta)
        if ratio < 1 and weight * (k + 1) < SMALL * queue * (1 - ratio) ** 2:
            break
        k += 1
        weight *= ratio
        late_term *= spread * (full + (k - 1) * theta) / k
        late += late_term
        tilted_term *= spread * (full + k * theta) / k
        tilted += tilted_term
        harmonic += 1 / (full + (k + 1) * theta)
    blocked = mp.mpf(0) if places is None else weight
    queue += 0 if places is None else places * weight
    total = below + whole + blocked
    blocked /= total
    abandon = (whole - served) / total if places is not None or theta == 0 else queue / total * theta / lam
    answered = 1 - abandon - blocked
    level = answered - served_late / total
    return {
        "wait": whole / total,
        "abandon": abandon,
        "block": blocked,
        "mean_wait_s": queue / total / lam / (1 - blocked),
        "asa_s": waited / total / answered,
        "level": level,
        "answered": level / answered,
        "excluding": level / (level + staying / total + blocked),
        "counting": 1 - blocked - staying / total,
        "queue": queue / total,
    }


def limited_figures(fresh: float, aht_s: float, n: int, patience_s: float, lines: int, share: float, awt_s: float) -> dict[str, mp.mpf]:
    """Erlang X: the attempts are the root of a balance, found by bisection."""
    aht, theta = mp.mpf(aht_s), mp.mpf(0) if patience_s == mp.inf else 1 / mp.mpf(patience_s)

    def at(rate: mp.mpf) -> dict[str, mp.mpf]:
        return queue_sums(rate, n / aht, theta, mp.mpf(awt_s), states_below(rate * aht, n), lines - n)

    low, high = mp.mpf(fresh), mp.mpf(fresh) / (1 - mp.mpf(share))
    for _ in range(90 if share else 1):
        rate = (low + high) / 2
        found = at(rate)
        if rate * (1 - share * (found["abandon"] + found["block"])) < fresh:
            low = rate
        else:
            high = rate
    return {**found, "occupancy": rate * aht * (1 - found["abandon"] - found["block"]) / n}


def chat_figures(rate: float, aht_s: tuple[float, ...], n: int, patience_s: float, awt_s: float) -> dict[str, mp.mpf]:
    """Chat: x chats in hand are held floor(x/n) or ceil(x/n) by each agent."""
    lam, most = mp.mpf(rate), len(aht_s)
    each = [mp.mpf(0), *(mp.mpf(j) / mp.mpf(aht) for j, aht in enumerate(aht_s, 1))]
    below, idle, term = mp.mpf(0), mp.mpf(0), mp.mpf(1)
    for x in range(n * most, 0, -1):
        held = [(x + i) // n for i in range(n)]
        term *= sum(each[j] for j in held) / lam
        below += term
        idle += term * max(n - x + 1, 0)
    theta = mp.mpf(0) if patience_s == mp.inf else 1 / mp.mpf(patience_s)
    found = queue_sums(lam, n * each[most], theta, mp.mpf(awt_s), below, None)
    return {**found, "occupancy": 1 - (1 - found["wait"]) * idle / below / n}


def level_without_abandonment(load: mp.mpf, n: int, threshold: mp.mpf) -> mp.mpf:
    """Erlang C in closed form: near capacity the sum over the states never ends."""
    wait = 1 / (1 + states_below(load, n) * (1 - load / n))
    return 1 - wait * mp.exp(-(n - load) * threshold)


def expected_level(rate: float, cv: float, aht_s: float, n: int, patience_s: float, awt_s: float, call_weighted: bool) -> mp.mpf:
    """Service level averaged over a gamma distributed rate, by quadrature of the exact figure in 20 digits."""
    shape = 1 / mp.mpf(cv) ** 2
    scale = mp.mpf(rate) / shape
    power = shape + 1 if call_weighted else shape
    mean = power * scale
    # in v = log(rate / mean) the density is smooth also where it has no bound at 0
    steps = (-60, -25, -12, -8, -5, -3, -2, -1, 0, 1, 2, 3, 5, 8, 12)
    ends = [k / mp.sqrt(power) for k in steps]
    if patience_s == mp.inf:
        capacity = mp.log(n / mp.mpf(aht_s) / mean)
        ends = [*(v for v in ends if v < capacity), capacity]

    def integrand(v: mp.mpf) -> mp.mpf:
        density = mp.exp(power * (v - mp.expm1(v)))
        rate = mean * mp.exp(v)
        if density < SMALL:
            return mp.mpf(0)
        if patience_s == mp.inf:
            return density * level_without_abandonment(rate * mp.mpf(aht_s), n, mp.mpf(awt_s) / mp.mpf(aht_s))
        return density * figures(rate, aht_s, n, patience_s, awt_s)["level"]

    with mp.workdps(20):
        whole = mp.exp(mp.loggamma(power) + power - power * mp.log(power))
        return mp.quad(integrand, ends, method="gauss-legendre", maxdegree=5) / whole


def points() -> list[tuple[float, float, int, float, float]]:
    """Queues from one agent to 100,000, idle to ten times overload, patience from a second to hours."""
    chosen = []
    chance = random.Random(20)
    for n in (1, 2, 3, 7, 15, 40, 100, 150, 256, 400, 1_000, 3_000):
        loads = [0.001, 0.3, 0.8, 1 - 0.5 / n**0.5, 1.0, 1 + 0.5 / n**0.5, 1.3, 3.0, 10.0]
        for factor, patience_s in itertools.product(loads, (1.0, 30.0, 180.0, 7_200.0, mp.inf)):
            too_long = factor > 1.3 and patience_s == 7_200.0 and n > 150
            if too_long or (patience_s == mp.inf and factor >= 1):
                continue
            aht_s = chance.choice([45.0, 180.0, 300.5, 600.0])
            chosen.append((n * factor / aht_s, aht_s, n, patience_s, chance.choice([0.0, 5.0, 20.0, 60.0])))
    for n, root, patience_s in itertools.product((10_000, 30_000, 100_000), (-3.0, -0.4, 0.0, 0.6, 5.0), (1.0, 60.0, 300.0, mp.inf)):
        if patience_s != mp.inf or root < 0:
            chosen.append(((n + root * n**0.5) / 240.0, 240.0, n, patience_s, 0.5))
    return chosen


def staffing_points() -> list[tuple[float, float, float, str, float, float]]:
    """Queues with one limit each: rate, handle time, patience, part of the target, its limit, threshold."""
    chosen = []
    chance = random.Random(21)
    parts = {
        "offered": (0.5, 0.8, 0.9, 0.99),
        "answered": (0.8, 0.95),
        "excluding_short_abandons": (0.8, 0.9),
        "counting_short_abandons": (0.8, 0.9),
        "max_asa_s": (2.0, 10.0, 60.0),
        "max_mean_wait_s": (2.0, 10.0),
        "max_abandonment": (0.01, 0.03, 0.1),
        "max_occupancy": (0.7, 0.85, 0.95),
    }
    loads = (0.05, 0.4, 2.0, 9.7, 31.0, 100.0, 333.3, 1_000.0)
    for load, (part, limits), patience_s in itertools.product(loads, parts.items(), (60.0, 180.0, 1_800.0, mp.inf)):
        if load > 200 and chance.random() < 0.6:
            continue
        aht_s, awt_s = chance.choice([60.0, 180.0, 420.0]), chance.choice([0.0, 10.0, 20.0, 90.0])
        chosen.append((load / aht_s, aht_s, patience_s, part, chance.choice(limits), awt_s))
    return chosen + [(50.0, 200.0, patience_s, "offered", 0.8, 20.0) for patience_s in (60.0, 200.0, mp.inf)]


def keeps(rate: float, aht_s: float, n: int, patience_s: float, awt_s: float, part: str, limit: float) -> bool:
    """Does the exact figure keep the limit? An unstable queue keeps none."""
    if n == 0:
        return False
    found = figures(rate, aht_s, n, patience_s, awt_s)
    figure = found[COLUMNS.get(part, part)]
    if part.startswith("max_"):
        return bool(found["mean_wait_s"] != mp.inf and figure <= mp.mpf(limit))
    return bool(figure >= mp.mpf(limit))


def smallest(rate: float, aht_s: float, patience_s: float, part: str, limit: float, awt_s: float) -> int:
    """Smallest n by bisection on the exact figure."""
    short, enough = 0, max(1, int(rate * aht_s))
    while not keeps(rate, aht_s, enough, patience_s, awt_s, part, limit):
        short, enough = enough, enough + max(1, enough // 8)
    while enough - short > 1:
        middle = (short + enough) // 2
        if keeps(rate, aht_s, middle, patience_s, awt_s, part, limit):
            enough = middle
        else:
            short = middle
    return enough


def write(name: str, header: list[str], rows: list[list[str]]) -> None:
    """A gzipped table that is the same byte for byte whenever it is made."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(header)
    table.writerows(rows)
    (HERE / name).write_bytes(gzip.compress(text.getvalue().encode(), mtime=0))


def limited_points() -> list[tuple[float, float, int, float, int, float, float]]:
    """Fresh rate, handle time, agents, patience, lines, redial share, threshold."""
    chance = random.Random(22)
    chosen = []
    for n, factor, patience_s in itertools.product((1, 4, 20, 120, 800), (0.2, 0.9, 1.05, 2.0), (5.0, 240.0, mp.inf)):
        aht_s, lines = chance.choice([90.0, 400.0]), n + chance.choice([0, 1, n // 2, 3 * n])
        redial_share, awt_s = chance.choice([0.0, 0.3, 0.8]), chance.choice([0.0, 20.0, 120.0])
        chosen.append((n * factor / aht_s, aht_s, n, patience_s, lines, redial_share, awt_s))
    return chosen


def chat_points() -> list[tuple[float, tuple[float, ...], int, float, float]]:
    """Rate, handle times by concurrency, agents, patience, threshold."""
    chance = random.Random(23)
    times = [(300.0,), (300.0, 380.0), (240.0, 400.0, 640.0), (200.0, 230.0, 270.0, 330.0, 420.0, 900.0)]
    chosen = []
    for aht_s, n, factor, patience_s in itertools.product(times, (1, 6, 45), (0.3, 0.95, 1.2), (60.0, 600.0, mp.inf)):
        if patience_s != mp.inf or factor < 1:
            chosen.append((factor * n * len(aht_s) / aht_s[-1], aht_s, n, patience_s, chance.choice([0.0, 30.0, 60.0])))
    return chosen


def expected_points() -> list[tuple[float, float, float, int, float, float, bool]]:
    """Rate, coefficient of variation, handle time, agents, patience, threshold, call-weighted."""
    chosen = []
    for load, cv, patience_s, weighted in itertools.product((2.0, 30.0), (0.05, 0.3, 1.2), (60.0, 900.0, mp.inf), (True, False)):
        chosen.append((load / 240.0, cv, 240.0, int(load * 1.1) + 1, patience_s, 20.0, weighted))
    return chosen


def texts(point: tuple[object, ...]) -> list[str]:
    """The shortest decimals that give back the same floats; several in one cell are parted by blanks."""
    return [" ".join(map(repr, v)) if isinstance(v, tuple) else str(v) if isinstance(v, str | int) else repr(float(v)) for v in point]


def main() -> None:
    """All tables."""
    mp.mp.dps = 40
    began = time.monotonic()

    def report(name: str, header: list[str], rows: list[list[str]]) -> None:
        write(name, header, rows)
        print(name, len(rows), "rows", round(time.monotonic() - began), "s", flush=True)  # noqa: T201

    def table(name: str, given: list[str], chosen: list[Any], figure: Callable[..., dict[str, mp.mpf]], keys: Sequence[str]) -> None:
        rows = []
        for point in chosen:
            found = figure(*point)
            rows.append([*texts(point), *(mp.nstr(found[key], 20) for key in keys)])
        report(name, [*given, *keys], rows)

    queue = ["arrival_rate", "aht_s", "agents", "patience_s"]
    table("erlang_measures.csv.gz", [*queue, "awt_s"], points(), figures, FIGURES)
    with_block = (*FIGURES[:2], "block", *FIGURES[2:])
    table("erlang_limited.csv.gz", [*queue, "lines", "redial_share", "awt_s"], limited_points(), limited_figures, with_block)
    table("erlang_chat.csv.gz", [*queue, "awt_s"], chat_points(), chat_figures, FIGURES)
    given = ["arrival_rate", "aht_s", "patience_s", "part", "limit", "awt_s", "agents"]
    report("erlang_smallest.csv.gz", given, [[*texts(point), str(smallest(*point))] for point in staffing_points()])
    given = ["arrival_rate", "rate_cv", "aht_s", "agents", "patience_s", "awt_s", "call_weighted", "level"]
    report("erlang_expected.csv.gz", given, [[*texts(point), mp.nstr(expected_level(*point), 16)] for point in expected_points()])


if __name__ == "__main__":
    main()
