"""Commands that keep running: demo, pages, worker; and those that prepare it."""

from __future__ import annotations

from typing import Annotated

import typer

from wfm.cli.shared import Organisation, actor, service, settings

Parent = Annotated[int, typer.Option(hidden=True, help="Process with which this one ends.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    for command in (demo, serve, worker, nightly, migrate, warm):
        app.command()(command)


def demo(
    fresh: Annotated[bool, typer.Option("--fresh", help="Throw the demo's database away and start again.")] = False,
    no_serve: Annotated[bool, typer.Option("--no-serve", help="Only build it.")] = False,
    port: Annotated[int | None, typer.Option(help="Port of the pages; left out: the setting WFM_PORT.")] = None,
) -> None:
    """Build the demo centre (imported, forecast, staffed, scheduled, published) and show it in the browser."""
    from wfm.cli import demo as show

    show.run(settings(), fresh=fresh, serve=not no_serve, port=port)


def serve(port: Annotated[int | None, typer.Option(help="Port; left out: the setting WFM_PORT.")] = None, parent: Parent = 0) -> None:
    """Serve the pages over the database that the settings name."""
    from wfm.cli import server

    _die_with(parent)
    server.serve(settings(), port)


def worker(parent: Parent = 0) -> None:
    """Do the long and the nightly work, until stopped. Any number of workers may run."""
    from wfm import logs
    from wfm.jobs import worker as loop

    _die_with(parent)
    running = service(migrate=True)
    logs.configure(running.settings, "worker")
    loop.main(running)


def _die_with(parent: int) -> None:
    from wfm.service.processes import die_with_parent

    if parent:
        die_with_parent(parent)


def nightly(organisation: Organisation = "") -> None:
    """Do tonight's work now, unless it was done: import, forecast, people needed, accuracy, drift."""
    from wfm.service import centre, night, slots

    running = service()
    who = actor(running, organisation)
    home = centre.organisation(running, who).zone
    slot = slots.due_night(running.now(), home, running.settings.night_at).isoformat()
    done = night.run_here(running, who.organisation_id, slot)
    print(f"the night of {slot} is {done.state}")
    for finding in night.findings(running, who):
        print(f"- {finding.text}")


def migrate() -> None:
    """Bring the database to this version's tables."""
    from wfm.service.opening import open_service

    open_service(settings(), migrate=True)
    print("the tables are those of this version")


def warm() -> None:
    """Compile the inner loops now, once after an installation, instead of at their first use."""
    from wfm.cli.shared import Told
    from wfm.service import first_use

    told, rooms = Told(), first_use.ROOMS
    first_use.warm(settings().workers, lambda done: told.note(done / len(rooms), f"compiling, {done} of {len(rooms)} parts done"))
    told.end()
    print("the inner loops are compiled")
