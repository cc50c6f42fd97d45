"""Work rules as data, nurse licences and the states of their compact: added, taken away, brought back, and used by the next build.

A rule belongs to a scope: `everybody`, a group of `people_groups` ("contract:full_8", "skill:nurse"), or one person ("agent:a001"). Three
kinds are no work rules but stand beside them, for they are kept and used alike: a `licence` of a person, the `queue_licence` that a queue
demands, and a state of the `compact`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from wfm.domain.roster import RosterProblem
from wfm.domain.rules import KINDS, PresenceRule, rule_document, rule_from
from wfm.domain.staff import Agent, Contract, Licence
from wfm.errors import Conflict, InvalidInput, NotFound
from wfm.service import audit, centre, people_groups
from wfm.service.context import Actor, Service
from wfm.service.policy import require
from wfm.storage import work_rules as store

if TYPE_CHECKING:
    from wfm.storage.tables import WorkRuleRow

EVERYBODY = "everybody"
LICENCE, QUEUE_LICENCE, COMPACT = "licence", "queue_licence", "compact"
MOST_RULES = 2_000


@dataclass(frozen=True, slots=True)
class RuleView:
    """A rule as people see it.

    Parameters
    ----------
    number
        Give it to `remove_rule` or `restore_rule`.
    scope, scope_name
        For whom, as a key and as people read it.
    definition
        `kind` and its fields as in `roster-format`; `cost` where it has a price, None where it is hard.
    removed_at, removed_by
        Where it was taken away.
    """

    number: int
    scope: str
    scope_name: str
    definition: Mapping[str, Any]
    made_at: datetime
    made_by: str
    removed_at: datetime | None
    removed_by: str | None

    @property
    def kind(self) -> str:
        """What kind of rule it is."""
        return str(self.definition["kind"])


def rules(service: Service, actor: Actor, scope: str | None = None) -> tuple[RuleView, ...]:
    """Every rule, those taken away included, newest in front; of one scope or of all."""
    require(actor, "staff.read")
    names = {person.key: person.name for person in centre.agents(service, actor)}
    with service.database.reading() as session:
        rows = store.rules(session, actor.organisation_id)
        return tuple(_view(row, names) for row in reversed(rows) if scope in (None, row.scope) and _visible(row.scope, names))


def add_rule(service: Service, actor: Actor, scope: str, definition: Mapping[str, Any]) -> RuleView:
    """A new rule; the next build of a schedule follows it.

    Parameters
    ----------
    scope
        For whom; see the head of this module.
    definition
        `kind`, its fields as in `roster-format`, and `cost` for a price instead of a hard rule.

    Raises
    ------
    Conflict
        When the same rule is there already.
    InvalidInput
        When kind, field or scope is not known or out of bounds.
    NotFound
        When the scope has nobody.
    """
    require(actor, "staff.change")
    checked = _checked(scope, definition)
    _scope_exists(service, actor, scope, checked)
    with service.database.transaction() as session:
        service.database.lock(session, "rules", actor.organisation_id)
        known = store.rules(session, actor.organisation_id)
        same = next((one for one in known if one.removed_at is None and (one.scope, one.definition) == (scope, checked)), None)
        if same is not None:
            raise Conflict(f"this is rule {same.number} already")
        if len(known) >= MOST_RULES:
            raise InvalidInput(f"there can be at most {MOST_RULES} rules; bring an old one back instead")
        row = store.add(
            session, actor.organisation_id, scope=scope, definition=checked, made_at=service.now(), made_by=actor.name, removed_at=None
        )
        audit.record(session, service, actor, "rule.add", "rule", row.number, after={"scope": scope, **checked})
        return _view(row, {})


def remove_rule(service: Service, actor: Actor, number: int) -> RuleView:
    """Take a rule away; `restore_rule` brings it back."""
    return _turn(service, actor, number, away=True)


def restore_rule(service: Service, actor: Actor, number: int) -> RuleView:
    """Bring a rule back that was taken away."""
    return _turn(service, actor, number, away=False)


def _turn(service: Service, actor: Actor, number: int, *, away: bool) -> RuleView:
    require(actor, "staff.change")
    with service.database.transaction() as session:
        service.database.lock(session, "rules", actor.organisation_id)
        row = store.rule(session, actor.organisation_id, number)
        if (row.removed_at is not None) is away:
            raise Conflict(f"rule {number} is {'taken away' if away else 'in force'} already")
        row.removed_at, row.removed_by = (service.now(), actor.name) if away else (None, None)
        told = {"scope": row.scope, **row.definition}
        audit.record(session, service, actor, "rule.remove" if away else "rule.restore", "rule", number, None, told)
        return _view(row, {})


def licence(rule: RuleView) -> Licence:
    """The licence that a rule of the kind `licence` is."""
    return _licence(rule.definition)


def applied(service: Service, actor: Actor, problem: RosterProblem) -> RosterProblem:
    """A problem with the rules that are in force: those of groups with their people, those of a whole contract with the contract."""
    with service.database.reading() as session:
        kept = [row for row in store.rules(session, actor.organisation_id) if row.removed_at is None]
        known = [(row.scope, dict(row.definition)) for row in kept]
    if not known:
        return problem
    everybody = {person.key: person for person in centre.agents(service, actor)}
    members = {scope: _members(service, actor, scope) for scope, _ in known if ":" in scope and not scope.startswith("contract:")}
    made = [(scope, rule_from(content)) for scope, content in known if content["kind"] in KINDS]
    work = [(scope, rule) for scope, rule in made if not isinstance(rule, PresenceRule)]
    across = tuple(rule for _, rule in made if isinstance(rule, PresenceRule))
    agents = tuple(_agent(agent, everybody.get(agent.id), work, known, members) for agent in problem.agents)
    return replace(
        problem,
        contracts=tuple(_contract(contract, work) for contract in problem.contracts),
        agents=agents,
        requirements=tuple(
            replace(need, licence=_licence_of(need.queue, known) or need.licence) for need in problem.requirements
        ),
        rules=(*problem.rules, *across),
        compact={**problem.compact, **_compact(known)},
    )


def _contract(contract: Contract, work: Iterable[tuple[str, Any]]) -> Contract:
    mine = tuple(rule for scope, rule in work if scope in (EVERYBODY, f"contract:{contract.id}"))
    return replace(contract, rules=(*contract.rules, *mine)) if mine else contract


def _agent(
    agent: Agent,
    person: centre.AgentView | None,
    work: Iterable[tuple[str, Any]],
    known: Iterable[tuple[str, Mapping[str, Any]]],
    members: Mapping[str, frozenset[str]],
) -> Agent:
    mine = tuple(rule for scope, rule in work if agent.id in members.get(scope, ()))
    licences = tuple(_licence(content) for scope, content in known if content["kind"] == LICENCE and scope == f"agent:{agent.id}")
    site, skills = (person.site or "", {*person.skills, *person.languages}) if person else ("", set())
    return replace(
        agent,
        rules=(*agent.rules, *mine),
        licences=(*agent.licences, *licences),
        site=agent.site or site,
        skills=agent.skills | skills,
    )


def _licence_of(queue: str, known: Iterable[tuple[str, Mapping[str, Any]]]) -> str:
    wanted = (str(content["state"]) for scope, content in known if content["kind"] == QUEUE_LICENCE and scope == f"queue:{queue}")
    return next(wanted, "")


def _compact(known: Iterable[tuple[str, Mapping[str, Any]]]) -> dict[str, date]:
    return {str(content["state"]): date.fromisoformat(content["since"]) for _, content in known if content["kind"] == COMPACT}


def _members(service: Service, actor: Actor, scope: str) -> frozenset[str]:
    kind, _, name = scope.partition(":")
    return frozenset({name}) if kind == "agent" else frozenset(people_groups.members(service, actor, scope))


def _checked(scope: str, definition: Mapping[str, Any]) -> dict[str, Any]:
    """The definition as it is kept, every field read and written once."""
    kind = definition.get("kind")
    if kind == LICENCE:
        _need(scope.startswith("agent:"), "a licence belongs to one person")
        one = _licence(definition)
        days = {name: getattr(one, name) and getattr(one, name).isoformat() for name in ("first_day", "last_day")}
        return {"kind": LICENCE, "state": one.state, **days, "multistate": one.multistate}
    if kind == QUEUE_LICENCE:
        _need(scope.startswith("queue:"), "a licence is demanded by one queue")
        return {"kind": QUEUE_LICENCE, "state": _state(definition)}
    if kind == COMPACT:
        _need(scope == EVERYBODY, "a state of the compact is one for everybody")
        return {"kind": COMPACT, "state": _state(definition), "since": _day(definition.get("since"), "since").isoformat()}
    rule = rule_from(definition)
    if isinstance(rule, PresenceRule):
        _need(scope == EVERYBODY, f"a rule of the kind {kind} names its own people; its scope is everybody")
    return dict(rule_document(rule))


def _need(right: bool, message: str) -> None:
    if not right:
        raise InvalidInput(message)


def _licence(content: Mapping[str, Any]) -> Licence:
    days = {name: _day(content[name], name) if content.get(name) else None for name in ("first_day", "last_day")}
    return Licence(_state(content), days["first_day"], days["last_day"], bool(content.get("multistate", False)))


def _state(content: Mapping[str, Any]) -> str:
    given = str(content.get("state", "")).strip().upper()
    if len(given) != 2 or not given.isascii() or not given.isalpha():
        raise InvalidInput(f"a state is written with two letters (TX), got {given!r}")
    return given


def _day(given: Any, name: str) -> date:
    try:
        return date.fromisoformat(str(given))
    except ValueError:
        raise InvalidInput(f"{name} must be a day written YYYY-MM-DD, got {given!r}") from None


def _scope_exists(service: Service, actor: Actor, scope: str, definition: Mapping[str, Any]) -> None:
    kind, _, name = scope.partition(":")
    if definition["kind"] == QUEUE_LICENCE:
        centre.queue(service, actor, name)
    elif kind == "agent":
        if name not in {person.key for person in centre.agents(service, actor)}:
            raise NotFound(f"there is no agent {name!r}")
    elif scope != EVERYBODY and not people_groups.members(service, actor, scope):
        raise NotFound(f"nobody belongs to {scope}")
    if definition["kind"] == "seats" and not people_groups.members(service, actor, f"site:{definition['site']}"):
        raise NotFound(f"there is no site {definition['site']!r} with people")


def _visible(scope: str, names: Mapping[str, str]) -> bool:
    """A supervisor sees rules of single people of the own site alone."""
    return not scope.startswith("agent:") or scope.removeprefix("agent:") in names


def _view(row: WorkRuleRow, names: Mapping[str, str]) -> RuleView:
    kind, _, name = row.scope.partition(":")
    shown = names.get(name, name) if kind == "agent" else name
    return RuleView(row.number, row.scope, shown, dict(row.definition), row.made_at, row.made_by, row.removed_at, row.removed_by)
