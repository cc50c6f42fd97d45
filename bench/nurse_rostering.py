"""Our solver on public nurse-rostering instances beside their best known costs: `python bench/nurse_rostering.py [NUMBER ...]`.

The instances lie in the shared folder and are read in place. A shift type becomes an hour of the clock, of which every rule and all
demand speak; the length of shifts goes into the limits of paid time. The cost is that of the format's own definition, counted here from
the letters of the finished roster, together with every hard rule that the format has: it shares nothing with our checker. Each instance
has a process of its own.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from wfm.domain.roster import Requirement, Roster, RosterProblem
from wfm.domain.rules.horizon_minutes import HorizonMinutes
from wfm.domain.rules.minimum_run import MinimumRun
from wfm.domain.rules.requests import ShiftRequest
from wfm.domain.rules.shifts_of_kind import MostOfKind
from wfm.domain.rules.successions import ForbiddenSuccession
from wfm.domain.rules.weekends import MostWeekends
from wfm.domain.staff import Agent, Contract, ShiftShape
from wfm.domain.timegrid import TimeGrid

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("WFM_SHARED", ROOT.parent / "shared")) / "data" / "nurse-rostering"
SMALL = (1, 3, 4, 5, 7, 8)
MONDAY = date(2026, 3, 2)
HOUR = 60
"""Minutes of the clock that stand for a shift."""


@dataclass(frozen=True)
class Nurse:
    """A row of the staff section: limits by type and in all, and days off (numbers from 0)."""

    name: str
    most_of: dict[str, int]
    most_minutes: int
    least_minutes: int
    longest_run: int
    shortest_run: int
    shortest_off: int
    most_weekends: int
    days_off: frozenset[int]


@dataclass(frozen=True)
class Ward:
    """An instance: days, minutes of each type, types that may not follow, people, requests and cover.

    `on` and `off` are (nurse, day, type) to weight; `cover` is (day, type) to (heads, weight of each missing, weight of each too many).
    """

    days: int
    minutes: dict[str, int]
    barred: dict[str, frozenset[str]]
    nurses: tuple[Nurse, ...]
    on: dict[tuple[str, int, str], int]
    off: dict[tuple[str, int, str], int]
    cover: dict[tuple[int, str], tuple[int, int, int]]


def sections(path: Path) -> dict[str, list[list[str]]]:
    """Rows of fields by section."""
    found: dict[str, list[list[str]]] = defaultdict(list)
    name = ""
    for line in (raw.strip() for raw in path.read_text(encoding="utf-8").splitlines()):
        if line.startswith("SECTION_"):
            name = line.removeprefix("SECTION_")
        elif line and not line.startswith("#"):
            found[name].append(line.split(","))
    return found


def read_ward(path: Path) -> Ward:
    """The instance in a text file."""
    rows = sections(path)
    away = {name: frozenset(map(int, days)) for name, *days in rows["DAYS_OFF"]}
    return Ward(
        days=int(rows["HORIZON"][0][0]),
        minutes={name: int(minutes) for name, minutes, _ in rows["SHIFTS"]},
        barred={name: frozenset(filter(None, after.split("|"))) for name, _, after in rows["SHIFTS"]},
        nurses=tuple(_nurse(row, away) for row in rows["STAFF"]),
        on={(who, int(day), kind): int(weight) for who, day, kind, weight in rows["SHIFT_ON_REQUESTS"]},
        off={(who, int(day), kind): int(weight) for who, day, kind, weight in rows["SHIFT_OFF_REQUESTS"]},
        cover={(int(day), kind): (int(n), int(under), int(over)) for day, kind, n, under, over in rows["COVER"]},
    )


def _nurse(row: list[str], away: dict[str, frozenset[int]]) -> Nurse:
    name, most_of, *limits = row
    by_type = {kind: int(most) for kind, most in (part.split("=") for part in most_of.split("|"))}
    return Nurse(name, by_type, *map(int, limits), away.get(name, frozenset()))


def as_problem(ward: Ward) -> RosterProblem:
    """The instance as a roster problem; `over_cost` and the queues' prices are those of one head in one shift.

    Raises
    ------
    ValueError
        Where shifts differ in length: then one hour cannot stand for each.
    """
    lengths = set(ward.minutes.values())
    if len(lengths) > 1:
        raise ValueError(f"shifts must be of one length, got {sorted(lengths)} minutes")
    grid = TimeGrid("UTC", MONDAY, ward.days, HOUR)
    prices = sorted({under for _, under, _ in ward.cover.values()})
    needs = tuple(Requirement(f"q{under}", float(under), _required(ward, under)) for under in prices)
    contracts = tuple(_contract(ward, nurse, lengths.copy().pop()) for nurse in ward.nurses)
    queues = {need.queue: 1.0 for need in needs}
    agents = tuple(
        Agent(n.name, n.name, queues, days_off=frozenset(MONDAY + timedelta(d) for d in n.days_off), rules=_requests(ward, n.name))
        for n in ward.nurses
    )
    over = sum(one for _, _, one in ward.cover.values()) / len(ward.cover)
    return RosterProblem("nurses", grid, over, needs, contracts, agents)


def _hour(ward: Ward, kind: str) -> int:
    return list(ward.minutes).index(kind)


def _window(ward: Ward, kind: str) -> tuple[int, int]:
    return HOUR * _hour(ward, kind), HOUR * (_hour(ward, kind) + 1)


def _required(ward: Ward, price: int) -> tuple[float, ...]:
    heads = [0.0] * (24 * ward.days)
    for (day, kind), (count, under, _) in ward.cover.items():
        if under == price:
            heads[24 * day + _hour(ward, kind)] += count
    return tuple(heads)


def _contract(ward: Ward, nurse: Nurse, minutes: int) -> Contract:
    fewest, most = -(-nurse.least_minutes // minutes), nurse.most_minutes // minutes
    barred = (ForbiddenSuccession(*_window(ward, a), *_window(ward, b)) for a, others in ward.barred.items() for b in sorted(others))
    limits = (MostOfKind(n, *_window(ward, kind), per="horizon") for kind, n in nurse.most_of.items() if n < most)
    rules = (
        MinimumRun("work", nurse.shortest_run, open_start=True),
        MinimumRun("off", nurse.shortest_off, open_start=True),
        MostWeekends(nurse.most_weekends, "horizon"),
        HorizonMinutes(HOUR * fewest, HOUR * most),
        *barred,
        *limits,
    )
    return Contract(
        nurse.name, (0, 7 * HOUR), (0, 7), (ShiftShape(HOUR),), 0, HOUR * len(ward.minutes), HOUR, 0, nurse.longest_run, rules=rules
    )


def _requests(ward: Ward, name: str) -> tuple[ShiftRequest, ...]:
    return tuple(
        ShiftRequest(MONDAY + timedelta(day), *_window(ward, kind), wanted, float(weight))
        for wanted, table in ((True, ward.on), (False, ward.off))
        for (who, day, kind), weight in table.items()
        if who == name
    )


def letters(ward: Ward, roster: Roster) -> dict[str, list[str]]:
    """The type of everybody's shift on each day, "" for a day off."""
    kinds, rows = list(ward.minutes), {nurse.name: [""] * ward.days for nurse in ward.nurses}
    for shift in roster.shifts:
        rows[shift.agent][(shift.start.date() - MONDAY).days] = kinds[shift.start.hour]
    return rows


