"""Schedule: build a draft as a job; look at it by day, by week or as a list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

from flask import abort, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from web import current, forms
from web.access import allow
from web.answers import go
from web.planner import activity_words, board
from web.planner.edits import KINDS, rule_lines, words_of
from web.planner.family import pages
from web.planner.gantt import COLUMN
from web.planner.work import open_job, shown_job
from web.texts import gettext as _
from wfm.domain import timegrid
from wfm.errors import NotFound
from wfm.service import editing, saved_views, scheduling, work
from wfm.service.draft_view import DraftAgent, DraftSummary, draft_summary
from wfm.service.scheduling import DraftView
from wfm.service.work import Kind

SHAPES = ("day", "week", "list")
FILTERS = ("day", "shape", "queue", "site", "skill", "contract", "group", "channels")
FEW_QUEUES = 2
WEEK = 7
PAGE = "schedule"
KEPT = ("shape", "queue", "site", "skill", "contract", "group", "channels")


@pages.get("/schedule")
@allow("schedule.read")
def schedule() -> str:
    """One draft, the newest where none is named."""
    shape = request.args.get("shape", "day")
    if shape not in SHAPES:
        abort(404)
    drafts = scheduling.drafts(current.service(), current.actor())
    job = shown_job(Kind.SOLVE)
    if not drafts:
        return render_template("planner/schedule_empty.html", job=job, **_build_form())
    number = forms.optional_whole("draft") or drafts[0].number
    extra = {"drafts": drafts, "job": job, "earlier_draft": _earlier(number, drafts)}
    return render_template("planner/schedule.html", **extra, **plan_of(number, drafts), **_build_form())


@pages.post("/schedule/views")
@allow("schedule.read")
def keep_view() -> AnyResponse:
    """Keep the filters of the address by a name."""
    chosen = {name: request.args[name] for name in KEPT if request.args.get(name)}
    saved_views.keep_view(current.service(), current.actor(), PAGE, forms.text("name", _("Name"), 60), chosen)
    return go(_here())


@pages.post("/schedule/views/forget")
@allow("schedule.read")
def forget_view() -> AnyResponse:
    """Forget a view that was kept."""
    saved_views.forget_view(current.service(), current.actor(), PAGE, forms.text("name", _("Name"), 60))
    return go(_here())


def _here() -> str:
    """The schedule page with the filters of the address."""
    kept: dict[str, Any] = request.args.to_dict()
    return url_for("planner.schedule", **kept)


@pages.get("/schedule/<int:number>/plan")
@allow("schedule.read")
def plan(number: int) -> str:
    """The part of the page that edits change."""
    return render_template("planner/_plan.html", **plan_of(number))


def plan_of(number: int, drafts: Sequence[DraftSummary] = ()) -> dict[str, Any]:
    """What `_plan.html` shows: one draft as day, week or list, by the filters of the address, with its edits."""
    shape = request.args.get("shape", "day")
    day = _day(number, drafts)
    view = scheduling.draft(current.service(), current.actor(), number, None if shape == "week" else day)
    edits = editing.history(current.service(), current.actor(), number)
    addresses = {"here_url": here_url(number), "edit_url": edit_url(number)}
    shown = {"view": view, "shape": shape, "heads": board.heads, "edits": edits, "edit_kinds": KINDS, "edit_words": words_of}
    return shown | addresses | _drawn(view, day)


def _earlier(number: int, drafts: Sequence[DraftSummary]) -> int | None:
    """The newest listed draft of the same days before that one."""
    shown = next((one for one in drafts if one.number == number), None)
    same = [one.number for one in drafts if shown and one.number < number and (one.first_day, one.days) == (shown.first_day, shown.days)]
    return max(same, default=None)


def here_url(number: int) -> Callable[..., str]:
    """Addresses of this page with some filters changed."""
    kept = {**request.args.to_dict(), "work": None, "week": None, "draft": number}
    return lambda **changed: url_for("planner.schedule", **{**kept, **changed})


def edit_url(number: int) -> Callable[..., str]:
    """Addresses of parts of this draft; they keep the filters, so that an answer shows what was on the page."""
    kept = {name: value for name, value in request.args.to_dict().items() if name in FILTERS}
    return lambda endpoint, **more: url_for(f"planner.{endpoint}", number=number, **{**kept, **more})


def _day(number: int, drafts: Sequence[DraftSummary]) -> date:
    """The day of the address; else today where the draft has it, else its first day."""
    summary = next((one for one in drafts if one.number == number), None)
    if summary is None:
        summary = draft_summary(current.service(), current.actor(), number)
    today = current.service().now().astimezone(timegrid.zone(summary.zone)).date()
    last = summary.first_day + timedelta(summary.days - 1)
    return forms.day("day") or (today if summary.first_day <= today <= last else summary.first_day)


def _build_form() -> dict[str, Any]:
    try:
        first = forms.day("week") or scheduling.next_open_week(current.service(), current.actor())
    except NotFound:
        first = None
    return {"first": first, "limit_s": current.service().settings.solve_seconds}


def _drawn(view: DraftView, day: date) -> dict[str, Any]:
    agents = [agent for agent in view.agents if _wanted(agent)]
    keys = _queues_shown(view)
    names, people = {queue.key: queue.name for queue in view.queues}, {agent.key: agent.name for agent in view.agents}
    common = {
        "queue_names": lambda keys: [names.get(key, key) for key in keys],
        "agents": agents,
        "show_channels": bool(request.args.get("channels")),
        "sessions": activity_words.sessions_of(view.summary.number, view.day),
        "keys": keys,
        "days": board.days_of(view),
        "sites": sorted({agent.site for agent in view.agents if agent.site}),
        "skills": sorted({skill for agent in view.agents for skill in (*agent.skills, *agent.languages)}),
        "contracts": sorted({agent.contract for agent in view.agents}),
        "kept_views": saved_views.views(current.service(), current.actor(), PAGE),
        "warned": _warned(view),
        "broken_lines": rule_lines(view.broken, people) or view.rules_broken,
        "warning_lines": lambda effect: rule_lines(effect.warnings, people),
    }
    return common | (_one_day(view, day, agents, keys) if view.day else _week(view, day, agents, keys))


def _one_day(view: DraftView, day: date, agents: list[DraftAgent], keys: list[str]) -> dict[str, Any]:
    axis = board.axis_of(view, day, agents)
    channels = activity_words.channels_of(view.summary.number, day) if request.args.get("channels") else ()
    lanes = board.lanes_of(agents, axis, activity_words.letters(), *channels)
    return {"axis": axis, "column": COLUMN, "strips": board.strips_of(view, axis, keys), "groups": board.grouped(lanes, _heading())}


def _week(view: DraftView, day: date, agents: list[DraftAgent], keys: list[str]) -> dict[str, Any]:
    """Seven days of the draft, those that hold the day of the address."""
    weeks = [board.days_of(view)[at : at + WEEK] for at in range(0, view.summary.days, WEEK)]
    number = next((n for n, week in enumerate(weeks) if day in week), 0)
    around = dict(zip(("earlier", "later"), (weeks[n][0] if 0 <= n < len(weeks) else None for n in (number - 1, number + 1)), strict=True))
    week = weeks[number]
    return {"sums": board.sums_by_day(view, keys, week), "week": week, "rows": board.week_of(agents, week), **around}


def _warned(view: DraftView) -> dict[str, list[str]]:
    """What is wrong with whom: on the day shown, or in the whole of a week."""
    found: dict[str, list[str]] = {}
    for agent, when, text in view.broken:
        if view.day is None or not when[:1].isdigit() or when.startswith(view.day.isoformat()):
            found.setdefault(agent, []).append(text)
    return found


def _heading() -> Any:
    by = request.args.get("group", "")
    headings = {"site": lambda agent: agent.site or "", "contract": lambda agent: agent.contract}
    return headings.get(by, lambda _agent: "")


def _wanted(agent: DraftAgent) -> bool:
    site, queue, skill, contract = (request.args.get(name, "") for name in ("site", "queue", "skill", "contract"))
    there = site in ("", agent.site) and contract in ("", agent.contract)
    return there and (not queue or queue in agent.queues) and (not skill or skill in (*agent.skills, *agent.languages))


def _queues_shown(view: DraftView) -> list[str]:
    """The chosen queue; else all where they are few, else the one that misses most."""
    chosen = request.args.get("queue", "")
    if chosen or len(view.queues) <= FEW_QUEUES:
        return [queue.key for queue in view.queues if chosen in ("", queue.key)]
    return [max(view.queues, key=lambda queue: (queue.short_hours, queue.needed_hours)).key]


@pages.post("/schedule")
@allow("schedule.change")
def build_schedule() -> AnyResponse:
    """Want a draft of one week, as a job."""
    first, limit_s = forms.text("first_day", _("First day")), forms.whole("time_limit_s", _("Time limit"))
    pins_of = forms.optional_whole("pins_of")
    payload = {"first_day": date.fromisoformat(first).isoformat(), "days": WEEK, "time_limit_s": limit_s, "pins_of": pins_of}
    return open_job(work.enqueue(current.service(), current.actor(), Kind.SOLVE, payload))
