"""Activities and channels of the board in words, letters and colours."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from web import current
from web.names import CHANNELS
from web.planner.gantt import Letters, Look
from web.texts import gettext as _
from web.texts import lazy_gettext as _l
from wfm.domain.activities import ActivityKind
from wfm.domain.demand import Channel
from wfm.service import activities, centre
from wfm.service.activities import ChannelBlock, SessionView

NAMES = {
    ActivityKind.MEETING: _l("Meeting"),
    ActivityKind.ONE_TO_ONE: _l("One-to-one"),
    ActivityKind.COACHING: _l("Coaching"),
    ActivityKind.TRAINING: _l("Training"),
    ActivityKind.OTHER: _l("Other work"),
    ActivityKind.MOVABLE: _l("Movable work"),
}
CHOICES = (ActivityKind.MEETING, ActivityKind.ONE_TO_ONE, ActivityKind.COACHING, ActivityKind.TRAINING, ActivityKind.OTHER)
LETTERS = {
    ActivityKind.MEETING: _l("M"),
    ActivityKind.ONE_TO_ONE: _l("1"),
    ActivityKind.COACHING: _l("C"),
    ActivityKind.TRAINING: _l("T"),
    ActivityKind.OTHER: _l("O"),
    ActivityKind.MOVABLE: _l("W"),
}
LOOKS = {Channel.VOICE: "on", Channel.CHAT: "chat"}


def letters() -> Letters:
    """What stands in breaks and activities of the board."""
    return Letters(_("B"), _("L"), {kind: str(letter) for kind, letter in LETTERS.items()})


def channels_of(number: int, day: date) -> tuple[Mapping[str, Sequence[ChannelBlock]], Callable[[Sequence[str]], Look]]:
    """Who takes which queues when on a day of a draft, and how such a stretch is drawn."""
    queues = {one.key: (one.queue.name, one.queue.channel) for one in centre.queues(current.service(), current.actor())}

    def look(keys: Sequence[str]) -> Look:
        known = [queues[key] for key in keys if key in queues]
        kinds = {LOOKS.get(channel, "deferred") for _name, channel in known}
        channels = " · ".join(dict.fromkeys(str(CHANNELS[channel]) for _name, channel in known))
        return Look(kinds.pop() if len(kinds) == 1 else "on", (known[0][0], channels) if len(known) == 1 else (channels,))

    return activities.channel_blocks(current.service(), current.actor(), number, day), look


def sessions_of(number: int, day: date | None) -> tuple[SessionView, ...]:
    """What is placed on the day shown; movable work stands on the board alone."""
    found = activities.sessions(current.service(), current.actor(), number, day)
    return tuple(one for one in found if one.kind != ActivityKind.MOVABLE)
