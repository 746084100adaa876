"""What a scenario is made of: the answers of its hosts, and the steps of its browser."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What a URL answers with; header lines go out as the very octets given here."""

    status: int = 200
    set_cookies: tuple[bytes, ...] = ()
    """The values of the Set-Cookie fields."""
    headers: tuple[bytes, ...] = ()
    """Further whole header lines."""
    location: str | None = None
    body: str = ""
    """HTML; an empty page where there is none."""
    after: tuple[str, ...] = ()
    """URLs that must all have been asked for before this answer goes out."""
    websocket: bool = False
    """Whether it accepts a WebSocket and says nothing more."""


class Go(msgspec.Struct, frozen=True):
    """A person types a URL into the address bar."""

    url: str
    window: str = "main"
    """Windows of different names are different browsers: each has a jar of its own."""
    until: str | None = None
    """A URL that must have been answered before the step is over."""


class Act(msgspec.Struct, frozen=True):
    """A script does something in the page, which stays where it is; a promise is waited for."""

    script: str
    window: str = "main"
    until: str | None = None


class Leave(msgspec.Struct, frozen=True):
    """A script makes the page navigate: a link, a form, ``location``."""

    script: str
    window: str = "main"
    until: str | None = None


class Reload(msgspec.Struct, frozen=True):
    """A person reloads the page."""

    window: str = "main"
    until: str | None = None


class Back(msgspec.Struct, frozen=True):
    """A person goes back to the page before."""

    window: str = "main"
    until: str | None = None


class ClearCookies(msgspec.Struct, frozen=True):
    """A person clears the browser's cookies."""

    window: str = "main"
    until: None = None


class UntilGone(msgspec.Struct, frozen=True):
    """Wait until the browser holds no cookie of that name any more."""

    name: str
    window: str = "main"
    until: None = None


class Elapse(msgspec.Struct, frozen=True):
    """Let that many seconds pass, where time itself is what is judged."""

    seconds: float
    window: str = "main"
    until: None = None


Step = Go | Act | Leave | Reload | Back | ClearCookies | UntilGone | Elapse


class Scenario(msgspec.Struct, frozen=True, kw_only=True):
    """One story that Chromium and the fold both tell."""

    name: str
    promise: str
    """What is held against the browser, in one sentence."""
    answers: Mapping[str, Answer | tuple[Answer, ...]]
    """By URL; of several the n-th request gets the n-th, and later ones the last.

    Preflights are answered from ``OPTIONS `` and the URL.
    """
    steps: tuple[Step, ...]
    by_script: frozenset[str] = frozenset()
    """Names of cookies that scripts or the person change, which the wire does not show."""

    def windows(self) -> tuple[str, ...]:
        """Return the names of its windows."""
        return tuple(dict.fromkeys(step.window for step in self.steps))


def page(*parts: str) -> str:
    """Return an HTML page with these parts in its body."""
    return "<!doctype html><title>judge</title><body>" + "\n".join(parts)


def image(url: str) -> str:
    """Return an image; the page has loaded only once it was answered."""
    return f'<img src="{url}">'


def frame(url: str) -> str:
    """Return a frame; the page has loaded only once the frame has."""
    return f'<iframe src="{url}"></iframe>'


def link(url: str) -> str:
    """Return a script that follows a link."""
    return f"Object.assign(document.createElement('a'), {{href: '{url}'}}).click()"


def form(url: str, method: str = "post") -> str:
    """Return a script that submits a form."""
    return (
        "(() => { const f = document.body.appendChild(document.createElement('form'));"
        f"f.action = '{url}'; f.method = '{method}'; f.submit(); }})()"
    )


def fetch(url: str, **options: str) -> str:
    """Return a script that fetches a URL and waits for all of the answer."""
    given = ", ".join(f"{key}: '{value}'" for key, value in options.items())
    return f"fetch('{url}', {{{given}}}).then(r => r.text()).catch(() => null)"


def add_image(url: str) -> str:
    """Return a script that loads an image and waits for the answer."""
    return (
        "new Promise(done => { const i = new Image(); i.onload = i.onerror = () => done(); "
        f"i.src = '{url}'; }})"
    )
