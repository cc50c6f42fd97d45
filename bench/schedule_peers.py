"""What others make of a roster problem, each in a process of its own, beside ours: `python bench/schedule_peers.py [--agents N ...]`.

One alone: `python bench/schedule_peers.py --only NAME --problem problem.json --seconds N` prints JSON. `gap` is (objective - our proven
bound) / price of leaving all demand unserved, the same for all; `own bound` is what each proved for its own model.

The plain model has a variable for each agent, day and shift, breaks in the middle of their windows, flows from kinds of agents to queues,
missing and spare heads. Its answer is judged by our checker. pyworkforce covers one row of demand with one day's shifts and knows neither
people nor rules, so that of its answer only missing and unused head-hours are told.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
from scheduling import MAKE, PEERS, ROOT, asked, in_words

from wfm.domain.roster import Break, Roster, RosterProblem, RosterStatus, Shift
from wfm.scheduler import check, read_problem
from wfm.scheduler.instance import CALENDAR, EARLY, FIRST, KIND, LAST, LATE, MINUTES, QUEUE, READY, SHAPE, START, Instance, build_instance
from wfm.scheduler.instance import LENGTH as SHIFT_LENGTH


@dataclass(frozen=True)
class Column:
    """One agent's possible shift."""

    agent: int
    day: int
    start: int
    end: int
    ready: int
    paid_minutes: int
    price: float
    breaks: tuple[tuple[int, int, bool], ...]

    @property
    def duty(self) -> list[int]:
        """Intervals on queue."""
        away = {t for at, length, _ in self.breaks for t in range(at, at + length)}
        return [t for t in range(self.start, self.end) if t not in away]


