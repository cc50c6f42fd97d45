"""A person without a browser: keeps cookies, fills in forms, follows redirects."""

from __future__ import annotations

import http.cookiejar
import re
import urllib.parse
import urllib.request
import uuid
from collections.abc import Mapping

CSRF = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


class Person:
    """One session with the pages at `address`."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))

    def get(self, path: str) -> str:
        """A page."""
        return self._ask(urllib.request.Request(self.address + path))[1]

    def post(self, path: str, values: Mapping[str, str], seen_on: str, file: tuple[str, bytes] | None = None) -> tuple[str, str]:
        """Send the form that stands on the page `seen_on`; the address and the text of the page that follows."""
        token = CSRF.search(self.get(seen_on))
        assert token is not None, f"no form on {seen_on}"
        fields = {**values, "csrf_token": token[1]}
        kind, body = _multipart(fields, file) if file else ("application/x-www-form-urlencoded", urllib.parse.urlencode(fields).encode())
        headers = {"Content-Type": kind, "Origin": self.address, "Referer": self.address + seen_on}
        return self._ask(urllib.request.Request(self.address + path, body, headers))

    def _ask(self, request: urllib.request.Request) -> tuple[str, str]:
        with self._opener.open(request, timeout=120) as answer:
            return answer.geturl().removeprefix(self.address), answer.read().decode()


def _multipart(fields: Mapping[str, str], file: tuple[str, bytes]) -> tuple[str, bytes]:
    edge = uuid.uuid4().hex
    parts = [f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode() for name, value in fields.items()]
    head = f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{file[0]}"\r\nContent-Type: text/csv\r\n\r\n'
    return f"multipart/form-data; boundary={edge}", b"".join([*parts, head.encode(), file[1], f"\r\n--{edge}--\r\n".encode()])
