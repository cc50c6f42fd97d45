"""Passwords: which are allowed, how they are kept (Argon2id) and how a try is checked."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from wfm.errors import InvalidInput
from wfm.service.context import PasswordCost

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST, LONGEST = 8, 200
_COMMON = frozenset(
    word
    for line in (
        "abc access account admin administrator amazing america angel apple asdf asdfgh asdfghjkl august autumn baseball basketball",
        "batman beautiful bonjour butterfly callcenter callcentre cancer charlie chocolate clinic computer contact contactcenter dallas",
        "december default doctor dragon england facebook family february flower football forever freedom friday friend friends ginger",
        "google guest hannah harley hello helloworld helpdesk hockey hospital hunter iloveyou internet january jennifer jessica jesus",
        "jordan killer king letmein liverpool login london lovely loveyou manager march master matrix medical merlin michael mickey monday",
        "money monkey mustang myspace newpassword newyork ninja november nurse october orange pass passphrase passw passwd password",
        "patient pepper pharmacy planner pokemon princess purple qazwsx qwer qwert qwerty qwertyui qwertyuiop qwertz root samsung",
        "saturday schedule secret secure security september service shadow silver snoopy soccer spring starwars strong summer sunday",
        "sunshine super superman supervisor support teacher temp temporary test tester testing thomas thursday tigger trustno user",
        "username wednesday welcome whatever windows winter wizard work workforce yankees yellow zaq zxcvbn zxcvbnm",
    )
    for word in line.split()
)
_LEET = str.maketrans("013457$@!", "oleastsai")
_RUNS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
)


def checked(password: str, *about: str) -> str:
    """The password as it is hashed, if it is allowed.

    Length counts, not composition (OWASP ASVS 5.0, 6.2): 8 to 200 characters, 15 and more are advised. Refused are words that
    everybody tries (digits, signs and look-alike letters around them do not help), runs and repetitions, and what is known about the
    person.

    Parameters
    ----------
    about
        Name, e-mail address and the like.

    Raises
    ------
    InvalidInput
        When it is not allowed; the message never repeats it.

    Examples
    --------
    >>> checked("correct horse battery")
    'correct horse battery'
    """
    clean = unicodedata.normalize("NFKC", password)
    if not SHORTEST <= len(clean) <= LONGEST:
        raise InvalidInput(f"a password must have {SHORTEST} to {LONGEST} characters (15 or more are better), got {len(clean)}")
    if _is_common(clean.lower()):
        raise InvalidInput("this password is among the first that anybody would try; take several words of your own")
    if _is_about(clean.lower(), about):
        raise InvalidInput("this password is made of your name, your e-mail address or the name of this service; take other words")
    return clean


def _is_common(password: str) -> bool:
    trimmed = password.rstrip("0123456789!?.*#")
    readings = {_letters(text) for text in (password, password.translate(_LEET), trimmed.translate(_LEET))}
    parts = {part for word in readings for part in _repeated(word)}
    only_digits = password.isdigit() and len(password) < 15
    return bool(parts & _COMMON) or _is_run(password) or len(set(password)) < 4 or only_digits


def _letters(text: str) -> str:
    return re.sub(r"[^a-z]", "", text)


def _repeated(word: str) -> set[str]:
    """The word, and what it repeats where it is a repetition."""
    sizes = [size for size in range(1, len(word) // 2 + 1) if len(word) % size == 0]
    return {word} | {word[:size] for size in sizes if word[:size] * (len(word) // size) == word}


def _is_run(password: str) -> bool:
    """A walk along the alphabet or the keyboard, either way, perhaps with a piece repeated."""
    steps = {pair for run in _RUNS for line in (run, run[::-1]) for pair in pairwise(line)}
    walked = sum(pair in steps or pair[0] == pair[1] for pair in pairwise(password))
    return walked >= 0.75 * (len(password) - 1)


def _is_about(password: str, about: tuple[str, ...]) -> bool:
    words = [word for text in (*about, "wfm") for word in re.split(r"[^a-z0-9]+", unicodedata.normalize("NFKC", text).lower())]
    rest = password
    for word in sorted({word for word in words if len(word) > 2}, key=len, reverse=True):
        rest = rest.replace(word, "")
    return rest != password and len(_letters(rest)) < 4


@lru_cache(maxsize=4)
def _hasher(cost: PasswordCost) -> PasswordHasher:
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=cost.passes, memory_cost=cost.memory_kib, parallelism=cost.lanes)


@lru_cache(maxsize=4)
def _nobodys_hash(cost: PasswordCost) -> str:
    return _hasher(cost).hash("the password of nobody")


def warm(cost: PasswordCost) -> None:
    """Make the hash of nobody now, so that the first unknown name does not take longer."""
    _nobodys_hash(cost)


def hashed(cost: PasswordCost, password: str) -> str:
    """What is kept of a password: Argon2id with a random salt."""
    return _hasher(cost).hash(password.encode(errors="replace"))


def matches(cost: PasswordCost, stored: str | None, password: str) -> bool:
    """True where the password is the one that was hashed; without a hash the same work is done, for nothing."""
    from argon2.exceptions import InvalidHashError, VerificationError

    clean = unicodedata.normalize("NFKC", password[: 4 * LONGEST]).encode(errors="replace")
    try:
        return _hasher(cost).verify(stored or _nobodys_hash(cost), clean) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(cost: PasswordCost, stored: str) -> bool:
    """True where a hash was made at another cost."""
    return _hasher(cost).check_needs_rehash(stored)
