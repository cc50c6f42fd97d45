"""A planner goes from a file to a published week; agents find it on their phones."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e import small_centre
from tests.e2e.conftest import DESKTOP, PAGE_MS, PHONE, Installation, at_rest, axe_violations, goes_sideways
from wfm.service import publishing, scheduling
from wfm.service.accounts import acting

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]
LONG_MS = 300_000
PLANNER_PAGES = (
    "/today",
    "/data",
    "/data/imports/1",
    "/forecast",
    "/forecast?shape=days",
    "/forecast?shape=table",
    "/people-needed",
    "/risk",
    "/today/rest",
    "/schedule",
    "/schedule?shape=week",
    "/schedule?shape=list",
    "/schedule?group=site",
    "/publish",
    "/publish/1",
    "/people",
    "/settings",
    "/nowhere",
)


@pytest.fixture(scope="module")
def walked(browser: Browser, installation: Installation) -> Iterator[dict[str, Any]]:
    """The whole way from an empty installation to a published week, clicked; with what was seen on it."""
    context = browser.new_context(base_url=installation.address, viewport=DESKTOP, locale="en-US")
    page = context.new_page()
    page.set_default_timeout(PAGE_MS)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(installation.once("planner"))
    page.locator("button.primary").click()
    faults = _faults_of_empty_pages(page)
    faults += _import(page)
    _forecast(page)
    faults += _people_needed(page)
    faults += _schedule(page)
    _publish(page)
    yield {"faults": faults, "complaints": complaints}
    context.close()


def _faults_of_empty_pages(page: Page) -> list[dict[str, Any]]:
    faults = []
    for address in ("/today", "/data", "/forecast", "/people-needed", "/schedule", "/publish"):
        page.goto(address)
        faults += axe_violations(page)
    return faults


def _import(page: Page) -> list[dict[str, Any]]:
    page.goto("/today")
    page.get_by_role("link", name="Data: import the history").click()
    content = small_centre.history_csv(small_centre.today() - timedelta(1))
    page.set_input_files("#file", {"name": "history.csv", "mimeType": "text/csv", "buffer": content})
    page.get_by_role("button", name="Look at the file").click()
    page.wait_for_url("**/data/preview/**")
    rows = len(content.splitlines()) - 1
    assert page.locator(".pairs > div", has_text="new intervals").locator("dd").inner_text() == f"{rows:,}"
    faults = axe_violations(page)
    with at_rest(page):
        page.get_by_role("button", name="Import", exact=True).click()
        page.wait_for_url("**/data?work=*")
        faults += axe_violations(page)
    page.get_by_text("The file is imported.").wait_for(timeout=LONG_MS)
    return faults


def _forecast(page: Page) -> None:
    page.get_by_role("link", name="Forecast →").click()
    page.get_by_role("button", name="Forecast now").click()
    page.get_by_text("The new forecast is ready.").wait_for(timeout=LONG_MS)
    page.locator("[data-chart] canvas").wait_for()


def _people_needed(page: Page) -> list[dict[str, Any]]:
    page.get_by_role("link", name="People needed →").click()
    page.get_by_role("button", name="Work out people needed").click()
    page.get_by_text("The people needed are worked out.").wait_for(timeout=LONG_MS)
    page.locator("table.heat a").first.click()
    page.locator("#why .pairs").wait_for()
    return axe_violations(page)


def _schedule(page: Page) -> list[dict[str, Any]]:
    page.goto("/schedule")
    page.fill("#time_limit_s", "4")
    with at_rest(page):
        page.get_by_role("button", name="Build schedule").click()
        page.wait_for_url("**/schedule?work=*")
        faults = axe_violations(page)
    page.get_by_text("The draft is ready.").wait_for(timeout=LONG_MS)
    return faults


def _publish(page: Page) -> None:
    page.get_by_role("link", name="Review and publish").click()
    page.get_by_label("I have looked at what changes.").check()
    page.get_by_role("button", name="Publish", exact=True).click()
    page.get_by_text("Version 1 is published.").wait_for()


def test_the_walk_ends_with_what_the_agents_see(walked: dict[str, Any], installation: Installation) -> None:
    planner = acting(installation.service, "planner@bayview.example")
    (version,) = publishing.publications(installation.service, planner)
    draft = scheduling.draft(installation.service, planner)
    assert version.shifts == draft.shift_count > 30
    assert draft.rules_broken == ()
    assert walked["complaints"] == []


def test_empty_pages_previews_and_running_work_have_no_accessibility_fault(walked: dict[str, Any]) -> None:
    assert walked["faults"] == []


@pytest.mark.usefixtures("walked")
def test_no_page_of_the_planner_has_an_accessibility_fault_in_light_or_dark(open_page: Callable[..., Page]) -> None:
    page = open_page("planner")
    faults = []
    for address in PLANNER_PAGES:
        page.goto(address)
        faults += axe_violations(page)
        page.emulate_media(color_scheme="dark")
        faults += axe_violations(page, "color-contrast")
        page.emulate_media(color_scheme="light")
    assert faults == []


@pytest.mark.usefixtures("walked")
def test_no_page_of_the_administrator_or_before_the_sign_in_has_an_accessibility_fault(open_page: Callable[..., Page]) -> None:
    page = open_page(None)
    page.goto("/sign-in")
    faults = axe_violations(page)
    page = open_page("administrator", DESKTOP, "dark")
    for address in ("/accounts", "/audit"):
        page.goto(address)
        faults += axe_violations(page)
    assert faults == []


@pytest.mark.usefixtures("walked")
def test_no_page_of_the_planner_scrolls_sideways_on_a_phone(open_page: Callable[..., Page]) -> None:
    page = open_page("planner", PHONE)
    sideways = []
    for address in PLANNER_PAGES:
        page.goto(address)
        if goes_sideways(page):
            sideways.append(address)
    assert sideways == []


@pytest.mark.usefixtures("walked")
@pytest.mark.parametrize("who", ["agent", "agent_es"])
@pytest.mark.parametrize("colours", ["light", "dark"])
def test_the_agents_phone_shows_the_week_without_scrolling_sideways(open_page: Callable[..., Page], who: str, colours: str) -> None:
    page = open_page(who, PHONE, colours)
    assert page.locator("html").get_attribute("lang") == ("es" if who == "agent_es" else "en")
    assert page.locator(".week > li").count() == 7
    assert not goes_sideways(page)
    faults = axe_violations(page)
    page.goto("/settings")
    assert not goes_sideways(page)
    assert faults + axe_violations(page) == []


@pytest.mark.usefixtures("walked")
def test_an_agent_sees_what_changed_and_says_got_it(open_page: Callable[..., Page]) -> None:
    page = open_page("agent", PHONE)
    page.get_by_role("button", name="Got it").click()
    page.locator(".changed").wait_for(state="detached")
    page.reload()
    assert page.locator(".changed").count() == 0


@pytest.mark.usefixtures("walked")
def test_the_spanish_agent_reads_spanish(open_page: Callable[..., Page]) -> None:
    page = open_page("agent_es", PHONE)
    assert page.get_by_text("Mi semana").count() >= 1
    assert re.search(r"\b(Hola|Libre|Ahora)\b", page.inner_text("body"))
    page.get_by_role("button", name="English").click()
    page.get_by_text("My week").first.wait_for()
    page.get_by_role("button", name="Español").click()
    page.get_by_text("Mi semana").first.wait_for()


@pytest.mark.usefixtures("walked")
def test_the_first_load_of_the_agents_page_weighs_less_than_60_kb(open_page: Callable[..., Page]) -> None:
    page = open_page("agent", PHONE)
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    received: list[float] = []
    session.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
    page.goto("/my-week")
    page.wait_for_load_state("networkidle")
    assert 0 < sum(received) < 60 * 1024


@pytest.mark.usefixtures("walked")
def test_the_table_of_people_needed_can_be_walked_by_keys_alone(open_page: Callable[..., Page]) -> None:
    page = open_page("planner")
    page.goto("/people-needed")
    assert page.locator('[data-grid] [data-cell][tabindex="0"]').count() == 1
    page.locator('[data-grid] [data-cell][tabindex="0"]').focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.locator("#why .pairs").wait_for()
    assert page.locator("[data-cell][aria-current]").count() == 1
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('[data-grid]')") is None


@pytest.mark.usefixtures("walked")
def test_the_chart_reads_out_by_arrow_keys(open_page: Callable[..., Page]) -> None:
    page = open_page("planner")
    page.goto("/forecast")
    page.locator("[data-chart]").focus()
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    assert "forecast" in page.inner_text("#readout")
    assert "80 %" in page.inner_text("#readout")


@pytest.mark.usefixtures("walked")
def test_a_cancelled_upload_leaves_nothing(open_page: Callable[..., Page], installation: Installation) -> None:
    page = open_page("planner")
    page.goto("/data")
    page.set_input_files("#file", {"name": "more.csv", "mimeType": "text/csv", "buffer": small_centre.history_csv(small_centre.today(), 1)})
    page.get_by_role("button", name="Look at the file").click()
    page.get_by_role("button", name="Cancel").click()
    page.get_by_text("Nothing was imported").wait_for()
    assert not list(installation.uploads.iterdir())
    page.goto("/data")
    assert page.locator("tbody tr", has_text="more.csv").count() == 0
