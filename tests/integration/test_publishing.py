"""Publishing: immutable versions, once, with their differences; and what agents see of it."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.support.drafts import MONDAY, draft, shift, week
from tests.support.service import Client, Clock
from wfm.errors import Conflict, InvalidInput, NotAllowed, NotFound
from wfm.service import audit, publishing
from wfm.service.context import Role, Service, command_line, night
from wfm.storage.tables import DraftRow

PAIR = ("a1", "a2")


def publish(service: Service, client: Client, shifts: Any, reason: str = "", **options: Any) -> publishing.PublicationView:
    return publishing.publish(service, client.planner, draft(service, client.planner, shifts, **options), reason)


def spans(service: Service, client: Client, days: int = 7) -> list[tuple[str, str, int]]:
    """Agent, local-day start and version of every shift that counts."""
    found = publishing.published_shifts(service, client.planner, MONDAY, days)
    return [(one.agent, f"{one.day:%a} {one.start:%H:%M}", one.publication) for one in found]


def test_a_draft_becomes_a_version_that_agents_see(service: Service, clinic: Client) -> None:
    number = draft(service, clinic.planner, week(*PAIR))
    assert publishing.my_week(service, clinic.agent, MONDAY).days[0].published is False
    seen = publishing.diff(service, clinic.planner, number)
    assert (seen.ready, seen.needs_reason, seen.shifts, len(seen.changes)) == (True, False, 10, 2)
    assert (seen.totals.agents, seen.totals.added, seen.totals.hours_before, seen.totals.hours_after) == (2, 10, 0, 80)
    assert seen.totals.notice_hours == 7 * 24 + 1
    view = publishing.publish(service, clinic.planner, number, row_version=seen.row_version)
    assert (view.number, view.draft_number, view.shifts, view.waiting, view.published_by) == (1, number, 10, 10, "Planner of Clinic")
    assert view.totals == seen.totals
    assert publishing.publications(service, clinic.planner) == (view,)
    assert publishing.my_week(service, clinic.agent, MONDAY).days[0].shift is not None
    detail = publishing.publication(service, clinic.planner, 1)
    assert (detail.view, detail.intact) == (view, True)
    assert detail.changes == seen.changes
    entry = audit.entries(service, clinic.administrator, action="schedule.").entries[0]
    assert entry.after is not None
    assert (entry.object_id, entry.after["sha256"], entry.after["added"], entry.after["agents"]) == ("1", view.sha256, 10, 2)


def test_what_changes_is_told_by_agent_and_day(service: Service, clinic: Client) -> None:
    first = [*week(*PAIR), shift("a3", MONDAY)]
    publish(service, clinic, first)
    after = [
        *week("a1")[1:],
        shift("a2", MONDAY, 9.0),
        shift("a2", MONDAY + timedelta(1), breaks=False),
        *week("a2")[2:],
        shift("a3", MONDAY),
        shift("a3", MONDAY + timedelta(6), hours=4.5),
    ]
    seen = publishing.diff(service, clinic.planner, draft(service, clinic.planner, after))
    told = {(one.agent, f"{day.day:%a}", str(day.kind), round(day.hours, 2)) for one in seen.changes for day in one.days}
    assert told == {("a1", "Mon", "removed", -8.0), ("a2", "Mon", "moved", 0.0), ("a2", "Tue", "breaks", 0.5), ("a3", "Sun", "added", 4.0)}
    assert {one.agent: one.hours for one in seen.changes} == {"a1": -8.0, "a2": 0.5, "a3": 4.0}
    assert (seen.totals.added, seen.totals.removed, seen.totals.moved, seen.totals.breaks) == (1, 1, 1, 1)
    assert seen.totals.hours_after - seen.totals.hours_before == -3.5


def test_only_whose_days_changed_has_something_to_acknowledge(service: Service, clinic: Client) -> None:
    publish(service, clinic, week(*PAIR))
    assert publishing.acknowledge(service, clinic.agent, 1) == 5
    view = publish(service, clinic, [*week("a1"), *week("a2", start=9.0)])
    assert view.waiting == 5
    assert publishing.my_week(service, clinic.agent, MONDAY).changes == ()
    assert [one.agent for one in publishing.publication(service, clinic.planner, 2).changes] == ["a2"]


@pytest.mark.parametrize("how", ["threads", "processes"])
def test_of_many_who_publish_a_draft_together_one_wins(service: Service, clinic: Client, how: str) -> None:
    number = draft(service, clinic.planner, week(*PAIR))
    told = _by_threads(service, clinic, number) if how == "threads" else _by_processes(service, number)
    assert sorted(told) == [f"draft {number} was published already, as version 1"] * (len(told) - 1) + ["won"]
    assert len(publishing.publications(service, clinic.planner)) == 1
    assert len(spans(service, clinic)) == 10
    assert audit.verify(service, clinic.id).ok


def _by_threads(service: Service, clinic: Client, number: int) -> list[str]:
    def attempt(_number: int) -> str:
        try:
            publishing.publish(service, clinic.planner, number)
        except Conflict as error:
            return str(error)
        return "won"

    with ThreadPoolExecutor(10) as pool:
        return list(pool.map(attempt, range(10)))


RACE = """
import sys
from tests.support.service import Clock, existing, made
from wfm.errors import Conflict
from wfm.service import publishing
from wfm.settings import Settings
from wfm.storage.database import Database

