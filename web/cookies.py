"""The cookies of this site, by name and by what each promises. No cookie holds anything but an opaque value or a taste.

`__Host-` binds a cookie to this very host over TLS (ASVS 3.3.1); the session's is never sent from another site.
"""

from aiohttp import web

SESSION = "__Host-session"
SEAT = "__Host-seat"
SCREEN = "__Host-screen"
LANGUAGE = "__Host-language"
SIZE = "__Host-size"

YEAR = 365 * 24 * 3600


def give(answer: web.StreamResponse, name: str, value: str, *, max_age: int | None = None) -> None:
    """Set a cookie that scripts cannot read; without `max_age` it ends with the browser."""
    answer.set_cookie(name, value, max_age=max_age, path="/", secure=True, httponly=True, samesite="Strict")


def take(answer: web.StreamResponse, name: str) -> None:
    """Delete a cookie."""
    answer.del_cookie(name, path="/", secure=True, httponly=True, samesite="Strict")
