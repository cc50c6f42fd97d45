"""Editing a draft through the pages: answers to htmx and to plain forms, warnings, conflicts, dialogs."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.support.drafts import MONDAY, week
from tests.support.planned import planned, problem
from tests.support.service import Client
from tests.unit.web.conftest import csrf
from wfm.service import activities, editing, publishing, repairing, scheduling, work
from wfm.service.context import Role, Service
from wfm.service.work import Kind

HTMX = {"HX-Request": "true"}
START_S = int(datetime.fromisoformat("2026-06-15T08:00:00-05:00").timestamp())
TUESDAY = MONDAY + timedelta(1)
PART = f"/schedule/1/shift?agent=a1&start_s={START_S}&of={MONDAY}"


@pytest.fixture
def draft(service: Service, centre: Client) -> int:
    return planned(service, centre.planner, week("a1", "a2"), problem())


@pytest.fixture
def post(planner: FlaskClient, draft: int) -> Callable[..., TestResponse]:
    """Send an edit of a1's Monday as htmx does."""
    token = csrf(planner)

    def sent(do: str, address: str = "edit", **fields: Any) -> TestResponse:
        known = {"csrf_token": token, "do": do, "agent": "a1", "start_s": START_S, "row_version": 1}
        return planner.post(f"/schedule/{draft}/{address}?day={MONDAY}", data={**known, **fields}, headers=HTMX)

    return sent


def test_a_drag_answers_with_the_plan_and_what_it_did(post: Callable[..., TestResponse]) -> None:
    answer = post("change", to_start_s=START_S + 3600)
    assert answer.status_code == 200
    assert "09:00–17:30" in answer.text
    assert "Agent 1" in answer.text
    assert re.search(r"h (less|more) short|as short as before", answer.text)
    assert 'hx-swap-oob="innerHTML"' in answer.text
    assert "<html" not in answer.text


def test_dialog_and_drag_make_the_same_record(post: Callable[..., TestResponse], service: Service, centre: Client) -> None:
    post("change", to_start_s=START_S + 5400, minutes=360)
    dragged = editing.history(service, centre.planner, 1).edits[0]
    post("", "undo", edit=1)
    version = scheduling.draft(service, centre.planner, 1, MONDAY).agents[0].shifts[0].row_version
    post("change", on_day=MONDAY, clock="09:30", minutes=360, row_version=version)
    typed = editing.history(service, centre.planner, 1).edits[0]
    assert (typed.kind, typed.before, typed.after) == (dragged.kind, dragged.before, dragged.after)


def test_a_broken_rule_is_named_with_the_person(post: Callable[..., TestResponse]) -> None:
    answer = post("change", to_start_s=START_S + 8 * 3600)
    assert "Agent 1 of Clinic, Tue 16 Jun 08:00: 450 minutes of rest, 660 due" in answer.text
    assert answer.text.count("3 rules are broken") >= 2  # two of a3, who has no shift at all


def test_a_stale_drag_is_a_conflict_that_shows_both(post: Callable[..., TestResponse]) -> None:
    post("change", to_start_s=START_S + 3600)
    answer = post("change", to_start_s=START_S + 7200)
    assert answer.status_code == 409
    assert answer.headers["HX-Retarget"] == "#messages"
    assert "now 09:00–17:30" in answer.text
    assert "you wanted 10:00" in answer.text


@pytest.mark.parametrize(
    ("do", "fields", "words"),
    [
        ("change", {"on_day": MONDAY, "clock": "25:00"}, "between 00:00 and 23:59"),
        ("change", {"on_day": MONDAY, "clock": "noon"}, "HH:MM"),
        ("change", {"on_day": "Monday", "clock": "09:00"}, "YYYY-MM-DD"),
        ("change", {"minutes": "1.5"}, "whole number"),
        ("change", {"to_start_s": "soon"}, "must be a number"),
        ("add", {"minutes": 510}, "needs a day and a start"),
        ("copy", {"to_agent": "a1"}, "would overlap"),
        ("breaks", {"on_day": MONDAY, "break": ["10:00"]}, "2 breaks"),
    ],
)
def test_what_cannot_be_is_said_in_words(post: Callable[..., TestResponse], do: str, fields: dict[str, Any], words: str) -> None:
    answer = post(do, **fields)
    assert answer.status_code == 422
    assert words in answer.text


