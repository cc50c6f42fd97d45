"""What the demo centre knows of its people beside their contracts: nurse licences, the compact, work rules; and activities to place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from data.people import Person

Record = tuple[str, dict[str, Any]]

COMPACT_SINCE = {
    "TX": "2018-01-19", "LA": "2019-07-01", "OK": "2018-01-19", "AR": "2018-01-19", "NM": "2018-01-19", "MO": "2018-01-19",
    "KS": "2019-07-01", "NE": "2018-01-19", "IA": "2018-01-19", "CO": "2018-01-19", "WY": "2018-01-19", "UT": "2018-01-19",
}  # fmt: skip
NIGHTS_MOST = 4
SEATS = ("Denver", 30, 20.0)
RUNS_OUT_EVERY = 9  # each so manyth nurse's licence runs out within the month


@dataclass(frozen=True, slots=True)
class Gathering:
    """Something to place: the people of a skill, how many of them, and whether each alone."""

    kind: str
    name: str
    skill: str
    minutes: int
    count: int
    separately: bool = False


GATHERINGS = (
    Gathering("meeting", "Team meeting", "appointments", 30, 8),
    Gathering("coaching", "Call coaching", "billing", 30, 5, True),
    Gathering("training", "Triage protocols", "nurse_triage", 60, 4),
)


def records(people: Iterable[Person], today: date) -> tuple[Record, ...]:
    """Scopes and definitions, as `wfm.service.work_rules.add_rule` takes them.

    Parameters
    ----------
    people
        The staff; nurses bring the states of their licences.
    today
        From which days of licences are counted.
    """
    staff = list(people)
    nurses = [person for person in staff if person.licences]
    young = next(person for person in staff if person.agent.contract == "part_4" and not person.licences)
    site, seats, cost = SEATS
    return (
        ("skill:nurse_triage", {"kind": "nights_in_a_row", "most": NIGHTS_MOST}),
        ("everybody", {"kind": "seats", "site": site, "seats": seats, "cost": cost}),
        (f"agent:{young.agent.id}", {"kind": "minor", "latest_end": "22:00", "most_day_minutes": 480}),
        *(("everybody", {"kind": "compact", "state": state, "since": since}) for state, since in COMPACT_SINCE.items()),
        *(record for number, person in enumerate(nurses) for record in _licences(person, number, today)),
    )


def _licences(person: Person, number: int, today: date) -> Iterable[Record]:
    """The home state is a multistate licence; the others are single ones, as from before the state joined."""
    last = today + timedelta(21 if number % RUNS_OUT_EVERY == 0 else 200 + 11 * number)
    for position, state in enumerate(person.licences):
        content = {"kind": "licence", "state": state, "last_day": last.isoformat(), "multistate": position == 0}
        yield f"agent:{person.agent.id}", content
