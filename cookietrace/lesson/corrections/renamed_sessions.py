"""Whose session cookie a value looks like, for apps that gave theirs a name of its own.

Only values tell whose form is the framework's: what it signs, and puts its data or its ids in. A
view can sign a cookie of its own in the same way, so this is never more than probable.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote

from cookietrace import sessions
from cookietrace.lesson.session_names import FORM_TOKEN

_EXPRESS = re.compile(r"s:[A-Za-z0-9_-]{20,64}\.[A-Za-z0-9+/]{43}", re.ASCII)
"""What express-session sends: an id, and its signature by ``cookie-signature``."""

_FORMATS: Final = {
    "Flask session or itsdangerous": frozenset({"Flask", "FastAPI, Starlette"}),
    "Starlette session": frozenset({"FastAPI, Starlette"}),
    "Django": frozenset({"Django"}),
}
"""The frameworks whose sessions have a format. Only some values of Starlette's are padded."""


def likely_frameworks(name: str, value: str) -> frozenset[str]:
    """Return the frameworks (``Framework.name``) whose session a cookie may well be."""
    if FORM_TOKEN.search(name):
        return frozenset()
    if _EXPRESS.fullmatch(unquote(value)):
        return frozenset({"Express"})
    found = sessions.decode(value, name=name)  # imported then: most captures have no such value
    # A session is a mapping; what else is signed need not be one.
    if found is None or found.signed_at is None or not isinstance(found.content, dict):
        return frozenset()
    return _FORMATS.get(found.format, frozenset())
