"""Figures of the scheduler beside their goals and its peers: `python bench/scheduling.py [--agents N ...] [--seed N] [--no-peers]`.

Problems come from `make_roster_problem.py` of the shared folder beside the checkout. Every run has a process of its own, whose memory is
measured. Nothing is asserted; `gap` is (objective - proven bound) / price of leaving all demand unserved.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("WFM_SHARED", ROOT.parent / "shared"))
MAKE = SHARED / "tools" / "make_roster_problem.py"
CASES = (
    (20, 0.92, 60, 1.0),
    (100, 0.92, 60, 0.4),
    (500, 0.92, 60, 0.2),
    (2000, 0.92, 120, 0.15),
    (2000, 1.05, 120, 0.15),
    (5000, 0.92, 120, 0.15),
)
"""Agents, load, time limit (s) and goal of the gap (%)."""
PEERS = ("highs", "cbc", "cpsat", "pyworkforce")
REACH = 20
"""Largest size at which the peers are asked."""
PEER_SECONDS = 25


def main() -> None:
    """All cases that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agents", type=int, nargs="*", help="sizes to run; all by default")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument("--ours", metavar="PROBLEM", help=argparse.SUPPRESS)
    parser.add_argument("--limit", type=float, default=60.0, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.ours:
        print(json.dumps(ours(options.ours, options.limit, options.seed)))
        return
    if not MAKE.exists():
        sys.exit("the shared folder with make_roster_problem.py is absent: set WFM_SHARED")
    with tempfile.TemporaryDirectory() as folder:
        for agents, load, limit, goal in CASES:
            if not options.agents or agents in options.agents:
                run_case(Path(folder), options, (agents, load, limit, goal))


def run_case(folder: Path, options: argparse.Namespace, case: tuple[int, float, int, float]) -> None:
    """One size: ours, then the peers where they reach."""
    agents, load, limit, goal = case
    path = folder / f"{agents}-{load}.json"
    make = [sys.executable, str(MAKE), "--agents", str(agents), "--seed", str(options.seed), "--load", str(load), "-o", str(path)]
    subprocess.run(make, check=True)
    told = asked([__file__, "--ours", str(path), "--limit", str(limit), "--seed", str(options.seed)], 10 * limit)
    print(f"{agents} agents, load {load}, {limit} s (goal {goal} %): {in_words(told)}", flush=True)
    if options.no_peers or agents > REACH:
        return
    for name in PEERS:
        words = ["--only", name, "--problem", str(path), "--seconds", str(PEER_SECONDS)]
        said = asked([str(ROOT / "bench" / "schedule_peers.py"), *words], 20 * PEER_SECONDS)
        print(f"  {name}, {PEER_SECONDS} s: {in_words(said)}", flush=True)


def asked(command: list[str], most_s: float) -> dict[str, Any]:
    """The last line of a process of its own, as JSON; or why there is none."""
    try:
        done = subprocess.run([sys.executable, *command], capture_output=True, text=True, timeout=most_s, cwd=ROOT, check=False)
    except subprocess.TimeoutExpired:
        return {"said": f"nothing within {most_s:g} s"}
    if done.returncode:
        return {"said": (done.stderr.strip().splitlines() or ["nothing"])[-1]}
    answer: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return answer


def in_words(told: dict[str, Any]) -> str:
    """Figures by name."""
    return ", ".join(f"{name} {value:,.4g}" if isinstance(value, float) else f"{name} {value}" for name, value in told.items())


def ours(path: str, limit: float, seed: int) -> dict[str, Any]:
    """Our solver on one problem, judged by our checker."""
    import resource

    from wfm.scheduler import check, read_problem, solve

    began, first = time.perf_counter(), []
    problem = read_problem(path)
    roster = solve(problem, limit, seed, progress=lambda _: first.append(time.perf_counter() - began))
    judged = check(problem, roster)
    return {
        "objective": round(judged.objective, 1),
        "bound": round(roster.lower_bound or 0.0, 1),
        "gap_percent": round(100 * (judged.gap_of_demand or 0.0), 4),
        "first_s": round(first[0], 2),
        "seconds": round(roster.seconds, 1),
        "megabytes": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "broken": len(judged.violations),
        "notes": "; ".join(roster.notes) or "none",
    }


if __name__ == "__main__":
    main()
