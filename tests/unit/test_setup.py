"""run.py, the lock files and what is packed: nothing is fetched here."""

from __future__ import annotations

import ast
import configparser
import json
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import run

ROOT = Path(__file__).resolve().parents[2]
ADDRESS = re.compile(r"https?:|file:|resolved|--(extra-)?index-url|--find-links")
LOCKED_ENTRY = re.compile(r"[a-z0-9-]+==\S+( ;[^\\\n]*)? \\\n(    --hash=sha256:[0-9a-f]{64}( \\\n|\s*$))+")
BUILT_FROM = ("wfm", "web", "data", "setup.cfg", "pyproject.toml", "README.md")
NOT_PACKED = re.compile(r"__pycache__|\.pyc$|/README\.md$")


def _configuration() -> configparser.ConfigParser:
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg", encoding="utf-8")
    return parser


def _declared() -> set[str]:
    extras = _configuration()["options.extras_require"]
    lists = [_configuration()["options"]["install_requires"], *(extras[name] for name in run.LOCKED_EXTRAS)]
    return {re.split(r"[\[<>=~!; ]", line, maxsplit=1)[0].lower() for text in lists for line in text.split("\n") if line}


def _locked_names(text: str) -> list[str]:
    return re.findall(r"^([a-z0-9-]+)==", text, re.MULTILINE)


def test_run_py_imports_the_standard_library_alone() -> None:
    tree = ast.parse((ROOT / "run.py").read_text(encoding="utf-8"))
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
    imported |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert {name.partition(".")[0] for name in imported} <= sys.stdlib_module_names


@pytest.mark.parametrize("name", ["constraints.txt", "package.json", "package-lock.json"])
def test_lock_files_name_no_address(name: str) -> None:
    assert not ADDRESS.search((ROOT / name).read_text(encoding="utf-8"))


def test_every_locked_package_has_one_exact_version_and_a_hash() -> None:
    entries = [entry for entry in re.split(r"\n(?=[a-z])", run.locked()) if entry.strip()]
    assert len(entries) > 50
    assert [entry for entry in entries if not LOCKED_ENTRY.match(entry)] == []


def test_every_declared_dependency_is_locked() -> None:
    assert _declared() - set(_locked_names(run.locked())) == set()


def test_locked_entries_can_be_picked_and_left_out() -> None:
    assert _locked_names(run.locked(only=["uv"])) == ["uv"]
    everything = _locked_names(run.locked())
    assert [name for name in everything if name not in ("uv", run.NODE)] == _locked_names(run.locked(without=["uv", run.NODE]))


def test_browser_libraries_are_pinned_as_locked() -> None:
    wanted = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
    packages = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    versions = {**wanted["dependencies"], **wanted["devDependencies"]}
    assert {name: packages[f"node_modules/{name}"]["version"] for name in versions} == versions
    assert all("integrity" in entry for place, entry in packages.items() if place)


def test_pages_are_served_nothing_that_only_tests_need() -> None:
    wanted = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
    folders = tuple(f"{name}/" for name in wanted["dependencies"])
    assert [source for source in wanted["served"].values() if not source.startswith(folders)] == []


