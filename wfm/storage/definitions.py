"""Queues, contracts and agents as the JSON that their rows keep; contracts and agents as in `roster-format`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Any

from wfm import units
from wfm.domain.demand import Channel, Queue, ServiceTarget
from wfm.domain.movable import MovableWork
from wfm.domain.rules import rule_document, rule_from
from wfm.domain.shrinkage import ShrinkagePart
from wfm.domain.staff import Agent, BreakRule, Contract, DayOffWish, FixedActivity, Licence, ShiftShape


def queue_definition(queue: Queue) -> dict[str, Any]:
    """All fields of a queue but its id and name."""
    content = asdict(queue)
    del content["id"], content["name"]
    lists = {name: [part | {"weekdays": list(part["weekdays"])} for part in content[name]] for name in ("shrinkage_parts", "movable")}
    return content | {"channel": str(queue.channel)} | lists


def queue(key: str, name: str, definition: Mapping[str, Any]) -> Queue:
    """The queue that `queue_definition` wrote down."""
    fields = dict(definition)
    fields |= {"channel": Channel(fields["channel"]), "target": ServiceTarget(**fields["target"])}
    fields["shrinkage_parts"] = tuple(ShrinkagePart(**_with_days(part)) for part in fields.get("shrinkage_parts", ()))
    fields["movable"] = tuple(MovableWork(**_with_days(work)) for work in fields.get("movable", ()))
    return Queue(id=key, name=name, **fields)


def _with_days(content: Mapping[str, Any]) -> dict[str, Any]:
    return {**content, "weekdays": tuple(content["weekdays"])}


def contract_definition(contract: Contract) -> dict[str, Any]:
    """A contract as in `roster-format`, without its id; further rules are left out where there are none."""
    rules = {"rules": [rule_document(rule) for rule in contract.rules]} if contract.rules else {}
    return rules | {
        "week_minutes": list(contract.week_minutes),
        "week_days": list(contract.week_days),
        "earliest_start": units.clock(contract.earliest_start_minutes),
        "latest_end": units.clock(contract.latest_end_minutes),
        "start_step_minutes": contract.start_step_minutes,
        "min_rest_minutes": contract.min_rest_minutes,
        "max_consecutive_days": contract.max_consecutive_days,
        "min_work_stretch_minutes": contract.min_work_stretch_minutes,
        "cost_per_hour": contract.cost_per_hour,
        "shifts": [{"paid_minutes": shape.paid_minutes, "breaks": [asdict(rule) for rule in shape.breaks]} for shape in contract.shifts],
    }


def contract(key: str, definition: Mapping[str, Any]) -> Contract:
    """The contract that `contract_definition` wrote down."""
    fields = dict(definition)
    shapes = tuple(
        ShiftShape(shape["paid_minutes"], tuple(BreakRule(**rule) for rule in shape["breaks"])) for shape in fields.pop("shifts")
    )
    low_high = {name: (fields[name][0], fields[name][1]) for name in ("week_minutes", "week_days")}
    walls = {f"{name}_minutes": units.clock_minutes(fields.pop(name)) for name in ("earliest_start", "latest_end")}
    rules = tuple(map(rule_from, fields.pop("rules", ())))
    return Contract(id=key, shifts=shapes, rules=rules, **(fields | low_high | walls))


def agent_definition(agent: Agent) -> dict[str, Any]:
    """An agent as in `roster-format`, without id, contract and name; what is not set is left out."""
    content: dict[str, Any] = {
        "queues": dict(agent.queues),
        "earliest_start": None if agent.earliest_start_minutes is None else units.clock(agent.earliest_start_minutes),
        "latest_end": None if agent.latest_end_minutes is None else units.clock(agent.latest_end_minutes),
        "days_off": sorted(day.isoformat() for day in agent.days_off),
        "unavailable": [[_told(begin), _told(end)] for begin, end in agent.unavailable],
        "fixed": [fixed_definition(part) for part in agent.fixed],
        "preferences": [{"kind": "day_off", "date": wish.day.isoformat(), "cost": wish.cost} for wish in agent.wishes],
        "last_shift_end": None if agent.last_shift_end is None else _told(agent.last_shift_end),
        "last_shift_start": None if agent.last_shift_start is None else _told(agent.last_shift_start),
        "days_worked_before": agent.days_worked_before,
        "rules": [rule_document(rule) for rule in agent.rules],
        "carried": dict(agent.carried),
        "site": agent.site,
        "team": agent.team,
        "skills": sorted(agent.skills),
        "licences": [_licence_definition(one) for one in agent.licences],
        "secondary": sorted(agent.secondary),
    }
    return {name: value for name, value in content.items() if value or name == "queues"}


def agent(key: str, name: str, contract_key: str, definition: Mapping[str, Any]) -> Agent:
    """The agent that `agent_definition` wrote down."""
    walls = {f"{wall}_minutes": units.clock_minutes(definition[wall]) for wall in ("earliest_start", "latest_end") if wall in definition}
    last, began = definition.get("last_shift_end"), definition.get("last_shift_start")
    return Agent(
        id=key,
        contract=contract_key,
        queues=dict(definition["queues"]),
        earliest_start_minutes=walls.get("earliest_start_minutes"),
        latest_end_minutes=walls.get("latest_end_minutes"),
        days_off=frozenset(date.fromisoformat(day) for day in definition.get("days_off", ())),
        unavailable=tuple((_instant(begin), _instant(end)) for begin, end in definition.get("unavailable", ())),
        fixed=tuple(map(fixed, definition.get("fixed", ()))),
        wishes=tuple(DayOffWish(date.fromisoformat(wish["date"]), wish["cost"]) for wish in definition.get("preferences", ())),
        last_shift_end=None if last is None else _instant(last),
        last_shift_start=None if began is None else _instant(began),
        days_worked_before=definition.get("days_worked_before", 0),
        rules=tuple(map(rule_from, definition.get("rules", ()))),
        carried=tuple(sorted(definition.get("carried", {}).items())),
        site=definition.get("site", ""),
        team=definition.get("team", ""),
        skills=frozenset(definition.get("skills", ())),
        licences=tuple(map(_licence, definition.get("licences", ()))),
        secondary=frozenset(definition.get("secondary", ())),
        name=name,
    )


def fixed_definition(part: FixedActivity) -> dict[str, Any]:
    """A fixed activity as in `roster-format`; what is not set is left out."""
    further = {"kind": part.kind, "session": part.session, "lead": part.lead, "due": part.due and _told(part.due)}
    needed = {"start": _told(part.start), "end": _told(part.end), "activity": part.activity}
    return needed | {name: value for name, value in further.items() if value}


def fixed(content: Mapping[str, Any]) -> FixedActivity:
    """The fixed activity that `fixed_definition` wrote down."""
    due = _instant(content["due"]) if content.get("due") else None
    kind, session, lead = (content.get(name, "") for name in ("kind", "session", "lead"))
    return FixedActivity(_instant(content["start"]), _instant(content["end"]), content["activity"], kind, session, lead, due)


def _licence_definition(licence: Licence) -> dict[str, Any]:
    days = {name: getattr(licence, name) for name in ("first_day", "last_day")}
    return {"state": licence.state, **{name: day and day.isoformat() for name, day in days.items()}, "multistate": licence.multistate}


def _licence(definition: Mapping[str, Any]) -> Licence:
    first, last = (definition[name] and date.fromisoformat(definition[name]) for name in ("first_day", "last_day"))
    return Licence(definition["state"], first, last, definition["multistate"])


def _told(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
