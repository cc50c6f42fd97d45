"""The demo centre, built by the product's own steps: loaded, imported, forecast, staffed, scheduled, published, and one night done."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from wfm.domain.timegrid import zone
from wfm.errors import Conflict
from wfm.service import (
    accounts,
    activities,
    centre,
    forecasting,
    importing,
    night,
    people_groups,
    publishing,
    scheduling,
    staffing,
    work_rules,
)
from wfm.service.accounts import UserView
from wfm.service.context import Actor, Role, Service, command_line
from wfm.service.progress import Progress
from wfm.settings import Settings

if TYPE_CHECKING:
    from data.demo_centre import DemoCentre

SEED = 1
WEEKS = 2
WEEK = timedelta(7)
SOLVE_S = 30.0
PAST_SOLVE_S = 8.0
LATE_MORNING = "11:00"
_HOST = "demo.example.org"


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what it does, and how; the latter returns what came of it. A step that was done before does nothing."""

    text: str
    run: Callable[[Progress], str]


@dataclass(frozen=True, slots=True)
class SignIn:
    """An address that signs one person in, once."""

    role: str
    name: str
    address: str


def steps(service: Service) -> tuple[Step, ...]:
    """Everything that makes the demo, in order; an interrupted build goes on where it stopped."""
    build = _Build(service)
    return (
        Step("setting up the centre", build.set_up),
        Step("importing two years of half hours", build.bring_in),
        Step("forecasting as of the Sunday before last", build.forecast),
        Step("working out the people needed", build.staff),
        Step("scheduling and publishing last week, to play it again", build.past_week),
        Step(f"scheduling {WEEKS} weeks", build.schedule),
        Step("placing meetings, coaching and training", build.activities),
        Step("publishing", build.publish),
        Step("doing last night's work", build.night),
        Step("bringing in today's contacts until now", build.so_far),
    )


def is_built(service: Service) -> bool:
    """Whether every step was done."""
    found = _organisation(service)
    if found is None:
        return False
    actor = command_line(found.id)
    return len(publishing.publications(service, actor, 2)) > 1 and len(forecasting.versions(service, actor)) > 1


def sign_ins(service: Service) -> tuple[SignIn, ...]:
    """Fresh addresses for the planner, the administrator, an agent and a Spanish-speaking agent."""
    found = _organisation(service)
    if found is None:
        return ()
    known = {user.email: user for user in accounts.users(service, command_line(found.id))}
    wanted = [known[_email(name)] for name in ("planner", "administrator", "agent", "agente") if _email(name) in known]
    return tuple(_sign_in(service, user) for user in wanted)


def sign_in_address(settings: Settings, token: str) -> str:
    """Where a one-time sign-in is used."""
    host = "localhost" if settings.host in ("0.0.0.0", "::") else settings.host  # noqa: S104
    return f"{'https' if settings.https else 'http'}://{host}:{settings.port}/once/{token}"


def _sign_in(service: Service, user: UserView) -> SignIn:
    token = accounts.make_one_time_sign_in(service, None, user.id)
    return SignIn(str(user.role), user.name, sign_in_address(service.settings, token))


def _organisation(service: Service) -> centre.OrganisationView | None:
    return next((one for one in centre.every_organisation(service) if one.is_demo), None)


def _email(name: str) -> str:
    return f"{name}@{_HOST}"


