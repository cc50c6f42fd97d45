"""The command line and the web process start light: the forecasting and solving stacks stay out of them."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ("highspy", "lightgbm", "numba", "ortools", "prophet", "pulp", "pyworkforce", "statsmodels")
LAST_LINE = f"print(*[name for name in {HEAVY!r} if name in sys.modules])"
HELP = """
import sys
import wfm.cli
sys.argv = ["wfm", "--help"]
try:
    wfm.cli.main()
except SystemExit as end:
    assert not end.code, end.code
"""
WEB = """
import sys
import web
from wfm.settings import Settings
web.create_app(Settings.read({"WFM_FOLDER": "var", "WFM_DATABASE_URL": "sqlite:///wfm.db"}))
"""


def _loaded(program: str, folder: Path) -> list[str]:
    """Heavy libraries that a fresh process has loaded at the end of `program`."""
    command = [sys.executable, "-c", program + LAST_LINE]
    root = str(Path(__file__).resolve().parents[2])
    result = subprocess.run(command, cwd=folder, env={"PYTHONPATH": root}, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return result.stdout.splitlines()[-1].split()


def _need(module: str, name: str) -> None:
    if not hasattr(importlib.import_module(module), name):
        pytest.skip(f"{module}.{name} is not written yet")


def test_help_loads_no_heavy_library(tmp_path: Path) -> None:
    _need("wfm.cli", "main")
    assert _loaded(HELP, tmp_path) == []


def test_the_web_process_loads_no_heavy_library(tmp_path: Path) -> None:
    _need("web", "create_app")
    assert _loaded(WEB, tmp_path) == []


def test_a_heavy_library_would_be_noticed(tmp_path: Path) -> None:
    assert "pulp" in _loaded("import sys, pulp\n", tmp_path)
