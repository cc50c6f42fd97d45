"""Figures of the forecasting room beside their goals, all methods in one run.

`python bench/forecasting.py [accuracy bands spans groups aht intraday speed] [--sets us_bank_2003,...] [--methods ours,sarimax,...]`

Accuracy follows the shared protocol (`shared/tools/forecast_eval.py` with the volumes beside it, read in place; `WFM_SHARED` names the
folder if it stands elsewhere). `--origins` takes the first so many origins of every queue, `--shifts` moves them by so many days
(`--shifts=-7,0` asks for both): figures on days that nothing was chosen on. Peers that need seconds for each forecast get only the first
`--slow-origins` (2 where left out) of every queue, and ours on the same origins stands beside them. Nothing is asserted.

Bands: how many intervals and day totals lie inside the 80 % and 95 % bands, all and by quarter of the horizon. Days with a hole, and
those on which nothing is due, count nowhere.

Spans: sums of seven days (us_bank five), every week of every horizon; how many lie inside the bands of a sum, and the interval score of
Winkler (1972) over the mean sum: width, and 2 / (1 - level) for each contact outside. Bands as the intervals of the forecast lay, as its
days lay with errors that are their own, half common (what is used) and all common. Cells not observed count nowhere. Groups: the same of
sums over all queues of a centre, by day and by week, with errors that are the queues' own, a quarter common (what is used), half and all.

AHT: handle times of each queue in January forecast February, interval by interval; the error is sum v |forecast - aht| / sum v aht over
the intervals with contacts v. Intraday: after 40 % of a day's expected volume the rest of the day is updated from what came, on the
forecast made at the origin (1 to 28 days before, us_bank 1 to 10 business days), not on one of that morning; every whole day of every
horizon counts.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from itertools import groupby, product
from pathlib import Path
from types import ModuleType
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd

from wfm.forecast import ForecastResult, forecast_aht, forecast_queue, forecast_with_report, update_today
from wfm.forecast.day_bands import GROUP_COMMON, SPAN_COMMON, group_deviation, span_deviation
from wfm.service.forecast_figures import total_spread

SHARED = Path(os.environ.get("WFM_SHARED") or Path(__file__).resolve().parents[1].parent / "shared")
GOALS = {
    "us_bank_2003": "wape 5.5, day 4.91",
    "il_bank_1999": "wape 22.7, day 14.18",
    "axa_assist": "wape 18.6, day 12.71",
    "nyc_ems": "wape 16.1, day 6.03",
    "uihc_ed": "wape 30.5, day 7.13",
}
INTRADAY_GOALS = {"us_bank_2003": "4.1", "axa_assist": "16.5", "nyc_ems": "no worse", "uihc_ed": "no worse"}
ELAPSED = 0.4
SLOW = {"prophet_default", "prophet_tuned", "mstl", "sarimax"}
QUARTERS = 4
NORMAL = {0.8: 1.2815516, 0.95: 1.9599640}  # normal quantiles of the bands' upper ends
BANDS = {"80": ("0.1", "0.9"), "95": ("0.025", "0.975")}
Case = dict[str, Any]
Scores = dict[int, list[dict[str, float]]]  # by origin, one for every queue
Rows = dict[str, Scores]  # by method


def evaluation() -> ModuleType:
    """The shared evaluation, imported from where it lies."""
    sys.path.insert(0, str(SHARED / "tools"))
    return importlib.import_module("forecast_eval")


def cases(options: argparse.Namespace) -> Iterator[tuple[str, Case]]:
    """Every queue and origin of the protocol: history, targets and what came."""
    shared = evaluation()
    for name, spec in protocol().items():
        if options.sets and name not in options.sets:
            continue
        first, count, step = spec["origins"]
        places = product(range(min(count, options.origins or count)), options.shifts)
        origins = {pd.Timestamp(first) + pd.Timedelta(days=step * number + shift): number for number, shift in places}
        for grid in shared.load(spec, str(SHARED / "data" / "volumes")).values():
            for origin, number in origins.items():
                if grid.index.min() < origin <= grid.index.max():
                    yield name, _case(shared, spec, grid, origin) | {"number": number, "origin": origin}


def _case(shared: ModuleType, spec: Case, grid: pd.DataFrame, origin: pd.Timestamp) -> Case:
    train = grid[grid.index < origin]
    train = train[train.index >= train.index.max() - pd.Timedelta(days=shared.MAX_DAYS)]
    test = grid[grid.index >= origin].iloc[: spec["horizon_days"]]
    volume = pd.DataFrame({"timestamp": shared.stamps(train.index, grid.columns), "volume": train.values.ravel()})
    off = shared.public_holidays(spec, range(test.index[0].year, test.index[-1].year + 1))
    return {
        "spec": spec,
        "train": train,
        "actual": test.values.astype(float),
        "history": volume.dropna().reset_index(drop=True),
        "targets": shared.stamps(test.index, grid.columns),
        "place": (spec["country"], spec.get("subdivision")),
        "off": np.array([day in off for day in test.index]),
    }


def methods(options: argparse.Namespace) -> dict[str, Callable[..., Any]]:
    """Ours, the spreadsheet and the peers, by name."""
    from forecast_peers import PEERS, family

    from wfm.forecast.same_weekday import SameWeekday

    known: dict[str, Callable[..., Any]] = {"ours": forecast_queue, "mean_of_six": family(SameWeekday()), **PEERS}
    unknown = set(options.methods) - set(known)
    if unknown:
        sys.exit(f"methods must be among {', '.join(known)}, got {', '.join(sorted(unknown))}")
    return {name: known[name] for name in (options.methods or known)}


def accuracy(options: argparse.Namespace) -> None:
    """Every method on every case, ours on the same origins beside it; a set is printed once it is done."""
    shared, chosen = evaluation(), methods(options)
    print(f"intervals and day totals, WAPE %; {', '.join(sorted(SLOW))} on the first {options.slow_origins} origins of every queue")
    for name, of_set in groupby(cases(options), key=lambda pair: pair[0]):
        floor = protocol()[name]["floor"]
        print(f"{name:14s} {'floor':16s} wape {floor:.2f} (a perfect mean under Poisson counts)   goal {GOALS[name]}", flush=True)
        rows: Rows = {method: {} for method in chosen}
        for _, case in of_set:
            for method, function in chosen.items():
                if method not in SLOW or case["number"] < options.slow_origins:
                    rows[method].setdefault(case["number"], []).append(_scored(shared, function, case))
        for method, by_origin in rows.items():
            if by_origin:
                print(f"{name:14s} {method:16s} {_line(shared, by_origin)}{_beside(shared, rows, method)}", flush=True)


def protocol() -> dict[str, Case]:
    """The sets of the shared evaluation, by name."""
    return dict(json.loads((SHARED / "tools" / "forecast_protocol.json").read_text()))


def _scored(shared: ModuleType, function: Callable[..., Any], case: Case) -> dict[str, float]:
    began = time.perf_counter()
    answer = function(case["history"], case["targets"], *case["place"])
    seconds = time.perf_counter() - began
    shape = case["actual"].shape
    full = isinstance(answer, pd.DataFrame)
    mean = np.asarray(answer["mean"] if full else answer, dtype=float).reshape(shape)
    quantiles = {level: answer[level].to_numpy().reshape(shape) for level in shared.LEVELS} if full else None
    found: list[dict[str, float]] = []
    shared.score(found, case["train"], case["actual"], mean, quantiles, case["spec"]["week"], case["off"], seconds)
    return found[0]


def _line(shared: ModuleType, by_origin: Scores) -> str:
    figures = shared.summary([row for rows in by_origin.values() for row in rows])
    return " ".join(f"{key} {value:g}" for key, value in figures.items())


def _beside(shared: ModuleType, of_set: Rows, method: str) -> str:
    """Ours on the origins of a method that saw fewer."""
    ours = of_set.get("ours", {})
    same = [row for number in of_set[method] for row in ours.get(number, [])]
    if method == "ours" or not same or len(of_set[method]) == len(ours):
        return ""
    figures = shared.summary(same)
    return f"   ours on the same wape {figures['wape']:g} day_wape {figures['day_wape']:g} seconds {figures['seconds']:g}"


def bands(options: argparse.Namespace) -> None:
    """Coverage of intervals and of day totals."""
    inside: dict[tuple[str, str, str], np.ndarray] = {}
    for name, case in cases(options):
        made = forecast_with_report(case["history"], case["targets"], *case["place"])
        actual, shape = case["actual"], case["actual"].shape
        quarter = np.arange(len(actual)) * QUARTERS // len(actual)
        mean = made.frame["mean"].to_numpy().reshape(shape)
        counted = ~np.isnan(actual) & (np.nan_to_num(actual) + mean > 0)
        whole = ~np.isnan(actual).any(axis=1) & (mean.sum(axis=1) > 0)
        for band, (low, high) in BANDS.items():
            hit = (actual >= made.frame[low].to_numpy().reshape(shape)) & (actual <= made.frame[high].to_numpy().reshape(shape))
            total = actual.sum(axis=1)
            day_hit = (total >= made.day_totals[low].to_numpy()) & (total <= made.day_totals[high].to_numpy())
            for what, held, used in (("intervals", hit & counted, counted), ("day totals", day_hit & whole, whole)):
                sums = [_by_quarter(quarter, marks) for marks in (held, used)]
                inside[name, what, band] = inside.get((name, what, band), np.zeros((2, QUARTERS))) + sums
    for (name, what, band), (held, used) in inside.items():
        parts = " ".join(f"{100 * share:.1f}" for share in held / np.maximum(used, 1))
        print(f"{name:14s} {what:10s} {band} % band holds {100 * held.sum() / used.sum():.1f}, by quarter {parts}", flush=True)


def _by_quarter(quarter: np.ndarray, marks: np.ndarray) -> np.ndarray:
    return np.bincount(quarter, marks.reshape(len(quarter), -1).sum(axis=1), QUARTERS)


def spans(options: argparse.Namespace) -> None:
    """Coverage and interval score of sums over a week."""
    rows: dict[str, list[tuple[float, float, dict[str, float]]]] = {}
    for name, case in cases(options):
        made = forecast_with_report(case["history"], case["targets"], *case["place"])
        for _, came, due, lead in _sums(case, made, case["spec"]["week"]):
            if came > 0:
                rows.setdefault(name, []).append((came, due.sum(), _deviations(due, lead, made)))
    for name, of_set in rows.items():
        for method in of_set[0][2]:
            total, mean, deviation = (np.array(column) for column in zip(*((y, m, s[method]) for y, m, s in of_set), strict=True))
            told = "   ".join(_span_line(total, mean, deviation, level) for level in NORMAL)
            print(f"{name:14s} {method:14s} {len(total)} weeks   {told}", flush=True)


def groups(options: argparse.Namespace) -> None:
    """Coverage and interval score of sums over the queues of a centre."""
    of_queues: dict[tuple[str, int, pd.Timestamp, int], list[tuple[float, float, float]]] = {}
    for name, case in cases(options):
        made = forecast_with_report(case["history"], case["targets"], *case["place"])
        for length in (1, case["spec"]["week"]):
            for begin, came, due, lead in _sums(case, made, length):
                row = (came, due.sum(), span_deviation(due, lead, made.day_dispersion))
                of_queues.setdefault((name, length, case["origin"], begin), []).append(row)
    several = {key: np.array(rows).T for key, rows in of_queues.items() if len(rows) > 1 and sum(row[0] for row in rows) > 0}
    for name, length in dict.fromkeys(key[:2] for key in several):
        sums = [rows for key, rows in several.items() if key[:2] == (name, length)]
        total, mean = (np.array([rows[place].sum() for rows in sums]) for place in (0, 1))
        for common in (0.0, GROUP_COMMON, 0.5, 1.0):
            deviation = np.array([group_deviation(rows[1], rows[2], common) for rows in sums])
            told = "   ".join(_span_line(total, mean, deviation, level) for level in NORMAL)
            print(f"{name:14s} {100 * common:3.0f} % common, {len(total)} sums over {length} days   {told}", flush=True)


def _sums(case: Case, made: ForecastResult, length: int) -> Iterator[tuple[int, float, np.ndarray, np.ndarray]]:
    """Every stretch of so many days: its place, the contacts that came in all, those due on each day, and the days' leads."""
    known = ~np.isnan(case["actual"])
    due = np.where(known, made.frame["mean"].to_numpy().reshape(known.shape), 0.0).sum(axis=1)
    came = np.where(known, case["actual"], 0.0).sum(axis=1)
    lead = (case["targets"][:: known.shape[1]].normalize() - case["history"].timestamp.max().normalize()).days.to_numpy()
    for begin in range(0, len(due) - length + 1, length):
        here = slice(begin, begin + length)
        yield begin, float(came[here].sum()), due[here], lead[here]