def cost(ward: Ward, rows: dict[str, list[str]]) -> int:
    """Weights of requests not granted, of missing heads and of heads too many, as the format defines them."""
    refused = sum(weight for (who, day, kind), weight in ward.on.items() if rows[who][day] != kind)
    refused += sum(weight for (who, day, kind), weight in ward.off.items() if rows[who][day] == kind)
    heads = Counter((day, kind) for row in rows.values() for day, kind in enumerate(row))
    return refused + sum(
        under * max(count - heads[at], 0) + over * max(heads[at] - count, 0) for at, (count, under, over) in ward.cover.items()
    )


def runs(row: list[str]) -> Iterator[tuple[bool, int, bool]]:
    """Whether a run is of work, its length, and whether it touches an end of the horizon."""
    begin = 0
    for end in range(1, len(row) + 1):
        if end == len(row) or bool(row[end]) != bool(row[begin]):
            yield bool(row[begin]), end - begin, begin == 0 or end == len(row)
            begin = end


def broken(ward: Ward, rows: dict[str, list[str]]) -> list[str]:
    """Every hard rule of the format that the roster breaks, in words."""
    return [f"{nurse.name}: {said}" for nurse in ward.nurses for said in _broken_by(ward, nurse, rows[nurse.name])]


def _broken_by(ward: Ward, nurse: Nurse, row: list[str]) -> Iterator[str]:
    minutes = sum(ward.minutes[kind] for kind in row if kind)
    if not nurse.least_minutes <= minutes <= nurse.most_minutes:
        yield f"{minutes} minutes"
    for kind, most in nurse.most_of.items():
        if row.count(kind) > most:
            yield f"{row.count(kind)} shifts {kind}, at most {most}"
    for day, (one, two) in enumerate(pairwise(row)):
        if one and two in ward.barred[one]:
            yield f"{two} after {one} on day {day + 1}"
    for works, length, at_end in runs(row):
        if works and length > nurse.longest_run:
            yield f"{length} days on"
        if not at_end and length < (nurse.shortest_run if works else nurse.shortest_off):
            yield f"{length} days {'on' if works else 'off'}"
    weekends = sum(any(row[day : day + 2]) for day in range(5, ward.days, 7))
    if weekends > nurse.most_weekends:
        yield f"{weekends} weekends"
    if any(row[day] for day in nurse.days_off):
        yield "works on a day off"


