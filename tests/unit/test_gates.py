"""The gates stop at the first failure and say so; what is lacking is named with its remedy."""

from __future__ import annotations

import pytest

import run
from tests import gates


def _gate(name: str, code: int) -> gates.Gate:
    return gates.Gate(name, ("python", "-c", f"raise SystemExit({code})"))


def test_gates_run_in_their_order() -> None:
    assert [gate.name for gate in gates.gates(2)] == ["style", "types", "layers", "tests"]


def test_one_core_gets_one_test_process() -> None:
    assert all("-n" not in gate.command for gate in gates.gates(1))


def test_many_cores_get_no_more_than_the_most_test_processes() -> None:
    tests = next(gate for gate in gates.gates(64) if gate.name == "tests")
    assert tests.command[tests.command.index("-n") + 1] == str(gates.MOST_WORKERS)
    assert gates.cores() >= 1


def test_all_gates_open_is_success(capsys: pytest.CaptureFixture[str]) -> None:
    assert gates.pass_through([_gate("one", 0), _gate("two", 0)]) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("wfm: one ok (")


def test_the_first_closed_gate_ends_the_run_with_its_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert gates.pass_through([_gate("one", 0), _gate("two", 3), _gate("three", 0)]) == 3
    last = capsys.readouterr().out.splitlines()[-1]
    assert "two FAILED" in last
    assert "three" not in last


def test_what_is_lacking_is_named_with_the_command_that_brings_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "apt_install", lambda package: False)
    needs = [gates.Need("Air", "air", lambda: True), gates.Need("Water", "libwater1", lambda: False)]
    assert gates.lacking(needs) == "Water is missing; install it with: apt-get install -y libwater1"


def test_a_need_that_could_be_installed_is_no_longer_lacking(monkeypatch: pytest.MonkeyPatch) -> None:
    installed: list[str] = []
    monkeypatch.setattr(run, "apt_install", lambda package: not installed.append(package))
    assert gates.lacking([gates.Need("Water", "libwater1", lambda: bool(installed))]) == ""
    assert installed == ["libwater1"]
