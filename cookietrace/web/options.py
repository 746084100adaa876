"""What the command that starts the live page tells its process."""

from __future__ import annotations

import secrets
from pathlib import Path

import msgspec

from cookietrace.lesson.focus import Focus
from cookietrace.secret_names import TABLE_ONLY, Names

_TOKEN_BYTES = 32


class Tokens(msgspec.Struct, frozen=True):
    """The two secrets that the addresses of the page end in."""

    viewer: str
    """Reads."""
    presenter: str
    """Reads, and shows the followers where to look."""

    @classmethod
    def new(cls) -> Tokens:
        """Return two that nobody can guess."""
        return cls(secrets.token_urlsafe(_TOKEN_BYTES), secrets.token_urlsafe(_TOKEN_BYTES))


class PageOptions(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that decides what the page shows and who may see it."""

    capture: str
    """The path of the capture, or of another file."""
    tokens: Tokens = Tokens("", "")
    host: str = "127.0.0.1"
    """The address that it listens on, as the user gave it."""
    names: tuple[str, ...] = ()
    """The names of the certificate; empty without one."""
    certificate: str | None = None
    """The paths of the certificate and its key; None for plain HTTP."""
    key: str | None = None
    redact: bool = False
    """Whether values are hidden, unless the capture holds none that are secret."""
    focus: Focus = Focus()
    focus_opens: bool = False
    """Whether everything is shown as soon as a request is out of focus."""
    browser_profile: str = "auto"
    new_sessions: tuple[int, ...] = ()
    lenient: bool = False
    secret_names: Names = TABLE_ONLY
    attached: bool = False
    """Whether the proxy's reports arrive."""

    @property
    def capture_path(self) -> Path:
        """The capture's path."""
        return Path(self.capture)
