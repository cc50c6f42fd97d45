"""A queue of a few weeks is forecast with the past of its siblings."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.support.contacts import history_csv
from tests.support.service import Client, Clock
from wfm.domain.demand import Queue
from wfm.service import centre, forecasting, importing
from wfm.service.context import Service
from wfm.service.forecast_tasks import wanted_tasks
from wfm.service.progress import Progress

MONDAY = date(2026, 6, 8)
ZONE = "America/Chicago"
SAID = "Holidays and weekdays are taken from Visits, because this queue has 5 weeks of history."


@pytest.fixture
def small(service: Service, clinic: Client, clock: Clock) -> Service:
    """The clinic with twenty weeks of visits and five of refills, a third of the size."""
    clock.instant = datetime(2026, 6, 8, 11, tzinfo=UTC)
    made = replace(service, settings=replace(service.settings, workers=1))
    queues = [Queue(key, key.title(), skill="front desk") for key in ("visits", "refills")]
    centre.load_centre(made, clinic.planner, queues=[centre.QueueInput(queue, ZONE, "North") for queue in queues])
    visits = history_csv(MONDAY - timedelta(1), days=140, queues=("visits",))
    refills = history_csv(MONDAY - timedelta(1), days=35, queues=("refills",), scale=0.33, seed=1)
    importing.commit(made, clinic.planner, visits, "visits.csv", ZONE)
    importing.commit(made, clinic.planner, refills, "refills.csv", ZONE)
    return made


def test_the_forecast_of_all_queues_lends_the_old_ones_past_to_the_young_one(small: Service, clinic: Client) -> None:
    forecasting.run(small, clinic.planner, Progress(), MONDAY, 7, None, ["day_profile"])
    reports = forecasting.reports(small, clinic.planner)
    assert SAID in reports["refills"]["sentence"]
    assert (reports["refills"]["borrowed_from"], reports["visits"]["borrowed_from"]) == (["Visits"], [])
    assert forecasting.view(small, clinic.planner, "refills", None, MONDAY, 7).sentence == reports["refills"]["sentence"]


def test_a_young_queue_borrows_when_it_is_forecast_alone_as_well(small: Service, clinic: Client) -> None:
    (wanted,), _ = wanted_tasks(small, clinic.planner, MONDAY, 7, ["refills"])
    assert [kin.name for kin in wanted.task.family] == ["Visits"]
