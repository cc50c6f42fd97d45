"""No use case lets anybody past the organisation or the role: every public function is tried with the wrong ones."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from tests.support.drafts import MONDAY, draft, week
from tests.support.forecasts import store_forecast
from tests.support.service import CONTRACT, Client
from wfm.errors import NotAllowed, NotFound, WfmError
from wfm.service import (
    accounts,
    accuracy_limits,
    accuracy_view,
    activities,
    activity_people,
    audit,
    centre,
    cleaning,
    cleaning_effect,
    cold_starts,
    draft_comparison,
    editing,
    forecast_edits,
    forecast_import,
    importing,
    intraday,
    people_groups,
    policy,
    promises,
    publishing,
    reasons,
    redrafting,
    repairing,
    replay_view,
    rest_of_day,
    risk,
    saved_views,
    sessions,
    special_days,
    totals,
    verdicts,
    work_rules,
)
from wfm.service.context import Actor, Role, Service
from wfm.service.edit_wish import EditWish
from wfm.service.edited import EditKind
from wfm.service.progress import Progress

MODULES = (
    accounts, accuracy_limits, accuracy_view, activities, activity_people, audit, centre,
    cleaning, cleaning_effect, cold_starts, draft_comparison,
    editing, forecast_edits, forecast_import, importing, intraday, people_groups, promises, publishing, reasons, redrafting, repairing,
    replay_view, rest_of_day, risk, saved_views, sessions, special_days, totals, verdicts, work_rules,
)  # fmt: skip
FILE = b"timestamp,queue,volume\n2026-03-02 08:00,visits,4\n2026-03-02 08:30,visits,6\n2026-03-02 09:00,visits,5\n"
OTHER_FILE = FILE.replace(b",visits,", b",secret line,")


@dataclass(frozen=True)
class Target:
    """What belongs to the other organisation."""

    user_id: int
    draft: int
    queue_id: int


EDIT = EditWish("secret line", EditKind.PERCENT, 0.1, MONDAY, MONDAY, "x", "x")
RULE = {"kind": "weekends", "most": 3}
OUTSIDE = (
    b"start,zone,queue,interval_minutes,mean,q0.025,q0.1,q0.5,q0.9,q0.975,rate_cv,aht_s\n"
    b"2026-06-08T00:00:00+00:00,UTC,secret line,60,4,,,,,,,\n"
)
TOTAL = totals.GroupWish(totals.By.SITE, totals.NO_SITE, 10.0, MONDAY, MONDAY, "Secret letter", "x")
COLD = cold_starts.ColdWish("visits", "", "secret line", 100.0)
CLEANING_VIEW = cleaning.CleaningView(
    centre.QueueView(1, "secret line", centre.Queue("secret line", "x"), "UTC", None, 1), None, None, {}, {}, (), ()
)
COUNTS = b"day,count\n2026-06-08,120\n"

WISH = activities.ActivityWish(
    activities.ActivityKind.MEETING, "Secret talk", ("a1",), 30, datetime(2026, 6, 15, 8), datetime(2026, 6, 16, 8)
)

Use = Callable[[Service, Actor, Target], Any]

# The permission and a call with the other organisation's keys; what comes back must be nothing of theirs.
USES: dict[str, tuple[str, Use]] = {
    "accounts.make_one_time_sign_in": ("account.manage", lambda s, a, t: accounts.make_one_time_sign_in(s, a, t.user_id)),
    "accounts.change_password": ("account.own", lambda s, a, t: accounts.change_password(s, a, None, "gypsum lantern stove")),
    "accounts.set_preferences": ("account.own", lambda s, a, t: accounts.set_preferences(s, a, locale="es")),
    "accounts.users": ("account.manage", lambda s, a, t: accounts.users(s, a)),
    "accounts.add_user": ("account.manage", lambda s, a, t: accounts.add_user(s, a, "x@x.org", "X", "agent", "UTC", "en", "secret-agent")),
    "accounts.change_role": ("account.manage", lambda s, a, t: accounts.change_role(s, a, t.user_id, "auditor")),
    "accounts.disable_user": ("account.manage", lambda s, a, t: accounts.disable_user(s, a, t.user_id)),
    "accounts.enable_user": ("account.manage", lambda s, a, t: accounts.enable_user(s, a, t.user_id)),
    "accounts.own_account": ("account.own", lambda s, a, t: accounts.own_account(s, a)),
    "activity_people.change_people": (
        "schedule.change",
        lambda s, a, t: activity_people.change_people(s, a, t.draft, "1", ("secret-agent",)),
    ),
    "activity_people.preview_people": (
        "schedule.change",
        lambda s, a, t: activity_people.preview_people(s, a, t.draft, "1", ("secret-agent",)),
    ),
    "activities.channel_blocks": ("schedule.read", lambda s, a, t: activities.channel_blocks(s, a, t.draft, MONDAY)),
    "activities.move_session": ("schedule.change", lambda s, a, t: activities.move_session(s, a, t.draft, "1", NINE)),
    "activities.place": ("schedule.change", lambda s, a, t: activities.place(s, a, t.draft, WISH, [(("a1",), NINE)])),
    "activities.place_movable_work": ("schedule.change", lambda s, a, t: activities.place_movable_work(s, a, t.draft)),
    "activities.preview": ("schedule.change", lambda s, a, t: activities.preview(s, a, t.draft, WISH)),
    "activities.remove_session": ("schedule.change", lambda s, a, t: activities.remove_session(s, a, t.draft, "1")),
    "activities.sessions": ("schedule.read", lambda s, a, t: activities.sessions(s, a, t.draft)),
    "audit.entries": ("audit.read", lambda s, a, t: audit.entries(s, a, action="history.import").entries),
    "audit.verify": ("audit.read", lambda s, a, t: audit.verify(s, a)),
    "centre.organisation": ("", lambda s, a, t: centre.organisation(s, a)),
    "centre.sites": ("staff.read", lambda s, a, t: centre.sites(s, a)),
    "centre.queues": ("requirement.read", lambda s, a, t: centre.queues(s, a)),
    "centre.queue": ("requirement.read", lambda s, a, t: centre.queue(s, a, "secret line")),
    "centre.contracts": ("staff.read", lambda s, a, t: centre.contracts(s, a)),
    "centre.agents": ("staff.read", lambda s, a, t: centre.agents(s, a)),
    "centre.change_target": ("requirement.change", lambda s, a, t: centre.change_target(s, a, "secret line", 1, level=0.5)),
    "centre.load_centre": ("staff.change", lambda s, a, t: centre.load_centre(s, a, agents=[SECRET_AGENT])),
    "centre.load_problem": ("staff.change", lambda s, a, t: centre.load_problem(s, a, {})),
    "accuracy_limits.limits": ("forecast.read", lambda s, a, t: accuracy_limits.limits(s, a)),
    "accuracy_limits.change_limits": ("forecast.change", lambda s, a, t: accuracy_limits.change_limits(s, a, accuracy_limits.Limits())),
    "accuracy_view.by_day": ("forecast.read", lambda s, a, t: accuracy_view.by_day(s, a, "secret line", 0.1)),
    "accuracy_view.by_lead": ("forecast.read", lambda s, a, t: accuracy_view.by_lead(s, a, "secret line")),
    "forecast_edits.preview": ("forecast.change", lambda s, a, t: forecast_edits.preview(s, a, EDIT)),
    "forecast_edits.add": ("forecast.change", lambda s, a, t: forecast_edits.add(s, a, EDIT, 0)),
    "forecast_edits.revert": ("forecast.change", lambda s, a, t: forecast_edits.revert(s, a, 1)),
    "forecast_edits.edits": ("forecast.read", lambda s, a, t: forecast_edits.edits(s, a, "secret line")),
    "forecast_import.import_forecast": ("forecast.change", lambda s, a, t: forecast_import.import_forecast(s, a, OUTSIDE, "x")),
    "special_days.special_days": ("forecast.read", lambda s, a, t: special_days.special_days(s, a)),
    "special_days.add_special_days": (
        "forecast.change",
        lambda s, a, t: special_days.add_special_days(s, a, "x", MONDAY, MONDAY, None, "secret line"),
    ),
    "special_days.remove_special_days": ("forecast.change", lambda s, a, t: special_days.remove_special_days(s, a, 1)),
    "special_days.counts": ("forecast.read", lambda s, a, t: special_days.counts(s, a)),
    "special_days.put_counts": ("forecast.change", lambda s, a, t: special_days.put_counts(s, a, "x", COUNTS, "secret line")),
    "special_days.remove_counts": ("forecast.change", lambda s, a, t: special_days.remove_counts(s, a, 1, 1)),
    "cleaning.view": ("history.read", lambda s, a, t: cleaning.view(s, a, "secret line")),
    "cleaning.decide": ("history.change", lambda s, a, t: cleaning.decide(s, a, "secret line", None, accept=True)),
    "cleaning.mark": ("history.change", lambda s, a, t: cleaning.mark(s, a, "secret line", MONDAY, MONDAY, "x")),
    "cleaning.undo": ("history.change", lambda s, a, t: cleaning.undo(s, a, 1)),
    "cleaning.undo_all": ("history.change", lambda s, a, t: cleaning.undo_all(s, a, "secret line")),
    "cleaning_effect.run": ("forecast.change", lambda s, a, t: cleaning_effect.run(s, a, Progress(), "secret line")),
    "cleaning_effect.newest": ("forecast.read", lambda s, a, t: cleaning_effect.newest(s, a, CLEANING_VIEW)),
    "cold_starts.candidates": ("forecast.read", lambda s, a, t: cold_starts.candidates(s, a)),
    "cold_starts.standing": ("forecast.read", lambda s, a, t: cold_starts.standing(s, a)),
    "cold_starts.preview": ("forecast.change", lambda s, a, t: cold_starts.preview(s, a, COLD)),
    "cold_starts.keep": ("forecast.change", lambda s, a, t: cold_starts.keep(s, a, COLD)),
    "cold_starts.remove": ("forecast.change", lambda s, a, t: cold_starts.remove(s, a, "secret line")),
    "draft_comparison.compare_drafts": ("schedule.read", lambda s, a, t: draft_comparison.compare_drafts(s, a, t.draft)),
    "editing.add_shift": ("schedule.change", lambda s, a, t: editing.add_shift(s, a, t.draft, "a1", NINE, 510)),
    "editing.change_shift": ("schedule.change", lambda s, a, t: editing.change_shift(s, a, t.draft, SHIFT, NINE)),
    "editing.copy_shift": ("schedule.change", lambda s, a, t: editing.copy_shift(s, a, t.draft, SHIFT, NINE)),
    "editing.edit_many": ("schedule.change", lambda s, a, t: editing.edit_many(s, a, t.draft, [SHIFT], "remove")),
    "editing.history": ("schedule.read", lambda s, a, t: editing.history(s, a, t.draft)),
    "editing.move_breaks": ("schedule.change", lambda s, a, t: editing.move_breaks(s, a, t.draft, SHIFT, [NINE])),
    "editing.pin_shift": ("schedule.change", lambda s, a, t: editing.pin_shift(s, a, t.draft, SHIFT)),
    "editing.redo": ("schedule.change", lambda s, a, t: editing.redo(s, a, t.draft, 1)),
    "editing.remove_shift": ("schedule.change", lambda s, a, t: editing.remove_shift(s, a, t.draft, SHIFT)),
    "editing.undo": ("schedule.change", lambda s, a, t: editing.undo(s, a, t.draft, 1)),
    "people_groups.groups": ("staff.read", lambda s, a, t: people_groups.groups(s, a)),
    "people_groups.members": ("staff.read", lambda s, a, t: people_groups.members(s, a, "site:Secret site")),
    "intraday.today": ("requirement.read", lambda s, a, t: intraday.today(s, a, MONDAY)),
    "rest_of_day.newest": ("requirement.read", lambda s, a, t: rest_of_day.newest(s, a, MONDAY)),
    "rest_of_day.run": ("requirement.read", lambda s, a, t: rest_of_day.run(s, a, Progress(), MONDAY)),
    "rest_of_day.want": ("requirement.read", lambda s, a, t: rest_of_day.want(s, a, MONDAY)),
    "risk.by_queue": ("requirement.read", lambda s, a, t: risk.by_queue(s, a, 1, MONDAY, 7)),
    "risk.view": ("requirement.read", lambda s, a, t: risk.view(s, a, "secret line")),
    "importing.preview": ("history.change", lambda s, a, t: importing.preview(s, a, OTHER_FILE, "x.csv", "UTC").same_as),
    "importing.commit": ("history.change", lambda s, a, t: importing.commit(s, a, b"not a file", "x.csv", "UTC")),
    "importing.undo": ("history.change", lambda s, a, t: importing.undo(s, a, 2)),
    "importing.imports": ("history.read", lambda s, a, t: importing.imports(s, a)),
    "importing.changes": ("history.read", lambda s, a, t: importing.changes(s, a, 2)),
    "importing.day_quality": ("history.read", lambda s, a, t: importing.day_quality(s, a, "secret line", MONDAY, 1)),
    "importing.source_rows": ("history.read", lambda s, a, t: importing.source_rows(s, a, "secret line", 1_800_000_000)),
    "promises.judge": ("schedule.read", lambda s, a, t: promises.judge(s, a, Progress(), MONDAY)),
    "promises.newest": ("schedule.read", lambda s, a, t: promises.newest(s, a, MONDAY)),
    "publishing.diff": ("publication.read", lambda s, a, t: publishing.diff(s, a, t.draft)),
    "publishing.publish": ("publication.change", lambda s, a, t: publishing.publish(s, a, t.draft)),
    "publishing.revert": ("publication.change", lambda s, a, t: publishing.revert(s, a, 1, "x")),
    "publishing.publications": ("publication.read", lambda s, a, t: publishing.publications(s, a)),
    "publishing.publication": ("publication.read", lambda s, a, t: publishing.publication(s, a, 1)),
    "publishing.published_shifts": ("publication.read", lambda s, a, t: publishing.published_shifts(s, a, MONDAY, 7)),
    "publishing.my_week": ("week.own", lambda s, a, t: [day.shift for day in publishing.my_week(s, a, MONDAY).days if day.shift]),
    "publishing.acknowledge": ("week.own", lambda s, a, t: publishing.acknowledge(s, a, 1)),
    "reasons.who_could_fill": ("schedule.read", lambda s, a, t: reasons.who_could_fill(s, a, t.draft, "visits", NINE, NINE)),
    "reasons.why_shift": ("schedule.read", lambda s, a, t: reasons.why_shift(s, a, t.draft, "a1", MONDAY)),
    "redrafting.draft_of_published": ("schedule.change", lambda s, a, t: redrafting.draft_of_published(s, a, MONDAY)),
    "repairing.accept_repair": ("schedule.change", lambda s, a, t: repairing.accept_repair(s, a, 10**6, 0)),
    "repairing.find_repairs": ("schedule.change", lambda s, a, t: repairing.find_repairs(s, a, Progress(), t.draft, "a1", NINE, NINE)),
    "repairing.repairs": ("schedule.read", lambda s, a, t: repairing.repairs(s, a, 10**6)),
    "repairing.want_repairs": ("schedule.change", lambda s, a, t: repairing.want_repairs(s, a, t.draft, "a1", NINE, NINE)),
    "work_rules.add_rule": ("staff.change", lambda s, a, t: work_rules.add_rule(s, a, "agent:secret-agent", RULE)),
    "work_rules.remove_rule": ("staff.change", lambda s, a, t: work_rules.remove_rule(s, a, 1)),
    "work_rules.restore_rule": ("staff.change", lambda s, a, t: work_rules.restore_rule(s, a, 1)),
    "work_rules.rules": ("staff.read", lambda s, a, t: work_rules.rules(s, a)),
    "saved_views.forget_view": ("account.own", lambda s, a, t: saved_views.forget_view(s, a, "schedule", "Secret view")),
    "saved_views.keep_view": ("account.own", lambda s, a, t: saved_views.keep_view(s, a, "schedule", "x", {"site": "North"})),
    "saved_views.views": ("account.own", lambda s, a, t: saved_views.views(s, a, "schedule")),
    "totals.totals": ("forecast.read", lambda s, a, t: totals.totals(s, a)),
    "totals.preview": ("forecast.change", lambda s, a, t: totals.preview(s, a, TOTAL)),
    "totals.spread": ("forecast.change", lambda s, a, t: totals.spread(s, a, TOTAL, 0)),
    "totals.typed": ("forecast.read", lambda s, a, t: totals.typed(s, a)),
    "totals.revert": ("forecast.change", lambda s, a, t: totals.revert(s, a, 2)),
    "replay_view.view": ("schedule.read", lambda s, a, t: replay_view.view(s, a, MONDAY, MONDAY, "secret line")),
    "verdicts.play": ("schedule.read", lambda s, a, t: verdicts.play(s, a, (), Progress())),
    "verdicts.run": ("schedule.read", lambda s, a, t: verdicts.run(s, a, Progress(), MONDAY, MONDAY)),
    "verdicts.stored": ("schedule.read", lambda s, a, t: verdicts.stored(s, a, MONDAY, MONDAY)),
    "verdicts.todo": ("schedule.read", lambda s, a, t: verdicts.todo(s, a, MONDAY, MONDAY)),
    "sessions.bind": ("", lambda s, a, t: sessions.bind(s, None, replace(a, user_id=t.user_id))),
    "sessions.end_all": ("account.manage", lambda s, a, t: sessions.end_all(s, a, t.user_id)),
    "sessions.own_sessions": ("account.own", lambda s, a, t: sessions.own_sessions(s, a)),
}
FOREIGN = (
    "accounts.make_one_time_sign_in",
    "accounts.add_user",
    "accounts.change_role",
    "accounts.disable_user",
    "accounts.enable_user",
    "accuracy_view.by_day",
    "accuracy_view.by_lead",
    "forecast_edits.preview",
    "forecast_edits.add",
    "forecast_edits.revert",
    "forecast_edits.edits",
    "special_days.add_special_days",
    "special_days.remove_special_days",
    "special_days.put_counts",
    "special_days.remove_counts",
    "centre.queue",
    "centre.change_target",
    *(f"activities.{use}" for use in ("channel_blocks", "move_session", "place", "place_movable_work", "preview", "remove_session")),
    "activities.sessions",
    "activity_people.change_people",
    "activity_people.preview_people",
    *(f"editing.{use}" for use in ("add_shift", "change_shift", "edit_many", "history", "move_breaks", "pin_shift", "redo")),
    "editing.remove_shift",
    "editing.undo",
    *(f"cleaning.{use}" for use in ("view", "decide", "mark", "undo", "undo_all")),
    "cleaning_effect.run",
    *(f"cold_starts.{use}" for use in ("preview", "keep", "remove")),
    "draft_comparison.compare_drafts",
    "reasons.who_could_fill",
    "risk.by_queue",
    "risk.view",
    "reasons.why_shift",
    "replay_view.view",
    "redrafting.draft_of_published",
    "repairing.find_repairs",
    "repairing.want_repairs",
    "importing.undo",
    "importing.changes",
    "importing.day_quality",
    "importing.source_rows",
    "publishing.diff",
    "publishing.publish",
    "publishing.revert",
    "publishing.publication",
    "saved_views.forget_view",
    "sessions.bind",
    "sessions.end_all",
    "work_rules.add_rule",
    "work_rules.remove_rule",
    *(f"totals.{use}" for use in ("preview", "spread", "revert")),
)
NINE = datetime(2026, 6, 15, 14, tzinfo=UTC)
SHIFT = editing.ShiftKey("a1", NINE, 1)
SECRETS = ("Secret person", "Secret letter", "Secret line", "secret.csv", "Rival")
# Made for the edge or for other use cases: they get no keys that could belong to somebody else.
INNER = {
    "activities.loaded",
    "audit.record", "audit.record_refusal", "centre.visible_site", "editing.edit_view", "forecast_edits.put", "promises.keep_findings",
    "risk.of_interval", "verdicts.span", "work_rules.applied",
}  # fmt: skip
SECRET_AGENT = centre.AgentInput(centre.Agent("secret-agent", "secret-contract", {"secret line": 1.0}, name="Secret person"), "Secret site")


@pytest.fixture
def target(service: Service, rival: Client) -> Target:
    """A rival with data of every kind, under names that the clinic does not have."""
    centre.load_centre(
        service,
        rival.planner,
        [centre.SiteInput("Secret site", "UTC")],
        [centre.QueueInput(centre.Queue("secret line", "Secret line"), "UTC")],
        [replace(CONTRACT, id="secret-contract")],
        [SECRET_AGENT],
    )
    importing.commit(service, rival.planner, FILE, "secret.csv", "UTC")
    importing.commit(service, rival.planner, OTHER_FILE, "secret2.csv", "UTC")
    store_forecast(service, rival.planner, "secret line", MONDAY, 7)
    forecast_edits.add(service, rival.planner, replace(EDIT, name="Secret letter"), 0)
    special_days.add_special_days(service, rival.planner, "Secret letter", MONDAY, MONDAY, 0.5)
    special_days.put_counts(service, rival.planner, "Secret letter", COUNTS)
    saved_views.keep_view(service, rival.planner, "schedule", "Secret view", {"site": "Secret site"})
    work_rules.add_rule(service, rival.planner, "agent:secret-agent", RULE)
    totals.spread(service, rival.planner, TOTAL, 1)
    cleaning.mark(service, rival.planner, "secret line", date(2026, 3, 2), date(2026, 3, 2), "Secret letter")
    published = draft(service, rival.planner, week("a1", "secret-agent"))
    publishing.publish(service, rival.planner, published)
    draft(service, rival.planner, week("a1"))
    sessions.bind(service, None, rival.agent)
    queue = centre.queue(service, rival.planner, "secret line")
    return Target(rival.planner.user_id or 0, published + 1, queue.id)


def test_every_use_case_is_in_the_table() -> None:
    found = set()
    for module in MODULES:
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if not name.startswith("_") and "actor" in inspect.signature(function).parameters and _is_of(module, function):
                found.add(f"{module.__name__.rpartition('.')[2]}.{name}")
    assert found - INNER == set(USES) - {"audit.verify"}


def _is_of(module: Any, function: Any) -> bool:
    exported = getattr(module, "__all__", ())
    return function.__module__ == module.__name__ or function.__name__ in exported


def test_an_actor_of_another_organisation_gets_nothing(service: Service, clinic: Client, rival: Client, target: Target) -> None:
    before = _everything(service, rival)
    assert all(secret in before for secret in SECRETS)
    leaks = []
    for use, (permission, call) in USES.items():
        role = Role.AGENT if permission == "week.own" else Role.ADMINISTRATOR
        told = _told(lambda call=call, role=role: call(service, clinic.actors[role], target))  # type: ignore[misc]
        leaks += [f"{use}: {told}" for secret in SECRETS if secret in told]
        leaks += [f"{use} changed something"] if _everything(service, rival) != before else []
    assert leaks == []


def _status(call: Callable[[], object]) -> int:
    try:
        call()
    except WfmError as error:
        return error.status
    return 200


def _told(call: Callable[[], object]) -> str:
    try:
        return repr(call())
    except WfmError as error:
        return str(error)


def test_keys_of_another_organisation_are_not_found(service: Service, clinic: Client, target: Target) -> None:
    for use in FOREIGN:
        with pytest.raises(NotFound):
            USES[use][1](service, clinic.administrator, target)


ODD: dict[str, Use] = {
    "NUL in a key": lambda s, a, t: centre.queue(s, a, "a\x00b"),
    "half a letter in a key": lambda s, a, t: centre.queue(s, a, "\ud800"),
    "a number beyond all": lambda s, a, t: publishing.publication(s, a, 10**30),
    "a user beyond all": lambda s, a, t: accounts.disable_user(s, a, 2**63),
    "a negative import": lambda s, a, t: importing.undo(s, a, -1),
    "the last of days": lambda s, a, t: publishing.published_shifts(s, a, date.max, 7),
    "the first of days": lambda s, a, t: importing.day_quality(s, a, "visits", date.min, 7),
    "a time beyond all": lambda s, a, t: importing.source_rows(s, a, "visits", 10**18),
    "an action with NUL": lambda s, a, t: audit.entries(s, a, action="\x00%_"),
    "a page beyond all": lambda s, a, t: audit.entries(s, a, page=10**30),
    "a token with NUL": lambda s, a, t: accounts.use_one_time_sign_in(s, "\x00\ud800", "x"),
    "a name with NUL": lambda s, a, t: accounts.add_user(s, a, "x@x.org", "a\x00", "planner", "UTC"),
    "a zone with dots": lambda s, a, t: accounts.set_preferences(s, a, zone="../../etc/passwd"),
    "a file with NUL": lambda s, a, t: importing.commit(s, a, b"\x00\x01" * 50, "x.csv", "UTC"),
    "a file name with NUL": lambda s, a, t: importing.commit(s, a, FILE, "\x00", "UTC"),
}


@pytest.mark.parametrize("use", ODD)
def test_odd_input_gets_an_answer_in_words(standing: Client, use: str) -> None:
    before = audit.verify(standing.service, standing.id)
    assert _status(lambda: ODD[use](standing.service, standing.administrator, Target(1, 1, 1))) < 500
    assert audit.verify(standing.service, standing.id) == before


def test_the_series_of_another_organisation_is_empty(service: Service, clinic: Client, rival: Client, target: Target) -> None:
    assert importing.series(service, clinic.id, target.queue_id).start_s.size == 0
    assert importing.series(service, rival.id, target.queue_id).start_s.size == 3


def _everything(service: Service, client: Client) -> str:
    actor = client.administrator
    seen = (
        audit.verify(service, client.id),
        accounts.users(service, actor),
        centre.queues(service, actor),
        centre.agents(service, actor),
        importing.imports(service, actor),
        publishing.publications(service, actor),
        publishing.published_shifts(service, actor, MONDAY, 7),
        sessions.own_sessions(service, client.agent),
        special_days.special_days(service, actor),
        special_days.counts(service, actor),
        work_rules.rules(service, actor),
        saved_views.views(service, client.planner, "schedule"),
        totals.typed(service, actor),
        [forecast_edits.edits(service, actor, queue.key) for queue in centre.queues(service, actor)],
        [cleaning.view(service, actor, queue.key).decisions for queue in centre.queues(service, actor)],
    )
    return repr(seen)


@pytest.mark.parametrize(
    ("use", "role"),
    [(use, role) for use, (name, _) in USES.items() if name for role in Role if role not in policy.ALLOWED[name]],
)
def test_a_role_that_may_not_is_refused(sqlite_service: Service, use: str, role: Role) -> None:
    actor = Actor(1, 1, role, "Somebody", agent_id=1)
    with pytest.raises(NotAllowed, match=USES[use][0]):
        USES[use][1](sqlite_service, actor, Target(2, 1, 1))
