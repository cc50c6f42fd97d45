"""Pages say what is so: their code runs, their numbers do not collide, their links lead somewhere."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import fields
from pathlib import Path

import pytest

from tests import documents
from wfm.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
DECISIONS = ROOT / "docs" / "decisions"
RUN_PAGES = ("README.md", "docs/tutorial.md", "docs/roster-files.md")
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)")


@pytest.mark.parametrize("name", RUN_PAGES)
def test_every_block_of_the_page_does_what_it_shows(name: str, tmp_path: Path) -> None:
    page = ROOT / name
    if not page.exists():
        pytest.skip(f"{name} is not written yet")
    if not documents.blocks(page):
        pytest.skip(f"{name} has no block to run yet")
    assert documents.run_page(page, tmp_path) > 0


def test_every_decision_has_a_number_of_its_own() -> None:
    numbers = Counter(path.name[:4] for path in DECISIONS.glob("*.md"))
    assert numbers
    assert [number for number, count in numbers.items() if count > 1 or not number.isdigit()] == []


@pytest.mark.parametrize("path", sorted(DECISIONS.glob("*.md")), ids=lambda path: path.name)
def test_a_decision_has_its_four_parts(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith(f"# {path.name[:4]}. ")
    assert re.search(r"^Status: (proposed|accepted|superseded by \d{4})", text, re.MULTILINE)
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences"]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_to_files_lead_somewhere(path: Path) -> None:
    targets = LINK.findall(path.read_text(encoding="utf-8"))
    inside = [target for target in targets if "://" not in target and not target.startswith("mailto:")]
    assert [target for target in inside if not (path.parent / target).exists()] == []


def test_settings_are_all_documented_where_settings_are() -> None:
    page = ROOT / "docs" / "reference" / "settings.md"
    if not page.exists():
        pytest.skip("docs/reference/settings.md is not written yet")
    text = page.read_text(encoding="utf-8")
    assert [entry.name for entry in fields(Settings) if f"WFM_{entry.name.upper()}" not in text] == []


def _page(folder: Path, text: str) -> Path:
    page = folder / "page.md"
    page.write_text(text, encoding="utf-8")
    return page


SHARING = """
```python
a = 2
```
words
```python
from pathlib import Path
_ = Path("kept").write_text(str(a))
```
```sh
exit 1
```
"""


def test_python_blocks_share_a_namespace_and_a_folder(tmp_path: Path) -> None:
    assert documents.run_page(_page(tmp_path, SHARING), tmp_path) == 2
    assert (tmp_path / "kept").read_text() == "2"


def test_a_python_block_that_fails_fails_the_page(tmp_path: Path) -> None:
    with pytest.raises(AssertionError):
        documents.run_page(_page(tmp_path, "```python\nassert 1 == 2\n```\n"), tmp_path)


@pytest.mark.parametrize(
    ("shown", "printed", "same"),
    [
        ("one\ntwo\n", "one  \ntwo\n\n", True),
        ("one\n...\nthree\n", "one\ntwo\n2.5\nthree\n", True),
        ("took ... s\n", "took 1.5 s\n", True),
        ("took ... s\n", "took 1.5 min\n", False),
        ("one\n", "one\ntwo\n", False),
        ("a.c\n", "abc\n", False),
        ("", "anything\n", False),
    ],
)
def test_three_dots_stand_for_any_output(shown: str, printed: str, same: bool) -> None:
    assert documents.matches(shown, printed) is same


def test_console_blocks_are_cut_into_commands_and_output() -> None:
    block = documents.Block("console", "$ wfm one \\\n  --two\nout\nmore\n$ wfm three\n", "page.md", 1)
    assert documents.commands(block) == [documents.Command("wfm one   --two", "out\nmore\n"), documents.Command("wfm three", "")]


def test_console_blocks_are_compared_with_what_wfm_prints(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "_run_wfm", lambda arguments, folder: f"{arguments[0]} in {folder.name}\n")
    page = _page(tmp_path, "```console\n$ wfm staff  # a remark\nstaff in ...\n```\n")
    assert documents.run_page(page, tmp_path) == 1
    with pytest.raises(AssertionError, match="block at line 2"):
        documents.run_page(_page(tmp_path, "```console\n$ wfm staff\nforecast in ...\n```\n"), tmp_path)


def test_console_blocks_run_nothing_but_wfm(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="only wfm"):
        documents.run_page(_page(tmp_path, "```console\n$ rm -r x\n```\n"), tmp_path)


def test_wfm_is_run_as_a_program_in_the_page_folder(tmp_path: Path) -> None:
    if not (ROOT / "wfm" / "cli" / "__main__.py").exists():
        pytest.skip("wfm.cli is not written yet")
    assert "Usage" in documents._run_wfm(["--help"], tmp_path)