service = made(Database(sys.argv[1]), Settings(), Clock())
planner = existing(service, "Clinic").planner
print("ready", flush=True)
sys.stdin.readline()
try:
    publishing.publish(service, planner, int(sys.argv[2]))
    print("won")
except Conflict as error:
    print(error)
"""


def _by_processes(service: Service, number: int) -> list[str]:
    root = Path(__file__).resolve().parents[2]
    command = [sys.executable, "-c", RACE, service.database.url, str(number)]
    environment = os.environ | {"PYTHONPATH": str(root)}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    racers = [subprocess.Popen(command, cwd=root, env=environment, **pipes) for _ in range(3)]  # type: ignore[call-overload]
    for racer in racers:
        assert racer.stdout.readline() == "ready\n"
    for racer in racers:
        racer.stdin.write("go\n")
        racer.stdin.flush()
    return [racer.communicate(timeout=60)[0].strip() for racer in racers]


def test_a_draft_that_was_changed_after_publishing_can_be_published_again(service: Service, clinic: Client) -> None:
    number = draft(service, clinic.planner, week(*PAIR))
    publishing.publish(service, clinic.planner, number)
    with pytest.raises(Conflict, match="already, as version 1"):
        publishing.publish(service, clinic.planner, number)
    assert publishing.diff(service, clinic.planner, number).published_as == 1
    with service.database.transaction() as session:
        moved = shift("a1", MONDAY, 10.0)
        session.execute(
            text("UPDATE draft_shift SET start = start + 7200000000, \"end\" = \"end\" + 7200000000, breaks = '[]' WHERE start = :start"),
            {"start": int(shift("a1", MONDAY).start.timestamp() * 1_000_000)},
        )
    assert publishing.publish(service, clinic.planner, number).number == 2
    assert ("a1", f"Mon {moved.start:%H:%M}", 2) in spans(service, clinic)


def test_a_draft_that_moved_on_since_it_was_looked_at_is_a_conflict(service: Service, clinic: Client) -> None:
    number = draft(service, clinic.planner, week(*PAIR))
    seen = publishing.diff(service, clinic.planner, number)
    with service.database.transaction() as session:
        session.query(DraftRow).one().row_version += 1
    with pytest.raises(Conflict, match="changed meanwhile"):
        publishing.publish(service, clinic.planner, number, row_version=seen.row_version)


@pytest.mark.parametrize(
    ("shifts", "report", "message"),
    [
        (week("a1"), {"rules_broken": ["rest of a1 is 9 h, at least 11 h are due"]}, "rest of a1"),
        ([shift("a1", MONDAY), shift("a1", MONDAY, 12.0)], {}, "overlap"),
        ([shift("a1", MONDAY - timedelta(1))], {}, "lies outside"),
        ([replace(shift("a1", MONDAY), end=shift("a1", MONDAY).start + timedelta(hours=3))], {}, "break"),
    ],
)
def test_a_draft_that_breaks_rules_is_not_published(
    service: Service, clinic: Client, shifts: list[Any], report: dict[str, Any], message: str
) -> None:
    number = draft(service, clinic.planner, shifts, **report)
    seen = publishing.diff(service, clinic.planner, number)
    assert not seen.ready
    assert message in seen.rules_broken[0]
    with pytest.raises(Conflict, match=message):
        publishing.publish(service, clinic.planner, number)
    assert publishing.publications(service, clinic.planner) == ()


def test_a_night_shift_that_runs_into_the_next_published_week_is_found(service: Service, clinic: Client) -> None:
    publish(service, clinic, [shift("a1", MONDAY + timedelta(7), 5.0)], first_day=MONDAY + timedelta(7))
    number = draft(service, clinic.planner, [shift("a1", MONDAY + timedelta(6), 22.0)])
    with pytest.raises(Conflict, match="overlap"):
        publishing.publish(service, clinic.planner, number)


def test_the_newest_version_that_covers_a_day_counts(service: Service, clinic: Client) -> None:
    publish(service, clinic, week("a1"), days=14)
    publish(service, clinic, week("a1", start=9.0)[1:3], first_day=MONDAY + timedelta(1), days=2)
    assert spans(service, clinic, 14) == [
        ("a1", "Mon 13:00", 1),
        ("a1", "Tue 14:00", 2),
        ("a1", "Wed 14:00", 2),
        ("a1", "Thu 13:00", 1),
        ("a1", "Fri 13:00", 1),
    ]
    publish(service, clinic, [], first_day=MONDAY + timedelta(3), days=1)
    assert [one for one in spans(service, clinic) if one[1].startswith("Thu")] == []
    assert publishing.my_week(service, clinic.agent, MONDAY).days[3].published


def test_a_late_change_of_published_days_needs_a_reason(service: Service, clinic: Client, clock: Clock) -> None:
    publish(service, clinic, week("a1"))
    clock.instant = datetime(2026, 6, 16, 12, tzinfo=UTC)
    number = draft(service, clinic.planner, week("a1", start=9.0))
    seen = publishing.diff(service, clinic.planner, number)
    assert (seen.needs_reason, seen.totals.late) == (True, 4)  # Monday to Thursday; Friday is 73 hours away
    for reason in ("", "  "):
        with pytest.raises(InvalidInput, match="say why: 4 days"):
            publishing.publish(service, clinic.planner, number, reason)
    assert publishing.publish(service, clinic.planner, number, "the flu").reason == "the flu"
    assert publish(service, clinic, week("a2", first_day=MONDAY + timedelta(7)), first_day=MONDAY + timedelta(7)).totals.late == 0


def test_going_back_publishes_the_earlier_rows_as_a_new_version(service: Service, clinic: Client) -> None:
    publish(service, clinic, week(*PAIR))
    publish(service, clinic, [*week("a1", start=10.0), *week("a2")])
    view = publishing.revert(service, clinic.planner, 1, "the meeting is off")
    assert (view.number, view.reverts_to, view.draft_number, view.reason) == (3, 1, None, "the meeting is off")
    assert view.sha256 == publishing.publication(service, clinic.planner, 1).view.sha256
    assert [one.agent for one in publishing.publication(service, clinic.planner, 3).changes] == ["a1"]
    assert {one[1][4:] for one in spans(service, clinic)} == {"13:00"}
    with pytest.raises(Conflict, match="what is published now"):
        publishing.revert(service, clinic.planner, 1, "again")
    with pytest.raises(InvalidInput, match="reason"):
        publishing.revert(service, clinic.planner, 2, " ")
    with pytest.raises(NotFound):
        publishing.revert(service, clinic.planner, 9, "x")
    assert audit.entries(service, clinic.administrator, action="schedule.").entries[0].action == "schedule.revert"


@pytest.mark.parametrize("table", ["publication", "published_shift"])
@pytest.mark.parametrize("command", ["UPDATE {} SET organisation_id = organisation_id", "DELETE FROM {}"])
def test_the_database_itself_refuses_to_change_a_version(service: Service, clinic: Client, table: str, command: str) -> None:
    publish(service, clinic, week(*PAIR))
    with pytest.raises(DBAPIError, match="never changed"), service.database.transaction() as session:
        session.execute(text(command.format(table)))
    assert publishing.publication(service, clinic.planner, 1).intact


@pytest.mark.parametrize(
    "command",
    [
        "UPDATE published_shift SET start = start + 900000000 WHERE id = 3",
        "UPDATE published_shift SET breaks = '[]' WHERE id = 3",
        "DELETE FROM published_shift WHERE id = 3",
        "UPDATE published_shift SET agent_id = agent_id + 2 WHERE id = 3",
        "UPDATE publication SET last_day = '2026-06-22'",
    ],
)
def test_a_version_that_somebody_forged_is_found_and_not_brought_back(service: Service, clinic: Client, command: str) -> None:
    publish(service, clinic, week(*PAIR))
    publish(service, clinic, week("a1"))
    with service.database.transaction() as session:
        for table in ("publication", "published_shift"):
            for verb in ("update", "delete") if service.database.is_sqlite else ():
                session.execute(text(f"DROP TRIGGER {table}_{verb}"))
            if not service.database.is_sqlite:
                session.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER ALL"))
        session.execute(text(command))
    assert not publishing.publication(service, clinic.planner, 1).intact
    with pytest.raises(Conflict, match="not as it was published"):
        publishing.revert(service, clinic.planner, 1, "back")


def test_nobody_but_a_person_publishes(service: Service, clinic: Client) -> None:
    number = draft(service, clinic.planner, week("a1"))
    for actor in (night(clinic.id), command_line(clinic.id), clinic.agent):
        with pytest.raises(NotAllowed):
            publishing.publish(service, actor, number)
    assert publishing.diff(service, command_line(clinic.id), number).ready


def test_a_supervisor_sees_the_schedule_of_the_own_site(service: Service, clinic: Client) -> None:
    publish(service, clinic, week("a1", "a3"))
    supervisor = clinic.actors[Role.SUPERVISOR]
    assert {one.agent for one in publishing.published_shifts(service, supervisor, MONDAY, 7)} == {"a1"}
    assert {one.agent for one in publishing.publication(service, supervisor, 1).changes} == {"a1"}


def test_an_agent_sees_the_own_week_in_the_own_clock(service: Service, clinic: Client, clock: Clock) -> None:
    publish(service, clinic, week(*PAIR), reason="")
    clock.instant = datetime(2026, 6, 15, 14, 30, tzinfo=UTC)  # 09:30 in Chicago, 10:30 in New York
    mine = publishing.my_week(service, replace(clinic.agent, zone="America/New_York"))
    assert (mine.agent, mine.name, mine.queues, mine.first_day) == ("a1", "Agent 1 of Clinic", ("Visits",), MONDAY)
    assert [day.shift is not None for day in mine.days] == [True] * 5 + [False] * 2
    assert [day.is_today for day in mine.days] == [True] + [False] * 6
    today = mine.days[0].shift
    assert today is not None
    assert (f"{today.start:%H:%M}", f"{today.end:%H:%M}", today.paid_hours) == ("09:00", "17:30", 8.0)
    assert [(f"{part.start:%H:%M}", f"{part.end:%H:%M}", part.paid) for part in today.breaks] == [
        ("11:00", "11:15", True),
        ("13:00", "13:30", False),
    ]
    assert mine.following is not None
    assert (mine.current.kind, f"{mine.current.end:%H:%M}") == ("work", "11:00")
    assert (mine.following.kind, f"{mine.following.end:%H:%M}") == ("break", "11:15")
    assert f"{mine.shift_end:%H:%M}" == "17:30"


def test_now_and_next_turn_at_the_second(service: Service, clinic: Client, clock: Clock) -> None:
    publish(service, clinic, week("a1"))
    for at, kind, following in (
        ("2026-06-15T12:59:59", "free", "work"),
        ("2026-06-15T13:00:00", "work", "break"),
        ("2026-06-15T15:00:00", "break", "work"),
        ("2026-06-15T17:00:00", "break", "work"),
        ("2026-06-15T21:29:59", "work", "free"),
        ("2026-06-15T21:30:00", "free", "work"),
        ("2026-06-20T12:00:00", "free", None),
    ):
        clock.instant = datetime.fromisoformat(at).replace(tzinfo=UTC)
        mine = publishing.my_week(service, clinic.agent)
        assert (at, mine.current.kind, mine.following and mine.following.kind) == (at, kind, following)


def test_an_agent_acknowledges_what_changed(service: Service, clinic: Client) -> None:
    publish(service, clinic, week("a1"))
    publish(service, clinic, [shift("a1", MONDAY, 9.0), *week("a1")[1:]])
    mine = publishing.my_week(service, clinic.agent, MONDAY)
    told = [(change.publication, f"{change.day:%a}", str(change.kind)) for change in mine.changes]
    assert told == [(2, "Mon", "moved"), *((1, day, "added") for day in ("Tue", "Wed", "Thu", "Fri"))]
    before, after = mine.changes[0].before[0], mine.changes[0].after[0]
    assert (f"{before[0]:%H:%M}", f"{after[0]:%H:%M}") == ("08:00", "09:00")
    assert publishing.publications(service, clinic.planner)[0].waiting == 1
    assert publishing.acknowledge(service, clinic.agent, 2) == 6
    assert publishing.acknowledge(service, clinic.agent, 2) == 0
    assert publishing.my_week(service, clinic.agent, MONDAY).changes == ()
    assert [view.waiting for view in publishing.publications(service, clinic.planner)] == [0, 0]
    assert publishing.publication(service, clinic.planner, 2).changes[0].acknowledged


def test_an_account_without_an_agent_has_no_week(service: Service, clinic: Client) -> None:
    for use in (publishing.my_week, lambda *_: publishing.acknowledge(service, replace(clinic.agent, agent_id=None), 1)):
        with pytest.raises(NotFound, match="no agent"):
            use(service, replace(clinic.agent, agent_id=None))


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 8), 7.5), (date(2026, 11, 1), 9.5)])
def test_a_night_over_a_clock_change_has_the_hours_really_worked(
    service: Service, clinic: Client, clock: Clock, day: date, hours: float
) -> None:
    clock.instant = datetime(2026, 2, 1, tzinfo=UTC)
    evening = day - timedelta(1)
    begin = shift("a1", evening, 22.0, breaks=False).start
    end = shift("a1", day, 6.5, breaks=False).start
    one = replace(shift("a1", evening, 22.0, breaks=False), end=end)
    publish(service, clinic, [one], first_day=evening - timedelta(5))
    mine = publishing.my_week(service, clinic.agent, evening).days[0].shift
    assert mine is not None
    assert (f"{mine.start:%H:%M}", f"{mine.end:%H:%M}", mine.paid_hours) == ("22:00", "06:30", hours)
    assert (end - begin).total_seconds() == hours * 3_600
