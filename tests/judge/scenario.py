"""What a scenario consists of: the responses of its hosts and the steps of its browser."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec


class Response(msgspec.Struct, frozen=True, kw_only=True):
    """The response to a request; header lines are sent as the bytes given here."""

    status: int = 200
    set_cookies: tuple[bytes, ...] = ()
    """The values of the Set-Cookie fields."""
    headers: tuple[bytes, ...] = ()
    """Further whole header lines."""
    location: str | None = None
    body: str = ""
    """HTML; by default an empty page."""
    after: tuple[str, ...] = ()
    """URLs that must all have been requested before this response is sent."""
    websocket: bool = False
    """Whether it accepts a WebSocket and then stays silent."""


class Go(msgspec.Struct, frozen=True):
    """The user types a URL into the address bar."""

    url: str
    window: str = "main"
    """Each window name is a browser of its own, with its own jar."""
    until: str | None = None
    """A URL whose response must have been sent before the step is over."""


class Act(msgspec.Struct, frozen=True):
    """A script runs in the page without navigating it; a promise is awaited."""

    script: str
    window: str = "main"
    until: str | None = None


class Leave(msgspec.Struct, frozen=True):
    """A script makes the page navigate: a link, a form, ``location``."""

    script: str
    window: str = "main"
    until: str | None = None


class Reload(msgspec.Struct, frozen=True):
    """The user reloads the page."""

    window: str = "main"
    until: str | None = None


class Back(msgspec.Struct, frozen=True):
    """The user goes back to the previous page."""

    window: str = "main"
    until: str | None = None


class ClearCookies(msgspec.Struct, frozen=True):
    """The user clears the browser's cookies."""

    window: str = "main"
    until: None = None


class UntilGone(msgspec.Struct, frozen=True):
    """Wait until the browser has no cookie of that name left."""

    name: str
    window: str = "main"
    until: None = None


class UntilHeld(msgspec.Struct, frozen=True):
    """Wait until the browser has a cookie of that name."""

    name: str
    window: str = "main"
    until: None = None


class Elapse(msgspec.Struct, frozen=True):
    """Let that many seconds pass, for rules that depend on time."""

    seconds: float
    window: str = "main"
    until: None = None


Step = Go | Act | Leave | Reload | Back | ClearCookies | UntilGone | UntilHeld | Elapse


class Scenario(msgspec.Struct, frozen=True, kw_only=True):
    """One scenario that a browser and the fold both process."""

    name: str
    promise: str
    """What is compared with the browser, in one sentence."""
    responses: Mapping[str, Response | tuple[Response, ...]]
    """By URL; of several, the n-th request gets the n-th, and later ones the last.

    The key for a preflight is ``OPTIONS `` and the URL.
    """
    steps: tuple[Step, ...]
    by_script: frozenset[str] = frozenset()
    """Names of cookies changed by scripts or the user, which the headers do not show."""
    group: Literal["base", "added", "journey"] = "base"
    """The total that it is counted in."""
    problems: frozenset[str] = frozenset()
    """The codes of the problems that a journey has on purpose; all others are to work."""
    races: bool = False
    """Whether it depends on the order of its responses if those problems occur."""
    private: frozenset[str] = frozenset()
    """The windows that are private: Firefox has one jar for all of them, so one at a time."""
    seen: bool = False
    """Whether its windows must be in view: in others, browsers load less ahead and at a time."""
    beside: Mapping[str, str] = msgspec.field(default_factory=dict)
    """A window -> the window whose listener it shares: two jars that look like one client."""
    cannot: Mapping[str, str] = msgspec.field(default_factory=dict)
    """A browser that does not run it -> why not."""

    def windows(self) -> tuple[str, ...]:
        """Return the names of its windows."""
        return tuple(dict.fromkeys(step.window for step in self.steps))

    def listeners(self) -> tuple[str, ...]:
        """Return the names of the windows that have a listener of their own."""
        return tuple(name for name in self.windows() if name not in self.beside)

    def has_requests_of_pages(self) -> bool:
        """Return whether pages or scripts make requests, or all are made by the user."""
        responses = [
            response
            for one in self.responses.values()
            for response in (one if isinstance(one, tuple) else (one,))
        ]
        return any(isinstance(step, Act | Leave) for step in self.steps) or any(
            response.body for response in responses
        )


def page(*parts: str) -> str:
    """Return an HTML page with these parts in its body."""
    return "<!doctype html><title>judge</title><body>" + "\n".join(parts)


def image(url: str) -> str:
    """Return an image; the page has loaded only once the image has."""
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
    """Return a script that fetches a URL and waits for the whole response."""
    given = ", ".join(f"{key}: '{value}'" for key, value in options.items())
    return f"fetch('{url}', {{{given}}}).then(r => r.text()).catch(() => null)"


def add_image(url: str) -> str:
    """Return a script that loads an image and waits for it."""
    return (
        "new Promise(done => { const i = new Image(); i.onload = i.onerror = () => done(); "
        f"i.src = '{url}'; }})"
    )
