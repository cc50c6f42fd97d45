"""The forecast pages over a small clinic: an edit is looked at, kept, compared and taken back."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.e2e import small_centre
from tests.support.service import CHEAP, Clock
from tests.unit.web.conftest import csrf, send
from web import create_app
from wfm.service import accounts, accuracy_limits, cleaning, forecast_edits, forecasting, importing, special_days, totals
from wfm.service.context import Actor, Service
from wfm.service.opening import open_service
from wfm.service.progress import Progress
from wfm.settings import Settings

MONDAY = date(2026, 6, 8)
WEDNESDAY = MONDAY + timedelta(2)
FIELDS = {"queue": "Appointments", "kind": "percent", "value": "+10", "first_day": "2026-06-10", "name": "Flu letter", "reason": "letters"}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The clinic on a Monday noon with two versions of its forecast."""
    folder: Path = tmp_path_factory.mktemp("clinic")
    settings = Settings(f"sqlite:///{folder / 'wfm.db'}", str(folder), workers=1, forecast_days=21, log_level="CRITICAL")
    opened = replace(open_service(settings), now=Clock(datetime(2026, 6, 8, 17, tzinfo=UTC)), password_cost=CHEAP)
    small_centre.load(opened)
    pat = accounts.acting(opened, "planner@bayview.example")
    importing.commit(opened, pat, small_centre.history_csv(MONDAY - timedelta(1)), "clinic.csv", small_centre.ZONE)
    for days in (21, 14):
        forecasting.run(opened, pat, Progress(), MONDAY, days, candidates=["same_weekday"])
    yield opened
    opened.database.close()


@pytest.fixture(scope="module")
def pat(service: Service) -> Actor:
    return accounts.acting(service, "planner@bayview.example")


@pytest.fixture(scope="module")
def browser(service: Service, pat: Actor) -> FlaskClient:
    made = create_app(service.settings, service).test_client()
    link = f"/once/{accounts.make_one_time_sign_in(service, None, pat.user_id or 0)}"
    send(made, link, page=link)
    return made


def revision(page: str) -> str:
    found = re.search(r'name="revision" value="(\d+)"', page)
    assert found
    return found.group(1)


def chart(browser: FlaskClient, address: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(browser.get(address).text.split('id="series">')[1].split("</script>")[0])
    return data


def test_an_edit_is_looked_at_kept_and_taken_back(browser: FlaskClient, service: Service, pat: Actor) -> None:
    before = forecasting.view(service, pat, "Appointments", None, WEDNESDAY, 1).totals[0].mean
    assert before is not None
    page = browser.get("/forecast/edit", query_string=FIELDS).text
    assert "Wednesday 10 June" in page
    assert f"{1.1 * before:,.1f}" in page
    assert "None yet." in browser.get("/forecast?queue=Appointments").text
    assert send(browser, "/forecast/edits", revision=revision(page), **FIELDS).status_code == 303
    page = browser.get("/forecast?queue=Appointments").text
    assert "Flu letter" in page
    assert "nothing came yet" in page
    assert forecasting.view(service, pat, "Appointments", None, WEDNESDAY, 1).totals[0].mean == pytest.approx(1.1 * before)
    (edit,) = forecast_edits.edits(service, pat, "Appointments")
    assert send(browser, f"/forecast/edits/{edit.number}/revert", queue="Appointments").status_code == 303
    assert "taken back" in browser.get("/forecast?queue=Appointments").text
    assert forecasting.view(service, pat, "Appointments", None, WEDNESDAY, 1).totals[0].mean == pytest.approx(before)


def test_the_later_of_two_planners_is_shown_both_edits(browser: FlaskClient, service: Service, pat: Actor) -> None:
    fields = FIELDS | {"queue": "Nurse triage", "begin": "09:00", "end": "12:00"}
    seen = revision(browser.get("/forecast/edit", query_string=fields).text)
    assert send(browser, "/forecast/edits", revision=seen, **fields).status_code == 303
    late = send(browser, "/forecast/edits", revision=seen, **(fields | {"name": "Campaign"}))
    assert late.status_code == 409
    assert "Flu letter" in late.text
    assert "Campaign" in late.text
    assert "These edits are on the same days already" in browser.get("/forecast/edit", query_string=fields).text


def test_versions_are_laid_over_each_other_and_told_as_a_table(browser: FlaskClient, service: Service, pat: Actor) -> None:
    data = chart(browser, "/forecast?queue=Appointments&compare=1")
    assert data["words"]["other"] == "version 1"
    assert data["other"] == list(forecasting.view(service, pat, "Appointments", None, MONDAY - timedelta(2), compare=1).points.other)
    page = browser.get("/forecast?queue=Appointments&compare=1&shape=table").text
    assert "Day by day against: version 1" in page
    assert chart(browser, "/forecast?queue=Nurse+triage&compare=2")["words"]["other"] == "before the edits"
    assert chart(browser, "/forecast?queue=Appointments")["other"] is None
    assert browser.get("/forecast?compare=99").status_code == 404


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"value": "much"}, "Value must be a number"),
        ({"kind": "guess"}, "choose a day and how to change it"),
        ({"first_day": ""}, "choose a day and how to change it"),
        ({"begin": "9 o'clock"}, "From must be a time written HH:MM"),
        ({"reason": " "}, "Reason is empty"),
        ({"value": "-200"}, "-100 to 2000 %"),
        ({"first_day": "2026-06-01"}, "is over"),
    ],
)
def test_an_edit_that_makes_no_sense_is_answered_in_words(browser: FlaskClient, changed: dict[str, str], words: str) -> None:
    answer = browser.get("/forecast/edit", query_string=FIELDS | changed)
    assert answer.status_code == 422
    assert words in answer.get_data(as_text=True).replace("&#39;", "'")