def _deviations(due: np.ndarray, lead: np.ndarray, made: ForecastResult) -> dict[str, float]:
    """Standard deviation of a sum of days by how it is reckoned."""
    names = {"days apart": 0.0, "half common": SPAN_COMMON, "all common": 1.0}
    by_days = {name: span_deviation(due, lead, made.day_dispersion, share) for name, share in names.items()}
    return {"by intervals": total_spread(due.tolist(), asdict(made.dispersion)) / NORMAL[0.8], **by_days}


def _span_line(total: np.ndarray, mean: np.ndarray, deviation: np.ndarray, level: float) -> str:
    """Share inside, and mean interval score over the mean total, in per cent."""
    low, high = np.maximum(mean - NORMAL[level] * deviation, 0.0), mean + NORMAL[level] * deviation
    outside = np.maximum(low - total, 0.0) + np.maximum(total - high, 0.0)
    score = (high - low + 2 / (1 - level) * outside).mean() / total.mean()
    return f"{100 * level:g} % band holds {100 * (outside == 0).mean():.1f} score {100 * score:.1f}"


def aht(options: argparse.Namespace) -> None:  # noqa: ARG001
    """January forecasts February, queue by queue."""
    frame = pd.read_csv(SHARED / "data" / "volumes" / "il_bank_1999_calls_aht.csv.gz", parse_dates=["timestamp"]).dropna()
    frame = frame.rename(columns={"aht_seconds": "aht_s"})
    month = frame.timestamp.dt.month
    ours, plain, truth, weight = [], [], [], []
    for queue, later in frame[month == 2].groupby("queue"):
        earlier = frame[(month == 1) & (frame.queue == queue)]
        ours.append(forecast_aht(earlier, pd.DatetimeIndex(later.timestamp)).to_numpy())
        plain.append(np.full(len(later), (earlier.aht_s * earlier.volume).sum() / earlier.volume.sum()))
        truth.append(later.aht_s.to_numpy())
        weight.append(later.volume.to_numpy(dtype=float))
    actual, contacts = np.concatenate(truth), np.concatenate(weight)
    for name, found in (("forecast_aht", np.concatenate(ours)), ("the queue's mean", np.concatenate(plain))):
        error = contacts @ np.abs(found - actual) / (contacts @ actual)
        bias = contacts @ (found - actual) / (contacts @ actual)
        print(f"aht            {name:16s} wape {100 * error:.2f} bias {100 * bias:+.2f}   goal 27.9", flush=True)


