"""Whether this installation can do its work."""

from __future__ import annotations

from typing import Any

from wfm.errors import Unavailable
from wfm.service.context import Service
from wfm.storage import migrate
from wfm.storage import work as rows

LONG_WAIT_S = 60.0


def ready(service: Service) -> dict[str, Any]:
    """What a load balancer or an operator asks: counts and states, no names.

    Returns
    -------
    `database` and `tables` are "ok"; `jobs_waiting`, `jobs_running` and `oldest_waiting_s` say whether workers keep up; `workers` is
    "missing" where a job has waited for more than a minute and none runs, else "ok".

    Raises
    ------
    Unavailable
        When the database does not answer or its tables are not this version's.
    """
    service.database.ping()
    if not migrate.is_current(service.database):
        raise Unavailable("the tables are not those of this version; run: wfm migrate")
    with service.database.reading() as session:
        waiting, running, oldest = rows.load(session)
    waited_s = 0.0 if oldest is None else max(0.0, (service.now() - oldest).total_seconds())
    return {
        "database": "ok",
        "tables": "ok",
        "jobs_waiting": waiting,
        "jobs_running": running,
        "oldest_waiting_s": round(waited_s, 1),
        "workers": "missing" if waited_s > LONG_WAIT_S and not running else "ok",
    }
