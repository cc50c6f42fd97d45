"""What a young queue gains from its family, on public sets by rolling origins.

`python bench/family.py [--sets axa_assist,nyc_ems,uihc_ed] [--weeks 2,5,8,13,26] [--origins 7] [--kinds thinned,real]`

A young queue is a queue of the protocol (`shared/tools/forecast_eval.py`, read in place; `WFM_SHARED` names the folder) of which only so
many weeks before the origin are shown. Its family has up to three years. `thinned`: the queue is a seeded binomial part of one queue with
about 0.7 contacts an interval, its siblings are two parts of the rest, so they are alike but for chance. `real`: the whole queue beside
the other queues of its set, which need not be alike. Nothing at or after the origin is shown of either. Nothing is asserted.

Columns: WAPE of intervals, of day totals and of public holidays, bias, all %; intervals inside the 80 % band, %; forecasts in which the
family was used, %; seconds a forecast. `floor` is the WAPE of intervals that a perfect mean would still have by chance.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterator
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd
from forecasting import SHARED, evaluation, protocol

from wfm.forecast import Sibling, forecast_with_report
from wfm.forecast.metrics import poisson_floor

SETS = "axa_assist,nyc_ems,uihc_ed"
THIN_TO = 0.7
LONGEST = pd.Timedelta(days=1098)
Grid = pd.DataFrame


def families(spec: dict[str, Any], kinds: list[str]) -> Iterator[tuple[str, Grid, list[Grid]]]:
    """Kind, young queue and siblings, days by slots, for every queue of a set."""
    shared = evaluation()
    folder = str(SHARED / "data" / "volumes")
    every = sorted(pd.read_csv(f"{folder}/{spec['file']}", usecols=["queue"]).queue.unique())
    grids = shared.load(spec | {"queues": every}, folder)
    for name in spec["queues"]:
        if "thinned" in kinds:
            yield "thinned", *thinned(grids[name])
        others = [grid for other, grid in grids.items() if other != name]
        if "real" in kinds and others:
            yield "real", grids[name], others


def thinned(grid: Grid) -> tuple[Grid, list[Grid]]:
    """A small part of a queue, and two parts of the rest."""
    random = np.random.default_rng(7)
    whole = np.nan_to_num(grid.to_numpy(float)).round().astype(np.int64)
    share = float(np.clip(THIN_TO / np.nanmean(grid.to_numpy(float)), 0.02, 0.3))
    part = random.binomial(whole, share)
    third = random.binomial(whole - part, 0.35)
    made = [grid.where(grid.isna(), counts) for counts in (part, third, whole - part - third)]
    return made[0], made[1:]


def history(grid: Grid, first: pd.Timestamp, origin: pd.Timestamp) -> pd.DataFrame:
    """Rows of [first, origin)."""
    shown = grid[(grid.index >= first) & (grid.index < origin)]
    stamps = evaluation().stamps(shown.index, shown.columns)
    return pd.DataFrame({"timestamp": stamps, "volume": shown.to_numpy(float).ravel()}).dropna().reset_index(drop=True)


def one(spec: dict[str, Any], own: Grid, siblings: list[Grid], origin: pd.Timestamp, weeks: int) -> Iterator[tuple[str, np.ndarray]]:
    """Sums of a forecast alone and of one with the family."""
    test = own[own.index >= origin].iloc[: spec["horizon_days"]]
    targets = evaluation().stamps(test.index, test.columns)
    young = history(own, origin - pd.Timedelta(weeks=weeks), origin)
    if not young.volume.sum():
        return
    old = [Sibling(f"sibling {place}", history(grid, origin - LONGEST, origin)) for place, grid in enumerate(siblings)]
    free = evaluation().public_holidays(spec, range(test.index[0].year, test.index[-1].year + 1))
    for name, family in (("own", []), ("family", [sibling for sibling in old if len(sibling.history)])):
        began = time.perf_counter()
        made = forecast_with_report(young, targets, spec["country"], spec.get("subdivision"), family=family)
        seconds = time.perf_counter() - began
        yield name, sums(made, test.to_numpy(float), test.index.isin(free), seconds)


def sums(made: Any, actual: np.ndarray, holiday: np.ndarray, seconds: float) -> np.ndarray:
    """What adds up over queues and origins."""
    mean, low, high = (made.frame[name].to_numpy().reshape(actual.shape) for name in ("mean", "0.1", "0.9"))
    known = ~np.isnan(actual)
    error, came = np.where(known, mean - actual, 0.0), np.where(known, actual, 0.0)
    counted = known & (actual + mean > 0)
    inside = ((actual >= low) & (actual <= high))[counted].sum()
    floor = poisson_floor(np.where(known, mean, np.nan)) * came.sum()
    days = np.abs(error.sum(axis=1)).sum()
    off = [np.abs(error[holiday]).sum(), came[holiday].sum()]
    used = bool(made.borrowed_from)
    return np.array([np.abs(error).sum(), came.sum(), days, *off, error.sum(), inside, counted.sum(), floor, used, seconds, 1])


def told(total: np.ndarray) -> str:
    """A row of the table."""
    error, came, days, off, off_came, bias, inside, counted, floor, used, seconds, count = total
    holiday = f"{100 * off / off_came:6.1f}" if off_came else "     -"
    return (
        f"{100 * error / came:6.2f} {100 * days / came:6.2f} {holiday} {100 * bias / came:+6.1f} {100 * inside / counted:6.1f} "
        f"{100 * floor / came:6.1f} {100 * used / count:5.0f} {seconds / count:6.2f}"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sets", default=SETS)
    parser.add_argument("--weeks", type=lambda text: [int(part) for part in text.split(",")], default=[2, 5, 8, 13, 26])
    parser.add_argument("--origins", type=int, default=7)
    parser.add_argument("--kinds", default="thinned,real")
    options = parser.parse_args()
    print(f"{'set':12s} {'kind':8s} weeks {'method':7s}   wape    day holiday  bias   in 80  floor  used      s")
    for name in options.sets.split(","):
        spec = protocol()[name]
        first, count, step = spec["origins"]
        totals: dict[tuple[str, int, str], np.ndarray] = {}
        for kind, own, siblings in families(spec, options.kinds.split(",")):
            for number in range(min(count, options.origins)):
                origin = pd.Timestamp(first) + pd.Timedelta(days=step * number)
                for weeks in options.weeks:
                    for method, found in one(spec, own, siblings, origin, weeks):
                        totals[kind, weeks, method] = totals.get((kind, weeks, method), 0.0) + found
        for kind, weeks, method in sorted(totals, key=lambda key: (key[0], key[1], key[2] == "family")):
            print(f"{name:12s} {kind:8s} {weeks:5d} {method:7s} {told(totals[kind, weeks, method])}", flush=True)


if __name__ == "__main__":
    main()
