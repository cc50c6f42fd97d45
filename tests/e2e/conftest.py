"""A small centre with its own web server and worker, and a browser that looks at it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pytest

from tests.e2e import small_centre
from wfm.service import accounts
from wfm.service.context import Service
from wfm.service.opening import open_service
from wfm.settings import Settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

ROOT = Path(__file__).resolve().parents[2]
VENDOR = ROOT / "web" / "static" / "vendor"
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
START_S, PAGE_MS = 180, 60_000
"""How long a server may take to start and a page to answer: a busy machine is slow, not wrong."""
DESKTOP, PHONE = {"width": 1440, "height": 900}, {"width": 360, "height": 740}
Colours = Literal["light", "dark"]


@dataclass(frozen=True)
class Installation:
    """A running installation: its address, its service and the ids of its accounts."""

    address: str
    service: Service
    accounts: dict[str, int]

    @property
    def uploads(self) -> Path:
        """Where uploads wait for a decision."""
        return Path(self.service.settings.folder) / "uploads"

    def once(self, who: str) -> str:
        """A link that signs somebody in once."""
        return f"{self.address}/once/{accounts.make_one_time_sign_in(self.service, None, self.accounts[who])}"


@pytest.fixture(scope="module")
def installation(translations: None) -> Iterator[Installation]:
    """The small centre, empty of history, with a web server and a worker of its own on a free port."""
    if not (VENDOR / "htmx.min.js").is_file():
        pytest.skip("no browser libraries here; python3 run.py setup fetches them")
    with tempfile.TemporaryDirectory(prefix="wfm-e2e-") as folder:
        settings = Settings(database_url=f"sqlite:///{folder}/wfm.db", folder=folder, port=_free_port(), forecast_days=28)
        service = open_service(settings)
        ids = small_centre.load(service)
        with _running(settings, Path(folder), "serve"), _running(settings, Path(folder), "worker"):
            address = f"http://127.0.0.1:{settings.port}"
            _wait_for(f"{address}/health", Path(folder))
            yield Installation(address, service, ids)
        service.database.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _running(settings: Settings, folder: Path, command: str) -> Iterator[None]:
    """A command of wfm in a process of its own, ended with the block."""
    own = {"DATABASE_URL": settings.database_url, "FOLDER": settings.folder, "PORT": settings.port, "FORECAST_DAYS": settings.forecast_days}
    environment = os.environ | {f"WFM_{name}": str(value) for name, value in own.items()}
    environment |= {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    with (folder / f"{command}.log").open("wb") as log:
        process = subprocess.Popen([sys.executable, "-m", "wfm.cli", command], env=environment, stderr=log, stdout=log)
        try:
            yield
        finally:
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(60)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(10)


def _wait_for(address: str, folder: Path, limit_s: float = START_S) -> None:
    end = time.monotonic() + limit_s
    while True:
        try:
            with urllib.request.urlopen(address, timeout=20):
                return
        except (urllib.error.URLError, TimeoutError) as error:
            if time.monotonic() > end:
                raise AssertionError((folder / "serve.log").read_text()) from error
            time.sleep(0.1)


@pytest.fixture(scope="module")
def browser(chromium: Path) -> Iterator[Browser]:
    """One Chromium for the module."""
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        program = driver.chromium.launch(executable_path=str(chromium), args=FLAGS)
        yield program
        program.close()


@pytest.fixture
def open_page(browser: Browser, installation: Installation) -> Iterator[Callable[..., Page]]:
    """Open a page as somebody; what the browser complains about fails the test."""
    complaints: list[str] = []
    contexts = []

    def opened(who: str | None, size: dict[str, int] = DESKTOP, colours: Colours = "light") -> Page:
        context = browser.new_context(base_url=installation.address, viewport=size, color_scheme=colours, locale="en-US")  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PAGE_MS)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda line: complaints.append(line.text) if line.type == "error" and "404" not in line.text else None)
        if who is not None:
            page.goto(installation.once(who))
            page.locator("button.primary").click()
            page.wait_for_load_state()
        return page

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []


@contextmanager
def at_rest(page: Page) -> Iterator[None]:
    """Meanwhile the page hears nothing of running work, which would lead it elsewhere once it is done; afterwards it hears all."""
    resting, waiting = True, []

    def hear(route: Route) -> None:
        if resting:
            waiting.append(route)
        else:
            route.continue_()

    page.route("**/progress/**", hear)
    yield
    resting = False
    for route in waiting:
        route.continue_()


def axe_violations(page: Page, only: str = "") -> list[dict[str, Any]]:
    """What axe-core finds wrong on a page, by all of its rules or by one."""
    if not AXE.is_file():
        pytest.skip("no axe-core here; python3 run.py setup fetches it")
    page.evaluate(AXE.read_text())  # through the debugger: the content policy keeps pages from loading it themselves
    found: dict[str, Any] = page.evaluate("only => axe.run(document, only ? {runOnly: [only]} : {})", only)
    return [
        {"page": page.url, "impact": one["impact"], "id": one["id"], "nodes": [node["html"][:120] for node in one["nodes"][:3]]}
        for one in found["violations"]
    ]


def goes_sideways(page: Page) -> bool:
    """Whether the page scrolls sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))
