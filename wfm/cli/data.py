"""Data in: organisation, imports, centre."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from wfm.cli.planning import Country, Gaps, OneQueue, RepeatedHour, Subdivision, Zone, one_of
from wfm.cli.shared import As, Organisation, Told, actor, naming_lines, service, table
from wfm.errors import InvalidInput


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(organisation)
    app.command("import")(import_file)
    app.command()(imports)
    app.command()(undo)
    app.command("load-staff")(load_staff)


def organisation(
    name: Annotated[str, typer.Argument(help="What it is called.")],
    zone: Annotated[str, typer.Option("--zone", help="Its time zone, such as America/Chicago.")],
    country: Country = "",
    subdivision: Subdivision = "",
) -> None:
    """Make an organisation."""
    from wfm.service import centre

    number = centre.create_organisation(service(migrate=True), name, zone, country or None, subdivision or None)
    print(f"organisation {number}: {name}, {zone}")


def import_file(
    history: Annotated[Path, typer.Argument(help="CSV of interval history.")],
    zone: Zone = "",
    gaps: Gaps = "refuse",
    repeated_hour: RepeatedHour = "refuse",
    queue: OneQueue = "",
    organisation: Organisation = "",
    as_email: As = "",
) -> None:
    """Store a file of history: all of it, or nothing. The same file twice changes nothing."""
    from wfm.service import centre, importing

    running = service()
    who = actor(running, organisation, as_email)
    try:
        content = history.read_bytes()
    except OSError as error:
        raise InvalidInput(f"{history.name} cannot be read: {error.strerror}") from error
    told = Told()
    with naming_lines(20):
        stored = importing.commit(
            running, who, content, history.name, zone or centre.organisation(running, who).zone,
            one_of("--gaps", gaps, "refuse", "unknown", "zero"), one_of("--repeated-hour", repeated_hour, "refuse", "first", "split"),
            queue, told,
        )  # fmt: skip
    told.end()
    print(
        f"import {stored.number}: {stored.rows_added} intervals added, {stored.rows_changed} changed, {stored.rows_same} the same, "
        f"{len(stored.queues)} queues, {stored.volume:,.0f} contacts, in {told.seconds:.1f} s"
    )
    if stored.new_queues:
        print(f"set up with defaults: {', '.join(stored.new_queues)}")
    for line in stored.warnings[:10]:
        print(f"note: {line}")


def imports(organisation: Organisation = "") -> None:
    """List what was imported."""
    from wfm.service import importing

    running = service()
    table(
        ("import", "file", "at", "by", "added", "changed", "taken back"),
        [
            (i.number, i.file_name, f"{i.imported_at:%Y-%m-%d %H:%M}", i.imported_by, i.rows_added, i.rows_changed, i.undone_at and "yes")
            for i in importing.imports(running, actor(running, organisation))
        ],
    )


def undo(
    number: Annotated[int, typer.Argument(help="Number of the import.")], organisation: Organisation = "", as_email: As = ""
) -> None:
    """Take an import back: old values return exactly."""
    from wfm.service import importing

    running = service()
    importing.undo(running, actor(running, organisation, as_email), number)
    print(f"import {number} is taken back")


def load_staff(
    problem: Annotated[Path, typer.Argument(help="JSON of a roster problem: its queues, contracts and agents are taken.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
    organisation: Organisation = "",
    as_email: As = "",
) -> None:
    """Load contracts and agents from a roster problem."""
    from wfm.service import centre, roster_files

    running = service()
    counts = centre.load_problem(running, actor(running, organisation, as_email), roster_files.read_json(problem), dry_run)
    print(f"{'would be ' if dry_run else ''}added {counts.added}, changed {counts.changed}, the same {counts.same}")