class _Build:
    """A build under way; what is stored tells what is done."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._made: DemoCentre | None = None

    @property
    def _actor(self) -> Actor:
        return accounts.acting(self._service, _email("planner"))

    def set_up(self, progress: Progress) -> str:
        """Organisation, sites, queues, contracts, people and accounts."""
        service, made = self._service, self._centre()
        found = _organisation(service)
        home = made.organisation
        owner = found.id if found else centre.create_organisation(service, home.name, home.zone, home.country, is_demo=True)
        root = command_line(owner)
        progress.say(0.5, "loading queues and people")
        centre.load_centre(
            service,
            root,
            [centre.SiteInput(site.name, site.zone) for site in made.sites],
            [centre.QueueInput(queue, home.zone) for queue in made.queues],
            made.contracts,
            [centre.AgentInput(person.agent, person.site, person.languages, person.skills) for person in made.people],
        )
        self._add_accounts(root, home.zone)
        self._add_records(root, made)
        return f"{len(made.queues)} queues, {len(made.people)} people at {len(made.sites)} sites"

    def bring_in(self, progress: Progress) -> str:
        """The history, as a file."""
        if importing.imports(self._service, self._actor):
            return "done before"
        from data.demo_centre import write_history

        made, content = self._centre(), io.BytesIO()
        progress.say(0.0, "drawing two years of contacts")
        write_history(made, content)
        stored = importing.commit(
            self._service, self._actor, content.getvalue(), "demo_history.csv.gz", made.organisation.zone, gaps="unknown", progress=progress
        )
        return f"{stored.rows_added:,} intervals, {stored.volume:,.0f} contacts"

    def forecast(self, progress: Progress) -> str:
        """Version 1 looks ahead from last week's Monday, so that the days since can be compared with it."""
        if forecasting.versions(self._service, self._actor):
            return "done before"
        number = forecasting.run(self._service, self._actor, progress, self._monday() - WEEK)
        return f"version {number}, {self._service.settings.forecast_days} days ahead"

    def staff(self, progress: Progress) -> str:
        """People needed of version 1."""
        if staffing.versions(self._service, self._actor):
            return "done before"
        return f"version {staffing.plan(self._service, self._actor, progress)}"

    def past_week(self, progress: Progress) -> str:
        """Last week, as if it had been published in its time: draft and version 1."""
        service, actor = self._service, self._actor
        if not scheduling.drafts(service, actor):
            scheduling.solve(service, actor, progress, self._monday() - WEEK, 7, PAST_SOLVE_S, SEED)
        if publishing.publications(service, actor):
            return "done before"
        return f"version {publishing.publish(service, actor, 1).number}"

    def schedule(self, progress: Progress) -> str:
        """This week and the next: draft 2."""
        if len(scheduling.drafts(self._service, self._actor)) > 1:
            return "done before"
        number = scheduling.solve(self._service, self._actor, progress, self._monday(), 7 * WEEKS, SOLVE_S, SEED)
        draft = scheduling.draft(self._service, self._actor, number)
        missing = draft.short_text or "nothing is missing"
        return f"draft {number}: {draft.shift_count} shifts, {draft.gap}; {missing}"

    def activities(self, progress: Progress) -> str:
        """A meeting, coaching and training in this week's draft."""
        progress.say(0.0, "looking for their best times")
        draft = scheduling.drafts(self._service, self._actor)[0]
        if activities.sessions(self._service, self._actor, draft.number):
            return "done before"
        from data.records import GATHERINGS

        begin = datetime.combine(max(draft.first_day, self._today() + timedelta(1)), datetime.min.time())
        for gathering in GATHERINGS:
            people = people_groups.members(self._service, self._actor, f"skill:{gathering.skill}")
            kind, due = activities.ActivityKind(gathering.kind), begin + timedelta(7)
            some = people[: gathering.count] if gathering.separately else people
            count = None if gathering.separately else gathering.count
            wish = activities.ActivityWish(kind, gathering.name, some, gathering.minutes, begin, due, "", count, gathering.separately)
            found = activities.preview(self._service, self._actor, draft.number, wish)
            if found.places:
                activities.place(self._service, self._actor, draft.number, wish, [(one.people, one.start) for one in found.places])
        return f"{len(activities.sessions(self._service, self._actor, draft.number))} sessions"

    def publish(self, progress: Progress) -> str:
        """The draft, by the planner."""
        if len(publishing.publications(self._service, self._actor)) > 1:
            return "done before"
        progress.say(0.0, "publishing")
        made = publishing.publish(self._service, self._actor, scheduling.drafts(self._service, self._actor)[0].number)
        return f"version {made.number}: {made.shifts} shifts"

    def night(self, progress: Progress) -> str:
        """What the worker does every night, once by hand."""
        progress.say(0.0, "forecasting anew, comparing")
        owner = self._actor.organisation_id
        job = night.run_here(self._service, owner, self._today().isoformat())
        if job.state != "done":
            raise Conflict(f"the night is {job.state}: {job.error or 'another process is at it'}")
        return f"{len(night.findings(self._service, self._actor))} findings"

    def so_far(self, progress: Progress) -> str:
        """What came today until now, or until late morning where the day is younger, so that the rest of today has something to go by."""
        if len(importing.imports(self._service, self._actor)) > 1:
            return "done before"
        from data.demo_centre import make_centre, write_last_day

        progress.say(0.0, "drawing this morning's contacts")
        made, content = make_centre(SEED, self._today()), io.BytesIO()
        now = self._service.now().astimezone(zone(made.organisation.zone))
        until = max(f"{now.hour:02d}:{'30' if now.minute >= 30 else '00'}", LATE_MORNING)
        if not write_last_day(made, content, until):
            return "nothing is open today"
        stored = importing.commit(
            self._service, self._actor, content.getvalue(), "demo_today.csv.gz", made.organisation.zone, gaps="unknown", progress=progress
        )
        return f"{stored.rows_added:,} intervals, {stored.volume:,.0f} contacts until {until}"

    def _centre(self) -> DemoCentre:
        if self._made is None:
            from data.demo_centre import make_centre

            self._made = make_centre(SEED, self._today() - timedelta(1))
        return self._made

    def _today(self) -> date:
        found = _organisation(self._service)
        here = zone(found.zone if found else "America/Chicago")
        return self._service.now().astimezone(here).date()

    def _monday(self) -> date:
        today = self._today()
        return today - timedelta(today.weekday())

    def _add_records(self, root: Actor, made: DemoCentre) -> None:
        if work_rules.rules(self._service, root):
            return
        from data.records import records

        for scope, definition in records(made.people, self._today()):
            work_rules.add_rule(self._service, root, scope, definition)

    def _add_accounts(self, root: Actor, home: str) -> None:
        people = self._centre().people
        english = next(person for person in people if person.languages == ("en",) and "appointments" in person.skills)
        spanish = next(person for person in people if "es" in person.languages and "appointments" in person.skills)
        wanted: tuple[tuple[str, str, Role, dict[str, Any]], ...] = (
            ("administrator", "Avery Admin", Role.ADMINISTRATOR, {}),
            ("planner", "Pat Planner", Role.PLANNER, {}),
            ("supervisor", "Sam Supervisor", Role.SUPERVISOR, {"site": english.site}),
            ("auditor", "Ari Auditor", Role.AUDITOR, {}),
            ("agent", english.agent.name, Role.AGENT, {"agent_key": english.agent.id}),
            ("agente", spanish.agent.name, Role.AGENT, {"agent_key": spanish.agent.id, "locale": "es"}),
        )
        known = {user.email for user in accounts.users(self._service, root)}
        for name, person, role, more in wanted:
            if _email(name) not in known:
                accounts.add_user(self._service, root, _email(name), person, role, home, **more)