def intraday(options: argparse.Namespace) -> None:
    """Rest of the day after 40 % of its volume was due, with and without the update."""
    sums: dict[str, np.ndarray] = {}
    for name, case in cases(options):
        result = forecast_with_report(case["history"], case["targets"], *case["place"])
        slots = case["actual"].shape[1]
        for number, actual in enumerate(case["actual"]):
            day = result.frame.iloc[number * slots : (number + 1) * slots]
            mean = day["mean"].to_numpy()
            if np.isnan(actual).any() or mean.sum() <= 0:
                continue
            now = int(np.searchsorted(np.cumsum(mean) / mean.sum(), ELAPSED)) + 1
            seen = pd.Series(actual[:now], index=day.index[:now])
            after = update_today(day, seen, result.day_update, result.dispersion)["mean"].to_numpy()
            errors = [np.abs(mean - actual)[now:].sum(), np.abs(after - actual)[now:].sum(), actual[now:].sum()]
            sums[name] = sums.get(name, np.zeros(3)) + errors
    for name, (before, after, size) in sums.items():
        goal = INTRADAY_GOALS.get(name, "none")
        print(f"{name:14s} rest of the day: {100 * before / size:.2f} becomes {100 * after / size:.2f}   goal {goal}", flush=True)


def speed(options: argparse.Namespace) -> None:  # noqa: ARG001
    """Three years of half hours, 28 days ahead, beside tuned Prophet in the same run."""
    from forecast_peers import PEERS

    history, targets = _three_years()
    forecast_queue(history, targets, "US", "NY")
    ours = min(_seconds(forecast_queue, history, targets) for _ in range(3))
    theirs = _seconds(PEERS["prophet_tuned"], history, targets)
    print(f"a queue: {ours:.3f} s (goal 0.2), tuned Prophet {theirs:.1f} s: {theirs / ours:.0f} times (goal 20)", flush=True)


