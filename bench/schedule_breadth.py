"""Every kind of problem, small and short: `python bench/schedule_breadth.py [--quick] [--only NAME ...]`.

Problems come from `make_roster_problem.py` of the shared folder beside the checkout and every roster is judged by its
`check_roster.py`, which knows nothing of the solver. One row a problem: hard rules broken, whether the judge finds the cost told and a
bound that is possible, seconds to the first roster and in all, and the gap in percent of the cost of leaving all demand unserved. Each row
has a process of its own, whose kernels are compiled and loaded before its clock starts.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("WFM_SHARED", ROOT.parent / "shared"))
MAKE, JUDGE = SHARED / "tools" / "make_roster_problem.py", SHARED / "tools" / "check_roster.py"
SPRING, AUTUMN, PLAIN = "2026-03-02", "2026-10-26", "2026-05-04"
LIMITS = {20: 10, 100: 20, 500: 40}
"""Seconds by agents."""
AGREES = 1e-6


def cases(quick: bool) -> Iterator[tuple[int, dict[str, str]]]:
    """Agents, and the maker's further options."""
    for seed in (1, 2) if quick else (1, 2, 3, 4, 5):
        for load in ("0.92", "1.05"):
            yield 20, {"seed": str(seed), "load": load}
            yield 100, {"seed": str(seed), "load": load}
    for agents in (20, 100):
        for interval in ("30", "60"):
            yield agents, {"interval": interval, "start": PLAIN}
            yield agents, {"interval": interval, "start": AUTUMN}
        for start in (SPRING, AUTUMN):
            yield agents, {"start": start, "days": "14"}
        yield agents, {"start": AUTUMN, "labour-cost": ""}
        yield agents, {"start": "2026-03-23", "zone": "Europe/Berlin"}
        yield agents, {"start": "2026-04-05", "zone": "Australia/Lord_Howe"}
        yield agents, {"queues": "8", "languages": "4"}
        yield agents, {"queues": "1", "languages": "1"}
    for seed in (1,) if quick else (1, 2, 3):
        yield 500, {"seed": str(seed)}
        yield 500, {"seed": str(seed), "load": "1.05", "start": AUTUMN}
    yield 500, {"days": "14", "interval": "30"}


def main() -> None:
    """All rows that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer seeds")
    parser.add_argument("--only", metavar="NAME", nargs="+", default=[], help="rows of these names, or that hold the words")
    parser.add_argument("--names", action="store_true", help="print the names of the rows and do nothing")
    parser.add_argument("--run", nargs=3, metavar=("PROBLEM", "ROSTER", "SECONDS"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        print(json.dumps(solved(*options.run)))
        return
    if options.names:
        print(*(name for name, *_ in chosen(options.quick, options.only)), sep="\n")
        return
    if not MAKE.exists():
        sys.exit("the shared folder with make_roster_problem.py is absent: set WFM_SHARED")
    print(f"{'problem':58} {'broken':>6} {'cost':>5} {'bound':>5} {'first s':>7} {'s':>6} {'limit':>5} {'gap %':>7}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        for name, agents, more in chosen(options.quick, options.only):
            print(row(name, judged(Path(folder), agents, more), LIMITS[agents]), flush=True)


def chosen(quick: bool, only: Sequence[str]) -> Iterator[tuple[str, int, dict[str, str]]]:
    """Name, agents and options of the rows asked for: those named to the letter, or else those that hold the words in a row."""
    rows = [(" ".join([f"{n} agents", *(f"{k} {v}".strip() for k, v in more.items())]), n, more) for n, more in cases(quick)]
    exact = {name for name, *_ in rows} & set(only)
    loose = [f" {words} " for words in only if words not in exact]
    yield from (one for one in rows if not only or one[0] in exact or any(words in f" {one[0]} " for words in loose))


def judged(folder: Path, agents: int, more: dict[str, str]) -> dict[str, Any]:
    """One problem made, solved in a process of its own, and judged."""
    problem, roster = str(folder / "problem.json"), str(folder / "roster.json")
    extra = [part for key, value in more.items() for part in (f"--{key}", value) if part]
    subprocess.run([sys.executable, str(MAKE), "--agents", str(agents), *extra, "-o", problem], check=True)
    own = [sys.executable, __file__, "--run", problem, roster, str(LIMITS[agents])]
    done = subprocess.run(own, capture_output=True, text=True, check=False, cwd=ROOT)
    if done.returncode:
        return {"failed": (done.stderr.strip().splitlines() or ["nothing said"])[-1]}
    told: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    verdict = subprocess.run([sys.executable, str(JUDGE), problem, roster], capture_output=True, text=True, check=False)
    return {**told, **json.loads(verdict.stdout)} if verdict.stdout else {"failed": verdict.stderr.strip()}


def solved(problem: str, roster: str, seconds: str) -> dict[str, Any]:
    """Solves one problem; seconds to the first roster and in all."""
    from wfm.scheduler import read_problem, solve, write_roster
    from wfm.service.first_use import warm_room

    for room in ("scheduler", "uneven speeds"):
        warm_room(room)
    asked = read_problem(problem)
    began, first = time.perf_counter(), []
    found = solve(asked, float(seconds), seed=1, progress=lambda _: first.append(time.perf_counter() - began))
    spent = time.perf_counter() - began
    write_roster(found, roster)
    return {"first_s": first[0], "spent_s": spent}


def row(name: str, told: dict[str, Any], limit: int) -> str:
    """One row of the table."""
    if "failed" in told:
        return f"{name:58} {told['failed']}"
    off = abs(told["reported_objective"] - told["objective"]) / max(1.0, abs(told["objective"]))
    cost, bound = ("yes" if right else "NO" for right in (off <= AGREES, told.get("bound_is_possible", False)))
    figures = f"{told['first_s']:7.2f} {told['spent_s']:6.1f} {limit:5} {100 * told.get('gap_of_demand', float('nan')):7.3f}"
    return f"{name:58} {told['hard_rules_broken']:6} {cost:>5} {bound:>5} {figures}"


if __name__ == "__main__":
    main()
