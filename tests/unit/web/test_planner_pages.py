"""The planner's pages over a small clinic that was really imported, forecast, staffed, scheduled and published."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.e2e import small_centre
from tests.support.service import CHEAP, Clock
from tests.unit.web.conftest import csrf, send
from web import create_app
from wfm.domain.staff import Agent
from wfm.jobs.run import run
from wfm.service import accounts, centre, forecasting, importing, publishing, risk, scheduling, staffing, work
from wfm.service.context import Actor, Service
from wfm.service.opening import open_service
from wfm.service.progress import Progress
from wfm.settings import Settings

MONDAY = date(2026, 6, 8)
NOON = datetime(2026, 6, 8, 17, tzinfo=UTC)
TEN_S = int(datetime(2026, 6, 8, 15, tzinfo=UTC).timestamp())


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The clinic on a Monday noon: history up to Sunday, a draft, and a published week in which one person works more."""
    folder: Path = tmp_path_factory.mktemp("clinic")
    settings = Settings(f"sqlite:///{folder / 'wfm.db'}", str(folder), workers=1, forecast_days=21, log_level="CRITICAL")
    opened = replace(open_service(settings), now=Clock(NOON), password_cost=CHEAP)
    small_centre.load(opened)
    planner = accounts.acting(opened, "planner@bayview.example")
    content = small_centre.history_csv(date(2026, 6, 7))
    importing.commit(opened, planner, content, "clinic.csv", small_centre.ZONE)
    forecasting.run(opened, planner, Progress(), candidates=["same_weekday"])
    staffing.plan(opened, planner, Progress())
    scheduling.solve(opened, planner, Progress(), MONDAY, time_limit_s=1)
    evans = centre.AgentInput(Agent("a4", "full time", {"Appointments": 1.0, "Nurse triage": 1.0}, name="Evans, J."), "Home", ("en",))
    centre.load_centre(opened, planner, agents=[evans])
    publishing.publish(opened, planner, scheduling.solve(opened, planner, Progress(), MONDAY, time_limit_s=1))
    yield opened
    opened.database.close()


@pytest.fixture(scope="module")
def who(service: Service) -> Actor:
    return accounts.acting(service, "planner@bayview.example")


@pytest.fixture(scope="module")
def app(service: Service) -> Flask:
    return create_app(service.settings, service)


@pytest.fixture(scope="module")
def browser(app: Flask, service: Service, who: Actor) -> FlaskClient:
    """The planner's browser."""
    made = app.test_client()
    link = f"/once/{accounts.make_one_time_sign_in(service, None, who.user_id or 0)}"
    send(made, link, page=link)
    return made


@pytest.fixture(scope="module")
def agent(app: Flask, service: Service) -> FlaskClient:
    """An agent's browser."""
    made = app.test_client()
    user = accounts.acting(service, "agent@bayview.example")
    link = f"/once/{accounts.make_one_time_sign_in(service, None, user.user_id or 0)}"
    send(made, link, page=link)
    return made


def test_today_shows_the_five_steps_done(browser: FlaskClient) -> None:
    page = browser.get("/today").text
    assert page.count('<li class="done">') == 5
    assert "Bayview Health" in page


def test_data_shows_the_import_and_its_days(browser: FlaskClient) -> None:
    page = browser.get("/data?queue=Nurse+triage").text
    assert "clinic.csv" in page
    assert page.count('class="q-complete"') == 35
    detail = browser.get("/data/imports/1").text
    assert re.search(r"[0-9a-f]{64}", detail)
    assert browser.get("/data/imports/99").status_code == 404


def test_the_chart_gets_what_the_forecast_says(browser: FlaskClient, service: Service, who: Actor) -> None:
    page = browser.get("/forecast?queue=Appointments").text
    data = json.loads(page.split('id="series">')[1].split("</script>")[0])
    view = forecasting.view(service, who, "Appointments", first_day=date(2026, 6, 6))
    assert data["mean"] == list(view.points.mean)
    assert data["actual"] == list(view.points.actual)
    assert len(data["labels"]) == len(data["start_s"]) == 7 * 48
    assert data["labels"][2 * 48 + 20] == "Mon 8 Jun 10:00"
    assert data["zone"] == small_centre.ZONE


def test_the_figures_stand_above_the_chart(browser: FlaskClient, service: Service, who: Actor) -> None:
    figures = forecasting.view(service, who, "Appointments").figures
    page = browser.get("/forecast?queue=Appointments").text
    assert f"<b>{figures.total:,.0f}</b>" in page
    assert page.count("<dt>") >= 5


