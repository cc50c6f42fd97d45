"""History comes in whole, once, and can be taken back exactly."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.support.service import Client
from wfm.errors import Conflict, InvalidInput, NotFound, PersonalData, UnreadableFile
from wfm.service import audit, centre, importing
from wfm.service.context import Service
from wfm.service.progress import Progress

ZONE = "America/Chicago"
MONDAY = datetime(2026, 3, 2)
Rows = Mapping[tuple[str, datetime], tuple[float, float | None]]


def table(rows: Rows) -> bytes:
    """A file with the given volume and AHT per queue and local start."""
    lines = [f"{start:%Y-%m-%d %H:%M},{queue},{volume:g},{'' if aht is None else aht}" for (queue, start), (volume, aht) in rows.items()]
    return "\n".join(["timestamp,queue,volume,aht", *lines, ""]).encode()


def week(queue: str = "visits", days: int = 5, step: int = 30) -> dict[tuple[str, datetime], tuple[float, float | None]]:
    """Open hours from 08:00 to 10:00 on some days."""
    starts = [MONDAY + timedelta(days=d, hours=8, minutes=m) for d in range(days) for m in range(0, 120, step)]
    return {(queue, start): (float(5 + i), 200.0 + i) for i, start in enumerate(starts)}


def stored(service: Service) -> list[tuple[Any, ...]]:
    """Every interval in the database, import and line included."""
    with service.database.reading() as session:
        return [tuple(row) for row in session.execute(text("SELECT * FROM history ORDER BY queue_id, start_s"))]


def put(service: Service, client: Client, rows: Rows | bytes, name: str = "march.csv", **options: Any) -> importing.ImportView:
    content = rows if isinstance(rows, bytes) else table(rows)
    return importing.commit(service, client.planner, content, name, ZONE, **options)


class Steps(Progress):
    """A listener that remembers."""

    def __init__(self, kept: Mapping[str, Any] | None = None) -> None:
        self._kept, self.said = dict(kept or {}), [0.0]
        self.result: dict[str, Any] = {}

    @property
    def kept(self) -> Mapping[str, Any]:
        return self._kept

    def note(self, share_done: float, text: str, **details: Any) -> None:
        self.said.append(share_done)

    def keep(self, session: Session, **result: Any) -> None:
        self.result = result


def test_a_file_is_stored_whole_and_found_again(service: Service, clinic: Client) -> None:
    steps = Steps()
    view = put(service, clinic, week(), progress=steps)
    assert (view.number, view.rows_added, view.rows_changed, view.rows_same, view.new_queues) == (1, 20, 0, 0, ())
    assert (view.volume, view.interval_minutes, view.queues, view.imported_by) == (290.0, 30, ("visits",), "Planner of Clinic")
    assert view.first == MONDAY.replace(hour=8, tzinfo=ZoneInfo(ZONE))
    assert steps.said == sorted(steps.said)
    assert steps.result == {"number": 1, "rows_added": 20, "rows_changed": 0, "rows_same": 0}
    queue = centre.queue(service, clinic.planner, "visits")
    found = importing.series(service, clinic.id, queue.id)
    assert found.volume.tolist() == [5.0 + i for i in range(20)]
    assert found.handle_s.tolist() == [(5.0 + i) * (200 + i) for i in range(20)]
    assert found.line.tolist() == list(range(2, 22))
    assert set(found.import_number.tolist()) == {1}
    assert importing.imports(service, clinic.planner) == (view,)
    entry = audit.entries(service, clinic.administrator, action="history.").entries[0]
    assert entry.after is not None
    assert entry.after | {"file": "march.csv", "added": 20, "sha256": view.sha256} == entry.after


def test_a_preview_tells_and_stores_nothing(service: Service, clinic: Client) -> None:
    put(service, clinic, week())
    before, trail = stored(service), audit.verify(service, clinic.id)
    rows = week(days=6) | {("visits", MONDAY.replace(hour=8)): (9.0, 200.0), ("new line", MONDAY.replace(hour=8)): (1.0, None)}
    seen = importing.preview(service, clinic.planner, table(rows), "april.csv", ZONE)
    assert (seen.ready, seen.rows_added, seen.rows_changed, seen.rows_same) == (True, 5, 1, 19)
    assert (seen.new_queues, seen.same_as, len(seen.file.rows)) == (("new line",), None, 20)
    change = seen.changes[0]
    assert (change.queue, change.start, change.old_volume, change.volume) == ("visits", MONDAY.replace(hour=8, tzinfo=ZoneInfo(ZONE)), 5, 9)
    assert importing.preview(service, clinic.planner, table(week()), "march.csv", ZONE).same_as == 1
    assert (stored(service), audit.verify(service, clinic.id)) == (before, trail)


def test_the_same_file_twice_changes_nothing(service: Service, clinic: Client) -> None:
    first = put(service, clinic, week())
    before, trail = stored(service), audit.verify(service, clinic.id)
    again = put(service, clinic, week(), name="march again.csv")
    assert again == replace(first, rows_added=0, rows_same=20, repeated=True)
    assert (stored(service), audit.verify(service, clinic.id)) == (before, trail)


def test_a_correction_changes_what_differs_and_undo_brings_it_back(service: Service, clinic: Client) -> None:
    put(service, clinic, week())
    before = stored(service)
    rows = week(days=6)
    late = [key for key in rows if key[1].hour == 9]
    view = put(service, clinic, rows | {key: (rows[key][0] + 1, 300.5) for key in late}, name="corrected.csv")
    assert (view.number, view.rows_added, view.rows_changed, view.rows_same) == (2, 4, 10, 10)
    changed = importing.changes(service, clinic.planner, 2)
    assert len(changed) == 10
    assert (changed[0].old_volume, changed[0].volume, changed[0].handle_s) == (7.0, 8.0, 8 * 300.5)
    taken_back = importing.undo(service, clinic.planner, 2)
    assert taken_back.undone_at == service.now()
    assert stored(service) == before
    assert importing.changes(service, clinic.planner, 2) == ()


def test_what_an_earlier_import_changed_shows_even_after_a_later_one(service: Service, clinic: Client) -> None:
    key = ("visits", MONDAY.replace(hour=8))
    for volume in (5.0, 6.0, 7.0):
        put(service, clinic, week() | {key: (volume, 200.0)}, name=f"{volume}.csv")
    assert [(c.old_volume, c.volume) for n in (2, 3) for c in importing.changes(service, clinic.planner, n)] == [(5, 6), (6, 7)]


def test_undo_waits_for_the_imports_that_came_after(service: Service, clinic: Client) -> None:
    key = ("visits", MONDAY.replace(hour=8))
    put(service, clinic, week())
    put(service, clinic, week() | {key: (50.0, 100.0)}, name="second.csv")
    put(service, clinic, week() | {key: (60.0, 100.0)}, name="third.csv")
    for number, blocker in ((1, 2), (2, 3)):
        with pytest.raises(Conflict, match=f"take import {blocker} back first"):
            importing.undo(service, clinic.planner, number)
    for number in (3, 2, 1):
        importing.undo(service, clinic.planner, number)
    assert stored(service) == []
    with pytest.raises(Conflict, match="already"):
        importing.undo(service, clinic.planner, 1)
    with pytest.raises(NotFound):
        importing.undo(service, clinic.planner, 4)


def test_a_file_that_was_taken_back_can_come_again(service: Service, clinic: Client) -> None:
    put(service, clinic, week())
    importing.undo(service, clinic.planner, 1)
    assert put(service, clinic, week()).rows_added == 20


@pytest.mark.parametrize("seed", [1, 2])
def test_every_way_back_leads_exactly_where_it_came_from(service: Service, clinic: Client, seed: int) -> None:
    chance, rows = random.Random(seed), list(week("visits", 2)) + list(week("refills", 2))
    states = [stored(service)]
    for number in range(6):
        some = {*rows[:3], *chance.sample(rows, 9)}
        figures = {key: (float(chance.randrange(4)), chance.choice([None, 200.0, 100 / 3])) for key in rows if key in some}
        put(service, clinic, figures, f"{number}.csv", gaps="unknown")
        states.append(stored(service))
    for number in range(6, 0, -1):
        assert stored(service) == states[number]
        importing.undo(service, clinic.planner, number)
    assert stored(service) == states[0]


def test_queues_that_are_new_are_set_up_with_defaults(service: Service, clinic: Client) -> None:
    view = put(service, clinic, week("Lab results"))
    assert view.new_queues == ("Lab results",)
    queue = centre.queue(service, clinic.planner, "Lab results")
    assert (queue.queue.channel, queue.queue.skill, queue.queue.language, queue.zone) == ("voice", "general", "en", ZONE)
    importing.commit(service, clinic.planner, table(week("Utc line")), "utc.csv", "UTC")
    assert centre.queue(service, clinic.planner, "Utc line").zone == ZONE


@pytest.mark.parametrize("step", [15, 60])
def test_another_length_of_interval_in_the_same_span_is_refused(service: Service, clinic: Client, step: int) -> None:
    put(service, clinic, week())
    before = stored(service)
    seen = importing.preview(service, clinic.planner, table(week(step=step)), "x.csv", ZONE)
    assert "keeps one length" in seen.obstacle
    assert not seen.ready
    with pytest.raises(InvalidInput, match=f"by 30 minutes in this span, the file has it by {step}"):
        put(service, clinic, week(step=step))
    assert stored(service) == before
    later = {(queue, start + timedelta(days=7)): row for (queue, start), row in week(step=step).items()}
    assert put(service, clinic, later, "later.csv").rows_added == 5 * 120 // step


def test_a_file_with_errors_is_refused_with_its_lines(service: Service, clinic: Client) -> None:
    content = table(week()) + b"2026-03-06 10:00,visits,-1,200\n"
    seen = importing.preview(service, clinic.planner, content, "x.csv", ZONE)
    assert not seen.ready
    assert seen.file.problems[0].line == 22
    with pytest.raises(UnreadableFile):
        put(service, clinic, content)
    assert stored(service) == []
    assert importing.imports(service, clinic.planner) == ()


def test_personal_data_is_refused_and_only_the_refusal_is_written(service: Service, clinic: Client) -> None:
    content = b"timestamp,queue,volume,patient name\n2026-03-02 08:00,visits,4,Rosa Gomez\n"
    assert not importing.preview(service, clinic.planner, content, "secret.csv", ZONE).ready
    with pytest.raises(PersonalData):
        put(service, clinic, content, "secret.csv")
    entries = audit.entries(service, clinic.administrator, action="history.refuse").entries
    assert len(entries) == 2
    assert not any(word in repr(entry) for entry in entries for word in ("Rosa", "secret.csv"))


def test_an_import_that_fails_at_the_end_stores_nothing(service: Service, clinic: Client) -> None:
    class Failing(Steps):
        def keep(self, session: Session, **result: Any) -> None:
            raise Conflict("another worker took over")

    before = (stored(service), audit.verify(service, clinic.id))
    with pytest.raises(Conflict, match="took over"):
        put(service, clinic, week("brand new"), progress=Failing())
    assert (stored(service), audit.verify(service, clinic.id)) == before
    assert len(centre.queues(service, clinic.planner)) == 2


CRASH = """
import os, sys
from tests.support.service import Clock, existing, made
from wfm.service import importing
from wfm.service.progress import Progress
from wfm.settings import Settings
from wfm.storage.database import Database

