"""Uploads that wait for a decision: in the installation's folder, under random names, gone after a day."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import session

from web import current
from wfm.errors import NotFound

KEPT = timedelta(days=1)
_KEY = "uploads"


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that somebody sent and has not decided about.

    Parameters
    ----------
    token
        Random name; only the session that sent the file knows it.
    name
        What the file was called, for people.
    zone
        IANA zone of its wall clock, as chosen.
    """

    token: str
    name: str
    zone: str

    @property
    def path(self) -> Path:
        """Where the content lies."""
        return _folder() / self.token

    @property
    def content(self) -> bytes:
        """The bytes of the file.

        Raises
        ------
        NotFound
            When it is gone.
        """
        try:
            return self.path.read_bytes()
        except FileNotFoundError:
            raise _gone() from None


def keep(content: bytes, name: str, zone: str) -> Upload:
    """Let a file wait; sweep out what waited too long."""
    sweep()
    upload = Upload(secrets.token_hex(16), name, zone)
    upload.path.touch(mode=0o600)
    upload.path.write_bytes(content)
    session[_KEY] = {**_known(), upload.token: [name, zone]}
    return upload


def find(token: str) -> Upload:
    """The file of that token, if this session sent it.

    Raises
    ------
    NotFound
        When it did not, or the file is decided about.
    """
    entry = _known().get(token)
    if entry is None:
        raise _gone()
    return Upload(token, str(entry[0]), str(entry[1]))


def drop(upload: Upload) -> None:
    """Forget a file."""
    upload.path.unlink(missing_ok=True)
    session[_KEY] = {token: entry for token, entry in _known().items() if token != upload.token}


def sweep() -> None:
    """Delete what has waited for more than a day."""
    oldest = (current.service().now() - KEPT).timestamp()
    for path in _folder().iterdir():
        if path.is_file() and path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)


def _known() -> dict[str, Any]:
    return dict(session.get(_KEY, {}))


def _folder() -> Path:
    folder = Path(current.service().settings.folder) / "uploads"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _gone() -> NotFound:
    return NotFound("this upload is gone: it was imported, cancelled, or waited for more than a day; upload the file again")
