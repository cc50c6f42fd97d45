"""What it costs in accuracy that totals agree: error of queues and of their total, each forecast apart, summed up and reconciled.

    python bench/reconciling.py [--origins 7]

Sets of the shared protocol that hold several queues (axa_assist, nyc_ems), read in place as by `bench/forecasting.py`. The total is a
series of its own, known where every queue is. Errors are WAPE over the cells in which all queues were observed.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parent))

from forecasting import cases

from wfm.forecast import forecast_with_report, reconcile
from wfm.forecast.metrics import wape

SETS = ["axa_assist", "nyc_ems"]
TOTAL = "total"


def judged(parts: list[dict[str, object]]) -> np.ndarray:
    """Absolute errors and size: queues apart, queues reconciled, total apart, total summed, total reconciled, contacts."""
    frames, rate_cv = {}, {}
    history = pd.concat([part["history"].set_index("timestamp").volume for part in parts], axis=1, join="inner").sum(axis=1)
    targets, place = parts[0]["targets"], parts[0]["place"]
    histories = [part["history"] for part in parts] + [history.rename("volume").rename_axis("timestamp").reset_index()]
    names = [str(number) for number in range(len(parts))]
    for name, seen in zip([*names, TOTAL], histories, strict=True):
        made = forecast_with_report(seen, targets, *place)
        frames[name], rate_cv[name] = made.frame, made.rate_cv
    agreed = reconcile(frames, rate_cv, {TOTAL: names})
    actual = np.stack([part["actual"].ravel() for part in parts])
    known = ~np.isnan(actual).any(axis=0)
    before, after = (np.stack([by[name]["mean"].to_numpy() for name in names]) for by in (frames, agreed))
    pairs = [(actual, before), (actual, after)]
    pairs += [(actual.sum(axis=0), mean) for mean in (frames[TOTAL]["mean"].to_numpy(), before.sum(axis=0), after.sum(axis=0))]
    size = float(actual[:, known].sum())
    return np.array([wape(truth[..., known], mean[..., known]) * size for truth, mean in pairs] + [size])


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--origins", type=int, default=7)
    options = parser.parse_args()
    options.sets = SETS
    together: dict[tuple[str, pd.Timestamp], list[dict[str, object]]] = {}
    for name, case in cases(options):
        together.setdefault((name, case["targets"][0].normalize()), []).append(case)
    for name in SETS:
        parts = [group for (of, _), group in together.items() if of == name]
        *errors, size = sum(judged(group) for group in parts)
        queues, agreed, apart, summed, total = (100 * error / size for error in errors)
        print(f"{name:12s} queues {queues:.2f} reconciled {agreed:.2f}; total apart {apart:.2f} summed {summed:.2f} reconciled {total:.2f}")


if __name__ == "__main__":
    main()
