"""A small clinic: two queues, ten agents, some weeks of half hours. Everything is invented."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from wfm.domain.demand import Channel, Queue, ServiceTarget
from wfm.domain.roster import Break, RosterProblem, Shift
from wfm.domain.rules import violations
from wfm.domain.staff import Agent, BreakRule, Contract, ShiftShape
from wfm.service import accounts, centre, draft_store, scheduling
from wfm.service.context import Actor, Role, Service, command_line
from wfm.service.coverage import cover
from wfm.service.draft_state import Placed, broken_rules

ZONE = "America/Chicago"
OPEN, CLOSE = 8 * 60, 18 * 60
BUSIEST = {"Appointments": 11.0, "Nurse triage": 4.5}
AHT_S = {"Appointments": 290.0, "Nurse triage": 400.0}
WEEKDAY = (1.25, 1.05, 1.0, 0.95, 0.85)
NAMES = ("Alvarez, M.", "Brooks, T.", "Chen, L.", "Diaz, R.", "Evans, J.", "Flores, A.", "Garcia, P.", "Hughes, K.", "Ito, S.", "Jones, B.")
PART_TIME = (4, 9)
BREAKS = (BreakRule(15, True, 90, 165), BreakRule(30, False, 210, 285), BreakRule(15, True, 345, 420))
FULL = Contract("full time", (2400, 2400), (5, 5), (ShiftShape(480, BREAKS),), 7 * 60, 19 * 60, 30)
PART = Contract("part time", (900, 1500), (3, 5), (ShiftShape(300, (BreakRule(15, True, 120, 180),)),), 7 * 60, 19 * 60, 30)


def today() -> date:
    """The clinic's local day."""
    return datetime.now(ZoneInfo(ZONE)).date()


def history_csv(last_day: date, weeks: int = 7, seed: int = 7) -> bytes:
    """Half hours of whole weeks up to and with `last_day`, as a telephone system exports them."""
    random_numbers = random.Random(seed)
    days = [last_day - timedelta(n) for n in reversed(range(7 * weeks))]
    lines = ["interval start,queue,calls offered,total handle time s"]
    for day in days:
        if day.weekday() < 5:
            lines.extend(_day(day, random_numbers))
    return ("\r\n".join(lines) + "\r\n").encode()


def _day(day: date, random_numbers: random.Random) -> Iterator[str]:
    for minutes in range(OPEN, CLOSE, 30):
        shape = 0.35 + 0.65 * math.exp(-(((minutes - 615) / 130) ** 2)) + 0.25 * math.exp(-(((minutes - 870) / 90) ** 2))
        for queue, busiest in BUSIEST.items():
            mean = busiest * shape * WEEKDAY[day.weekday()]
            calls = _poisson(mean, random_numbers)
            handle_s = sum(random_numbers.gammavariate(4, AHT_S[queue] / 4) for _ in range(calls))
            yield f"{day:%Y-%m-%d} {minutes // 60:02d}:{minutes % 60:02d},{queue},{calls},{handle_s:.0f}"


def _poisson(mean: float, random_numbers: random.Random) -> int:
    limit, product, count = math.exp(-mean), random_numbers.random(), 0
    while product > limit:
        product *= random_numbers.random()
        count += 1
    return count


def load(service: Service) -> dict[str, int]:
    """Set the clinic up; ids of its accounts by who they are."""
    organisation_id = centre.create_organisation(service, "Bayview Health", ZONE, "US", "IL")
    root = command_line(organisation_id)
    target = ServiceTarget(0.8, 30, max_occupancy=0.88)
    queues = [
        Queue("Appointments", "Appointments", Channel.VOICE, target=target, patience_s=170, shrinkage=0.1, minimum_agents=1),
        Queue("Nurse triage", "Nurse triage", Channel.VOICE, "nurse", target=target, patience_s=240, shrinkage=0.1, minimum_agents=1),
    ]
    agents = [
        centre.AgentInput(_agent(number, name), ("Home", "Clinic")[number % 2], ("en", "es")[: 1 + (number in (3, 5))], _skills(number))
        for number, name in enumerate(NAMES)
    ]
    sites = [centre.SiteInput("Clinic", ZONE), centre.SiteInput("Home", "America/Denver")]
    centre.load_centre(service, root, sites, [centre.QueueInput(queue, ZONE, "Clinic") for queue in queues], [FULL, PART], agents)
    wanted = (
        ("planner", Role.PLANNER, "Pat Planner", "en", None),
        ("administrator", Role.ADMINISTRATOR, "Ada Administrator", "en", None),
        ("auditor", Role.AUDITOR, "Olu Auditor", "en", None),
        ("agent", Role.AGENT, "Alvarez, M.", "en", "a0"),
        ("agent_es", Role.AGENT, "Diaz, R.", "es", "a3"),
    )
    return {
        who: accounts.add_user(service, root, f"{who}@bayview.example", name, role, ZONE, locale, agent_key=agent).id
        for who, role, name, locale, agent in wanted
    }


def _agent(number: int, name: str) -> Agent:
    queues = {"Appointments": 1.0} | ({"Nurse triage": 1.0} if number % 2 == 0 else {})
    return Agent(f"a{number}", "part time" if number in PART_TIME else "full time", queues, name=name)


def _skills(number: int) -> tuple[str, ...]:
    return ("general", "nurse") if number % 2 == 0 else ("general",)


def standing_draft(service: Service, planner: Actor) -> int:
    """A draft of the next open week in which everybody has the same hours on each weekday; its number.

    Full time begins from 08:00 to 09:30 and may end at 19:00: half an hour earlier is always allowed, three hours later never.
    """
    problem = scheduling.build_problem(service, planner, scheduling.next_open_week(service, planner))
    shifts = tuple(shift for number in range(len(NAMES)) for shift in _standing_week(problem, number))
    coverage, broken = cover(problem, shifts), violations(problem, shifts)
    assert not broken
    report = {**broken_rules(broken), "gap": "", "notes": []}
    made = draft_store.Made(problem, tuple(map(Placed, shifts)), coverage, coverage.cost, None, report)
    with service.database.transaction() as session:
        return draft_store.add(service, planner, session, made, None)


def _standing_week(problem: RosterProblem, number: int) -> Iterator[Shift]:
    full = number not in PART_TIME
    length, breaks = (510, ((120, 15, True), (240, 30, False), (360, 15, True))) if full else (300, ((150, 15, True),))
    for day in problem.grid.dates[:5]:
        begin = datetime(day.year, day.month, day.day, 8, tzinfo=ZoneInfo(problem.grid.zone_name)) + timedelta(minutes=30 * (number % 4))
        begin = begin.astimezone(UTC)
        pauses = tuple(Break(begin + timedelta(minutes=at), begin + timedelta(minutes=at + long), paid) for at, long, paid in breaks)
        yield Shift(f"a{number}", begin, begin + timedelta(minutes=length), pauses)
