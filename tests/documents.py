"""Run the code blocks of a page, top to bottom, so that what it shows is what happens.

Blocks of kind `python` share one namespace. Blocks of kind `console` hold `$ wfm ...` lines, each followed by what it prints; `...`
stands for any text there. All blocks of a page share one folder. Other blocks (`sh`, `text`, `json`) are shown, not run.
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
RUN_KINDS = ("python", "console")
FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```[ \t]*$", re.MULTILINE | re.DOTALL)
LIMIT_S = 120


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: its language, its text, the page and line where the text starts."""

    kind: str
    text: str
    page: str
    line: int


@dataclass(frozen=True, slots=True)
class Command:
    """One line after a `$` and the output shown below it."""

    text: str
    shown: str


def blocks(page: Path) -> list[Block]:
    """The blocks of a page that are run, in their order."""
    text = page.read_text(encoding="utf-8")
    found = [Block(match[1], match[2], page.name, text.count("\n", 0, match.start(2)) + 1) for match in FENCE.finditer(text)]
    return [block for block in found if block.kind in RUN_KINDS]


def commands(block: Block) -> list[Command]:
    """The commands of a console block; a line that ends in a backslash goes on in the next.

    Raises
    ------
    ValueError
        When output comes before the first `$`.
    """
    parts = re.split(r"^\$ ", block.text.replace("\\\n", ""), flags=re.MULTILINE)
    if parts[0].strip():
        raise ValueError(f"{block.page}:{block.line}: a console block starts with `$ `, got {parts[0].splitlines()[0]!r}")
    return [Command(*part.partition("\n")[::2]) for part in parts[1:]]


def matches(shown: str, printed: str) -> bool:
    """Whether `printed` is what the page shows; `...` stands for anything, spaces at line ends do not count."""
    pattern = ".*".join(re.escape(part) for part in _tidy(shown).split("..."))
    return re.fullmatch(pattern, _tidy(printed), re.DOTALL) is not None


def run_page(page: Path, folder: Path) -> int:
    """Run a page's blocks in `folder`; the number of blocks.

    Raises
    ------
    AssertionError
        When a block fails or prints something else than the page shows.
    """
    namespace: dict[str, Any] = {"__name__": "__main__"}
    found = blocks(page)
    with _inside(folder):
        for block in found:
            if block.kind == "python":
                # Empty lines in front keep the page's line numbers in a trace.
                exec(compile("\n" * (block.line - 1) + block.text, block.page, "exec"), namespace)
            else:
                _run_console(block, folder)
    return len(found)


def _run_console(block: Block, folder: Path) -> None:
    for command in commands(block):
        program, *arguments = shlex.split(command.text, comments=True)
        if program != "wfm":
            raise ValueError(f"{block.page}:{block.line}: only wfm is run in console blocks, got {command.text!r}; use a block of kind sh")
        printed = _run_wfm(arguments, folder)
        assert matches(command.shown, printed), (
            f"{block.page}, block at line {block.line}: `{command.text}`\nshown:\n{command.shown}\nprinted:\n{printed}"
        )


def _run_wfm(arguments: list[str], folder: Path) -> str:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WFM_")}
    environment = {**kept, "PYTHONPATH": str(ROOT), "COLUMNS": "100", "NO_COLOR": "1", "TERM": "dumb", "HOME": str(folder)}
    result = subprocess.run(
        [sys.executable, "-m", "wfm.cli", *arguments], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8", timeout=LIMIT_S, check=False,
    )  # fmt: skip
    return result.stdout


def _tidy(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


@contextlib.contextmanager
def _inside(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
