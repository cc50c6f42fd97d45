"""Accounts and the audit trail."""

from __future__ import annotations

from typing import Annotated

import typer

from wfm.cli.shared import Organisation, actor, service, table
from wfm.errors import NotFound


def add_to(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(users)
    app.command("add-user")(add_user)
    app.command("sign-in")(sign_in)
    app.command("verify-audit")(verify_audit)


def users(organisation: Organisation = "") -> None:
    """List the accounts."""
    from wfm.service import accounts

    running = service()
    found = accounts.users(running, actor(running, organisation))
    table(("e-mail", "name", "role", "agent"), [(u.email, u.name, u.role, u.agent_key or "") for u in found])


def add_user(
    email: Annotated[str, typer.Argument(help="E-mail address, the name at sign-in.")],
    name: Annotated[str, typer.Argument(help="What people read.")],
    role: Annotated[str, typer.Argument(help="administrator, planner, supervisor, agent or auditor.")],
    zone: Annotated[str, typer.Option("--zone", help="Time zone; left out: the organisation's.")] = "",
    agent: Annotated[str, typer.Option(help="Key of the agent, for the role agent.")] = "",
    site: Annotated[str, typer.Option(help="Site, for the role supervisor.")] = "",
    locale: Annotated[str, typer.Option(help="Language of the pages: en or es.")] = "en",
    organisation: Organisation = "",
) -> None:
    """Add an account and print a link that signs it in once."""
    from wfm.service import accounts, centre

    running = service()
    root = actor(running, organisation)
    home = zone or centre.organisation(running, root).zone
    made = accounts.add_user(running, root, email, name, role, home, locale=locale, agent_key=agent or None, site=site or None)
    _tell_link(made.id)


def sign_in(
    email: Annotated[str, typer.Argument(help="E-mail address of the account.")],
    organisation: Organisation = "",
) -> None:
    """Print a link that signs an account in once, within a day."""
    from wfm.service import accounts

    running = service()
    found = [u for u in accounts.users(running, actor(running, organisation)) if u.email == email.strip().lower()]
    if not found:
        raise NotFound(f"there is no account {email}")
    _tell_link(found[0].id)


def _tell_link(user_id: int) -> None:
    from wfm.service import accounts
    from wfm.service.demo import sign_in_address

    running = service()
    print(sign_in_address(running.settings, accounts.make_one_time_sign_in(running, None, user_id)))


def verify_audit(
    anchor: Annotated[str, typer.Option(help="number:hash of an earlier check.")] = "", organisation: Organisation = ""
) -> None:
    """Recompute the hash chain of the audit trail; the exit status is 1 where it is broken."""
    from wfm.service import audit

    running = service()
    verdict = audit.verify(running, actor(running, organisation).organisation_id, anchor)
    if not verdict.ok:
        print(f"broken at row {verdict.first_broken}: {verdict.reason}")
        raise typer.Exit(1)
    print(f"{verdict.rows} rows, unbroken; note this for the next check: {verdict.anchor}")
