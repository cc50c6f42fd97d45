"""Read the demo centre's history, beside pandas reading the same cells without a single check.

Run `python -m bench.read_history`; it prints seconds of processor time and the ratio.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from datetime import date

import pandas as pd

from data.demo_centre import make_centre, write_history
from wfm.history import preview, read_history

ROUNDS = 5


def seconds(work: Callable[[], object]) -> float:
    """Least processor time of a few rounds, s."""
    spent = []
    for _ in range(ROUNDS):
        begin = time.process_time()
        work()
        spent.append(time.process_time() - begin)
    return min(spent)


def main() -> None:
    """Print the table."""
    stream = io.BytesIO()
    centre = make_centre(1, date(2026, 10, 31))
    drawn = seconds(lambda: make_centre(1, date(2026, 10, 31)).history)
    rows = write_history(centre, stream)
    content = stream.getvalue()
    peer = seconds(lambda: pd.read_csv(io.BytesIO(content), compression="gzip", parse_dates=["timestamp"]))
    read = seconds(lambda: read_history(content, zone=centre.organisation.zone))
    shown = seconds(lambda: preview(content, centre.organisation.zone))
    print(f"{rows:,} rows, {len(content):,} bytes packed; drawn in {drawn:.2f} s")
    print(f"pandas.read_csv {peer:.2f} s, read_history {read:.2f} s ({read / peer:.1f} times as long; {rows / read:,.0f} rows a second)")
    print(f"preview {shown:.2f} s")


if __name__ == "__main__":
    main()