def _seconds(function: Callable[..., Any], history: pd.DataFrame, targets: pd.DatetimeIndex) -> float:
    began = time.perf_counter()
    function(history, targets, "US", "NY")
    return time.perf_counter() - began


def _three_years() -> tuple[pd.DataFrame, pd.DatetimeIndex]:
    generator = np.random.default_rng(1)
    stamps = pd.date_range("2022-01-03", periods=3 * 365 * 48, freq="30min")
    week = np.array([1, 1, 0.95, 0.9, 0.85, 0.4, 0.3])[stamps.day_of_week]
    hour = np.exp(-(((stamps.hour + stamps.minute / 60 - 12) / 5.5) ** 2))
    mean = 60 * week * hour * (1 + 0.15 * np.sin(2 * np.pi * stamps.day_of_year / 365))
    day = generator.gamma(50, 1 / 50, len(stamps) // 48).repeat(48)
    history = pd.DataFrame({"timestamp": stamps, "volume": generator.poisson(mean * day)})
    return history, pd.date_range(stamps[-1] + pd.Timedelta("30min"), periods=28 * 48, freq="30min")


SECTIONS = {"accuracy": accuracy, "bands": bands, "spans": spans, "groups": groups, "aht": aht, "intraday": intraday, "speed": speed}


def main() -> None:
    """Run the sections that were asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("sections", nargs="*", default=list(SECTIONS), help=f"of {', '.join(SECTIONS)}; all when left out")
    parser.add_argument("--sets", type=lambda text: text.split(","), default=[])
    parser.add_argument("--methods", type=lambda text: text.split(","), default=[])
    parser.add_argument("--origins", type=int, default=0)
    parser.add_argument("--shifts", type=lambda text: [int(one) for one in text.split(",")], default=[0])
    parser.add_argument("--slow-origins", type=int, default=2)
    options = parser.parse_args()
    sys.path.insert(0, str(Path(__file__).resolve().parent))
    for section in options.sections:
        if section not in SECTIONS:
            sys.exit(f"sections must be among {', '.join(SECTIONS)}, got {section}")
        SECTIONS[section](options)


if __name__ == "__main__":
    main()
