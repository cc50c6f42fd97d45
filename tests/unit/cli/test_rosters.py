"""`wfm repair` and `wfm explain` on files: short words for people, everything as JSON, and one plain line where input is wrong."""

from __future__ import annotations

import csv
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.unit.domain.test_rules import at, shift
from tests.unit.scheduler.test_repairing import ANA, BEN, TUESDAY, centre, heads, roster
from wfm.cli.app import run
from wfm.scheduler import write_roster
from wfm.service import problem_document

ABSENCE = {"agent": "ana", "start": at(1, 0).isoformat(), "end": at(2, 0).isoformat()}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    of = centre(ANA, BEN, needs=heads((1, 8, 12, 1.0), (4, 8, 10, 1.0)))
    problem_document.write(of, tmp_path / "problem.json")
    write_roster(roster(of, shift(1, 8)), tmp_path / "roster.json", of)
    stuck = replace(of, agents=(replace(ANA, days_off=frozenset({TUESDAY})), BEN), contracts=(replace(of.contracts[0], week_days=(7, 7)),))
    problem_document.write(stuck, tmp_path / "stuck.json")
    write(tmp_path, {"absences": [ABSENCE]})
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(folder: Path, changes: dict[str, Any]) -> None:
    (folder / "changes.json").write_text(json.dumps({"format": "wfm-roster-changes/1", **changes}))


def wfm(line: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], status: int = 0) -> str:
    monkeypatch.setattr(sys, "argv", ["wfm", *line.split()])
    with pytest.raises(SystemExit) as ended:
        run()
    told = capsys.readouterr()
    assert ended.value.code == status, told.err
    return told.err if status else told.out


def test_repair_tells_who_moves_and_what_the_choice_was(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    line = "repair problem.json roster.json changes.json -o new.json --changed-problem changed.json --csv new.csv"
    told = wfm(line, monkeypatch, capsys).splitlines()
    assert told[0] == "ana Tue 03 Mar: absent from 08:00 to 12:30"
    assert told[1].startswith("ben Tue 03 Mar: works ")
    assert [row.split()[0] for row in told[3:5]] == ["0", "1"]
    assert told[-1].startswith("new.json: touches 1 other person, cost ")
    assert wfm("check changed.json new.json", monkeypatch, capsys).startswith("0 rules broken")
    with (folder / "new.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["agent"], row["day"], row["hours"]) == ("ben", "2026-03-03", "4.5")
    assert row["start"].endswith("-06:00")


def test_repair_as_json_holds_every_choice(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    answer = json.loads(wfm("repair problem.json roster.json changes.json -o new.json --json", monkeypatch, capsys))
    assert [one["people"] for one in answer["frontier"]] == [0, 1]
    assert answer["frontier"][1]["moves"][1]["kind"] == "added"
    assert (folder / "new.json").exists()


def test_explain_names_the_conflict_and_its_ways_out(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (folder / "stuck.json").exists()
    told = wfm("explain stuck.json", monkeypatch, capsys)
    assert "ana cannot work a legal week: day off Tue 03 Mar" in told
    assert "give up: at least 7 days a week" in told
    assert "every person has a legal week" in wfm("explain problem.json", monkeypatch, capsys)


@pytest.mark.usefixtures("folder")
def test_explain_tells_of_gaps_and_of_single_shifts(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    told = wfm("explain problem.json roster.json", monkeypatch, capsys)
    assert told.startswith("Friday 06 Mar 08:00 to 10:00 needs 1 on calls, 2.0 hours stay unserved; 2 qualify: 2 could be moved")
    told = wfm("explain problem.json roster.json --agent ana --day 2026-03-03", monkeypatch, capsys)
    assert told.startswith("ana works 08:00 to 12:30 on Tue 03 Mar\n  08:00 to 10:00  calls, 2.00 h\n")
    assert "day off: off, cost +" in told
    answer = json.loads(wfm("explain problem.json roster.json --agent ana --day 2026-03-02 --json", monkeypatch, capsys))
    assert answer["alternatives"][0]["place"] == "working"


@pytest.mark.parametrize(
    ("line", "changes", "said"),
    [
        ("repair problem.json roster.json no.json -o new.json", {}, "no.json cannot be read"),
        ("repair problem.json roster.json changes.json -o new.json", {"absence": []}, "absence"),
        ("repair problem.json roster.json changes.json -o new.json", {"absences": [{**ABSENCE, "agent": "zoe"}]}, "'zoe' is not in"),
        ("repair problem.json roster.json changes.json -o new.json", {"now": "2026-03-02T10:00"}, "needs its UTC offset"),
        (
            "repair problem.json roster.json changes.json -o new.json",
            {"requirements": [{"queue": "calls", "start": "2026-03-02T10:05-06:00", "required": [1]}]},
            "15-minute grid",
        ),
        ("explain problem.json --agent ana", {}, "--agent and --day"),
        ("explain problem.json roster.json --agent ana --day soon", {}, "YYYY-MM-DD"),
        ("explain problem.json roster.json --agent ana --day 2027-01-01", {}, "day must be one of"),
    ],
)
def test_wrong_input_is_told_and_nothing_is_written(
    line: str, changes: dict[str, Any], said: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(folder, changes)
    told = wfm(line, monkeypatch, capsys, status=2)
    assert told.startswith("wfm: ")
    assert said in told
    assert not (folder / "new.json").exists()