def test_an_unknown_action_is_refused(post: Callable[..., TestResponse]) -> None:
    assert post("dance").status_code == 400


@pytest.mark.parametrize(
    ("do", "fields", "words"),
    [
        ("pin", {}, "pinned"),
        ("remove", {}, "taken away"),
        ("copy", {"on_day": MONDAY + timedelta(5), "clock": "08:00", "to_agent": "a2"}, "copied"),
        ("add", {"agent": "a3", "on_day": MONDAY, "clock": "10:00", "minutes": 510}, "added"),
        ("breaks", {"on_day": MONDAY, "break": ["09:30", "12:00"]}, "breaks moved"),
        ("change", {"to_agent": "a3"}, "moved"),
    ],
)
def test_every_edit_has_its_word_in_the_list(post: Callable[..., TestResponse], do: str, fields: dict[str, Any], words: str) -> None:
    answer = post(do, **fields)
    assert answer.status_code == 200
    assert f"<b>{words}</b>" in answer.text
    assert "1 edit" in answer.text


def test_undo_and_redo_turn_the_list(post: Callable[..., TestResponse]) -> None:
    post("remove")
    undone = post("", "undo", edit=1)
    assert "undone" in undone.text
    assert "08:00–16:30" in undone.text
    assert "<b>taken away</b>" in post("", "redo", edit=1).text
    assert post("", "redo", edit=1).status_code == 409


def test_without_scripts_an_edit_leads_back_to_the_page(planner: FlaskClient, draft: int) -> None:
    fields = {"csrf_token": csrf(planner), "do": "remove", "agent": "a1", "start_s": START_S, "row_version": 1}
    answer = planner.post(f"/schedule/1/edit?day={MONDAY}&site=North", data=fields)
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/schedule?day={MONDAY}&site=North&draft=1"
    assert "taken away" in planner.get(answer.headers["Location"]).text


def test_the_dialog_of_a_shift_is_a_page_without_scripts(planner: FlaskClient, draft: int) -> None:
    part, page = planner.get(PART, headers=HTMX).text, planner.get(PART).text
    assert "<html" not in part
    assert "<html" in page
    for words in ("Move breaks", "Copy to", "Take this shift away", "Pin", 'value="360"', 'value="510" selected'):
        assert words in part
    assert planner.get(PART.replace(str(START_S), "1")).status_code == 404


def test_a_reader_sees_shifts_but_no_way_to_change_them(signed_in: Callable[[Role], FlaskClient], draft: int) -> None:
    auditor = signed_in(Role.AUDITOR)
    page = auditor.get(f"/schedule?day={MONDAY}").text
    assert "Agent 1" in page
    assert "data-edit" not in page
    assert "Undo" not in page
    assert "<form" not in auditor.get(PART, headers=HTMX).text


def test_the_page_offers_what_lies_behind_it(planner: FlaskClient, service: Service, centre: Client, draft: int) -> None:
    page = planner.get(f"/schedule?day={MONDAY}").text
    assert page.count('class="shift ') == 2
    assert "Add a shift for Agent 3 of Clinic" in page
    assert "who could fill this" in page
    assert "Compare with draft" not in page
    planned(service, centre.planner, week("a1", "a2", start=9.0), problem())
    assert "Compare with draft 1" in planner.get("/schedule?draft=2").text
    beside = planner.get(f"/schedule/2/comparison?of={MONDAY}", headers=HTMX).text
    assert "2 people have other days" in beside
    assert planner.get("/schedule/1/comparison").status_code == 404