def test_days_and_table_are_twins_of_the_curve(browser: FlaskClient) -> None:
    days = browser.get("/forecast?shape=days").text
    assert len(json.loads(days.split('id="series">')[1].split("</script>")[0])["mean"]) == 28
    table = browser.get("/forecast?shape=table").text
    assert "Monday 8 June" in table
    assert "<canvas" not in table
    assert browser.get("/forecast?shape=pie").status_code == 404


@pytest.mark.parametrize(
    "address", ["/forecast?version=99", "/forecast?queue=nobody", "/people-needed?queue=nobody", "/publish/99", "/schedule?draft=99"]
)
def test_what_is_not_there_is_404(browser: FlaskClient, address: str) -> None:
    assert browser.get(address).status_code == 404


@pytest.mark.parametrize("address", ["/forecast?week=yesterday", "/people-needed?cell=x", "/schedule?draft=1e9", "/audit?page=-1"])
def test_an_address_that_cannot_be_understood_says_so(browser: FlaskClient, address: str) -> None:
    assert browser.get(address).status_code in (403, 422)


def test_each_cell_of_people_needed_opens_its_reasons(browser: FlaskClient, service: Service, who: Actor) -> None:
    page = browser.get("/people-needed?queue=Appointments").text
    assert page.count("data-cell") == 5 * 20
    assert f"cell={TEN_S}" in page
    why = browser.get(f"/people-needed/why?queue=Appointments&cell={TEN_S}").text
    known = staffing.why(service, who, "Appointments", TEN_S)
    assert f"Why {known.on_queue} on Monday 8 June 10:00" in why
    assert "For the service level" in why
    assert "share of all contacts, over what may come" in why
    assert "clinic.csv" in why
    assert f"Why {known.on_queue} on" in browser.get(f"/people-needed?queue=Appointments&cell={TEN_S}").text


def test_the_risk_of_a_week_is_told_cell_by_cell_with_the_price_of_certainty(browser: FlaskClient) -> None:
    page = browser.get("/risk?queue=Appointments").text
    assert "Chance of missing the target" in page
    assert "What certainty costs" in page
    asked_for = re.search(r'hx-get="(/people-needed/all[^"]*)"', browser.get("/people-needed").text)
    assert asked_for
    table = browser.get(html.unescape(asked_for.group(1))).text
    assert "Chance of missing the target" in table
    assert table.count('class="chosen"') == 1
    assert "is missed here with a chance of" in browser.get(f"/people-needed/why?queue=Appointments&cell={TEN_S}").text
    assert browser.get("/risk?queue=Appointments&change=99").status_code == 422


def test_the_risk_is_that_of_a_draft_where_one_is_named(browser: FlaskClient) -> None:
    planned, drafted = (browser.get(f"/risk?queue=Appointments&draft={number}").text for number in ("", "1"))
    assert '<option value="1" selected>draft 1</option>' in drafted
    assert '<option value="1" selected>' not in planned
    assert browser.get("/risk?queue=Appointments&draft=99").status_code == 404


def test_what_certainty_costs_is_told_for_one_day_alone(browser: FlaskClient, service: Service, who: Actor) -> None:
    week = risk.view(service, who, "Appointments")
    days = [risk.view(service, who, "Appointments", priced_day=one.day) for one in week.days]
    assert sum(one.priced_hours for one in days) == pytest.approx(week.hours)
    open_days = [one for one in days if one.by_level]
    assert sum(one.by_level[0].hours for one in open_days) == pytest.approx(week.by_level[0].hours)
    shown = open_days[0].priced_day
    page = browser.get(f"/risk?queue=Appointments&day={shown}").text
    assert f'<option value="{shown}" selected>' in page
    assert f"day={shown}" not in "".join(re.findall(r'href="(/risk[^"]*week=[^"]*)"', page))
    assert browser.get("/risk?queue=Appointments&day=2031-01-01").status_code == 422


def test_the_rest_of_today_is_a_job_and_stands_beside_the_plan(browser: FlaskClient, service: Service) -> None:
    waiting = browser.get("/today/rest?queue=Appointments").text
    assert "Working out the rest of the day" in waiting
    assert "people needed now" not in waiting
    claim = work.claim(service, "test worker", [work.Kind.TODAY])
    assert claim is not None
    run(service, claim)
    told = browser.get(f"/progress/work/{claim.fence.job_id}")
    assert told.headers["HX-Refresh"] == "true"
    page = browser.get("/today/rest?queue=Appointments").text
    assert "as of 12:00" in page
    assert "Working out the rest of the day" not in page
    assert "Smallest change that brings the promise back" in page
    assert "Who may go home early" in page
    assert "people needed now" in page
    assert "There are no people needed for today" in browser.get("/today/rest?day=2027-01-04").text
    assert work.claim(service, "test worker", [work.Kind.TODAY]) is None


