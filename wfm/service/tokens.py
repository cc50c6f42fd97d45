"""Random tokens: people and browsers hold the token, the database only its hash."""

from __future__ import annotations

import hashlib
import secrets

BYTES = 32


def new() -> str:
    """A token of 256 random bits, safe in a URL and a cookie."""
    return secrets.token_urlsafe(BYTES)


def digest(token: str) -> str:
    """What is stored of a token: SHA-256, which is enough for 256 random bits.

    Examples
    --------
    >>> len(digest("x"))
    64
    """
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
