"""A process of its own for pyworkforce: `python -m wfm.erlang._pyworkforce_worker`, JSON in, JSON out.

OR-Tools, which pyworkforce loads, cannot share a process with highspy. Reads `{"cases": [...], "repeat": n}` where a case has volume,
aht_s, interval_s, level, awt_s, max_occupancy and shrinkage; writes `{"answers": [...], "seconds": s}`, the seconds of one repetition.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any


def answer(case: dict[str, float]) -> dict[str, float]:
    """What pyworkforce says to one case; it counts in minutes and calls the threshold asa."""
    from pyworkforce.queuing import ErlangC

    queue = ErlangC(
        transactions=case["volume"],
        aht=case["aht_s"] / 60,
        asa=case["awt_s"] / 60,
        interval=case["interval_s"] / 60,
        shrinkage=case["shrinkage"],
    )
    said = queue.required_positions(service_level=case["level"], max_occupancy=case["max_occupancy"])
    return {
        "agents": said["raw_positions"],
        "scheduled": said["positions"],
        "service_level": said["service_level"],
        "wait_probability": said["waiting_probability"],
        "occupancy": said["occupancy"],
    }


def main() -> None:
    """One request, one answer."""
    request: dict[str, Any] = json.load(sys.stdin)
    cases, repeat = request["cases"], request.get("repeat", 1)
    answers = [answer(case) for case in cases]
    began = time.perf_counter()
    for _ in range(repeat - 1):
        answers = [answer(case) for case in cases]
    seconds = (time.perf_counter() - began) / max(repeat - 1, 1)
    json.dump({"answers": answers, "seconds": seconds if repeat > 1 else None}, sys.stdout)


if __name__ == "__main__":
    main()