def test_special_days_and_counts_are_kept_and_removed_on_their_page(browser: FlaskClient, service: Service, pat: Actor) -> None:
    fields = {"name": "Vaccine day", "first_day": "2026-06-12", "effect": "+30", "queue": "Appointments"}
    assert send(browser, "/forecast/special-days", **fields).status_code == 303
    assert send(browser, "/forecast/counts", name="Bookings", typed="2026-06-08,120\n2026-06-09,90").status_code == 303
    page = browser.get("/forecast/special-days").text
    assert all(words in page for words in ("Vaccine day", "+30", "Bookings", "12 June 2026"))
    (day,), (count,) = special_days.special_days(service, pat), special_days.counts(service, pat)
    assert (day.queue, day.effect, count.days) == ("Appointments", pytest.approx(0.3), 2)
    assert send(browser, f"/forecast/special-days/{day.id}/remove").status_code == 303
    assert send(browser, f"/forecast/counts/{count.id}/remove", row_version="1").status_code == 303
    assert special_days.special_days(service, pat) == special_days.counts(service, pat) == ()
    bad = send(browser, "/forecast/counts", name="Bookings", typed="yesterday,1")
    assert bad.status_code == 422
    assert "line 1, day: must be a day of the calendar" in bad.text


def test_accuracy_says_the_next_step_while_nothing_is_judged(browser: FlaskClient) -> None:
    assert "Nothing to judge yet" in browser.get("/forecast/accuracy").text


def test_a_forecast_made_elsewhere_is_kept_beside_or_its_faults_are_told(browser: FlaskClient, service: Service, pat: Actor) -> None:
    head = "start,zone,queue,interval_minutes,mean,q0.025,q0.1,q0.5,q0.9,q0.975,rate_cv,aht_s\n"
    rows = [f"2026-06-10T{hour:02}:00:00-05:00,{small_centre.ZONE},Appointments,60,7,,,,,,,200\n" for hour in range(24)]
    before = len(forecasting.versions(service, pat))

    def sent(content: str) -> TestResponse:
        fields = {"csrf_token": csrf(browser, "/forecast"), "source": "Northwind", "file": (io.BytesIO(content.encode()), "f.csv")}
        return browser.post("/forecast/import", data=fields, content_type="multipart/form-data")

    bad = sent(head + rows[0] + rows[1].replace(",7,", ",many,"))
    assert (bad.status_code, "line 3" in bad.text) == (422, True)
    assert len(forecasting.versions(service, pat)) == before
    assert sent(head + "".join(rows)).status_code == 303
    page = browser.get("/forecast?queue=Appointments").text
    assert all(words in page for words in ("from Northwind", "Taken from a file of Northwind", "Nurse triage"))
    assert browser.get("/forecast?queue=Nurse+triage").status_code == 200