def ours(number: int, seconds: float, clock: Callable[[], float]) -> dict[str, Any]:
    """Our solver on one instance."""
    from wfm.scheduler import solve

    ward = read_ward(SHARED / f"Instance{number}.txt")
    begun = time.perf_counter()
    try:
        roster = solve(as_problem(ward), seconds, seed=1, clock=clock)
    except ValueError as error:
        return {"said": str(error)}
    rows = letters(ward, roster)
    bound = None if roster.lower_bound is None else round(roster.lower_bound, 1)
    return {
        "ours": cost(ward, rows), "bound": bound, "broken": len(broken(ward, rows)), "seconds": round(time.perf_counter() - begun, 1),
        "told": round(roster.objective, 1),
    }  # fmt: skip


def main() -> None:
    """All instances that were asked for, one line each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("numbers", type=int, nargs="*", default=SMALL, help=f"instances; {', '.join(map(str, SMALL))} by default")
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--busy", action="store_true", help="count processor time, on a machine that is busy with other work")
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if not SHARED.exists():
        sys.exit("the shared folder with the instances is absent: set WFM_SHARED")
    if options.one:
        print(json.dumps(ours(options.numbers[0], options.seconds, time.process_time if options.busy else time.monotonic)))
        return
    with (SHARED / "best_known.csv").open(encoding="utf-8", newline="") as file:
        best = {row["instance"]: int(row["best_known_upper_bound"]) for row in csv.DictReader(file)}
    for number in options.numbers:
        command = [sys.executable, __file__, str(number), "--one", "--seconds", str(options.seconds), *["--busy"] * options.busy]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
        said = done.stdout.strip().splitlines() or done.stderr.strip().splitlines() or ["nothing"]
        print(f"instance {number}: best known {best.get(f'Instance{number}', 'none')}, {said[-1]}", flush=True)


if __name__ == "__main__":
    main()
