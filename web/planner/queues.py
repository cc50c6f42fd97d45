"""Which queue a page shows."""

from __future__ import annotations

from collections.abc import Sequence

from flask import request

from wfm.domain.demand import Channel
from wfm.service.centre import QueueView


def shown_key(queues: Sequence[QueueView]) -> str:
    """The queue of the address; else the first that people call on, else the first; "" where there is none."""
    called = [queue.key for queue in queues if queue.queue.channel is Channel.VOICE]
    return request.args.get("queue") or next(iter(called), next((queue.key for queue in queues), ""))