def test_why_and_who_answer_in_words(planner: FlaskClient, draft: int) -> None:
    why = planner.get(f"/schedule/1/why?agent=a1&of={MONDAY}", headers=HTMX).text
    assert "covers Visits" in why
    assert "day off" in why
    gap = int(datetime.fromisoformat("2026-06-15T16:30:00-05:00").timestamp())
    who = planner.get(f"/schedule/1/fill?of_queue=visits&start_s={gap}&end_s={gap + 1800}", headers=HTMX).text
    assert "Who could fill Visits, 16:30–17:00" in who
    assert "moved shift" in who
    assert planner.get(f"/schedule/1/fill?of_queue=nobody&start_s={gap}&end_s={gap + 1800}").status_code == 422
    assert planner.get("/schedule/1/why?agent=a1").status_code == 422


def test_an_absence_is_looked_for_and_its_repair_taken(post: Callable[..., TestResponse], planner: FlaskClient, service: Service) -> None:
    from wfm.jobs import run

    times = {"from_day": TUESDAY, "from_clock": "00:00", "to_day": TUESDAY, "to_clock": "23:45"}
    assert "Who is away" in planner.get(f"/schedule/1/absence?of={TUESDAY}", headers=HTMX).text
    asked = post("", "repairs", **times)
    assert "Looking for repairs" in asked.text
    claim = work.claim(service, "test worker", [Kind.REPAIR])
    assert claim is not None
    run.run(service, claim)
    found = planner.get(f"/progress/schedule/1/repairs?work={claim.fence.job_id}", headers=HTMX).text
    assert "Touch nobody" in found
    assert "08:00–16:30 → off" in re.sub(r"\s+", " ", found)
    taken = post("", "repair", work=claim.fence.job_id, suggestion=0)
    assert "<b>absence repaired</b>" in taken.text
    assert planner.get("/progress/schedule/1/repairs?work=77").status_code == 404


def test_who_takes_part_is_previewed_changed_and_guarded(
    post: Callable[..., TestResponse], planner: FlaskClient, centre: Client, service: Service
) -> None:
    start = datetime.fromtimestamp(START_S, UTC)
    wish = activities.ActivityWish(activities.ActivityKind.COACHING, "Coaching", ("a1",), 30, start, start + timedelta(1))
    activities.place(service, centre.planner, 1, wish, [(("a1",), start)])
    (one,) = activities.sessions(service, centre.planner, 1)
    dialog = planner.get(f"/schedule/1/session?key={one.key}").text
    version = re.search(r'name="row_version" value="(\d+)"', dialog)
    assert version is not None
    assert re.findall(r'name="people" value="(\w+)"( checked)?', dialog)[:2] == [("a1", " checked"), ("a2", "")]
    both = {"key": one.key, "people": ["a1", "a2"], "row_version": version[1]}
    seen = post("", "session/people/preview", **both).text
    assert "Comes: Agent 2" in seen
    kept = post("", "session/people", **both)
    assert "other people in an activity" in kept.text
    assert "+ Agent 2" in kept.text
    assert post("", "session/people", **both | {"people": ["a2"]}).status_code == 409


def test_what_is_published_becomes_a_draft(planner: FlaskClient, service: Service, centre: Client, draft: int) -> None:
    publishing.publish(service, centre.planner, draft)
    answer = planner.post("/schedule/from-published", data={"csrf_token": csrf(planner), "first_day": MONDAY})
    assert answer.headers["Location"] == "/schedule?draft=2"
    assert "the published version stays as it is" in planner.get("/schedule?draft=2").text
    assert planner.post("/schedule/from-published", data={"csrf_token": csrf(planner)}).status_code == 422


def test_an_impossible_solve_says_what_conflicts(planner: FlaskClient, service: Service, centre: Client, draft: int) -> None:
    job = work.enqueue(service, centre.planner, Kind.SOLVE, {"first_day": MONDAY.isoformat()})
    claim = work.claim(service, "test worker", [Kind.SOLVE])
    assert claim is not None
    with service.database.transaction() as session:
        work.JobProgress(service, claim).keep(session, conflicts=["a1 cannot work a legal week: 4 days off; give up one"])
    work.fail(service, claim.fence, "1 agents have no tour that keeps every rule")
    page = planner.get(f"/schedule?work={job.id}").text
    assert "cheapest ways out" in page
    assert "a1 cannot work a legal week" in page
    assert repairing.MOST_PEOPLE == 3
