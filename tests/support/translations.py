"""Compile the catalogues of the pages where set-up has not."""

from __future__ import annotations

import os
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

FOLDER = Path(__file__).resolve().parents[2] / "web" / "translations"


def compile_translations() -> None:
    """Write each `.mo` that is missing or older than its `.po`; several test processes may do so at once."""
    for source in FOLDER.glob("*/LC_MESSAGES/messages.po"):
        target = source.with_suffix(".mo")
        if target.is_file() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        fresh = target.with_suffix(f".{os.getpid()}")
        with source.open("rb") as text, fresh.open("wb") as packed:
            write_mo(packed, read_po(text))
        fresh.replace(target)
