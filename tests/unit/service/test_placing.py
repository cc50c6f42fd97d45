"""Activities, movable work and blocks from file to file; nothing overlaps, and mistakes are told in words."""

from __future__ import annotations

import json
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.unit.scheduler.test_movable import clinic, reminders, roster
from wfm.errors import InvalidInput
from wfm.scheduler import write_roster
from wfm.scheduler.placing_formats import parse_activities
from wfm.service import problem_document
from wfm.service.placing import place_files

ACTIVITY = {"id": "one", "activity": "coaching", "people": ["ana"], "minutes": 30}


def asked(**fields: Any) -> dict[str, Any]:
    return {"format": "wfm-activities/1", **fields}


def movable(hours: float) -> dict[str, Any]:
    one = reminders(hours)
    return {"queue": one.queue, "name": one.name, "start": one.start.isoformat(), "due": one.due.isoformat(), "hours": hours}


def placed(folder: Path, **fields: Any) -> dict[str, Any]:
    of = clinic()
    problem_document.write(of, folder / "problem.json")
    write_roster(roster(of), folder / "roster.json", of)
    (folder / "activities.json").write_text(json.dumps(asked(**fields)))
    place_files(folder / "problem.json", folder / "roster.json", folder / "activities.json", folder / "placed.json")
    document: dict[str, Any] = json.loads((folder / "placed.json").read_text())
    return document


def test_nobody_does_two_things_at_once(tmp_path: Path) -> None:
    found = placed(tmp_path, activities=[ACTIVITY], movable=[movable(1.0)])
    assert (len(found["activities"]), found["unplaced"], found["left"]) == (1, [], [])
    spans = [(name, one["start"], one["end"]) for one in found["activities"] for name in one["people"]]
    spans += [(one["agent"], one["start"], one["end"]) for one in (*found["movable"], *found["blocks"])]
    for agent in ("ana", "ben"):
        mine = sorted((datetime.fromisoformat(a), datetime.fromisoformat(b)) for name, a, b in spans if name == agent)
        assert all(before[1] <= after[0] for before, after in pairwise(mine))
        assert sum((b - a).total_seconds() for a, b in mine) == 4 * 3600


def test_the_cost_of_what_was_placed_adds_up(tmp_path: Path) -> None:
    found = placed(tmp_path, activities=[ACTIVITY], movable=[movable(1.0)])
    parts = sum(one["cost"] for one in (*found["activities"], *found["movable"]))
    assert found["objective"] - found["objective_before"] == pytest.approx(parts)


def test_what_does_not_fit_is_in_the_answer(tmp_path: Path) -> None:
    found = placed(tmp_path, activities=[{**ACTIVITY, "minutes": 600}], movable=[movable(9.0)])
    assert "600 minutes" in found["unplaced"][0]["reason"]
    assert found["left"][0]["hours"] + sum(one["hours"] for one in found["movable"]) == pytest.approx(9.0)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"activities": [ACTIVITY, ACTIVITY]}, "'one' is given more than once"),
        ({"activities": [{**ACTIVITY, "people": []}]}, "people"),
        ({"movable": [{**movable(1.0), "due": "2026-03-01T00:00-06:00"}]}, "due after it starts"),
        ({"blocks": {"tolerance": 2}}, "tolerance"),
        ({"meetings": []}, "meetings"),
    ],
)
def test_a_document_that_cannot_be_meant_is_refused(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidInput, match=words):
        parse_activities(asked(**fields), clinic())


def test_nothing_is_written_where_somebody_is_unknown(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="'zoe' is not in the problem"):
        placed(tmp_path, activities=[{**ACTIVITY, "people": ["zoe"]}])
    assert not (tmp_path / "placed.json").exists()