def test_the_rest_of_today_is_worked_out_again_on_request(browser: FlaskClient, service: Service) -> None:
    answer = send(browser, "/today/rest?queue=Appointments", page="/today/rest?queue=Appointments")
    assert answer.status_code == 303
    assert "queue=Appointments" in answer.headers["Location"]
    claim = work.claim(service, "test worker", [work.Kind.TODAY])
    assert claim is not None
    work.fail(service, claim.fence, "the worker had no memory")
    assert "the worker had no memory" in browser.get(answer.headers["Location"]).text


def test_a_target_is_changed_once_and_the_loser_is_told(browser: FlaskClient, service: Service, who: Actor) -> None:
    version = str(centre.queue(service, who, "Nurse triage").row_version)
    fields = {"level": "90", "awt_s": "20", "max_occupancy": "", "patience_s": "240", "shrinkage": "12,5", "minimum_agents": "1"}
    assert send(browser, "/queues/Nurse triage/target", row_version=version, **fields).status_code == 303
    changed = centre.queue(service, who, "Nurse triage").queue
    assert (changed.target.level, changed.target.awt_s, changed.target.max_occupancy, changed.shrinkage) == (0.9, 20, None, 0.125)
    assert "Work out again" in browser.get("/people-needed?queue=Nurse+triage").text
    stale = send(browser, "/queues/Nurse triage/target", row_version=version, **fields)
    assert stale.status_code == 409
    assert "somebody else" in stale.text


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("level", "180", "level must be in (0, 1), got 1.8"),
        ("level", "many", "Service level must be a number"),
        ("shrinkage", "100", "shrinkage must be in [0, 1)"),
        ("minimum_agents", "1.5", "Fewest people must be a whole number"),
        ("awt_s", "-1", "awt_s must be at least 0"),
    ],
)
def test_a_target_out_of_bounds_is_refused_in_words(
    browser: FlaskClient, service: Service, who: Actor, field: str, value: str, words: str
) -> None:
    before = centre.queue(service, who, "Appointments")
    fields = {"level": "80", "awt_s": "30", "patience_s": "170", "shrinkage": "10", "minimum_agents": "1", field: value}
    answer = send(browser, "/queues/Appointments/target", row_version=str(before.row_version), **fields)
    assert answer.status_code == 422
    assert words in answer.text
    assert centre.queue(service, who, "Appointments") == before


def test_the_schedule_shows_everybody_and_the_coverage(browser: FlaskClient, service: Service, who: Actor) -> None:
    view = scheduling.draft(service, who, 2, MONDAY)
    page = browser.get("/schedule?draft=2").text
    working = [one for one in view.agents if one.shifts]
    assert page.count('<li class="axis') == len(view.agents)
    assert page.count('class="bit on') >= len(working)
    assert view.gap[1:] in page
    assert all(one.name in page for one in view.agents)


def test_filters_and_groups_narrow_the_schedule(browser: FlaskClient) -> None:
    assert browser.get("/schedule?draft=2&site=Home").text.count('<li class="axis') == 5
    assert browser.get("/schedule?draft=2&queue=Nurse+triage").text.count('<li class="axis') == 5
    grouped = browser.get("/schedule?draft=2&group=contract").text
    assert "full time · 9" in grouped
    assert "part time · 1" in grouped


def test_the_week_adds_up(browser: FlaskClient, service: Service, who: Actor) -> None:
    view = scheduling.draft(service, who, 2)
    page = browser.get("/schedule?draft=2&shape=week").text
    assert page.count("data-cell") == view.shift_count
    assert f"{view.needed_hours:,.1f}" in page


def test_publishing_shows_what_changes_before_and_after(browser: FlaskClient) -> None:
    page = browser.get("/publish?draft=1").text
    assert "What changes for whom" in page
    assert 'name="row_version"' in page
    assert "This draft is published as version" in browser.get("/publish?draft=2").text
    detail = browser.get("/publish/1").text
    assert "as published" in detail


def test_a_late_change_needs_a_reason_and_is_published_once(browser: FlaskClient, service: Service, who: Actor) -> None:
    preview = publishing.diff(service, who, 1)
    fields = {"draft": "1", "row_version": str(preview.row_version)}
    if preview.needs_reason:
        assert send(browser, "/publish", **fields).status_code == 422
    first = send(browser, "/publish", reason="two people are ill", **fields)
    assert first.headers["Location"] == "/publish/2"
    assert send(browser, "/publish", reason="again", **fields).status_code == 409
    assert send(browser, "/publish/1/revert", reason="they are well again").headers["Location"] == "/publish/3"
    assert "version 1 brought back" in browser.get("/publish").text


