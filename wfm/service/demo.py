"""The demo centre, built by the product's own steps: loaded, imported, forecast, staffed, scheduled, published, and one night done."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from wfm.domain.timegrid import zone
from wfm.errors import Conflict
from wfm.service import accounts, centre, forecasting, importing, night, publishing, scheduling, staffing
from wfm.service.accounts import UserView
from wfm.service.context import Actor, Role, Service, command_line
from wfm.service.progress import Progress
from wfm.settings import Settings

if TYPE_CHECKING:
    from data.demo_centre import DemoCentre

SEED = 1
WEEKS = 2
SOLVE_S = 30.0
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
        Step("forecasting as of last Sunday", build.forecast),
        Step("working out the people needed", build.staff),
        Step(f"scheduling {WEEKS} weeks", build.schedule),
        Step("publishing", build.publish),
        Step("doing last night's work", build.night),
    )


def is_built(service: Service) -> bool:
    """Whether every step was done."""
    found = _organisation(service)
    if found is None:
        return False
    actor = command_line(found.id)
    return bool(publishing.publications(service, actor, 1)) and len(forecasting.versions(service, actor)) > 1


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
        """Version 1 looks ahead from this week's Monday, so that the days since can be compared with it."""
        if forecasting.versions(self._service, self._actor):
            return "done before"
        number = forecasting.run(self._service, self._actor, progress, self._monday())
        return f"version {number}, {self._service.settings.forecast_days} days ahead"

    def staff(self, progress: Progress) -> str:
        """People needed of version 1."""
        if staffing.versions(self._service, self._actor):
            return "done before"
        return f"version {staffing.plan(self._service, self._actor, progress)}"

    def schedule(self, progress: Progress) -> str:
        """This week and the next."""
        if scheduling.drafts(self._service, self._actor):
            return "done before"
        number = scheduling.solve(self._service, self._actor, progress, self._monday(), 7 * WEEKS, SOLVE_S, SEED)
        draft = scheduling.draft(self._service, self._actor, number)
        missing = draft.short_text or "nothing is missing"
        return f"draft {number}: {draft.shift_count} shifts, {draft.gap}; {missing}"

    def publish(self, progress: Progress) -> str:
        """The draft, by the planner."""
        if publishing.publications(self._service, self._actor):
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
