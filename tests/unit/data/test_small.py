from __future__ import annotations

import json
import re

import pytest

from data.small import HISTORY, MAKERS, ROSTER_PROBLEM, SAMPLES, WITH_ERRORS
from wfm.errors import UnreadableFile
from wfm.history import read_history

CHICAGO = "America/Chicago"


@pytest.mark.parametrize("name", sorted(MAKERS))
def test_samples_are_as_made(name: str) -> None:
    assert (SAMPLES / name).read_text(encoding="utf-8") == MAKERS[name]()


def test_the_good_file_loads_as_it_stands() -> None:
    file = read_history((SAMPLES / HISTORY).read_bytes(), zone=CHICAGO)
    assert (len(file), file.queues, file.warnings) == (360, ("appointments", "billing"), ())


def test_the_file_with_errors_has_each_of_them_on_the_line_the_readme_says() -> None:
    with pytest.raises(UnreadableFile) as caught:
        read_history((SAMPLES / WITH_ERRORS).read_bytes(), zone=CHICAGO)
    readme = (SAMPLES.parent / "README.md").read_text(encoding="utf-8").split("| line | what is wrong |")[1]
    told = [int(number) for cell in re.findall(r"^\| ([\d, ]+) \|", readme, re.MULTILINE) for number in cell.split(", ")]
    assert [problem.line for problem in caught.value.problems] == told


def test_the_roster_problem_names_only_what_it_holds() -> None:
    problem = json.loads((SAMPLES / ROSTER_PROBLEM).read_text(encoding="utf-8"))
    queues, contracts = {queue["id"] for queue in problem["queues"]}, {contract["id"] for contract in problem["contracts"]}
    assert problem["format"] == "wfm-roster-problem/1"
    assert all(len(queue["required"]) == 7 * 96 for queue in problem["queues"])
    assert all(set(agent["queues"]) <= queues and agent["contract"] in contracts for agent in problem["agents"])
    assert 8 <= len(problem["agents"]) <= 10
