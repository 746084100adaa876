"""Judge by a cookie's name what it is for: a signed-in user, the state of a form, a preference."""

from __future__ import annotations

import re
from functools import lru_cache

SESSION_NAME = re.compile(
    r"sess(?:ion)?(?:[-_.]?id)?$|"
    r"(?:^|[-_.])(?:sid|sess(?:ion)?|auth|token|jwt|login|remember)(?:[-_.]|$)|"
    r"^\.?aspnet(?:core)?\.(?:cookies|identity)|aspxauth$|^wordpress_(?:logged_in|sec)",
    re.IGNORECASE,
)
"""Names that apps use for the cookie that identifies a signed-in user."""

FOR_SCRIPTS = re.compile(r"csrf|xsrf", re.IGNORECASE)
"""Names of tokens that scripts are meant to read."""

FORM_TOKEN = re.compile(r"csrf|xsrf|antiforgery|requestverification", re.IGNORECASE)
"""Names of tokens that come back with a form or a script's request."""

STATE_NAME = re.compile(
    r"csrf|xsrf|antiforgery|requestverification|nonce|pkce|verifier|correlation|"
    r"(?:^|[-_.])(?:state|oauth2?|oidc|saml|txn?|transaction|challenge|flow)(?:[-_.]|$)|"
    r"(?:oauth|auth|login)state",
    re.IGNORECASE,
)
"""Names that apps use for what has to come back with a form or from a sign-in elsewhere."""

PREFERENCE_NAME = re.compile(
    r"^_{1,2}(?:ga|gid|gat|gcl|fbp|fbc|pk|hj|utm|hs|clck|uet)|^(?:ajs|amplitude|mp|optimizely|utm)"
    r"[-_]|(?:^|[-_.])(?:consent|locale|lang|language|i18n|theme|tz|timezone|currency|country|"
    r"region|banner|seen|visited|promo|ab|abtest|variant|experiment|feature|tracking|analytics|"
    r"sidebar|tour|prefs?|preferences?|colou?r|dark)(?:[-_.]|$)|consent",
    re.IGNORECASE,
)
"""Names of what an app can do without: preferences, measurements, consent."""


@lru_cache(4096)
def is_session_like(name: str) -> bool:
    """Return whether a cookie's name suggests a session."""
    return SESSION_NAME.search(name) is not None and FOR_SCRIPTS.search(name) is None


@lru_cache(4096)
def is_state_like(name: str) -> bool:
    """Return whether a cookie's name suggests a token or state that has to come back."""
    return STATE_NAME.search(name) is not None


@lru_cache(4096)
def is_preference_like(name: str) -> bool:
    """Return whether a cookie's name suggests something that an app can do without."""
    return PREFERENCE_NAME.search(name) is not None and not is_session_like(name)
