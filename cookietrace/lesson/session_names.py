"""Judge by a cookie's name whether it identifies a signed-in user."""

from __future__ import annotations

import re

SESSION_NAME = re.compile(
    r"sess(?:ion)?(?:[-_.]?id)?$|(?:^|[-_.])(?:sid|sess(?:ion)?|auth|token|jwt|login|remember)(?:[-_.]|$)",
    re.IGNORECASE,
)
"""Names that apps use for the cookie that identifies a signed-in user."""

FOR_SCRIPTS = re.compile(r"csrf|xsrf", re.IGNORECASE)
"""Names of tokens that scripts are meant to read."""


def is_session_like(name: str) -> bool:
    """Return whether a cookie's name suggests a session."""
    return SESSION_NAME.search(name) is not None and FOR_SCRIPTS.search(name) is None
