"""The page that plays past days, and what it says where there is nothing to play."""

from __future__ import annotations

import html
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from tests.support.played import FRIDAY, MONDAY, published_week
from tests.support.service import Client, Clock
from tests.unit.web.conftest import csrf, send
from web.planner.replay import CAUSES, bars
from wfm.service import work
from wfm.service.context import Role, Service
from wfm.service.replaying import Verdict

SignedIn = Callable[[Role], FlaskClient]
SPAN = f"first={MONDAY}&last={FRIDAY}"


def shown(browser: FlaskClient, address: str) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200
    return html.unescape(answer.text)


def test_without_a_schedule_the_page_says_what_to_do(signed_in: SignedIn) -> None:
    page = shown(signed_in(Role.PLANNER), "/replay")
    assert "Nothing to play in these days" in page
    assert "no schedule was published for it" in page


def test_a_week_is_played_and_opened(service: Service, centre: Client, clock: Clock, signed_in: SignedIn) -> None:
    published_week(service, centre, clock)
    browser = signed_in(Role.PLANNER)
    page = shown(browser, f"/replay?{SPAN}")
    assert "By queue" in page
    assert "By day" in page
    assert '"promised": 0.8' in page or '"promised": 0.7999' in page
    start_s = int(page.split("at=")[-1].split("#")[0])
    opened = shown(browser, f"/replay?{SPAN}&at={start_s}")
    assert "On the schedule, absence as planned" in opened
    assert browser.get(f"/replay?{SPAN}&at=1").status_code == 404
    assert browser.get("/replay?first=2026-06-09&last=2026-06-08").status_code == 422
    assert "of 1 queues kept their promise" in shown(browser, "/today")


def test_a_long_span_is_a_job_that_leads_back_to_its_days(service: Service, centre: Client, clock: Clock, signed_in: SignedIn) -> None:
    published_week(service, centre, clock)
    browser = signed_in(Role.PLANNER)
    wanted = {"csrf_token": csrf(browser, "/replay"), "first": MONDAY.isoformat(), "last": FRIDAY.isoformat()}
    answer = browser.post("/replay", data=wanted)
    assert answer.status_code == 303
    assert f"first={MONDAY}" in answer.headers["Location"]
    (job,) = work.jobs(service, centre.planner, kind=work.Kind.REPLAY)
    assert "Playing days again" in shown(browser, answer.headers["Location"])
    assert job.state == "waiting"
    assert browser.post("/replay", data={**wanted, "first": ""}).status_code == 422


@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.AUDITOR])
def test_readers_see_the_page_and_cannot_start_work(signed_in: SignedIn, role: Role) -> None:
    browser = signed_in(role)
    assert shown(browser, f"/replay?first={MONDAY - timedelta(30)}&last={MONDAY}")
    assert send(browser, "/replay", page="/replay").status_code == 403


def test_bars_lead_from_planned_to_kept_on_one_scale() -> None:
    parts = dict(zip(CAUSES, (-0.1, 0.02, 0.0, 0.05, -0.01), strict=True))
    found = list(bars(Verdict(100, 0.85, 0.81, parts)))
    assert [bar.kind for bar in found] == ["bad", "good", "good", "good", "bad"]
    assert min(bar.left for bar in found) == 0
    assert max(bar.left + bar.width for bar in found) == pytest.approx(100)
    assert sum(bar.points for bar in found) == pytest.approx(-4)
