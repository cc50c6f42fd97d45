"""The schedule page in a browser: a solve that tells how far it is, a shift dragged and undone, an absence repaired."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.e2e import small_centre
from tests.e2e.conftest import PHONE, Installation, axe_violations, goes_sideways
from wfm.service import editing, forecasting, importing, scheduling, staffing
from wfm.service.accounts import acting
from wfm.service.context import Actor
from wfm.service.progress import Progress

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = [pytest.mark.browser, pytest.mark.slow]
LONG_MS = 300_000


@pytest.fixture(scope="module")
def who(installation: Installation) -> Actor:
    """The planner, once people needed are known."""
    service = installation.service
    planner = acting(service, "planner@bayview.example")
    importing.commit(service, planner, small_centre.history_csv(small_centre.today() - timedelta(1), 6), "h.csv", small_centre.ZONE)
    forecasting.run(service, planner, Progress(), candidates=["same_weekday"])
    staffing.plan(service, planner, Progress())
    return planner


@pytest.fixture(scope="module")
def standing(installation: Installation, who: Actor) -> int:
    """A draft of known hours, the newest from here on; its number."""
    return small_centre.standing_draft(installation.service, who)


@pytest.fixture
def page(open_page: Callable[..., Page], standing: int) -> Page:
    """The schedule page of a planner, with the standing draft."""
    opened = open_page("planner")
    opened.goto(f"/schedule?draft={standing}")
    return opened


@pytest.mark.usefixtures("who")
def test_a_solve_tells_how_far_it_is_and_keeps_its_best_when_stopped(open_page: Callable[..., Page]) -> None:
    page = open_page("planner")
    page.goto("/schedule")
    page.fill("#time_limit_s", "300")
    page.get_by_role("button", name="Build schedule").click()
    page.locator("#job .solve svg").wait_for(timeout=LONG_MS)
    page.reload()  # what a solve has told survives
    card = page.locator("#job")
    card.locator(".solve tbody tr").first.wait_for(timeout=LONG_MS)
    assert "Short so far" in card.inner_text()
    assert "best possible" in card.inner_text()
    assert axe_violations(page) == []
    page.get_by_role("button", name=re.compile("keep the best so far")).click()
    page.get_by_text("The draft is ready.").wait_for(timeout=LONG_MS)
    assert page.locator("a.shift").count() > 0


def _drag(page: Page, shift: Locator, columns: int, edge: bool = False) -> None:
    box = shift.bounding_box()
    minutes = int(shift.get_attribute("data-minutes") or 0)
    assert box is not None
    x, y = box["x"] + (box["width"] - 3 if edge else box["width"] / 2), box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + columns * 15 * box["width"] / minutes, y, steps=4)
    page.mouse.up()


def _shift(page: Page, full: bool = True) -> Locator:
    return page.locator(f'a.shift[data-minutes="{510 if full else 300}"]').first


def test_a_drag_is_saved_with_a_warning_and_undone(page: Page, installation: Installation, who: Actor) -> None:
    draft = scheduling.draft(installation.service, who)
    shift = _shift(page)
    before, name = shift.inner_text(), shift.get_attribute("id")
    here = page.locator(f"#{name}")
    _drag(page, shift, 12)  # three hours later: later than the contract's latest end
    page.locator(".edit-effect").wait_for()
    assert here.inner_text() != before
    assert "objective" in page.inner_text(".edit-effect")
    assert page.locator(".warnings li").count() >= 1
    assert axe_violations(page) == []
    page.keyboard.press("Control+z")
    page.locator(".edit-effect").wait_for(state="detached")
    assert here.inner_text() == before
    (edit,) = editing.history(installation.service, who, draft.summary.number).edits
    assert edit.undone
    assert scheduling.draft(installation.service, who).rules_broken == ()


def test_keys_move_resize_and_pin_the_shift_in_focus(page: Page) -> None:
    shift = _shift(page)
    before, name = shift.inner_text(), shift.get_attribute("id")
    shift.focus()
    for key in ("Alt+ArrowLeft", "Alt+ArrowLeft", "p"):  # faster than the server answers: each waits for the one before
        page.keyboard.press(key)
    page.locator(f"#{name}[data-pinned]").wait_for()
    assert page.locator(f"#{name}").inner_text() != before
    assert page.evaluate("document.activeElement.id") == name
    page.keyboard.press("?")
    page.locator("dialog#keys[open]").wait_for()
    page.keyboard.press("Escape")
    for _ in range(2):
        page.keyboard.press("Control+z")
    page.locator(".edit-effect").wait_for(state="detached")
    assert page.locator("a.shift[data-pinned]").count() == 0
    assert page.locator(f"#{name}").inner_text() == before


def test_a_dialog_does_what_a_drag_does(page: Page) -> None:
    shift = _shift(page)
    name = shift.get_attribute("id")
    shift.press("Enter")
    drawer = page.locator("dialog#drawer[open]")
    drawer.get_by_text("Why this shift").wait_for(timeout=LONG_MS)
    assert axe_violations(page) == []
    drawer.get_by_label("Start").fill("10:00")
    drawer.get_by_role("button", name="Change").click()
    drawer.wait_for(state="hidden")
    assert "10:00–18:30" in page.locator(f"#{name}").inner_text()
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("link", name="Add a shift", exact=True).click()
    drawer.get_by_label("Start").fill("10:07")
    assert drawer.get_by_role("button", name="Add").count() == 1
    page.keyboard.press("Escape")


def test_an_absence_is_repaired_from_the_page(page: Page, installation: Installation, who: Actor) -> None:
    person = page.locator("li[data-agent]", has=_shift(page)).first.locator(".name b").inner_text()
    page.get_by_role("link", name="Repair an absence").click()
    drawer = page.locator("dialog#drawer[open]")
    drawer.get_by_label("Who is away").select_option(index=0)
    assert axe_violations(page) == []
    drawer.get_by_role("button", name="Look for repairs").click()
    drawer.locator(".repairs > li").first.wait_for(timeout=LONG_MS)
    assert axe_violations(page) == []
    assert "Touch nobody" in drawer.inner_text()
    drawer.get_by_role("button", name="Take this").first.click()
    drawer.wait_for(state="hidden")
    page.locator(".edit-effect", has_text="absence repaired").wait_for()
    newest = editing.history(installation.service, who, scheduling.draft(installation.service, who).summary.number).undo
    assert newest is not None
    assert newest.kind == "repair"
    assert person
    page.get_by_role("button", name="Undo").click()


def test_the_phone_edits_without_dragging(open_page: Callable[..., Page], page: Page) -> None:
    small = open_page("planner", PHONE)
    small.goto("/schedule")
    small.locator("a.tap").first.click()
    small.locator("dialog#drawer[open]").wait_for()
    assert not goes_sideways(small)
    assert axe_violations(small) == []


def test_an_activity_is_looked_for_placed_moved_and_undone(page: Page) -> None:
    page.get_by_role("link", name="Add an activity").click()
    drawer = page.locator("dialog#drawer[open]")
    drawer.wait_for()
    drawer.locator("#kind").select_option("coaching")
    drawer.locator("input[name=people]").first.check()
    drawer.locator("#due-day").select_option(index=drawer.locator("#due-day option").count() - 1)
    drawer.get_by_role("button", name="Look for the best time").click()
    page.locator("#found-times h3").first.wait_for(timeout=LONG_MS)
    assert axe_violations(page) == []
    page.locator("#found-times").get_by_role("button", name=re.compile("^Place it")).click()
    page.locator(".edit-effect", has_text="activity placed").wait_for()
    _let_another_person_take_part(page)
    page.keyboard.press("Control+z")
    page.locator(".edit-effect", has_text="activity placed").wait_for()
    page.keyboard.press("Control+z")
    page.locator(".edit-effect", has_text="activity placed").wait_for(state="detached")


def _let_another_person_take_part(page: Page) -> None:
    """By keyboard alone, on a narrow screen."""
    size = page.viewport_size
    page.set_viewport_size({"width": 360, "height": 740})
    if page.locator("#sessions-title").count() == 0:  # the best time lies on a day that is not shown
        page.goto("/schedule?shape=week")
    page.locator("section.card", has=page.locator("#sessions-title")).locator("a.tap").first.press("Enter")
    drawer = page.locator("dialog#drawer[open]")
    drawer.locator("summary", has_text="Change who takes part").press("Enter")
    drawer.locator("input[name=people]:not(:checked)").first.press(" ")
    drawer.locator("#people-effect", has_text="Comes:").wait_for()
    assert not goes_sideways(page)
    assert axe_violations(page) == []
    drawer.get_by_role("button", name="Keep these people").press("Enter")
    page.locator(".edit-effect", has_text="other people in an activity").wait_for()
    if size:
        page.set_viewport_size(size)


def test_chosen_shifts_move_as_one_edit(page: Page) -> None:
    shifts = page.locator("a.shift")
    shifts.nth(0).click(modifiers=["Shift"])
    shifts.nth(1).focus()
    page.keyboard.press(" ")
    bar = page.locator("#chosen")
    assert bar.locator("[data-count]").inner_text() == "2"
    assert axe_violations(page) == []
    bar.get_by_role("button", name="Pin", exact=True).click()
    page.locator("a.shift[data-pinned]").nth(1).wait_for()
    assert bar.is_hidden()
    page.keyboard.press("Control+z")
    page.locator("a.shift[data-pinned]").first.wait_for(state="detached")


def test_a_view_is_kept_and_forgotten(page: Page) -> None:
    page.select_option("#site", "Clinic")
    page.wait_for_url("**site=Clinic**")
    page.locator("summary", has_text="Keep this view").click()
    page.fill("#view-name", "The clinic")
    page.get_by_role("button", name="Keep", exact=True).click()
    page.locator(".kept a", has_text="The clinic").wait_for()
    page.get_by_role("button", name="Forget the view The clinic").click()
    page.locator(".kept").wait_for(state="detached")
    assert page.locator("#site").input_value() == "Clinic"


def test_rules_and_licences_are_added_taken_away_and_brought_back(page: Page) -> None:
    page.goto("/people/rules?kind=weekends")
    assert axe_violations(page) == []
    page.get_by_role("button", name="Add the rule").click()
    page.locator("th", has_text="Weekends at most: 2").wait_for()
    page.get_by_role("button", name=re.compile("^Take away")).click()
    page.get_by_role("button", name=re.compile("^Bring back")).wait_for()
    page.goto("/people/a2?kind=licence")
    page.fill("#f-state", "tx")
    page.get_by_role("button", name="Add the rule").click()
    page.locator("th", has_text="TX").wait_for()
    assert axe_violations(page) == []
    assert not goes_sideways(page)
