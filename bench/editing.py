"""Processor time of an edit of a draft in a process that has just started, and afterwards; on an invented staff.

Processor time, so that other work on the machine does not count; an edit waits for nothing else.

    python bench/editing.py --agents 120 --days 14
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from wfm.domain.demand import Queue
from wfm.domain.roster import Requirement, RosterProblem
from wfm.domain.timegrid import TimeGrid
from wfm.service import accounts, activities, centre, draft_store, editing, scheduling, warming
from wfm.service.context import Role, Service, command_line
from wfm.service.coverage import cover
from wfm.service.draft_state import Placed
from wfm.service.invented_staff import invented_staff
from wfm.service.opening import open_service
from wfm.settings import Settings

MONDAY = date(2026, 6, 15)
ZONE = "America/Chicago"
WHAT = "processor seconds"
QUEUES = ("appointments", "billing", "refills", "nurse", "spanish")


def main() -> None:
    """Print the seconds of every step."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agents", type=int, default=120)
    parser.add_argument("--days", type=int, default=14)
    parser.add_argument("--solve", type=float, default=5.0, help="seconds to build the draft")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        service = open_service(Settings(database_url=f"sqlite:///{folder}/wfm.db", folder=folder))
        _measure(service, _draft(service, given.agents, given.days, given.solve), Path(folder))
        service.database.close()


def _draft(service: Service, count: int, days: int, solve_s: float) -> int:
    import numpy as np

    from wfm import scheduler

    owner = centre.create_organisation(service, "Bench", ZONE, "US")
    root, grid = command_line(owner), TimeGrid(ZONE, MONDAY, days)
    clock = np.array([start.hour + start.minute / 60 for start in grid.local_starts])
    shape = np.where((clock >= 7) & (clock < 21), np.sin((clock - 7) / 14 * np.pi) + 0.3, 0.0)
    heads = dict.fromkeys(QUEUES, shape * count * 0.06)
    staff = invented_staff(grid, heads, count, dict.fromkeys(QUEUES, 0.2), 0)
    needs = tuple(Requirement(queue, 60.0, tuple(values.tolist())) for queue, values in heads.items())
    problem = RosterProblem("bench", grid, 2.0, needs, staff.contracts, staff.agents)
    people = [centre.AgentInput(agent) for agent in staff.agents]
    centre.load_centre(service, root, (), [centre.QueueInput(Queue(queue, queue), ZONE) for queue in QUEUES], staff.contracts, people)
    accounts.add_user(service, root, "p@bench.example", "P", Role.PLANNER, ZONE)
    roster = scheduler.solve(problem, solve_s, 0)
    report = {"rules_broken": [], "broken": [], "gap": ""}
    placed = tuple(map(Placed, roster.shifts))
    made = draft_store.Made(problem, placed, cover(problem, roster.shifts), roster.objective, roster.lower_bound, report)
    with service.database.transaction() as session:
        return draft_store.add(service, root, session, made, None)


def _measure(service: Service, draft: int, folder: Path) -> None:
    actor = accounts.acting(service, "p@bench.example")
    person = next(one for one in scheduling.draft(service, actor, draft, MONDAY).agents if one.shifts)
    begin, seconds = person.shifts[0].start, []
    for n in range(12):
        taken, edit = _timed(lambda n=n: _moved(service, actor, draft, person.key, begin, n))
        seconds.append(taken)
        editing.undo(service, actor, draft, edit.number)
    print(f"further edits, {WHAT}: median {statistics.median(seconds):.3f}, longest {max(seconds):.3f}")
    page, _ = _timed(lambda: scheduling.draft(service, actor, draft, MONDAY))
    print(f"reading a day of the draft, {WHAT}: {page:.3f}")
    some = tuple(agent.key for agent in scheduling.draft(service, actor, draft, MONDAY).agents[:40])
    start = datetime.combine(MONDAY, datetime.min.time())
    wish = activities.ActivityWish(activities.ActivityKind.COACHING, "Coaching", some, 30, start, start + timedelta(7), separately=True)
    activities.preview(service, actor, draft, wish)
    taken, found = _timed(lambda: activities.preview(service, actor, draft, wish))
    places = [(one.people, one.start) for one in found.places]
    placing, edit = _timed(lambda: activities.place(service, actor, draft, wish, places))
    change = edit.effect.short_change
    print(f"{len(places)} coaching sessions, {WHAT}: looked for in {taken:.2f}, placed in {placing:.2f}; {change:+.2f} h short")
    editing.undo(service, actor, draft, edit.number)
    _fresh(folder, draft, person.key, begin)


def _moved(service: Service, actor: Any, draft: int, agent: str, begin: datetime, n: int) -> editing.EditView:
    return editing.change_shift(service, actor, draft, editing.ShiftKey(agent, begin), begin + timedelta(minutes=30 if n % 2 else -30))


def _timed(call: Callable[[], Any]) -> tuple[float, Any]:
    begun = time.process_time()
    found = call()
    return time.process_time() - begun, found


def _fresh(folder: Path, draft: int, agent: str, begin: datetime) -> None:
    """The first edit in processes that have just started: as it is once the library is loaded in the background, and before that."""
    import multiprocessing

    for warm in (True, False):
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            seconds = pool.apply(first_edit, (str(folder), draft, agent, begin, warm))
        print(f"first edit of a process, {'loaded in the background' if warm else 'nothing loaded'}, {WHAT}: {seconds:.3f}")


def first_edit(folder: str, draft: int, agent: str, begin: datetime, warm: bool) -> float:
    """Seconds of the first edit; a page of the draft was read before."""
    service = open_service(Settings(database_url=f"sqlite:///{folder}/wfm.db", folder=folder))
    actor = accounts.acting(service, "p@bench.example")
    if warm:
        warming.load()
    scheduling.draft(service, actor, draft, MONDAY)
    seconds, edit = _timed(lambda: _moved(service, actor, draft, agent, begin, 0))
    editing.undo(service, actor, draft, edit.number)
    service.database.close()
    return float(seconds)


if __name__ == "__main__":
    main()
