"""What was found out about this machine, a recorder and its capture, as data.

``cookietrace.doctor.looking`` fills it in. Checks read nothing else, so each of them is a function
from facts to findings.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from cookietrace.addresses import from_here, is_this_machine
from cookietrace.cookies import Target
from cookietrace.events import Listener

PROXY_MODES = frozenset({"regular", "upstream", "socks5"})
"""The modes of listeners that a client names as its proxy."""

_PROXY_VARIABLES = frozenset({"http_proxy", "https_proxy", "all_proxy"})


class Proxy(msgspec.Struct, frozen=True):
    """Where a program or a system is told to send its traffic. Passwords are left out."""

    address: str | None = None
    """``host:port`` of the proxy; None for none."""
    pac: str | None = None
    """The URL of a PAC script, which decides for each request."""
    bypass: tuple[str, ...] = ()
    """What is not sent to the proxy, as written there."""


class Variable(msgspec.Struct, frozen=True):
    """An environment variable, as this process has it."""

    name: str
    value: str
    """Without a user's name and password."""

    @property
    def proxy(self) -> Proxy | None:
        """The proxy that it names; None if it is none of the variables that do, or is empty."""
        if not self.value or self.name.lower() not in _PROXY_VARIABLES:
            return None
        address = self.value.partition("://")[2] or self.value
        return Proxy(address.partition("/")[0])


class SystemProxy(msgspec.Struct, frozen=True):
    """What a desktop or an operating system says about proxies."""

    system: str
    """``GNOME``, ``macOS`` or ``Windows``."""
    http: Proxy = Proxy()
    https: Proxy = Proxy()

    def of(self, scheme: str) -> Proxy:
        """Return what holds for URLs of a scheme."""
        return self.http if scheme == "http" else self.https


class Browser(msgspec.Struct, frozen=True):
    """A browser that runs, or a profile of one."""

    family: str
    """``chromium`` or ``firefox``."""
    name: str
    """As a user would call it, such as ``Firefox (default-release)``."""
    running: bool = False
    proxy: Proxy | None = None
    """Its own setting; None if it takes the system's."""
    proxies_loopback: bool = False
    """Whether it also sends requests for this machine to a proxy."""
    quic: bool = True
    """Whether it may use HTTP/3."""
    opened: bool = False
    """Whether a recorder opened it, perhaps another one: its proxy is that recorder's."""


class Extension(msgspec.Struct, frozen=True):
    """An extension that is on in a profile of a browser."""

    browser: str
    name: str
    moves: bool
    """Whether it may change the proxy; otherwise it may block, redirect or answer requests."""


class Holds(StrEnum):
    """What a store of certificates has of the proxy's CA."""

    OURS = "ours"
    UNTRUSTED = "untrusted"
    """The certificate is there, and is not trusted for websites."""
    NOTHING = "nothing"
    NO_FILE = "no file"
    """A variable names a file that is not there, or cannot be read."""


class TrustStore(msgspec.Struct, frozen=True):
    """What one program goes by when it decides whether to trust the proxy."""

    program: str
    """A key of ``cookietrace.doctor.programs.PROGRAMS``."""
    name: str
    """As a user would call it, such as ``Firefox (default-release)``."""
    place: str
    """The file, the database or the variable."""
    holds: Holds
    other: bool = False
    """Whether it holds another CA of mitmproxy's, such as one that was made earlier."""
    variable: str | None = None
    """The environment variable that chose it, if one did."""


class Authority(msgspec.Struct, frozen=True):
    """The CA certificate of the proxy."""

    path: str
    exists: bool
    expires_at: float | None = None
    """Unix time; None if it cannot be read."""


class Route(msgspec.Struct, frozen=True):
    """A network interface that takes traffic for every address, or for half of them."""

    interface: str


class Recorder(msgspec.Struct, frozen=True):
    """A recorder, or what its capture tells of it."""

    capture: str | None
    """The path of the capture, safe to show; None if only the address is known."""
    live: bool
    """Whether it records now."""
    listeners: tuple[Listener, ...] = ()
    closed: frozenset[str] = frozenset()
    """Addresses of listeners that accept no connection."""
    only: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    started_by: str = "watch"
    """The subcommand of ``cookietrace`` that started it; ``watch`` if that is not known."""
    given: str | None = None
    """The listener that only the user spoke of, who may be wrong; no capture tells of it."""

    @property
    def proxy(self) -> str | None:
        """``host:port`` of the proxy for browsers of the user's own; None if there is none."""
        for listener in self.listeners:
            if listener.mode in PROXY_MODES and listener.label is None:
                return from_here(listener.address)
        return None

    @property
    def reverse(self) -> Listener | None:
        """The listener in front of an app; None if there is none."""
        return next((each for each in self.listeners if each.mode == "reverse"), None)

    def takes(self, proxy: Proxy | None) -> bool:
        """Return whether a proxy setting leads to one of its listeners."""
        if proxy is None or proxy.address is None:
            return False
        ours = {_plain(from_here(listener.address)) for listener in self.listeners}
        return _plain(proxy.address) in ours


