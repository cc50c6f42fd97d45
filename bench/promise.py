"""Do plans keep their promise: `python bench/promise.py [--sets us_bank_2003,...] [--origins 3]`.

Two tables in one run. The first is that of the shared judge (`shared/tools/replay_eval.py`, read in place; `WFM_SHARED` names the folder if
it stands elsewhere): our plan beside the spreadsheet with Erlang C and A. The second is the reliability of the risk: of the intervals, and
of the days, said to miss their target with a probability in some tenth, the share that missed at the volumes that came. Nothing is
asserted.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd

from wfm.domain.demand import Queue, ServiceTarget
from wfm.forecast import forecast_with_report
from wfm.service import plan_agents
from wfm.service.missing import Expected, chance_of_missing, chance_of_missing_span

SHARED = Path(os.environ.get("WFM_SHARED") or Path(__file__).resolve().parents[1].parent / "shared")
SETS = ("us_bank_2003", "il_bank_1999", "axa_assist")
GOALS = {"us_bank_2003": "kept .80, hours 1.019", "il_bank_1999": "kept .80, hours 1.080", "axa_assist": "kept .80, hours 1.050"}
DRAWS = 200
Pair = tuple[np.ndarray, np.ndarray]


def judge() -> ModuleType:
    """The shared judge, imported from where it lies."""
    sys.path.insert(0, str(SHARED / "tools"))
    return importlib.import_module("replay_eval")


def specification(name: str, origins: int | None) -> dict[str, Any]:
    """The protocol of a set, cut to its first origins."""
    spec = json.loads((SHARED / "tools" / "forecast_protocol.json").read_text())[name]
    first, count, step = spec["origins"]
    return spec | {"origins": [first, min(count, origins or count), step]}


def plans(spec: dict[str, Any]) -> None:
    """Kept, hours and days of our plan and the spreadsheet's."""
    for label, row in judge().evaluate(spec, str(SHARED / "data" / "volumes"), plan_agents).items():
        print(f"  {label:28s} " + "  ".join(f"{name} {value:.4f}" for name, value in row.items()), flush=True)


def days_of(spec: dict[str, Any]) -> Iterator[tuple[Expected, np.ndarray, np.ndarray]]:
    """What was expected, the planned heads and the volumes that came, for every day of every horizon."""
    rules = judge()
    first, count, step = spec["origins"]
    queue = Queue("queue", "Queue", target=ServiceTarget(rules.LEVEL, rules.AWT_S), patience_s=rules.PATIENCE_S)
    promise = rules.AHT_S, rules.PATIENCE_S, rules.LEVEL, rules.AWT_S
    for grid in rules.load(spec, str(SHARED / "data" / "volumes")).values():
        for k in range(count):
            origin = pd.Timestamp(first) + pd.Timedelta(days=step * k)
            train, test = grid[grid.index < origin], grid[grid.index >= origin].iloc[: spec["horizon_days"]]
            train = train[train.index >= train.index.max() - pd.Timedelta(days=rules.MAX_DAYS)]
            stamps = rules.stamps(train.index, grid.columns)
            history = pd.DataFrame({"timestamp": stamps, "volume": train.values.ravel()}).dropna().reset_index(drop=True)
            targets, where = rules.stamps(test.index, grid.columns), (spec["country"], spec.get("subdivision"))
            made, heads = forecast_with_report(history, targets, *where), plan_agents(history, targets, *where, *promise)
            rows = [column.to_numpy().reshape(test.shape) for column in (made.frame["mean"], made.rate_cv, heads)]
            for mean, cv, on, came in zip(*rows, test.values.astype(float), strict=True):
                volume = np.where(on > 0, mean, 0.0)
                yield Expected(queue, spec["minutes"] * 60, volume, cv, np.full(len(mean), rules.AHT_S)), on, came


def reliability(spec: dict[str, Any]) -> tuple[Pair, Pair]:
    """Said and missed, of intervals and of days."""
    rules, intervals, days = judge(), [], []
    for expected, heads, came in days_of(spec):
        loads = np.round(np.nan_to_num(came) * rules.AHT_S / expected.interval_s, 6)
        level = np.array([rules.service_level(int(n), float(load)) for n, load in zip(heads, loads, strict=True)])
        said = chance_of_missing(expected, heads)
        known = ~np.isnan(said) & ~np.isnan(came)
        intervals.append(np.stack([said, level < rules.LEVEL], axis=1)[known])
        if not np.isnan(came).any() and came.sum() > 20:
            kept = float((level * came).sum() / came.sum())
            days.append([chance_of_missing_span([expected], [heads], DRAWS)[0], kept < rules.LEVEL])
    first, second = np.concatenate(intervals), np.array(days, dtype=float)
    return (first[:, 0], first[:, 1]), (second[:, 0], second[:, 1])


def tenths(pair: Pair) -> Iterator[tuple[float, int, float, float]]:
    """Lower edge, how many, mean probability said and share missed, of every tenth that holds any."""
    said, missed = pair
    place = np.minimum((10 * said).astype(int), 9)
    for tenth in np.unique(place):
        here = place == tenth
        yield tenth / 10, int(here.sum()), float(said[here].mean()), float(missed[here].mean())


def main() -> None:
    """Both tables for every set."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sets", default=",".join(SETS))
    parser.add_argument("--origins", type=int, default=None)
    options = parser.parse_args()
    if not (SHARED / "tools" / "replay_eval.py").exists():
        raise SystemExit(f"the shared judge is not in {SHARED}; name its folder in WFM_SHARED")
    for name in options.sets.split(","):
        spec = specification(name, options.origins)
        print(f"{name} (goal {GOALS.get(name, 'kept .80')})")
        plans(spec)
        for what, pair in zip(("intervals", "days"), reliability(spec), strict=True):
            for edge, count, said, missed in tenths(pair):
                print(f"  {what:9s} said {edge:.1f} to {edge + 0.1:.1f}: {count:6d}, mean {said:.3f}, missed {missed:.3f}")


if __name__ == "__main__":
    main()
