"""The forecast pages in Chromium: bands, an edit, two versions on one chart, accuracy, special days."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.e2e import small_centre
from tests.e2e.conftest import PHONE, Installation, axe_violations, goes_sideways
from wfm.service import accuracy, cleaning, cold_starts, forecast_edits, forecasting, importing
from wfm.service.accounts import acting
from wfm.service.progress import Progress

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]
NEW_QUEUE = "/forecast/new-queue?name=Flu+clinic&similar=Appointments&weekly_total=200&uncertainty=25"
PAGES = (
    "/forecast?compare=1&shape=table",
    "/forecast?compare=1",
    "/forecast/accuracy",
    "/forecast/special-days",
    "/forecast/totals",
    "/forecast/unusual-days?queue=Appointments",
    NEW_QUEUE,
)


@pytest.fixture(scope="module")
def forecast(installation: Installation) -> Installation:
    """The small centre with two versions: one made for last week, which has come since, and one for the next."""
    service, today = installation.service, small_centre.today()
    pat = acting(service, "planner@bayview.example")
    importing.commit(service, pat, small_centre.history_csv(today - timedelta(1)), "history.csv", small_centre.ZONE)
    for first in (today - timedelta(7), today):
        forecasting.run(service, pat, Progress(), first, 21, candidates=["same_weekday"])
    rows, _ = accuracy.judge(service, pat, today - timedelta(1))
    with service.database.transaction() as session:
        accuracy.store(session, rows)
    return installation


def _working_day() -> str:
    day = small_centre.today() + timedelta(1)
    while day.weekday() > 4:
        day += timedelta(1)
    return day.isoformat()


def test_an_edit_goes_from_the_bar_over_the_preview_onto_the_chart(open_page: Callable[..., Page], forecast: Installation) -> None:
    page = open_page("planner")
    page.goto("/forecast?queue=Appointments")
    page.locator("[data-chart] canvas").wait_for()
    for field, value in (("#first_day", _working_day()), ("#value", "+10"), ("#edit-name", "Flu letter"), ("#reason", "letters go out")):
        page.fill(field, value)
    page.get_by_role("button", name="Preview").click()
    page.get_by_role("heading", name="Flu letter").wait_for()
    assert axe_violations(page) == []
    page.get_by_role("button", name="Keep the edit").click()
    page.get_by_text("is on the forecast").wait_for()
    page.select_option("#compare", label="before the edits")
    page.locator(".key .other").wait_for()
    page.locator("[data-chart]").press("End")
    assert "before the edits" in page.locator("#readout").inner_text()
    page.get_by_role("button", name="Take back: Flu letter").click()
    page.get_by_text("is taken back").first.wait_for()
    (edit,) = forecast_edits.edits(forecast.service, acting(forecast.service, "planner@bayview.example"), "Appointments")
    assert edit.reverted_by == "Pat Planner"


@pytest.mark.usefixtures("forecast")
def test_the_accuracy_page_tells_leads_with_the_spreadsheet_beside(open_page: Callable[..., Page]) -> None:
    page = open_page("planner")
    page.goto("/forecast")
    page.get_by_role("link", name="Accuracy").click()
    page.get_by_role("heading", name="By how far the forecast looked ahead").wait_for()
    assert page.locator("table").first.locator("tbody tr").count() >= 2


def test_a_day_is_left_out_with_the_keyboard_and_shown_on_the_calendar(open_page: Callable[..., Page], forecast: Installation) -> None:
    page = open_page("planner")
    page.goto("/forecast/unusual-days?queue=Appointments")
    day = small_centre.today() - timedelta(1)
    while day.weekday() > 4:
        day -= timedelta(1)
    page.fill("#first_day", day.isoformat())
    page.fill("#reason", "telephone system down")
    page.locator("#reason").press("Enter")
    page.get_by_text("Left out of forecasts made from now on.").wait_for()
    mark = page.locator(".m-accepted a")
    mark.focus()
    mark.press("Enter")
    assert page.locator("tr:target").inner_text().count("telephone system down") == 1
    page.locator("tr:target").get_by_role("button", name="Take back").press("Enter")
    page.get_by_text("The decision is taken back").wait_for()
    (decision,) = cleaning.view(forecast.service, acting(forecast.service, "planner@bayview.example"), "Appointments").decisions
    assert decision.undone_by == "Pat Planner"


@pytest.mark.usefixtures("forecast")
def test_no_forecast_page_has_an_accessibility_fault_or_goes_sideways_on_a_phone(open_page: Callable[..., Page]) -> None:
    wide, narrow = open_page("planner", colours="dark"), open_page("planner", PHONE)
    faults = []
    for address in PAGES:
        wide.goto(address)
        faults += axe_violations(wide)
        narrow.goto(address)
        faults += [address] if goes_sideways(narrow) else []
    assert faults == []


def test_a_new_queue_is_kept_from_its_preview(open_page: Callable[..., Page], forecast: Installation) -> None:
    page = open_page("planner")
    page.goto(NEW_QUEUE)
    page.get_by_role("button", name="Keep as a version").click()
    page.get_by_text("forecast like a similar queue").first.wait_for()
    (one,) = cold_starts.standing(forecast.service, acting(forecast.service, "planner@bayview.example"))
    assert (one.name, one.similar, one.weekly_total) == ("Flu clinic", "Appointments", 200.0)