class SeenClient(msgspec.Struct, frozen=True):
    """What one client did, as far as the capture shows."""

    program: str | None
    """A key of ``PROGRAMS``, by its User-Agent; None if that says nothing."""
    name: str
    """Its User-Agent in short."""
    requests: int = 0
    encrypted: frozenset[str] = frozenset()
    """The hosts of its requests over TLS."""
    refused: tuple[tuple[str, int], ...] = ()
    """The hosts for which it refused the proxy's certificate, and how often; only those since its
    first request over TLS, if there was one."""
    opened: bool = False
    """Whether cookietrace opened it, with a listener of its own."""


class StrictHost(msgspec.Struct, frozen=True):
    """A host for which a browser goes to https by itself (HSTS, RFC 6797)."""

    host: str
    subdomains: bool
    where: str
    """Who knows that: ``the capture`` or the name of a browser's profile."""


class Seen(msgspec.Struct, frozen=True):
    """What a capture holds. Requests of the doctor itself do not count."""

    requests: int = 0
    of_host: int = 0
    """How many of them were for the URL's host, at a listener in front of it, too."""
    by_its_url: int = 0
    """How many of those were not made at a listener in front of it."""
    clients: tuple[SeenClient, ...] = ()
    workers: frozenset[str] = frozenset()
    """Origins whose pages have a service worker."""
    http3: frozenset[str] = frozenset()
    """Hosts whose responses offered HTTP/3."""
    strict: tuple[StrictHost, ...] = ()


class Unseen(msgspec.Struct, frozen=True):
    """A request that a browser says it sent to the network, and that was not recorded."""

    browser: str
    method: str
    url: str
    """Without query and fragment; safe to show."""


class Passed(StrEnum):
    """What became of the request that the doctor made."""

    PASSED = "passed"
    NOT_CONNECTED = "not connected"
    """The listener accepted no connection."""
    NO_PROXY = "no proxy"
    """What the user named as the proxy responded as a web server does."""
    REFUSED = "refused"
    """The proxy answered instead of the server."""
    UNTRUSTED = "untrusted"
    """The proxy's certificate was not made by the CA."""
    BROKEN = "broken"
    """The connection ended, or nothing came in time."""


class Attempt(msgspec.Struct, frozen=True):
    """A request for the URL that the doctor sent through a listener."""

    through: str
    """The listener's ``host:port``."""
    outcome: Passed
    detail: str = ""
    """The status line, or what went wrong; safe to show."""
    recorded: bool | None = None
    """None if there is no capture to look into."""


class NotLooked(msgspec.Struct, frozen=True):
    """What was not looked at, and why."""

    what: str
    why: str


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that checks know."""

    now: float
    """Unix time."""
    system: str = "linux"
    """``linux``, ``macos`` or ``windows``."""
    url: Target | None = None
    """The URL that the user asks about."""
    recorder: Recorder | None = None
    folder: str = ""
    """Where captures were looked for, safe to show."""
    several: tuple[str, ...] = ()
    """The captures of the recorders that run, safe to show, if which one is meant is not known."""
    listening: tuple[str, ...] = ()
    """Usual addresses of a recorder at which something listens, if no recorder was found."""
    seen: Seen = Seen()
    unseen: tuple[Unseen, ...] = ()
    """The browser's own word; empty if no browser was listened to."""
    attempt: Attempt | None = None
    variables: tuple[Variable, ...] = ()
    system_proxies: tuple[SystemProxy, ...] = ()
    browsers: tuple[Browser, ...] = ()
    extensions: tuple[Extension, ...] = ()
    authority: Authority | None = None
    stores: tuple[TrustStore, ...] = ()
    strict: tuple[StrictHost, ...] = ()
    """What profiles of browsers know about the URL's host."""
    routes: tuple[Route, ...] = ()
    not_looked: tuple[NotLooked, ...] = ()

    def variable(self, name: str) -> str | None:
        """Return the value of a variable; None if it is not set."""
        return next((each.value for each in self.variables if each.name == name), None)

    def proxy_of(self, name: str) -> Proxy | None:
        """Return the proxy that a variable names; None if it is not set."""
        return next((each.proxy for each in self.variables if each.name == name), None)

    @property
    def proxy(self) -> str | None:
        """``host:port`` of the proxy of a recorder that runs; None if there is none.

        What the user named counts, unless it was seen to be none.
        """
        recorder, tried = self.recorder, self.attempt
        if recorder is None or not recorder.live or recorder.given in recorder.closed:
            return None
        if tried is not None and tried.outcome is Passed.NO_PROXY:
            return None
        return recorder.proxy

    @property
    def is_read(self) -> bool:
        """Whether there was a capture to look into."""
        return self.recorder is not None and not (self.recorder.given and not self.recorder.capture)

    def leads_here(self, proxy: Proxy | None) -> bool:
        """Return whether a proxy setting leads to the recorder."""
        return self.recorder is not None and self.recorder.takes(proxy)


def _plain(address: str) -> str:
    """Return ``host:port``, with one spelling for this machine."""
    host, _, port = address.rpartition(":")
    return f"localhost:{port}" if is_this_machine(host) else address.lower()
