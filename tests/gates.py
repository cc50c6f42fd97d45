"""Every check in one go; `python3 run.py test` calls this inside `.venv`.

Without arguments: what the machine lacks is installed or named, then style, types, layers and tests in this order, stopping
at the first that fails. With arguments pytest runs alone with them.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import run
from tests import machine

MOST_WORKERS = 4


@dataclass(frozen=True, slots=True)
class Gate:
    """A check and the command that makes it."""

    name: str
    command: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Need:
    """Something of the machine, the Debian package that brings it, and another way to have it."""

    name: str
    package: str
    is_met: Callable[[], bool]
    hint: str = ""


NEEDS = (
    Need("Chromium", "chromium", lambda: machine.find_chromium() is not None, " (or name one in CHROMIUM)"),
    Need("libatomic, for the browser's driver,", "libatomic1", lambda: run.has_library("libatomic.so.1")),
    Need("PostgreSQL", "postgresql", lambda: machine.find_postgres() is not None),
)


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def gates(processes: int) -> tuple[Gate, ...]:
    """The checks in their order.

    Parameters
    ----------
    processes
        Test processes side by side, at least 1; more than `MOST_WORKERS` are not used.
    """
    # In the order of the folders: the long tests through a browser and of a killed worker begin first.
    workers = ("-n", str(min(processes, MOST_WORKERS)), "--dist", "loadfile", "--no-loadscope-reorder") if processes > 1 else ()
    return (
        Gate("style", ("ruff", "check", ".")),
        Gate("types", ("mypy",)),
        Gate("layers", ("lint-imports",)),
        Gate("tests", ("pytest", *workers)),
    )


def lacking(needs: Sequence[Need]) -> str:
    """One line about the first thing that is neither here nor may be installed by us, "" when there is none."""
    for need in needs:
        if not need.is_met() and not (run.apt_install(need.package) and need.is_met()):
            return f"{need.name} is missing; install it with: apt-get install -y {need.package}{need.hint}"
    return ""


def pass_through(all_gates: Sequence[Gate]) -> int:
    """Run the gates until one fails, print one line about them all; the exit code."""
    told: list[str] = []
    for gate in all_gates:
        run.say(f"{gate.name}: {' '.join(gate.command)}")
        started = time.monotonic()
        code = call(gate.command)
        took = f"{time.monotonic() - started:.0f} s"
        if code:
            run.say(", ".join([*told, f"{gate.name} FAILED after {took}"]))
            return code
        told.append(f"{gate.name} ok ({took})")
    run.say(", ".join(told))
    return 0


def call(command: Sequence[str]) -> int:
    """Exit code of a program of this Python's environment, its output shown."""
    words = [str(Path(sys.executable).parent / command[0]), *command[1:]]
    return subprocess.run(words, cwd=run.ROOT, env=run.environment(one_thread_each()), stdin=subprocess.DEVNULL, check=False).returncode


def one_thread_each() -> dict[str, str]:
    """Numerical libraries get one thread each: the test processes share the cores."""
    return {name: os.environ.get(name, "1") for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")}


def main(arguments: Sequence[str]) -> int:
    """Exit code of all gates, or of pytest with `arguments`."""
    if arguments:
        return call(("pytest", *arguments))
    problem = lacking(NEEDS)
    if problem:
        run.say(problem)
        return 1
    return pass_through(gates(cores()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
