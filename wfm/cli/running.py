"""Commands that keep running: demo, pages, worker; and those that prepare it."""

from __future__ import annotations

from typing import Annotated

import typer

from wfm.cli.shared import Organisation, actor, service, settings


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    for command in (demo, serve, worker, nightly, migrate):
        app.command()(command)


def demo(
    fresh: Annotated[bool, typer.Option("--fresh", help="Throw the demo's database away and start again.")] = False,
    no_serve: Annotated[bool, typer.Option("--no-serve", help="Only build it.")] = False,
    port: Annotated[int | None, typer.Option(help="Port of the pages; left out: the setting WFM_PORT.")] = None,
) -> None:
    """Build the demo centre (imported, forecast, staffed, scheduled, published) and show it in the browser."""
    from wfm.cli import demo as show

    show.run(settings(), fresh=fresh, serve=not no_serve, port=port)


def serve(port: Annotated[int | None, typer.Option(help="Port; left out: the setting WFM_PORT.")] = None) -> None:
    """Serve the pages over the database that the settings name."""
    from wfm.cli import server

    server.serve(settings(), port)


def worker() -> None:
    """Do the long and the nightly work, until stopped. Any number of workers may run."""
    from wfm import logs
    from wfm.jobs import worker as loop

    running = service(migrate=True)
    logs.configure(running.settings, "worker")
    loop.main(running)


def nightly(organisation: Organisation = "") -> None:
    """Do tonight's work now, unless it was done: import, forecast, people needed, accuracy, drift."""
    from wfm.jobs import nightly as night

    running = service()
    print(night.tonight(running, actor(running, organisation).organisation_id))


def migrate() -> None:
    """Bring the database to this version's tables."""
    from wfm.service.opening import open_service

    open_service(settings(), migrate=True)
    print("the tables are those of this version")
