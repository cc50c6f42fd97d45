"""Stored history as arrays of one interval length."""

from __future__ import annotations

from datetime import datetime

import numpy as np

from wfm.service.context import Service
from wfm.service.queue_forecast import Observed
from wfm.storage import history

USUAL_MINUTES = 30


def observed(service: Service, organisation_id: int, queue_id: int, since: datetime | None = None) -> Observed:
    """What was observed of a queue, in the longest interval that its rows have.

    A queue whose files changed from half hours to quarter hours is seen in half hours; rows that do not fit into the longer interval
    are left out.
    """
    with service.database.reading() as session:
        rows = history.rows(session, organisation_id, queue_id, None if since is None else int(since.timestamp()))
    lengths = sorted({int(length) for length in np.unique(rows.interval_minutes)}) or [USUAL_MINUTES]
    parts = [
        Observed(rows.start_s[fits], rows.volume[fits], rows.handle_s[fits], length).longer(lengths[-1])
        for length in lengths
        if lengths[-1] % length == 0
        for fits in [rows.interval_minutes == length]
    ]
    start_s, volume, handle_s = (np.concatenate([getattr(part, name) for part in parts]) for name in ("start_s", "volume", "handle_s"))
    order = np.argsort(start_s, kind="stable")
    return Observed(start_s[order], volume[order], handle_s[order], lengths[-1])