class Crash(Progress):
    def finish(self, session, **result):
        os._exit(9)

service = made(Database(sys.argv[1]), Settings(), Clock())
importing.commit(service, existing(service, "Clinic").planner, sys.stdin.buffer.read(), "x.csv", "America/Chicago", progress=Crash())
"""


def test_an_import_that_is_killed_leaves_nothing_and_can_be_tried_again(service: Service, clinic: Client) -> None:
    before = (stored(service), audit.verify(service, clinic.id))
    root = Path(__file__).resolve().parents[2]
    command = [sys.executable, "-c", CRASH, service.database.url]
    done = subprocess.run(command, input=table(week()), cwd=root, env=os.environ | {"PYTHONPATH": str(root)}, timeout=60, check=False)
    assert done.returncode == 9
    assert (stored(service), audit.verify(service, clinic.id)) == before
    assert put(service, clinic, week()).rows_added == 20


def test_work_that_was_stored_and_is_tried_again_is_not_done_twice(service: Service, clinic: Client) -> None:
    first = put(service, clinic, week())
    assert put(service, clinic, b"not even read", progress=Steps({"number": 1})) == first


def test_imports_side_by_side_take_turns(service: Service, clinic: Client) -> None:
    files = [{key: (float(number), 100.0) for key in week()} for number in range(1, 5)]
    with ThreadPoolExecutor(4) as pool:
        views = list(pool.map(lambda number: put(service, clinic, files[number], f"{number}.csv"), range(4)))
    assert sorted(view.number for view in views) == [1, 2, 3, 4]
    assert sorted((view.rows_added, view.rows_changed) for view in views) == [(0, 20), (0, 20), (0, 20), (20, 0)]
    for number in (4, 3, 2, 1):
        importing.undo(service, clinic.planner, number)
    assert stored(service) == []


def test_days_are_complete_short_missing_or_closed(service: Service, clinic: Client) -> None:
    rows = {key: row for key, row in week(days=26).items() if key[1].weekday() < 5}
    holes = {("visits", MONDAY + timedelta(days=22, hours=9)), *(key for key in rows if key[1].date() == date(2026, 3, 25))}
    put(service, clinic, {key: row for key, row in rows.items() if key not in holes}, gaps="unknown")
    found = importing.day_quality(service, clinic.planner, "visits", date(2026, 3, 22), 5)
    assert [day.status for day in found] == ["closed", "complete", "gap", "missing", "complete"]
    assert [(day.intervals, day.expected) for day in found] == [(0, 0), (4, 4), (3, 4), (0, 4), (4, 4)]
    assert found[1].volume == sum(rows[("visits", MONDAY + timedelta(days=21, hours=8, minutes=m))][0] for m in (0, 30, 60, 90))
    zero = {key: (0.0, None) for key in rows if key[1].date() == date(2026, 3, 25)}
    put(service, clinic, zero, "holiday.csv")
    assert importing.day_quality(service, clinic.planner, "visits", date(2026, 3, 25), 1)[0].status == "complete"
    assert importing.day_quality(service, clinic.planner, "refills", date(2026, 3, 25), 1)[0].status == "closed"


def test_days_of_a_clock_change_are_complete_with_what_the_clock_shows(service: Service, clinic: Client) -> None:
    here = ZoneInfo(ZONE)
    begin, lines = datetime(2026, 2, 1, 6, tzinfo=ZoneInfo("UTC")), ["timestamp,queue,volume"]
    lines += [f"{(begin + timedelta(minutes=30 * i)).astimezone(here).isoformat()},visits,1" for i in range(48 * 300)]
    put(service, clinic, "\n".join(lines).encode())
    for day, count in ((date(2026, 3, 8), 46), (date(2026, 3, 9), 48), (date(2026, 11, 1), 50)):
        quality = importing.day_quality(service, clinic.planner, "visits", day, 1)[0]
        assert (quality.status, quality.intervals, quality.expected) == ("complete", count, count)


def test_the_rows_behind_a_number_are_those_of_the_same_time_of_the_week(service: Service, clinic: Client) -> None:
    put(service, clinic, week(days=26))
    asked = datetime(2026, 5, 4, 8, 30, tzinfo=ZoneInfo(ZONE))
    rows = importing.source_rows(service, clinic.planner, "visits", int(asked.timestamp()), weeks=3)
    assert [row.start.replace(tzinfo=None) for row in rows] == [MONDAY + timedelta(weeks=n, hours=8, minutes=30) for n in (3, 2, 1)]
    assert {(row.import_number, row.file_name) for row in rows} == {(1, "march.csv")}
    assert table(week(days=26)).decode().splitlines()[rows[0].line - 1].startswith("2026-03-23 08:30,visits")
    assert importing.source_rows(service, clinic.planner, "refills", int(asked.timestamp())) == ()