def test_pip_configuration_reaches_uv(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("UV_DEFAULT_INDEX", "UV_INDEX", "UV_FIND_LINKS", "UV_INDEX_STRATEGY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    words = run.registry({"index-url": "first", "extra-index-url": "\nsecond\nthird", "find-links": "here there"})
    assert (words["UV_DEFAULT_INDEX"], words["UV_INDEX"], words["UV_FIND_LINKS"]) == ("first", "second third", "here,there")
    assert "ALL_PROXY" not in words


def test_what_is_said_to_uv_itself_comes_before_pip(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_DEFAULT_INDEX", "mine")
    assert "UV_DEFAULT_INDEX" not in run.registry({"index-url": "other"})


def test_pip_settings_of_an_install_come_before_the_general_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = ":env:.cert='/c'\nglobal.index-url='a'\ninstall.index-url=\"b\"\nglobal.cert='/d'\nnot a setting\n"
    monkeypatch.setattr(run, "run", lambda command: subprocess.CompletedProcess(command, 0, stdout=lines))
    run.pip_settings.cache_clear()
    try:
        assert run.pip_settings() == {"index-url": "b", "cert": "/c"}
    finally:
        run.pip_settings.cache_clear()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux is asked for libraries")
def test_a_missing_shared_library_is_noticed() -> None:
    assert run.has_library("libc.so.6")
    assert not run.has_library("libnothing.so.9")


def test_without_apt_nothing_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert not run.apt_install("libwater1")


def test_a_command_that_fails_shows_its_last_lines_and_the_remedy(capsys: pytest.CaptureFixture[str]) -> None:
    program = "print('first'); print(*'abcdefghijklmno', sep='\\n'); raise SystemExit(1)"
    with pytest.raises(run.SetupError, match="do this"):
        run.must([sys.executable, "-c", program], "do this")
    shown = capsys.readouterr().err
    assert "o" in shown.splitlines()
    assert "first" not in shown


def test_a_command_that_is_not_there_fails_like_any_other() -> None:
    with pytest.raises(run.SetupError, match="do this"):
        run.must(["no-such-program"], "do this")


class _Site:
    """A project folder with one step that copies `in.txt` to `out.txt`."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self.done = folder, 0
        (folder / "in.txt").write_text("1")
        (folder / "run.py").write_text("")
        self.step = run.Step("copy", "copying", ("in.txt",), lambda: [folder / "out.txt"], self._copy, needed_for_demo=False)
        for name, value in (("ROOT", folder), ("STAMPS", folder / "stamps.json"), ("STEPS", (self.step,))):
            monkeypatch.setattr(run, name, value)

    def _copy(self) -> None:
        self.done += 1
        if (self.folder / "in.txt").read_text() == "broken":
            raise run.SetupError("mend in.txt")
        shutil.copy(self.folder / "in.txt", self.folder / "out.txt")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> _Site:
    return _Site(tmp_path, monkeypatch)


def test_a_second_set_up_does_nothing(site: _Site) -> None:
    run.set_up()
    run.set_up()
    assert site.done == 1


@pytest.mark.parametrize("name", ["in.txt", "run.py"])
def test_a_changed_input_is_set_up_again(site: _Site, name: str) -> None:
    run.set_up()
    (site.folder / name).write_text("2")
    run.set_up()
    assert site.done == 2


@pytest.mark.parametrize("name", ["out.txt", "stamps.json"])
def test_what_was_removed_is_made_again(site: _Site, name: str) -> None:
    run.set_up()
    (site.folder / name).unlink()
    run.set_up()
    assert site.done == 2
    assert (site.folder / "out.txt").exists()


def test_a_damaged_stamp_file_counts_as_none(site: _Site) -> None:
    (site.folder / "stamps.json").write_text("{")
    run.set_up()
    assert site.done == 1


def test_a_failed_step_leaves_no_stamp(site: _Site) -> None:
    (site.folder / "in.txt").write_text("broken")
    with pytest.raises(run.SetupError, match="mend"):
        run.set_up()
    assert run.is_stale(site.step)


def test_the_demo_goes_on_without_a_step_it_does_not_need(site: _Site, capsys: pytest.CaptureFixture[str]) -> None:
    (site.folder / "in.txt").write_text("broken")
    run.set_up(strict=False)
    assert "going on without: mend in.txt" in capsys.readouterr().out
    assert run.is_stale(site.step)


def test_an_unknown_command_lists_the_known_ones() -> None:
    result = subprocess.run([sys.executable, "run.py", "nonsense"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 2
    assert "python3 run.py demo" in result.stdout


def test_ci_runs_the_command_that_the_readme_names() -> None:
    script = ROOT / ".ci" / "run"
    command = script.read_text(encoding="utf-8").splitlines()[-1].removeprefix("exec ")
    assert script.stat().st_mode & 0o111
    assert command == "python3 run.py test"
    assert command in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Names in a wheel built from a copy of the tree."""
    folder = tmp_path_factory.mktemp("build")
    for name in BUILT_FROM:
        source = ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / name)
    program = "from setuptools import build_meta; print(build_meta.build_wheel('out'))"
    subprocess.run([sys.executable, "-c", program], cwd=folder, capture_output=True, check=True)
    with zipfile.ZipFile(next((folder / "out").glob("*.whl"))) as archive:
        return set(archive.namelist())


def test_the_wheel_carries_every_file_of_the_packages(wheel: set[str]) -> None:
    files = [path for name in ("wfm", "web", "data") for path in (ROOT / name).rglob("*") if path.is_file()]
    names = {path.relative_to(ROOT).as_posix() for path in files}
    assert {name for name in names - wheel if not NOT_PACKED.search(name)} == set()


def test_the_wheel_says_that_wfm_is_typed(wheel: set[str]) -> None:
    assert "wfm/py.typed" in wheel
