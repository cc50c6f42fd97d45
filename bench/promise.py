"""Do plans keep their promise: `python bench/promise.py [--sets us_bank_2003,...] [--origins 3]`.

Two tables in one run. The first is that of the shared judge (`shared/tools/replay_eval.py`, read in place; `WFM_SHARED` names the folder if
it stands elsewhere): our plan beside the spreadsheet with Erlang C and A. The second is the reliability of the risk: of the intervals, days
and weeks said to miss their target with a probability in some tenth, the share that missed at the volumes that came. The standard error
takes the errors of one horizon as dependent. Nothing is asserted.
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


Days = list[tuple[Expected, np.ndarray, np.ndarray]]


def horizons(spec: dict[str, Any]) -> Iterator[Days]:
    """What was expected, the planned heads and the volumes that came, for the days of every horizon."""
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
            aht_s, interval_s = np.full(test.shape[1], rules.AHT_S), spec["minutes"] * 60
            yield [
                (Expected(queue, interval_s, np.where(on > 0, mean, 0.0), cv, aht_s, made.day_spread), on, came)
                for mean, cv, on, came in zip(*rows, test.values.astype(float), strict=True)
            ]


def levels_of(day: Expected, heads: np.ndarray, came: np.ndarray) -> np.ndarray:
    """Service level of every interval at the volume that came."""
    rules = judge()
    loads = np.round(np.nan_to_num(came) * rules.AHT_S / day.interval_s, 6)
    return np.array([rules.service_level(int(n), float(load)) for n, load in zip(heads, loads, strict=True)])


def reliability(spec: dict[str, Any]) -> dict[str, np.ndarray]:
    """Rows of probability said, missed, and number of the horizon: of intervals, days and weeks."""
    wanted, week = judge().LEVEL, spec["week"]
    found: dict[str, list[tuple[float, bool, int]]] = {"intervals": [], "days": [], "weeks": []}
    for number, days in enumerate(horizons(spec)):
        levels = [levels_of(*day) for day in days]
        for (day, on, came), level in zip(days, levels, strict=True):
            said = chance_of_missing(day, on)
            known = ~np.isnan(said) & ~np.isnan(came)
            found["intervals"] += [(p, x < wanted, number) for p, x in zip(said[known], level[known], strict=True)]
        for begin in range(0, len(days) - week + 1, week):
            some, reached = days[begin : begin + week], levels[begin : begin + week]
            said = chance_of_missing_span([day for day, _, _ in some], [on for _, on, _ in some], DRAWS)
            whole = [not np.isnan(came).any() and came.sum() > 20 for _, _, came in some]
            sums = [(float((x * np.nan_to_num(came)).sum()), float(np.nansum(came))) for (_, _, came), x in zip(some, reached, strict=True)]
            found["days"] += [
                (p, kept / total < wanted, number)
                for p, (kept, total), ok in zip(said[:-1], sums, whole, strict=True)
                if ok and not np.isnan(p)
            ]
            if sum(whole) >= week - 2 and not np.isnan(said[-1]):
                found["weeks"].append((said[-1], sum(k for k, _ in sums) / sum(t for _, t in sums) < wanted, number))
    return {what: np.array(rows, dtype=float) for what, rows in found.items()}


def tenths(rows: np.ndarray) -> Iterator[tuple[float, int, float, float, float]]:
    """Lower edge, how many, mean probability said, share missed and its standard error over horizons, of every tenth with 1 % or more."""
    said, missed, number = rows.T
    place = np.minimum((10 * said).astype(int), 9)
    for tenth in np.unique(place):
        here = place == tenth
        if here.mean() >= 0.01:
            share = float(missed[here].mean())
            sums = np.bincount(number[here].astype(int), missed[here] - share)
            yield tenth / 10, int(here.sum()), float(said[here].mean()), share, float(np.sqrt((sums**2).sum())) / int(here.sum())


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
        for what, rows in reliability(spec).items():
            print(f"  {what:9s} all: {len(rows):6d}, mean {rows[:, 0].mean():.3f}, missed {rows[:, 1].mean():.3f}")
            for edge, count, said, missed, error in tenths(rows):
                told = f"{count:6d}, mean {said:.3f}, missed {missed:.3f} +- {error:.3f}"
                print(f"  {what:9s} said {edge:.1f} to {edge + 0.1:.1f}: {told}")


if __name__ == "__main__":
    main()
