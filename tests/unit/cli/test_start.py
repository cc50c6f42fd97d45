"""`wfm --help` starts light, and wrong input ends in one plain line with status 2."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ("pandas", "numba", "statsmodels", "sqlalchemy", "scipy", "prophet", "lightgbm", "highspy", "pulp", "flask", "numpy", "apscheduler")
LOOK = """
import sys
sys.argv = ["wfm", *sys.argv[1:]]
try:
    from wfm.cli import main
    main()
finally:
    print("loaded:", *sorted(name for name in sys.modules if "." not in name), file=sys.stderr)
"""


@pytest.mark.parametrize("arguments", [["--help"], ["forecast", "--help"], ["demo", "--help"], ["no-such-command"]])
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    done = subprocess.run([sys.executable, "-c", LOOK, *arguments], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == (2 if arguments == ["no-such-command"] else 0)
    loaded = set(done.stderr.split("loaded:")[1].split())
    assert not loaded & set(HEAVY)
    assert "typer" in loaded


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["forecast", "no.csv", "-o", "x.csv", "--zone", "UTC"], "no.csv cannot be read"),
        (["forecast", "no.csv", "-o", "x.csv"], "--zone America/Chicago"),
        (["forecast", "no.csv", "--zone", "UTC"], "-o forecast.csv"),
        (["forecast", "no.csv", "-o", "x.csv", "--zone", "Moon/Base"], "no.csv cannot be read"),
        (["forecast", "bad.csv", "-o", "x.csv", "--zone", "Moon/Base"], "time zone must be an IANA name"),
        (["forecast", "bad.csv", "-o", "x.csv", "--zone", "UTC"], "needs a column for timestamp"),
        (["forecast", "bad.csv", "-o", "x.csv", "--zone", "UTC", "--gaps", "guess"], "--gaps must be one of"),
        (["forecast", "bad.csv", "-o", "x.csv", "--zone", "UTC", "--days", "0"], "--days must be a whole number"),
        (["forecast", "bad.csv", "-o", "x.csv", "--zone", "UTC", "--first-day", "soon"], "a day must read YYYY-MM-DD"),
        (["staff", "bad.csv", "-o", "x.csv"], "needs the column"),
        (["staff", "bad.csv", "-o", "x.csv", "--level", "80"], "level must be in (0, 1), got 80.0; write 0.80"),
        (["staff", "bad.csv", "-o", "x.csv", "--planned-by", "luck"], "planned_by must be one of"),
        (["staff", "bad.csv", "-o", "x.csv", "--kept-chance", "0.4"], "kept_chance must be between 0.5 and 0.99"),
        (["problem", "bad.csv", "-o", "x.json"], "needs the column"),
        (["schedule", "bad.csv", "-o", "x.json"], "must be JSON"),
        (["schedule", "no.json", "-o", "x.json", "--time-limit", "0"], "--time-limit"),
        (["check", "no.json", "no.json"], "no.json cannot be read"),
        (["publish", "1"], "--as EMAIL"),
        (["users"], "there is no organisation yet"),
        (["week", "a1"], "there is no organisation yet"),
        (["import", "no.csv"], "there is no organisation yet"),
        (["demo", "--fresh", "--no-serve"], "WFM_DATABASE_URL names another database"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_input_is_one_plain_line(
    arguments: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from wfm.cli.app import run
    from wfm.service.opening import open_service
    from wfm.settings import Settings

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WFM_DATABASE_URL", f"sqlite:///{tmp_path / 'wfm.db'}")
    monkeypatch.setenv("WFM_FOLDER", str(tmp_path))
    if arguments[0] in ("users", "week", "import"):
        open_service(Settings(database_url=f"sqlite:///{tmp_path / 'wfm.db'}", folder=str(tmp_path))).database.close()
    (tmp_path / "bad.csv").write_text("a,b\n1,2\n")
    monkeypatch.setattr(sys, "argv", ["wfm", *arguments])
    with pytest.raises(SystemExit) as ended:
        run()
    assert ended.value.code == 2
    lines = [line for line in capsys.readouterr().err.splitlines() if line.startswith("wfm:")]
    assert len(lines) == 1
    assert said in lines[0]
    assert "Traceback" not in lines[0]
    assert not list(tmp_path.glob("x.*"))


def test_a_fault_of_ours_is_told_apart(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    from wfm.cli import app, shared

    def broken() -> None:
        raise ZeroDivisionError("oh")

    monkeypatch.setattr(shared, "settings", broken)
    monkeypatch.setattr("wfm.cli.running.settings", broken)
    monkeypatch.setattr(sys, "argv", ["wfm", "migrate"])
    with pytest.raises(SystemExit) as ended:
        app.run()
    assert ended.value.code == 1
    assert "this should not happen (ZeroDivisionError: oh)" in capsys.readouterr().err


def test_a_setting_that_cannot_be_understood_is_wrong_input(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    from wfm.cli.app import run

    monkeypatch.setenv("WFM_WORKERS", "many")
    monkeypatch.setattr(sys, "argv", ["wfm", "migrate"])
    with pytest.raises(SystemExit) as ended:
        run()
    assert ended.value.code == 2
    assert "WFM_WORKERS must be a whole number" in capsys.readouterr().err