def test_the_agent_sees_the_own_week_only(agent: FlaskClient, service: Service) -> None:
    page = agent.get("/my-week").text
    week = publishing.my_week(service, accounts.acting(service, "agent@bayview.example"))
    for day in week.days:
        for shift in day.shifts:
            assert f"{shift.start:%H:%M}–{shift.end:%H:%M}" in page
    assert "Brooks" not in page
    assert page.count("<rect") == sum(len(shift.moments) for day in week.days for shift in day.shifts)


def test_got_it_settles_what_changed(agent: FlaskClient) -> None:
    page = agent.get("/my-week").text
    number = re.search(r'name="publication" value="(\d+)"', page)
    assert number
    headers = {"HX-Request": "true"}
    answer = agent.post("/my-week/got-it", data={"csrf_token": csrf(agent), "publication": number.group(1)}, headers=headers)
    assert answer.headers["HX-Redirect"] == "/my-week"
    assert 'name="publication"' not in agent.get("/my-week").text


def test_programs_get_the_same_as_json(browser: FlaskClient, service: Service, who: Actor) -> None:
    view = staffing.view(service, who, "Appointments")
    body = browser.get("/api/people-needed?queue=Appointments").get_json()
    assert body["on_queue_hours"] == view.on_queue_hours
    assert body["days"][0]["day"] == view.days[0].day.isoformat()
    assert len(browser.get("/api/published-shifts?day=2026-06-08").get_json()) > 30
    assert browser.get("/api/forecast").status_code == 422
    assert {one["key"] for one in browser.get("/api/queues").get_json()} == {"Appointments", "Nurse triage"}


def test_an_import_is_taken_back_from_its_page(browser: FlaskClient, service: Service, who: Actor) -> None:
    content = b"timestamp,queue,volume\n2026-06-08 08:00,Appointments,9\n2026-06-08 08:30,Appointments,8\n"
    importing.commit(service, who, content, "monday.csv", small_centre.ZONE)
    assert send(browser, "/data/imports/2/undo").status_code == 303
    assert "taken back" in browser.get("/data").text
    assert send(browser, "/data/imports/2/undo").status_code == 409


def _row_version(service: Service, who: Actor, key: str = "Nurse triage") -> str:
    return str(centre.queue(service, who, key).row_version)


def test_lines_of_the_shrinkage_table_are_added_and_removed(browser: FlaskClient, service: Service, who: Actor) -> None:
    address, page = "/queues/Nurse triage/shrinkage", "/people-needed?queue=Nurse+triage"
    fields = {"activity": "Coaching", "share": "4,5", "planned": "yes", "weekdays": ["1", "3"]}
    assert send(browser, address, row_version=_row_version(service, who), **fields).status_code == 303
    (part,) = centre.queue(service, who, "Nurse triage").queue.shrinkage_parts
    assert (part.activity, part.share, part.planned, part.weekdays) == ("Coaching", 0.045, True, (1, 3))
    assert "Remove Coaching" in browser.get(page).text
    refused = send(browser, address, row_version=_row_version(service, who), **fields | {"weekdays": []})
    assert (refused.status_code, "Choose at least one day" in refused.text) == (422, True)
    assert send(browser, f"{address}/remove", row_version=_row_version(service, who), place="0").status_code == 303
    assert centre.queue(service, who, "Nurse triage").queue.shrinkage_parts == ()


def test_movable_work_is_added_and_removed(browser: FlaskClient, service: Service, who: Actor) -> None:
    address = "/queues/Nurse triage/movable"
    fields = {"name": "Reminder calls", "contacts": "40", "aht_s": "240", "from": "09:00", "due": "17:00", "weekdays": ["0"]}
    assert send(browser, address, row_version=_row_version(service, who), **fields).status_code == 303
    (added,) = centre.queue(service, who, "Nurse triage").queue.movable
    assert (added.contacts, added.from_minutes, added.due_minutes, added.weekdays) == (40.0, 540, 1_020, (0,))
    assert "09:00–17:00" in browser.get("/people-needed?queue=Nurse+triage").text
    refused = send(browser, address, row_version=_row_version(service, who), **fields | {"due": "08:00"})
    assert (refused.status_code, "be due after it begins" in refused.text) == (422, True)
    for place in ("-1", "1"):
        assert send(browser, f"{address}/remove", row_version=_row_version(service, who), place=place).status_code == 404
    assert send(browser, f"{address}/remove", row_version=_row_version(service, who), place="0").status_code == 303
    assert centre.queue(service, who, "Nurse triage").queue.movable == ()


