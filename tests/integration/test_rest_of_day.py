"""The rest of a day as a job: kept, current until something changes, and seen by nobody else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.support.contacts import history_csv
from tests.support.played import FRIDAY, MONDAY, ZONE, published_week
from tests.support.service import Client, Clock
from wfm.errors import NotFound
from wfm.jobs.run import run
from wfm.service import centre, importing, intraday, rest_of_day, work
from wfm.service.context import Role, Service
from wfm.service.work import Kind

NOON = datetime(2026, 6, 12, 17, tzinfo=UTC)


@pytest.fixture
def busy(service: Service, clinic: Client, clock: Clock) -> Service:
    """A Friday at noon with a published week and twice the contacts that were planned for."""
    running = published_week(service, clinic, clock, scale=2.0)
    clock.instant = NOON
    return running


def worked_out(service: Service) -> int:
    claim = work.claim(service, "test worker", [Kind.TODAY])
    assert claim is not None
    run(service, claim)
    return claim.fence.job_id


def test_the_outcome_of_the_job_is_what_was_worked_out(busy: Service, clinic: Client) -> None:
    pat = clinic.planner
    assert rest_of_day.newest(busy, pat) is None
    job = rest_of_day.want(busy, pat)
    assert rest_of_day.want(busy, pat).id == job.id
    assert worked_out(busy) == job.id
    outcome = rest_of_day.newest(busy, pat)
    assert outcome is not None
    assert outcome.is_current
    assert outcome.made_at == NOON
    fresh = intraday.today(busy, pat)
    told = outcome.view
    assert (told.moment, told.soonest, told.publication) == (fresh.moment, fresh.soonest, fresh.publication)
    assert told.offers == fresh.offers
    assert told.home == fresh.home
    (queue,), (expected,) = told.queues, fresh.queues
    assert (queue.queue, queue.came, queue.due, queue.until) == (expected.queue, expected.came, expected.due, expected.until)
    still_open = [cell for cell in expected.cells if cell.is_open]
    assert [cell.updated for cell in queue.cells] == pytest.approx([cell.updated for cell in still_open], abs=1e-3)
    assert [(cell.clock, cell.needed) for cell in queue.cells] == [(cell.clock, cell.needed) for cell in still_open]


def test_an_import_and_a_quarter_of_an_hour_make_it_out_of_date(busy: Service, clinic: Client, clock: Clock) -> None:
    pat = clinic.planner
    first = rest_of_day.want(busy, pat)
    worked_out(busy)
    importing.commit(busy, pat, history_csv(FRIDAY, days=1, queues=("visits",), seed=9), "more.csv", ZONE)
    seen = rest_of_day.newest(busy, pat)
    assert seen is not None
    assert not seen.is_current
    assert rest_of_day.want(busy, pat).id != first.id
    worked_out(busy)
    seen = rest_of_day.newest(busy, pat)
    assert seen is not None
    assert seen.is_current
    clock.instant = NOON + timedelta(minutes=15)
    seen = rest_of_day.newest(busy, pat)
    assert seen is not None
    assert not seen.is_current


def test_wanted_again_it_is_another_job_and_never_two_at_once(busy: Service, clinic: Client) -> None:
    pat = clinic.planner
    first = rest_of_day.want(busy, pat)
    assert rest_of_day.want(busy, pat, again=True).id == first.id
    worked_out(busy)
    assert rest_of_day.want(busy, pat, again=True).id > first.id


def test_another_organisation_and_another_site_see_nothing_of_it(busy: Service, clinic: Client, rival: Client) -> None:
    rest_of_day.want(busy, clinic.planner)
    worked_out(busy)
    with pytest.raises(NotFound):
        rest_of_day.newest(busy, rival.planner)
    assert rest_of_day.newest(busy, replace(clinic.actors[Role.SUPERVISOR], site_id=None)) is None
    (job,) = work.jobs(busy, clinic.planner, kind=Kind.TODAY)
    names = {one.name for one in centre.agents(busy, clinic.planner)}
    assert not [name for name in names if repr(name) in repr(job.result)]


def test_a_day_beyond_the_people_needed_is_no_job(busy: Service, clinic: Client) -> None:
    with pytest.raises(NotFound, match="do not reach over"):
        rest_of_day.want(busy, clinic.planner, MONDAY + timedelta(90))
