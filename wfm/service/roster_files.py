"""Rosters from file to file: solve, check."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wfm.domain.roster import Roster, RosterProblem
from wfm.errors import InvalidInput
from wfm.service.gap import gap_in_words
from wfm.service.progress import Progress
from wfm.service.side_by_side import Parts

__all__ = ["Judgement", "check_files", "gap_in_words", "read_json", "solve_file"]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is wrong with a roster, and what it costs."""

    broken: tuple[str, ...]
    objective: float


def solve_file(
    source: Path, target: Path, time_limit_s: float, seed: int, progress: Progress, parts: Parts | None = None
) -> tuple[RosterProblem, Roster]:
    """Solve a problem file into a roster file.

    Parameters
    ----------
    parts
        Parts to solve side by side; None to solve the whole as one.

    Raises
    ------
    Infeasible
        When no roster satisfies the rules; the message names the smallest conflict.
    """
    from wfm import scheduler
    from wfm.service.scheduling import solved

    problem = scheduler.read_problem(source)
    roster = solved(problem, time_limit_s, seed, progress, parts=parts)
    scheduler.write_roster(roster, target, problem)
    return problem, roster


def check_files(problem_path: Path, roster_path: Path) -> Judgement:
    """Judge a roster file against its problem file."""
    from wfm import scheduler

    problem = scheduler.read_problem(problem_path)
    found = scheduler.check(problem, scheduler.read_roster(roster_path, problem))
    return Judgement(tuple(str(line) for line in found.violations), float(found.objective))


def read_json(path: Path) -> Any:
    """The document in a JSON file.

    Raises
    ------
    InvalidInput
        When it cannot be read.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InvalidInput(f"{path.name} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise InvalidInput(f"{path.name} must be JSON in UTF-8: {error}") from error
