"""A cookie in a jar, and the key that identifies it."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

import msgspec


class SameSite(StrEnum):
    """The same-site-flag of a cookie (5.7 step 17)."""

    STRICT = "strict"
    LAX = "lax"
    NONE = "none"
    DEFAULT = "default"


class Priority(StrEnum):
    """Chromium's Priority attribute: which cookies are evicted first."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class CookieKey(NamedTuple):
    """What makes two cookies the same cookie (5.7 step 23, and the partition of CHIPS)."""

    name: str
    domain: str
    host_only: bool
    path: str
    partition_key: str | None = None


_new_tuple = tuple.__new__

Key = tuple[str, str, bool, str, str | None]
"""A ``CookieKey`` as the plain tuple it equals."""


class Cookie(msgspec.Struct, frozen=True, gc=False):
    """One cookie of a jar. Strings are bytes decoded as latin-1; times are Unix seconds."""

    name: str
    """Empty for a nameless cookie."""
    value: str
    domain: str
    """A canonical host. Its subdomains are covered too unless ``host_only`` is true."""
    host_only: bool
    path: str
    secure: bool
    http_only: bool
    same_site: SameSite
    expires_at: float | None
    """None for a session cookie."""
    created_at: float
    """When a cookie was first stored under this key. Determines the order in the header."""
    last_access_at: float
    sequence: int = 0
    """Breaks ties of ``created_at`` by order of receipt. The jar replaces 0 with the next one."""
    set_at: float = 0.0
    """When this value was set; ``expires_at - set_at`` is the lifetime the server requested."""
    partition_key: str | None = None
    """The top-level site this cookie is bound to; None for an unpartitioned cookie."""
    kept_apart: bool = False
    """Whether the client put it into its partition by itself: it was not set as Partitioned."""
    priority: Priority = Priority.MEDIUM
    inferred: bool = False
    """Seen in a Cookie header but never seen being set, so its attributes are unknown."""
    doubtful: bool = False
    """Missing from a request that may have been made without credentials."""
    unconfirmed: bool = False
    """Whether the client may not hold it: nobody knows if it took the Set-Cookie that set it."""

    @property
    def key(self) -> CookieKey:
        """The identity of this cookie in a jar."""
        # Its own constructor takes half as long again: half of what is asked of a jar asks this.
        return _new_tuple(
            CookieKey, (self.name, self.domain, self.host_only, self.path, self.partition_key)
        )

    @property
    def pair(self) -> str:
        """The cookie as written in a Cookie header (5.8.3 step 6)."""
        return f"{self.name}={self.value}" if self.name else self.value
