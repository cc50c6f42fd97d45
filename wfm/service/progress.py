"""How long work tells where it is, and learns that it should stop."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from wfm.errors import Cancelled

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


class Progress:
    """The listener of long work; this one listens to nobody.

    A use case calls `say` between its steps and `keep` inside the transaction that stores its result, so that the result and the note
    that it exists are stored together or not at all.
    """

    @property
    def job_id(self) -> int | None:
        """The job that the work is done in; None where there is none."""
        return None

    @property
    def kept(self) -> Mapping[str, Any]:
        """What an earlier attempt of the same work stored already."""
        return {}

    def note(self, share_done: float, text: str, **details: Any) -> None:
        """Tell that `share_done` in [0, 1] is done and that `text` comes next; `details` are numbers for a chart.

        Raises
        ------
        Conflict
            When another worker has taken the work over.
        """

    def say(self, share_done: float, text: str, **details: Any) -> None:
        """As `note`, at a point where the work can stop.

        Raises
        ------
        Cancelled
            When somebody wants the work to stop.
        """
        self.note(share_done, text, **details)
        if self.cancelled():
            raise Cancelled("stopped on request; nothing was changed")

    def cancelled(self) -> bool:
        """Whether somebody wants the work to stop; work that can keep its best so far asks this instead of waiting for `Cancelled`."""
        return False

    def keep(self, session: Session, **result: Any) -> None:
        """Note the result in the caller's transaction.

        Raises
        ------
        Conflict
            When another worker has taken the work over: the transaction must not be committed.
        """

    def finish(self, session: Session, **result: Any) -> None:
        """As `keep`, for the last step: the work is done once the transaction is committed."""
        self.keep(session, **result)


class Part(Progress):
    """A step of longer work, from `begin` to `end` of its share done; what it keeps stands under its name in the whole's result."""

    def __init__(self, whole: Progress, name: str, begin: float, end: float) -> None:
        self._whole, self._name, self._begin, self._end = whole, name, begin, end

    @property
    def job_id(self) -> int | None:
        """As `Progress.job_id`."""
        return self._whole.job_id

    @property
    def kept(self) -> Mapping[str, Any]:
        """What an earlier attempt at this step stored."""
        return dict(self._whole.kept.get(self._name) or {})

    def note(self, share_done: float, text: str, **details: Any) -> None:
        """As `Progress.note`, scaled into the whole."""
        self._whole.note(self._begin + (self._end - self._begin) * share_done, text, **details)

    def cancelled(self) -> bool:
        """As `Progress.cancelled`."""
        return self._whole.cancelled()

    def keep(self, session: Session, **result: Any) -> None:
        """As `Progress.keep`; the end of a step is not the end of the whole."""
        self._whole.keep(session, **{self._name: {**self.kept, **result}})
