"""What planners do to forecasts, from the command line: shown first, kept with --keep, taken back."""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tests.support.contacts import history_csv
from wfm.cli.app import run
from wfm.service import centre, forecasting, importing
from wfm.service.context import command_line
from wfm.service.opening import open_service
from wfm.service.progress import Progress
from wfm.settings import Settings

TODAY = datetime.now(UTC).date()
Wfm = Callable[..., str]


def _next(weekday: int) -> date:
    day = TODAY + timedelta(2)
    while day.weekday() != weekday:
        day += timedelta(1)
    return day


@pytest.fixture
def wfm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Wfm:
    """Runs a command over a clinic with a forecast from today on; gives what it printed or, where it ends otherwise, what it complained."""
    settings = Settings(f"sqlite:///{tmp_path / 'wfm.db'}", str(tmp_path), workers=1)
    for name, value in {"DATABASE_URL": settings.database_url, "FOLDER": settings.folder, "WORKERS": "1"}.items():
        monkeypatch.setenv(f"WFM_{name}", value)
    service = open_service(settings)
    root = command_line(centre.create_organisation(service, "Clinic", "UTC"))
    importing.commit(service, root, history_csv(TODAY - timedelta(1)), "history.csv", "UTC")
    forecasting.run(service, root, Progress(), TODAY, 28, None, ["same_weekday"])
    service.database.close()

    def call(line: str, status: int = 0) -> str:
        monkeypatch.setattr(sys, "argv", ["wfm", *shlex.split(line)])
        with pytest.raises(SystemExit) as ended:
            run()
        shown = capsys.readouterr()
        assert ended.value.code == status, shown.err
        return shown.err if status else shown.out

    return call


def test_an_edit_is_shown_kept_listed_and_taken_back(wfm: Wfm) -> None:
    wanted = f"edits add visits --percent 10 --first-day {_next(2)} --name Letter --reason 'letters go out'"
    assert "nothing is kept yet" in wfm(wanted)
    assert "Letter" not in wfm("edits list visits")
    assert "edit 1 is kept" in wfm(f"{wanted} --keep")
    assert re.search(r"1 +Letter .*\+10\.0% .*nothing came yet", wfm("edits list visits"))
    assert "edit 1 (Letter) is taken back" in wfm("edits revert 1")
    assert "one of --percent 10, --total 500" in wfm(f"edits add visits --first-day {_next(2)} --name x --reason x", 2)
    assert "there is no edit 9" in wfm("edits revert 9", 2)


def test_special_days_and_counts_are_kept_listed_and_removed(wfm: Wfm, tmp_path: Path) -> None:
    assert "special day 1 is kept" in wfm(f"special-days add Campaign --first-day {_next(1)} --effect 30 --queue visits")
    assert re.search(r"1 +Campaign .*visits +\+30%", wfm("special-days list"))
    assert "special day 1 is removed" in wfm("special-days remove 1")
    counted = tmp_path / "bookings.csv"
    counted.write_text(f"day,count\n{_next(0)},120\n")
    assert "Bookings: a count on 1 days" in wfm(f"counts load Bookings {counted}")
    counted.write_text(f"day,count\n{_next(1)},90\n")
    assert "Bookings: a count on 2 days" in wfm(f"counts load Bookings {counted}")
    assert re.search(r"1 +Bookings +all +2", wfm("counts list"))
    assert "count 1 is removed" in wfm("counts remove 1")
    assert "no.csv cannot be read" in wfm("counts load x no.csv", 2)


def test_every_wrong_line_of_a_file_of_counts_is_printed_and_nothing_is_kept(wfm: Wfm, tmp_path: Path) -> None:
    counted = tmp_path / "bookings.csv"
    counted.write_text(f"day,count\n{_next(0)},120\n" + "".join(f"soon,{n}\n" for n in range(25)))
    told = wfm(f"counts load Bookings {counted}", 2)
    assert all(f"line {line}, day: must be a day of the calendar as YYYY-MM-DD" in told for line in range(3, 28))
    assert "wfm: 25 lines cannot be used, so nothing of the file is kept" in told
    assert "Bookings" not in wfm("counts list")


def test_a_total_is_shown_kept_and_taken_back(wfm: Wfm) -> None:
    wanted = f"totals set channel voice 900 --first-day {_next(2)} --name Campaign --reason 'letters go out'"
    assert "nothing is kept yet" in wfm(wanted)
    assert "typed total 1 is kept" in wfm(f"{wanted} --keep")
    shown = wfm(f"totals list --first-day {_next(2)} --days 1")
    assert re.search(r"channel +voice +2 +900\.0", shown)
    assert re.search(r"1 +Campaign +2", shown)
    assert "taken back on 2 queues" in wfm("totals revert 1")
    assert "one of channel, language, site, skill, got 'colour'" in wfm(
        f"totals set colour red 1 --first-day {_next(2)} --name x --reason x", 2
    )


def test_unusual_days_are_marked_listed_and_taken_back(wfm: Wfm) -> None:
    day = _next(2) - timedelta(21)
    assert "decision 1 is kept" in wfm(f"unusual mark visits --first-day {day} --from 09:00 --to 11:00 --reason 'telephones moved'")
    assert re.search(rf"left out \(1\) +{day}T09:00 +{day}T11:00 +marked .*telephones moved", wfm("unusual list visits"))
    assert "contacts in 28 days" in wfm("unusual list visits --effect")
    assert "decision 1 is taken back" in wfm("unusual undo 1")
    assert "nothing is proposed at" in wfm(f"unusual decide visits leave-out --begin {day}T09:00", 2)
    assert "one of leave-out, keep" in wfm("unusual decide visits perhaps", 2)


def test_a_new_queue_is_shown_kept_listed_and_removed(wfm: Wfm) -> None:
    wanted = "new-queue add 'Flu line' --similar visits --weekly-total 300"
    assert "nothing is kept yet" in wfm(wanted)
    assert "forecast 2 is kept, of low confidence" in wfm(f"{wanted} --keep")
    assert re.search(r"Flu line +visits +300\.0 +25\.0 % +0", wfm("new-queue list"))
    assert "uses its own history" in wfm("new-queue remove 'Flu line'")
