"""Every error that wfm raises on purpose.

::

    WfmError
    ├── InvalidInput         (ValueError)       422   an argument, a field or a file is wrong
    │   ├── UnreadableFile                      422   a file whose lines cannot be used
    │   │   └── PersonalData                    422   a file with columns that identify people
    │   └── UnreachableTarget                   422   no number of agents meets the target
    ├── Infeasible           (ValueError)       422   no roster satisfies the rules
    ├── NotSignedIn          (PermissionError)  401   nobody, or a session that ended
    ├── NotAllowed           (PermissionError)  403   signed in, but not for this
    ├── NotFound             (LookupError)      404   no such thing for this organisation
    ├── Conflict             (RuntimeError)     409   somebody else was faster, or the state forbids it
    ├── TooManyAttempts      (RuntimeError)     429   wait before the next try
    ├── Cancelled            (RuntimeError)     409   the person stopped the work
    └── Unavailable          (RuntimeError)     503   the database or a solver is not there

A message says what was wrong, what is allowed and what was given.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class WfmError(Exception):
    """Root of the tree. `status` is the HTTP status that stands for the class, `code` its stable name."""

    status = 500
    code = "error"


class InvalidInput(WfmError, ValueError):
    """An argument, a form field or a file content outside what is allowed."""

    status = 422
    code = "invalid_input"


@dataclass(frozen=True, slots=True)
class LineProblem:
    """One reason why one line of a file cannot be used.

    Parameters
    ----------
    line
        Line in the file, counted from 1, the header included.
    column
        Name of the column, or "" where the whole line is meant.
    reason
        What is wrong, what is allowed, what was given.
    """

    line: int
    column: str
    reason: str

    def __str__(self) -> str:
        where = f"line {self.line}" + (f", {self.column}" if self.column else "")
        return f"{where}: {self.reason}"


class UnreadableFile(InvalidInput):
    """A file that cannot be used as it stands; `problems` names the lines."""

    code = "unreadable_file"

    def __init__(self, message: str, problems: Sequence[LineProblem] = ()) -> None:
        super().__init__(message)
        self.problems = tuple(problems)


class PersonalData(UnreadableFile):
    """A file with columns that identify patients or callers; nothing of it is kept, and no message repeats a value."""

    code = "personal_data"


class UnreachableTarget(InvalidInput):
    """A service target that no number of agents reaches."""

    code = "unreachable_target"


class Infeasible(WfmError, ValueError):
    """No roster satisfies the hard rules; `conflicts` says which, in words."""

    status = 422
    code = "infeasible"

    def __init__(self, message: str, conflicts: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.conflicts = tuple(conflicts)


class NotSignedIn(WfmError, PermissionError):
    """Nobody is signed in, or the session has ended."""

    status = 401
    code = "not_signed_in"


class NotAllowed(WfmError, PermissionError):
    """The person is known, but this is not theirs to do."""

    status = 403
    code = "not_allowed"


class NotFound(WfmError, LookupError):
    """There is no such thing in this organisation."""

    status = 404
    code = "not_found"


class Conflict(WfmError, RuntimeError):
    """Somebody else changed it first, or its state forbids the action."""

    status = 409
    code = "conflict"


class TooManyAttempts(WfmError, RuntimeError):
    """Too many tries in too short a time."""

    status = 429
    code = "too_many_attempts"


class Cancelled(WfmError, RuntimeError):
    """Long work was stopped by the person who wanted it."""

    status = 409
    code = "cancelled"


class Unavailable(WfmError, RuntimeError):
    """Something that the work stands on is not there: database, solver, package."""

    status = 503
    code = "unavailable"