def columns(instance: Instance) -> list[Column]:
    """Every agent's shifts, breaks in the middle of their windows."""
    calendars, shapes, found = instance.calendars, instance.shapes, []
    for agent, row in enumerate(instance.agent.tolist()):
        contract = instance.problem.contract_of[instance.problem.agents[agent].contract]
        paid = {shape.minutes // instance.problem.grid.interval_minutes: shape.paid_minutes for shape in contract.shifts}
        for day in range(calendars.days):
            first, last = calendars.row[row[CALENDAR] * calendars.days + day, :2]
            for o in range(first, last):
                option, shape = calendars.option[o], calendars.option[o, SHAPE]
                start, length = int(option[START]), int(shapes.table[shape, SHIFT_LENGTH])
                middle = shapes.breaks[shapes.table[shape, FIRST] : shapes.table[shape, LAST]]
                due = zip(middle, instance.paid_breaks[shape], strict=True)
                breaks = tuple((start + int(b[EARLY] + b[LATE]) // 2, int(b[MINUTES]), is_paid) for b, is_paid in due)
                ready = int(option[READY])
                price = float(instance.wish[agent, day] + calendars.cost[o])
                found.append(Column(agent, day, start, start + length, ready, paid[length], price, breaks))
    return found


def rows(instance: Instance, found: list[Column]) -> list[tuple[int, list[tuple[int, int]], int]]:
    """Rules as (least, [(column, factor)], most): a shift a day, days and minutes a week, rest, days in a row."""
    made = []
    rest = -(-min(c.min_rest_minutes for c in instance.problem.contracts) // instance.problem.grid.interval_minutes)
    of: dict[tuple[int, int], list[int]] = defaultdict(list)
    for c, column in enumerate(found):
        of[column.agent, column.day].append(c)
    for k, agent in enumerate(instance.problem.agents):
        contract = instance.problem.contract_of[agent.contract]
        days = [of[k, d] for d in range(instance.calendars.days)]
        made += [(0, [(c, 1) for c in day], 1) for day in days]
        for week in range(0, len(days), 7):
            mine = [c for day in days[week : week + 7] for c in day]
            made.append((contract.week_days[0], [(c, 1) for c in mine], contract.week_days[1]))
            made.append((contract.week_minutes[0], [(c, found[c].paid_minutes) for c in mine], contract.week_minutes[1]))
        for d in range(len(days) - 1):
            for after in sorted({found[c].start for c in days[d + 1]}):
                late = [c for c in days[d] if found[c].end + rest > after]
                made.append((0, [(c, 1) for c in late + [c for c in days[d + 1] if found[c].start <= after]], 1))
        run, before = contract.max_consecutive_days, agent.days_worked_before
        made.append((0, [(c, 1) for day in days[: run - before + 1] for c in day], run - before))
        made += [(0, [(c, 1) for day in days[d : d + run + 1] for c in day], run) for d in range(len(days) - run)]
        if agent.last_shift_end is not None:
            free = (agent.last_shift_end - instance.problem.grid.begin).total_seconds() / 60 + contract.min_rest_minutes
            early = [c for c in days[0] if found[c].start * instance.problem.grid.interval_minutes < free]
            made += [(0, [(c, 1)], 0) for c in early]
    return made


def heads(instance: Instance, found: list[Column]) -> dict[tuple[int, int], list[int]]:
    """Columns on duty, by kind and interval."""
    on: dict[tuple[int, int], list[int]] = defaultdict(list)
    for c, column in enumerate(found):
        for t in column.duty:
            on[int(instance.agent[column.agent, KIND]), t].append(c)
    return on


def plain_pulp(instance: Instance, found: list[Column], seconds: float, solver: str) -> tuple[list[int], float | None]:
    """The plain model in PuLP, solved by HiGHS or CBC: chosen columns and bound."""
    import pulp

    cover, model = instance.cover, pulp.LpProblem("plain", pulp.LpMinimize)
    x = [pulp.LpVariable(f"x{c}", cat="Binary") for c in range(len(found))]
    cost = [column.price * x[c] for c, column in enumerate(found)]
    for least, terms, most in rows(instance, found):
        total = pulp.lpSum(factor * x[c] for c, factor in terms)
        model += total <= most
        if least:
            model += total >= least
    served: dict[tuple[int, int], list[Any]] = defaultdict(list)
    for (k, t), on in heads(instance, found).items():
        arcs = range(cover.kind_first[k], cover.kind_first[k + 1])
        flow = [pulp.LpVariable(f"f{a}_{t}", 0) for a in arcs]
        spare = pulp.LpVariable(f"s{k}_{t}", 0)
        cost.append(cover.over_cost * cover.hours * spare)
        model += pulp.lpSum(flow) + spare == pulp.lpSum(x[c] for c in on)
        for a, f in zip(arcs, flow, strict=True):
            served[int(cover.arc[a, QUEUE]), t].append(float(cover.speed[a]) * f)
    for t, q in zip(*np.nonzero(instance.required), strict=True):
        miss = pulp.LpVariable(f"m{q}_{t}", 0)
        cost.append(float(cover.under_cost[q]) * cover.hours * miss)
        model += pulp.lpSum(served[int(q), int(t)]) + miss == float(instance.required[t, q])
    for (q, t), terms in served.items():
        if instance.required[t, q] == 0:
            model += pulp.lpSum(terms) <= 0
    model += pulp.lpSum(cost)
    chosen = pulp.HiGHS(msg=False, timeLimit=seconds) if solver == "highs" else pulp.PULP_CBC_CMD(msg=False, timeLimit=seconds)
    model.solve(chosen)
    if model.sol_status not in (pulp.LpSolutionOptimal, pulp.LpSolutionIntegerFeasible):
        return [], None
    bound = model.solverModel.getInfo().mip_dual_bound if solver == "highs" else None
    return [c for c in range(len(found)) if (x[c].value() or 0) > 0.5], bound


def plain_cpsat(instance: Instance, found: list[Column], seconds: float) -> tuple[list[int], float | None]:
    """The plain model in CP-SAT: time in hundredths of a head, cover in thousandths."""
    from ortools.sat.python import cp_model

    cover, model, cost = instance.cover, cp_model.CpModel(), []
    x = [model.new_bool_var("") for _ in found]
    cost = [(x[c], column.price) for c, column in enumerate(found) if column.price]
    for least, terms, most in rows(instance, found):
        model.add_linear_constraint(sum(factor * x[c] for c, factor in terms), least, most)
    served: dict[tuple[int, int], list[Any]] = defaultdict(list)
    for (k, t), on in heads(instance, found).items():
        most = 100 * len(on)
        spare, flow = model.new_int_var(0, most, ""), []
        for a in range(cover.kind_first[k], cover.kind_first[k + 1]):
            flow.append(model.new_int_var(0, most, ""))
            served[int(cover.arc[a, QUEUE]), t].append(round(10 * cover.speed[a]) * flow[-1])
        model.add(sum(flow) + spare == 100 * sum(x[c] for c in on))
        cost.append((spare, cover.over_cost * cover.hours / 100))
    for (q, t), terms in served.items():
        model.add(sum(terms) <= round(1000 * instance.required[t, q]))
    for t, q in zip(*np.nonzero(instance.required), strict=True):
        need = round(1000 * instance.required[t, q])
        miss = model.new_int_var(0, need, "")
        model.add(sum(served[int(q), int(t)]) + miss == need)
        cost.append((miss, cover.under_cost[q] * cover.hours / 1000))
    model.minimize(sum(v * float(price) for v, price in cost))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds, solver.parameters.num_workers = seconds, 2
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return [], None
    return [c for c in range(len(found)) if solver.value(x[c])], solver.best_objective_bound


def judged(problem: RosterProblem, found: list[Column], chosen: list[int], bound: float | None) -> dict[str, Any]:
    """Our checker's word on the chosen columns."""
    if not chosen:
        return {"said": "no roster"}
    begin, step = problem.grid.begin, timedelta(minutes=problem.grid.interval_minutes)
    shifts = []
    for column in (found[c] for c in chosen):
        breaks = tuple(Break(begin + at * step, begin + (at + length) * step, paid) for at, length, paid in column.breaks)
        shifts.append(Shift(problem.agents[column.agent].id, begin + column.start * step, begin + column.end * step, breaks))
    told = check(problem, Roster(problem.id, tuple(shifts), 0.0, bound, RosterStatus.FEASIBLE, "peer", 0, 0.0))
    return {"objective": told.objective, "bound_of_its_model": bound, "broken": len(told.violations)}


def pyworkforce(instance: Instance, seconds: float) -> dict[str, Any]:
    """Shifts of one length over the sum of all queues, by the hour."""
    from pyworkforce.scheduling import MinAbsDifference

    per_hour = round(1 / instance.cover.hours)
    total, hourly = instance.required.sum(axis=1), np.zeros((7, 24))
    for day, (begin, end) in enumerate(instance.problem.grid.day_bounds[:7]):
        for at, heads_needed in enumerate(total[begin:end][: 24 * per_hour]):
            hourly[day, at // per_hour] += heads_needed / per_hour
    need = np.ceil(hourly).astype(int).tolist()
    shifts = {f"s{h}": [int(h <= p < h + 8) for p in range(24)] for h in range(6, 16)}
    most = max(map(max, need)) + 1
    answer = MinAbsDifference(7, 24, shifts, need, most, most, max_search_time=seconds, num_search_workers=2).solve()
    said = answer.get("resources_shifts", [])
    here = np.zeros((7, 24))
    for one in said:
        here[one["day"]] += one["resources"] * np.array(shifts[one["shift"]])
    return {"missing_hours": float(np.maximum(hourly - here, 0).sum()), "unused_hours": float(np.maximum(here - hourly, 0).sum())}


def one(name: str, path: str, seconds: float) -> dict[str, Any]:
    """One peer on one problem."""
    problem, begun = read_problem(path), time.perf_counter()
    instance = build_instance(problem)
    if name == "pyworkforce":
        told = pyworkforce(instance, seconds)
    else:
        found = columns(instance)
        solve = plain_cpsat(instance, found, seconds) if name == "cpsat" else plain_pulp(instance, found, seconds, name)
        told = judged(problem, found, *solve)
    megabytes = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    return {**told, "seconds": round(time.perf_counter() - begun, 1), "megabytes": megabytes}


def table(sizes: list[int], seconds: float, seed: int) -> None:
    """Ours and every peer at these sizes, a line each."""
    print(f"{'agents':>6} {'solver':12} {'objective':>10} {'own bound':>10} {'gap %':>8} {'broken':>6} {'s':>7} {'MB':>6}")
    with tempfile.TemporaryDirectory() as folder:
        for size in sizes:
            path = str(Path(folder) / f"{size}.json")
            drawn = ("--seed", str(seed))
            subprocess.run([sys.executable, str(MAKE), "--agents", str(size), *drawn, "-o", path], check=True)
            mine = asked([str(ROOT / "bench" / "scheduling.py"), "--ours", path, "--limit", str(seconds), *drawn], 20 * seconds)
            unserved, bound = price_of_all(path), float(mine.get("bound", 0.0))
            _line(size, "wfm", {**mine, "bound_of_its_model": bound}, bound, unserved)
            for name in PEERS:
                told = asked([__file__, "--only", name, "--problem", path, "--seconds", str(seconds)], 20 * seconds)
                _line(size, name, told, bound, unserved)


def price_of_all(path: str) -> float:
    """What it costs to leave all demand of a problem unserved."""
    problem = read_problem(path)
    return sum(need.under_cost * sum(need.required) for need in problem.requirements) * problem.grid.interval_minutes / 60


def _line(size: int, name: str, told: dict[str, Any], bound: float, unserved: float) -> None:
    if "objective" not in told:
        print(f"{size:>6} {name:12} {in_words(told)}", flush=True)
        return
    gap, own = 100 * (told["objective"] - bound) / unserved, told["bound_of_its_model"]
    proven = "none" if own is None else f"{own:,.1f}"
    figures = f"{told['objective']:>10,.1f} {proven:>10} {gap:>8.3f} {told['broken']:>6} {told['seconds']:>7} {told['megabytes']:>6}"
    print(f"{size:>6} {name:12} {figures}", flush=True)


def main() -> None:
    """The table, or one peer alone."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agents", type=int, nargs="*", default=[20, 100], help="sizes; 20 and 100 by default")
    parser.add_argument("--seconds", type=float, default=25.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=PEERS)
    parser.add_argument("--problem", help="file of the problem, with --only")
    options = parser.parse_args()
    if options.only:
        print(json.dumps(one(options.only, options.problem, options.seconds)))
        return
    if not MAKE.exists():
        sys.exit("the shared folder with make_roster_problem.py is absent: set WFM_SHARED")
    table(options.agents, options.seconds, options.seed)


if __name__ == "__main__":
    main()