def test_a_patience_that_no_file_shows_cannot_be_used(browser: FlaskClient, service: Service, who: Actor) -> None:
    answer = send(browser, "/queues/Nurse triage/patience", row_version=_row_version(service, who))
    assert (answer.status_code, "do not show how long customers wait" in answer.text) == (422, True)


def test_what_is_carried_over_is_told_for_the_week(browser: FlaskClient, service: Service, who: Actor) -> None:
    number = staffing.versions(service, who, 1)[0].number
    page = browser.get(f"/people-needed/carried?queue=Appointments&version={number}&week=2026-06-08").text
    assert "What waits is carried over" in page
    assert page.count("Waiting at the end") == 5
    assert browser.get("/people-needed/carried?queue=Appointments").status_code == 404


def test_shared_people_are_wanted_for_a_day(browser: FlaskClient, service: Service, who: Actor) -> None:
    number = staffing.versions(service, who, 1)[0].number
    assert send(browser, "/people-needed/shared", day="2026-06-09", version=str(number)).status_code == 303
    assert "Working out shared people" in browser.get("/people-needed?queue=Appointments").text


def test_shared_people_without_a_day_are_not_wanted(browser: FlaskClient) -> None:
    assert send(browser, "/people-needed/shared", version="1").status_code == 404


def test_every_queue_of_the_version_stands_in_one_table(browser: FlaskClient) -> None:
    page = browser.get("/people-needed?queue=Appointments").text
    table = page[page.index("All queues in these days") :]
    assert "Nurse triage" in table[: table.index("</table>")]


def test_every_part_of_a_target_can_be_changed(browser: FlaskClient, service: Service, who: Actor) -> None:
    fields = {"level": "80", "awt_s": "30", "shrinkage": "10", "minimum_agents": "1", "patience_s": "240"}
    more = {"max_asa_s": "25", "max_abandonment": "4", "definition": "answered", "priority": "1"}
    assert send(browser, "/queues/Nurse triage/target", row_version=_row_version(service, who), **fields, **more).status_code == 303
    queue = centre.queue(service, who, "Nurse triage").queue
    assert (queue.target.max_asa_s, queue.target.max_abandonment, queue.target.definition, queue.priority) == (25, 0.04, "answered", 1)
    assert "answered only" in browser.get("/people-needed?queue=Nurse+triage").text
    odd = send(browser, "/queues/Nurse triage/target", row_version=_row_version(service, who), **fields, **more | {"definition": "some"})
    assert (odd.status_code, "definition must be one of" in odd.text) == (422, True)


def test_the_way_of_planning_is_chosen_with_the_target(browser: FlaskClient, service: Service, who: Actor) -> None:
    before = centre.queue(service, who, "Nurse triage").queue.target
    fields = {"level": "80", "awt_s": "30", "shrinkage": "10", "minimum_agents": "1", "patience_s": "240", "planned_by": "kept_with_chance"}
    url = "/queues/Nurse triage/target"
    refused = send(browser, url, row_version=_row_version(service, who), **fields, kept_chance="40")
    assert (refused.status_code, "The chance of keeping the target must be between 50 and 99 %, got 40" in refused.text) == (422, True)
    assert centre.queue(service, who, "Nurse triage").queue.target == before
    assert send(browser, url, row_version=_row_version(service, who), **fields, kept_chance="95").status_code == 303
    target = centre.queue(service, who, "Nurse triage").queue.target
    assert (target.planned_by, target.kept_chance) == ("kept_with_chance", 0.95)
    assert "every interval keeps it with a chance of at least <b>95" in browser.get("/people-needed?queue=Nurse+triage").text


def test_the_patience_that_files_show_is_taken_over_by_a_click(browser: FlaskClient, service: Service, who: Actor) -> None:
    head = "timestamp,queue,volume,calls abandoned,asa,avg time to abandon"
    rows = [f"2024-03-{day:02d} 09:{minute:02d},Nurse triage,20,4,20,70" for day in range(4, 9) for minute in (0, 30)]
    importing.commit(service, who, "\n".join([head, *rows, ""]).encode(), "waits.csv", small_centre.ZONE, gaps="zero")
    page = browser.get("/people-needed?queue=Nurse+triage").text
    assert "estimated from 40 abandoned of 200 contacts" in page
    assert send(browser, "/queues/Nurse triage/patience", row_version=_row_version(service, who)).status_code == 303
    assert centre.queue(service, who, "Nurse triage").queue.patience_s == 150.0
    assert "(estimated from 40 abandoned)" in browser.get("/people-needed?queue=Nurse+triage").text