def test_unusual_days_are_left_out_and_taken_back_on_their_page(browser: FlaskClient, service: Service, pat: Actor) -> None:
    address = "/forecast/unusual-days"
    page = browser.get(f"{address}?queue=Appointments").text
    assert "Calendar 2026" in page
    assert "Leave out from" in page
    sent = {"queue": "Appointments", "first_day": "2026-06-03", "reason": "telephones moved", "begin": "09:00", "end": "11:00"}
    assert send(browser, f"{address}/mark", **sent).status_code == 303
    page = browser.get(f"{address}?queue=Appointments").text
    assert all(words in page for words in ("telephones moved", "Wednesday 3 June 2026, 09:00 – 11:00", 'class="m-accepted"'))
    (kept,) = cleaning.view(service, pat, "Appointments").decisions
    assert send(browser, f"{address}/{kept.number}/undo", queue="Appointments").status_code == 303
    assert 'class="m-accepted"><a' not in browser.get(f"{address}?queue=Appointments").text
    late = send(browser, address, queue="Appointments", decision="accept", begin="1780480800")
    assert (late.status_code, "nothing is proposed at" in late.text) == (409, True)
    assert send(browser, address, queue="Appointments", decision="guess").status_code == 422
    assert "has no history in 2019" in browser.get(f"{address}?queue=Appointments&year=2019").text


def test_a_queue_without_a_forecast_points_to_a_similar_one(browser: FlaskClient, service: Service, pat: Actor) -> None:
    forecasting.run(service, pat, Progress(), MONDAY, 14, candidates=["same_weekday"])
    wish = {"queue": "", "name": "Flu clinic", "similar": "Appointments", "weekly_total": "200", "uncertainty": "30"}
    page = browser.get("/forecast/new-queue", query_string=wish).text
    assert all(words in page for words in ("Flu clinic, like Appointments", "low confidence", "Keep as a version"))
    sent = send(browser, "/forecast/new-queue", **wish)
    assert (sent.status_code, sent.headers["Location"]) == (303, "/forecast?queue=Flu+clinic")
    page = browser.get(sent.headers["Location"]).text
    assert "forecast like a similar queue, until it has four weeks of history" in page
    older = browser.get("/forecast?queue=Flu+clinic&version=1").text
    assert "Flu clinic has no forecast yet" in older
    assert "/forecast/new-queue?queue=Flu+clinic" in older
    assert browser.get("/forecast?queue=nowhere").status_code == 404
    assert send(browser, "/forecast/new-queue", **(wish | {"weekly_total": "many"})).status_code == 422
    assert send(browser, "/forecast/new-queue/remove", queue="Flu clinic").status_code == 303


def test_limits_of_accuracy_are_changed_by_a_form(browser: FlaskClient, service: Service, pat: Actor) -> None:
    assert send(browser, "/forecast/accuracy/limits", day="4", peak_hour="7,5", interval="20").status_code == 303
    assert accuracy_limits.limits(service, pat) == accuracy_limits.Limits(0.04, 0.075, 0.2)
    assert send(browser, "/forecast/accuracy/limits", day="0", peak_hour="7", interval="20").status_code == 422


def test_a_total_is_typed_for_a_channel_and_taken_back(browser: FlaskClient, service: Service, pat: Actor) -> None:
    forecasting.run(service, pat, Progress(), MONDAY, 14, candidates=["same_weekday"])
    wish = {"group": "channel:voice", "first_day": "2026-06-10", "contacts": "500", "name": "Campaign", "reason": "letters"}
    assert "All queues" in browser.get("/forecast/totals").text
    page = browser.get("/forecast/totals/preview", query_string=wish).text
    assert all(words in page for words in ("Campaign: 500.0 contacts", "Keep the total", "Nurse triage"))
    assert send(browser, "/forecast/totals", revision=revision(page), **wish).status_code == 303
    (typed,) = totals.typed(service, pat)
    assert totals.totals(service, pat, WEDNESDAY, 1).whole.contacts == pytest.approx(500.0)
    assert send(browser, f"/forecast/totals/{typed.batch}/revert").status_code == 303
    assert totals.typed(service, pat) == ()
    assert browser.get("/forecast/totals/preview", query_string=wish | {"group": "voice"}).status_code == 422
