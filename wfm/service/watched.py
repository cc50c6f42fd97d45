"""The watched folder: history files that somebody put there, imported and then put away."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from wfm.errors import InvalidInput
from wfm.service import centre, importing
from wfm.service.context import Actor, Service
from wfm.service.progress import Part, Progress

DONE, REFUSED = "done", "refused"
SETTLED_S = 30.0


@dataclass(frozen=True, slots=True)
class Taken:
    """One file of the folder: `number` of its import, or `reason` why it was refused."""

    file_name: str
    number: int | None
    rows_added: int
    rows_changed: int
    reason: str


def take_in(service: Service, actor: Actor, progress: Progress, settled_s: float = SETTLED_S) -> tuple[Taken, ...]:
    """Import every file of the organisation's folder, oldest first; afterwards it lies in `done` or `refused` beside it.

    A file is put away only once its rows are stored, so a crash in between means that it is read again, and changes nothing. Files
    that were written to in the last `settled_s` seconds are left for the next time: somebody may still be writing.
    """
    folder = _folder(service, actor)
    if folder is None:
        return ()
    home = centre.organisation(service, actor).zone
    waiting = list(_waiting(folder, settled_s))
    taken = []
    for number, path in enumerate(waiting):
        part = Part(progress, _digest(path), number / len(waiting), (number + 1) / len(waiting))
        progress.say(number / len(waiting), f"importing file {number + 1} of {len(waiting)}")
        taken.append(_take(service, actor, path, home, part))
    return tuple(taken)


def _folder(service: Service, actor: Actor) -> Path | None:
    """The folder itself where there is one organisation; a folder of the organisation's name inside it where there are more."""
    if not service.settings.watched_folder:
        return None
    root = Path(service.settings.watched_folder)
    known = centre.every_organisation(service)
    if len(known) == 1:
        return root if root.is_dir() else None
    name = next(one.name for one in known if one.id == actor.organisation_id)
    inside = root / name
    return inside if inside.is_dir() and inside.resolve().parent == root.resolve() else None


def _waiting(folder: Path, settled_s: float) -> Iterator[Path]:
    files = [path for path in folder.iterdir() if path.is_file() and not path.is_symlink() and not path.name.startswith(".")]
    for path in sorted(files, key=lambda path: (path.stat().st_mtime, path.name)):
        if time.time() - path.stat().st_mtime >= settled_s:
            yield path


def _take(service: Service, actor: Actor, path: Path, zone: str, progress: Progress) -> Taken:
    try:
        if path.stat().st_size > service.settings.upload_mb * 1_000_000:
            raise InvalidInput(f"the file must have at most {service.settings.upload_mb} MB")
        stored = importing.commit(service, actor, path.read_bytes(), path.name, zone, gaps="unknown", progress=progress)
    except InvalidInput as error:
        _put_away(path, REFUSED)
        return Taken(path.name, None, 0, 0, str(error))
    _put_away(path, DONE)
    return Taken(path.name, stored.number, stored.rows_added, stored.rows_changed, "")


def _put_away(path: Path, where: str) -> None:
    folder = path.parent / where
    folder.mkdir(exist_ok=True)
    target = folder / path.name
    if target.exists():
        target = folder / f"{path.stem}-{_digest(path)}{path.suffix}"
    path.replace(target)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


