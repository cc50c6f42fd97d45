"""Long work on the pages: wanted once, shown with progress, cancelled, told when done."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.support.service import Client
from tests.unit.web.conftest import send
from wfm.service import work
from wfm.service.context import Service
from wfm.service.work import Claim, Kind


@pytest.fixture
def claim(service: Service, centre: Client, planner: FlaskClient) -> Claim:
    """A forecast that a worker has begun."""
    send(planner, "/forecast")
    made = work.claim(service, "test worker", [Kind.FORECAST])
    assert made is not None
    return made


def test_wanting_a_forecast_leads_to_the_page_that_shows_it(planner: FlaskClient, service: Service, centre: Client) -> None:
    answer = send(planner, "/forecast")
    (job,) = work.jobs(service, centre.planner)
    assert answer.headers["Location"] == f"/forecast?work={job.id}"
    assert 'id="job"' in planner.get("/forecast").text


def test_the_card_shows_share_and_step(planner: FlaskClient, service: Service, claim: Claim) -> None:
    work.beat(service, claim.fence, share_done=0.42, step="forecasting, 3 of 7 queues done")
    page = planner.get(f"/progress/work/{claim.fence.job_id}").text
    assert "42" in page
    assert "3 of 7 queues" in page
    assert 'hx-trigger="every 1s"' in page


def test_a_card_that_shows_everything_already_is_not_drawn_again(planner: FlaskClient, service: Service, claim: Claim) -> None:
    page = planner.get(f"/progress/work/{claim.fence.job_id}").text
    again = page.split('hx-get="')[1].split('"')[0].replace("&amp;", "&")
    assert planner.get(again).status_code == 204
    work.beat(service, claim.fence, share_done=0.5)
    assert planner.get(again).status_code == 200


def test_work_that_is_done_opens_the_page_and_says_so(planner: FlaskClient, service: Service, claim: Claim) -> None:
    with service.database.transaction() as session:
        work.finish(session, service, claim.fence, {"forecast": 1})
    answer = planner.get(f"/progress/work/{claim.fence.job_id}")
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/forecast")
    assert "The new forecast is ready." in planner.get("/forecast").text


def test_two_answers_for_work_that_is_done_say_so_once(planner: FlaskClient, service: Service, claim: Claim) -> None:
    with service.database.transaction() as session:
        work.finish(session, service, claim.fence, {"forecast": 1})
    for _ in range(2):
        assert planner.get(f"/progress/work/{claim.fence.job_id}").headers["HX-Redirect"] == "/forecast"
    assert planner.get("/forecast").text.count("The new forecast is ready.") == 1


def test_work_that_was_done_before_its_page_was_drawn_says_so_once(planner: FlaskClient, service: Service, claim: Claim) -> None:
    with service.database.transaction() as session:
        work.finish(session, service, claim.fence, {"forecast": 1})
    first, again = (planner.get(f"/forecast?work={claim.fence.job_id}").text for _ in range(2))
    assert first.count("The new forecast is ready.") == 1
    assert "The new forecast is ready." not in again


def test_work_that_failed_says_why_and_is_not_polled(planner: FlaskClient, service: Service, claim: Claim) -> None:
    work.fail(service, claim.fence, "no queue has any history yet; import a file first")
    page = planner.get(f"/forecast?work={claim.fence.job_id}").text
    assert "import a file first" in page
    assert "every 1s" not in page


def test_cancelling_is_asked_for_once(planner: FlaskClient, claim: Claim) -> None:
    number = claim.fence.job_id
    assert send(planner, f"/work/{number}/cancel").headers["Location"] == f"/forecast?work={number}"
    page = planner.get(f"/forecast?work={number}").text
    assert "stopping" in page
    assert f"/work/{number}/cancel" not in page


def test_work_that_is_over_cannot_be_cancelled(planner: FlaskClient, service: Service, claim: Claim) -> None:
    work.fail(service, claim.fence, "broken")
    assert send(planner, f"/work/{claim.fence.job_id}/cancel").status_code == 409


def test_work_of_another_organisation_does_not_exist(planner: FlaskClient) -> None:
    assert planner.get("/progress/work/4711").status_code == 404
