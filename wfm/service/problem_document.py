"""A roster problem as the JSON document `wfm-roster-problem/1`: what a draft keeps, and what `wfm problem` writes."""

from __future__ import annotations

import gzip
import json
from collections import OrderedDict
from pathlib import Path
from threading import Lock
from typing import Any

from wfm.domain.roster import Requirement, RosterProblem
from wfm.domain.rules import rule_document
from wfm.storage import definitions

FORMAT = "wfm-roster-problem/1"
KEPT = 12
PACKING = 6


def document(problem: RosterProblem) -> dict[str, Any]:
    """The problem as `wfm.scheduler.read_problem` reads it."""
    grid = problem.grid
    return {
        "format": FORMAT,
        "id": problem.id,
        "timezone": grid.zone_name,
        "start": grid.first_day.isoformat(),
        "days": grid.days,
        "interval_minutes": grid.interval_minutes,
        "over_cost": problem.over_cost,
        "queues": [_queue(part) for part in problem.requirements],
        "contracts": [{"id": contract.id, **definitions.contract_definition(contract)} for contract in problem.contracts],
        "agents": [
            {"id": agent.id, "contract": agent.contract, "name": agent.name, **definitions.agent_definition(agent)}
            for agent in problem.agents
        ],
        **_across_people(problem),
    }


def _queue(part: Requirement) -> dict[str, Any]:
    further = {"minimum": list(part.minimum), "minimum_cost": part.minimum_cost} if part.minimum else {}
    licence = {"licence": part.licence} if part.licence else {}
    return {"id": part.queue, "under_cost": part.under_cost, "required": list(part.required), **further, **licence}


def _across_people(problem: RosterProblem) -> dict[str, Any]:
    """What is not about one person, left out where there is none."""
    given = {
        "rules": [rule_document(rule) for rule in problem.rules],
        "secondary_cost": problem.secondary_cost,
        "compact": {state: day.isoformat() for state, day in sorted(problem.compact.items())},
    }
    return {name: value for name, value in given.items() if value}


def packed(problem: RosterProblem) -> bytes:
    """The document as compressed bytes; the same problem gives the same bytes."""
    content = gzip.compress(json.dumps(document(problem), sort_keys=True).encode(), compresslevel=PACKING, mtime=0)
    _LAST.keep(content, problem)
    return content


def unpacked(content: bytes) -> RosterProblem:
    """The problem that `packed` stored; the last few are kept, for an editor asks for the same one again and again."""
    known = _LAST.get(content)
    if known is not None:
        return known
    from wfm.scheduler.formats import parse_problem

    problem = parse_problem(json.loads(gzip.decompress(content)))
    _LAST.keep(content, problem)
    return problem


class _Last:
    """The problems that were asked for last, by their bytes."""

    def __init__(self, most: int) -> None:
        self._most, self._lock = most, Lock()
        self._known: OrderedDict[bytes, RosterProblem] = OrderedDict()

    def get(self, content: bytes) -> RosterProblem | None:
        with self._lock:
            if content in self._known:
                self._known.move_to_end(content)
            return self._known.get(content)

    def keep(self, content: bytes, problem: RosterProblem) -> None:
        with self._lock:
            self._known[content] = problem
            self._known.move_to_end(content)
            while len(self._known) > self._most:
                self._known.popitem(last=False)


_LAST = _Last(KEPT)


def write(problem: RosterProblem, path: Path) -> None:
    """Write the document, the whole file or nothing."""
    part = path.with_name(path.name + ".part")
    try:
        part.write_text(json.dumps(document(problem), indent=1) + "\n", encoding="utf-8")
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise
