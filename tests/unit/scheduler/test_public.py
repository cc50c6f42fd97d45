"""The package's public names stay what they are, whatever has been imported before."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import wfm.scheduler


def test_no_module_is_named_like_a_public_name() -> None:
    modules = {path.stem for path in Path(wfm.scheduler.__file__).parent.glob("*.py")}
    assert not modules & set(wfm.scheduler.__all__)


def test_every_public_name_is_found_in_its_module() -> None:
    for name in wfm.scheduler.__all__:
        found = getattr(wfm.scheduler, name)
        assert getattr(import_module(found.__module__), name) is found
