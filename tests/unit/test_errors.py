"""The error tree keeps what its head promises."""

from __future__ import annotations

import pytest

from wfm import errors

CLASSES = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.WfmError)]


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_every_error_has_a_status_and_a_builtin_parent(kind: type[errors.WfmError]) -> None:
    assert 400 <= kind.status < 600
    assert any(base.__module__ == "builtins" for base in kind.__mro__[1:-2])


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_every_error_is_drawn_in_the_head_of_the_module(kind: type[errors.WfmError]) -> None:
    assert kind.__name__ in (errors.__doc__ or "")


def test_codes_are_unique() -> None:
    assert len({kind.code for kind in CLASSES}) == len(CLASSES)


def test_a_line_problem_reads_as_a_sentence() -> None:
    assert str(errors.LineProblem(3, "volume", "must be at least 0, got -1")) == "line 3, volume: must be at least 0, got -1"
    assert str(errors.LineProblem(3, "", "is empty")) == "line 3: is empty"
