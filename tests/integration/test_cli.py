"""The command line on small data: file to file, and over a database."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.support.contacts import history_csv
from wfm.cli.app import run
from wfm.scheduler import read_problem

SUNDAY = date(2026, 6, 7)
Wfm = Callable[..., str]


@pytest.fixture
def wfm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Wfm:
    """Runs a command in a folder of its own; gives what it printed, fails unless it ends with `status`."""
    monkeypatch.chdir(tmp_path)
    for name, value in {"DATABASE_URL": f"sqlite:///{tmp_path / 'wfm.db'}", "FOLDER": str(tmp_path / "var"), "WORKERS": "1"}.items():
        monkeypatch.setenv(f"WFM_{name}", value)
    (tmp_path / "history.csv").write_bytes(history_csv(SUNDAY))

    def call(line: str, status: int = 0) -> str:
        monkeypatch.setattr(sys, "argv", ["wfm", *line.split()])
        with pytest.raises(SystemExit) as ended:
            run()
        shown = capsys.readouterr()
        assert ended.value.code == status, shown.err
        return shown.out

    return call


def test_the_chain_by_files(wfm: Wfm, tmp_path: Path) -> None:
    shown = wfm("forecast history.csv -o forecast.csv --zone America/Chicago --country US --days 14")
    assert "refills" in shown
    assert "2 queues, 14 days" in shown
    assert len((tmp_path / "forecast.csv").read_text().splitlines()) == 1 + 2 * 14 * 48
    shown = wfm("staff forecast.csv -o staff.csv --patience 180 --shrinkage 0.3 --occupancy 0.9")
    assert "hours scheduled" in shown
    shown = wfm("problem staff.csv -o problem.json --first-day 2026-06-08 --agents 14 --seed 3")
    assert "14 people, 2 queues, 7 days from 2026-06-08" in shown
    assert len(read_problem(tmp_path / "problem.json").agents) == 14
    shown = wfm("schedule problem.json -o roster.json --time-limit 2")
    assert "14 people" in shown
    assert "best possible" in shown
    roster = json.loads((tmp_path / "roster.json").read_text())
    assert roster["format"] == "wfm-roster/1"
    assert roster["shifts"]


def test_the_same_seed_invents_the_same_staff(wfm: Wfm, tmp_path: Path) -> None:
    wfm("forecast history.csv -o forecast.csv --zone America/Chicago --days 14")
    wfm("staff forecast.csv -o staff.csv --aht 240 --certain")
    for name in ("a", "b"):
        wfm(f"problem staff.csv -o {name}.json --seed 5")
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()
    assert "whole number of weeks" in failing(wfm, "problem staff.csv -o c.json --days 10")
    assert "agents must be in 1 to" in failing(wfm, "problem staff.csv -o c.json --agents 0")
    assert "forecast further ahead" in failing(wfm, "problem staff.csv -o c.json --days 28")


def failing(wfm: Wfm, line: str) -> str:
    """What a command says that is refused."""
    from _pytest.outcomes import Failed

    try:
        wfm(line, status=0)
    except (AssertionError, Failed) as error:
        return str(error)
    raise AssertionError(f"{line} was not refused")


def test_longer_intervals_add_up_and_parts_of_them_stay_unknown(wfm: Wfm, tmp_path: Path) -> None:
    shown = wfm("forecast history.csv -o hours.csv --zone America/Chicago --days 7 --interval 60")
    assert "2 queues" in shown
    lines = (tmp_path / "hours.csv").read_text().splitlines()
    assert len(lines) == 1 + 2 * 7 * 24
    assert "interval must be one of [30, 60]" in failing(wfm, "forecast history.csv -o x.csv --zone America/Chicago --interval 45")


def test_a_forecast_says_what_was_known_ahead_and_what_of_it_was_not_used(wfm: Wfm, tmp_path: Path) -> None:
    plain = wfm("forecast history.csv -o f.csv --zone America/Chicago --days 7")
    assert "known ahead" not in plain
    past = {f"{SUNDAY - timedelta(n)}": 10 + n * n % 11 for n in range(70)}  # has nothing to do with the contacts
    known = {
        "special_days": [
            {"name": "Letter", "first_day": "2026-06-09", "last_day": "2026-06-10", "effect_percent": 20},
            {"name": "Fair", "first_day": "2026-06-11", "queue": "visits"},
        ],
        "counts": [{"name": "Weather", "queue": "visits", "by_day": past}],
    }
    (tmp_path / "known.json").write_text(json.dumps(known))
    shown = wfm("forecast history.csv -o f.csv --zone America/Chicago --days 7 --known known.json")
    assert "  Letter: +20 % on 2026-06-09 to 2026-06-10, as typed (all queues)" in shown
    unused = shown.split("known ahead, but not used:")[1]
    assert "Fair: there is no past day of that name to learn from (visits)" in unused
    assert "Weather: it did not help enough: days of the past were off by" in unused
    wrong = known | {"edits": [{"queue": "visits", "name": "x", "reason": "x", "first_day": "2026-06-30", "percent": 5}]}
    (tmp_path / "known.json").write_text(json.dumps(wrong))
    assert "edits[0].first_day (x): 2026-06-30 lies outside the forecast of visits" in failing(
        wfm, "forecast history.csv -o g.csv --zone America/Chicago --days 7 --known known.json"
    )
    assert not (tmp_path / "g.csv").exists()


def test_a_backtest_names_every_method(wfm: Wfm) -> None:
    shown = wfm("backtest history.csv --zone America/Chicago")
    assert "80 % band holds" in shown
    assert "same weekdays" in shown
    assert "floor of chance" in shown


def test_our_answer_stands_beside_that_of_pyworkforce(wfm: Wfm) -> None:
    shown = wfm("compare --volume 100 --patience 180")
    assert "pyworkforce, Erlang C" in shown
    assert "wfm, Erlang A" in shown
    assert "Both agree." in shown
    assert "They differ by 0 on queue and 1 scheduled" in wfm("compare --volume 170")  # 21 agents at 30 %: 30, not 31


def test_the_chain_over_a_database(wfm: Wfm, tmp_path: Path) -> None:
    wfm("organisation Clinic --zone America/Chicago --country US")
    shown = wfm("import history.csv")
    assert "import 1: 2000 intervals added" in shown
    assert "set up with defaults: refills, visits" in shown
    assert "0 changed, 2000 the same" in wfm("import history.csv")
    assert "history.csv" in wfm("imports")
    wfm("forecast --first-day 2026-06-08 --days 14")
    assert "people needed 1 made" in wfm("staff")
    wfm("forecast history.csv -o f.csv --zone America/Chicago --days 14")
    wfm("staff f.csv -o s.csv")
    wfm("problem s.csv -o p.json --first-day 2026-06-08 --agents 12")
    assert "would be added" in wfm("load-staff p.json --dry-run")
    assert "added 15" in wfm("load-staff p.json")  # three contracts fit ten open hours, twelve people
    shown = wfm("schedule --first-day 2026-06-08 --time-limit 2")
    assert "draft 1:" in shown
    assert "best" in wfm("drafts")
    assert "/once/" in wfm("add-user pat@example.org Pat planner")
    assert "/once/" in wfm("sign-in pat@example.org")
    assert "pat@example.org" in wfm("users")
    assert "published as version 1" in wfm("publish 1 --as pat@example.org")
    shown = wfm("week a0001 --first-day 2026-06-08")
    assert "Mon 08 Jun" in shown
    shown = wfm("today --day 2026-06-08")
    assert "people needed 1, published 1" in shown
    assert "rest now" in shown
    assert "unbroken" in wfm("verify-audit")
    assert "is taken back" in wfm("undo 1")
    assert "0 rows" not in wfm("verify-audit")


def test_tonights_work_is_done_once(wfm: Wfm) -> None:
    wfm("organisation Clinic --zone America/Chicago")
    assert "is done" in wfm("nightly")
    assert "is done" in wfm("nightly")
