"""Groups of people by site, skill, language, contract or queue: whom a planner means without naming everybody."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from wfm.errors import InvalidInput
from wfm.service import centre
from wfm.service.centre import AgentView
from wfm.service.context import Actor, Service

KINDS = ("site", "skill", "language", "contract", "queue")


@dataclass(frozen=True, slots=True)
class GroupView:
    """A group that has people.

    Parameters
    ----------
    key
        kind and name, "skill:nurse_triage".
    kind
        One of `KINDS`.
    name
        Site, skill, language code, contract or queue.
    count
        How many people it has.
    """

    key: str
    kind: str
    name: str
    count: int


def groups(service: Service, actor: Actor) -> tuple[GroupView, ...]:
    """Every group of the people whom the actor may see, by kind and name."""
    everybody = centre.agents(service, actor)
    counts: dict[tuple[str, str], int] = {}
    for person in everybody:
        for pair in _of(person):
            counts[pair] = counts.get(pair, 0) + 1
    ordered = sorted(counts, key=lambda pair: (KINDS.index(pair[0]), pair[1]))
    return tuple(GroupView(f"{kind}:{name}", kind, name, counts[kind, name]) for kind, name in ordered)


def members(service: Service, actor: Actor, key: str) -> tuple[str, ...]:
    """Keys of the people of a group, by name; none where nobody belongs to it.

    Raises
    ------
    InvalidInput
        When the group is not of a known kind.
    """
    kind, colon, name = key.partition(":")
    if not colon or kind not in KINDS:
        raise InvalidInput(f"a group is one of {', '.join(KINDS)} and a name after a colon, got {key!r}")
    return tuple(person.key for person in centre.agents(service, actor) if (kind, name) in _of(person))


def _of(person: AgentView) -> Iterable[tuple[str, str]]:
    values: Mapping[str, Iterable[str]] = {
        "site": (person.site,) if person.site else (),
        "skill": person.skills,
        "language": person.languages,
        "contract": (person.contract,),
        "queue": person.agent.queues,
    }
    return {(kind, name) for kind, names in values.items() for name in names}
