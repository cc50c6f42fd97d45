"""Replay: a past span with its schedule and the contacts that came; what was promised, what was kept, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

import numpy as np
from flask import render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from web import current, filters, forms
from web.access import allow
from web.answers import go
from web.planner.family import pages
from web.planner.series import day_marks
from web.planner.work import shown_job
from web.texts import gettext as _
from web.texts import lazy_gettext as _l
from wfm.domain.timegrid import zone
from wfm.errors import InvalidInput
from wfm.service import centre, replay_view, work
from wfm.service.replay_view import ReplayView
from wfm.service.replaying import Verdict
from wfm.service.work import Kind

DAY = timedelta(1)
WEEK = timedelta(7)
TABLE_DAYS = 7
CAUSES = {
    "volume": _l("Volume"),
    "aht": _l("Handle times"),
    "shrinkage": _l("Changes on the day"),
    "schedule": _l("Schedule"),
    "sharing": _l("Sharing and chance"),
}
CURVES = ("planned", "kept", "needed", "there", "clairvoyant")


@dataclass(frozen=True, slots=True)
class Bar:
    """One step from the level planned to the level kept: a bar from `left` over `width`, in percent of the drawing's width."""

    name: str
    points: float
    left: float
    width: float
    kind: str


@pages.get("/replay")
@allow("schedule.read")
def replay() -> str:
    """A span of days that have come."""
    service, actor = current.service(), current.actor()
    spans = _spans(service.now().astimezone(zone(centre.organisation(service, actor).zone)).date())
    first, last = _chosen(spans)
    view = replay_view.view(service, actor, first, last, request.args.get("queue", ""), forms.optional_whole("at"))
    job = shown_job(Kind.REPLAY)
    common = {"view": view, "spans": spans, "job": job, "here_url": _here, "refused": list(_stretches(view.refused))}
    if not view.days:
        return render_template("planner/replay_empty.html", **common)
    return render_template("planner/replay.html", **common, **_drawn(view))


@pages.post("/replay")
@allow("schedule.change")
def play_again() -> AnyResponse:
    """Want a long span played, as a job."""
    first, last = forms.day("first"), forms.day("last")
    if first is None or last is None:
        raise InvalidInput("choose a first and a last day")
    wanted = {"first_day": first.isoformat(), "last_day": last.isoformat()}
    job = work.enqueue(current.service(), current.actor(), Kind.REPLAY, wanted)
    return go(url_for("planner.replay", first=first.isoformat(), last=last.isoformat(), work=job.id))


def _spans(today: date) -> dict[str, tuple[str, date, date]]:
    monday = today - timedelta(today.weekday())
    return {
        "yesterday": (_("Yesterday"), today - DAY, today - DAY),
        "week": (_("Last week"), monday - WEEK, monday - DAY),
        "weeks": (_("Last four weeks"), today - 4 * WEEK, today - DAY),
    }


def _chosen(spans: dict[str, tuple[str, date, date]]) -> tuple[date, date]:
    _name, first, last = spans.get(request.args.get("span", ""), spans["yesterday"])
    first = forms.day("first") or first
    return first, forms.day("last") or max(first, last)


def _here(**changed: Any) -> str:
    kept: dict[str, Any] = {name: value for name, value in request.args.to_dict().items() if name not in ("work", "at", *changed)}
    return url_for("planner.replay", **kept | {name: value for name, value in changed.items() if value is not None})


def _stretches(refused: Mapping[date, str]) -> Iterator[tuple[date, date, str]]:
    """Days in a row that cannot be played for the same reason: first, last, reason."""
    for reason, days in groupby(refused.items(), key=lambda one: one[1]):
        some = [day for day, _reason in days]
        yield some[0], some[-1], reason


def _drawn(view: ReplayView) -> dict[str, Any]:
    figures = view.curves.figures
    came = figures["came"]
    known = ~np.isnan(figures["aht_s"]) & (came > 0)
    mean_s, planned_s = (float(np.average(figures[name][known], weights=came[known])) for name in ("aht_s", "planned_aht_s"))
    return {
        "bars": list(bars(view.total)),
        "causes": CAUSES,
        "main_cause": max(view.total.parts, key=lambda name: abs(view.total.parts[name])),
        "planned_volume": float(figures["planned_volume"].sum()),
        "aht_s": mean_s,
        "planned_aht_s": planned_s,
        "chart": _chart(view),
        "rows": list(_rows(view)) if len(view.days) <= TABLE_DAYS else [],
        "opened_bars": {line.key: list(bars(_verdict(line.figures))) for line in view.opened.lines} if view.opened else {},
    }


def _verdict(figures: Any) -> Verdict:
    return Verdict(figures["came"], figures["planned"], figures["kept"], {name: figures[name] for name in CAUSES})


def bars(verdict: Verdict) -> Iterator[Bar]:
    """The steps from planned to kept, as bars on one scale."""
    edges = np.concatenate([[verdict.planned], verdict.planned + np.cumsum([verdict.parts[name] for name in CAUSES])])
    low, high = float(edges.min()), float(edges.max())
    scale = 100 / max(high - low, 0.01)
    for name, begin, end in zip(CAUSES, edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        kind = "bad" if end < begin else "good"
        yield Bar(name, 100 * (end - begin), round((min(begin, end) - low) * scale, 2), round(max(abs(end - begin) * scale, 0.4), 2), kind)


def _chart(view: ReplayView) -> dict[str, Any]:
    curves, here = view.curves, zone(view.zone)
    starts = [datetime.fromtimestamp(start, here) for start in curves.start_s.tolist()]
    return {
        "start_s": curves.start_s.tolist(),
        "zone": view.zone,
        "days": day_marks([line.day for line in view.days], view.zone),
        "per_day": 96,
        "labels": [f"{filters.day_short(start)} {start:%H:%M}" for start in starts],
        "promised": view.promised,
        "address": _here(at=0).replace("at=0", "at="),
        **{name: _listed(curves.figures[name], name in ("planned", "kept")) for name in CURVES},
        "words": {
            "planned": _("planned"),
            "kept": _("kept"),
            "promised": _("promised"),
            "needed": _("people planned"),
            "there": _("people there"),
            "clairvoyant": _("people needed for what came"),
        },
    }


def _listed(values: Any, is_share: bool) -> list[float | None]:
    shown = 100 * values if is_share else values
    return [None if np.isnan(value) else round(value, 2) for value in shown.tolist()]


def _rows(view: ReplayView) -> Iterator[dict[str, Any]]:
    """The table twin of the charts: the intervals in which contacts came."""
    here = zone(view.zone)
    for t, start_s in enumerate(view.curves.start_s.tolist()):
        if view.curves.figures["came"][t] > 0:
            figures = {name: float(values[t]) for name, values in view.curves.figures.items()}
            yield {"start_s": start_s, "start": datetime.fromtimestamp(start_s, here), **figures}
