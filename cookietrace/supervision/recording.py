"""One recording: the proxy, the app behind it where it is ours, and the browser before it."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from cookietrace.addresses import Address, parse_address, parse_target, port_here
from cookietrace.errors import LaunchError
from cookietrace.stores import default_capture_path, has_content
from cookietrace.supervision.browsers import Browser, find_browser, launch, require_display
from cookietrace.supervision.ports import free_port, next_free, require_free
from cookietrace.supervision.proxy import ProxyOptions, RunningDemoApp, RunningProxy

DEFAULT_LISTEN = Address("127.0.0.1", 8080)
DEFAULT_REVERSE_LISTEN = Address("127.0.0.1", 8081)
LISTEN_FLAG, REVERSE_FLAG = "--listen", "--reverse-listen"


class RecordingOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What the user asked for on the command line, as written there; None is the default."""

    listen: str | None = None
    reverse_listen: str | None = None
    target: str | None = None
    """The URL of the user's own app."""
    capture: Path | None = None
    browser: str | None = None
    """``chromium``, ``firefox``, or None for no browser."""
    only: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    upstream: str | None = None
    confdir: Path | None = None
    bodies: bool = True
    demo: bool = False
    """Whether our own demo app stands behind the reverse listener."""


class Recording(msgspec.Struct, frozen=True, kw_only=True):
    """A recording that runs."""

    proxy: RunningProxy
    capture: Path
    appending: bool
    """Whether the capture was there before, so that this recording is added to it."""
    listen: Address
    reverse_listen: Address | None
    app: RunningDemoApp | None = None
    """The demo app, where it is ours."""


@contextlib.contextmanager
def recording(
    options: RecordingOptions,
    say: Callable[[str], None],
    *,
    echo: bool = False,
    starting: Callable[[RunningProxy], None] | None = None,
) -> Iterator[Recording]:
    """Start all that was wished for; end all of it, whatever way the block is left.

    ``say`` gets each line a person should read before the screen comes, such as
    a port other than the usual one. ``echo`` repeats the proxy's stderr on ours
    once it runs. ``starting`` is called while the proxy starts, to use that time.
    Raises ``LaunchError`` (with nothing left running) where a part cannot be had.
    """
    browser = _requested_browser(options)
    target = parse_target(options.target) if options.target is not None else None
    listen, reverse_listen = _addresses(options, target, say)
    capture = options.capture or default_capture_path(time.time())
    appending = has_content(capture)
    modes = [listen.mode("regular")]
    with contextlib.ExitStack() as stack:
        app_url = target
        app = None
        if options.demo:
            # Both start at once, so the app's port is settled before either is there.
            port = free_port()
            app = RunningDemoApp.start(port)
            stack.callback(app.stop)
            app_url = f"http://127.0.0.1:{port}"
        if reverse_listen is not None:
            modes.append(reverse_listen.mode(f"reverse:{app_url}"))
        proxy = RunningProxy.start(
            ProxyOptions(
                capture=capture,
                modes=modes,
                demo_app=app_url if options.demo else None,
                bodies=options.bodies,
                only=options.only,
                ignore=options.ignore,
                upstream=options.upstream,
                confdir=options.confdir,
            )
        )
        stack.callback(proxy.stop)
        if starting is not None:
            starting(proxy)
        if app is not None:
            app.wait_until_listening()
        proxy.wait_until_listening()
        proxy.child.echo = echo
        if browser is not None:
            url = options.target or ("http://shop.test/" if options.demo else None)
            listener = proxy.listen(browser.kind)
            launched = launch(browser, proxy=listener.address, ca=proxy.ca, url=url)
            stack.callback(launched.close)
        yield Recording(
            proxy=proxy,
            capture=capture,
            appending=appending,
            listen=listen,
            reverse_listen=reverse_listen,
            app=app,
        )


def _requested_browser(options: RecordingOptions) -> Browser | None:
    """Return the browser to open, before anything is started; ``LaunchError`` if it cannot be."""
    if options.browser is None:
        return None
    browser = find_browser(options.browser)
    require_display()
    return browser


def _addresses(
    options: RecordingOptions, target: str | None, say: Callable[[str], None]
) -> tuple[Address, Address | None]:
    """Return where to listen: as told, which must be free, or the usual port or the next one.

    Neither is where the app at ``target`` is: the proxy would ask itself for its pages.
    """
    reverse = options.demo or target is not None
    asked_reverse = None
    if options.reverse_listen is not None:
        if not reverse:
            raise LaunchError(f"{REVERSE_FLAG} goes with the URL of the app behind it")
        asked_reverse = _asked(options.reverse_listen, REVERSE_FLAG, target)
    listen = (
        _asked(options.listen, LISTEN_FLAG, target)
        if options.listen is not None
        else _usual(DEFAULT_LISTEN, LISTEN_FLAG, asked_reverse, target, say)
    )
    if not reverse:
        return listen, None
    return listen, asked_reverse or _usual(
        DEFAULT_REVERSE_LISTEN, REVERSE_FLAG, listen, target, say
    )


def _asked(text: str, flag: str, target: str | None) -> Address:
    """Return an address that a flag names, which must be free and not the app's."""
    address = parse_address(text, flag)
    if target is not None and port_here(target, address.host) == address.port:
        raise LaunchError(
            f"{target} is where cookietrace itself would listen, by {flag}: "
            f"name the app's own port, or give another {flag}"
        )
    return require_free(address, flag)


def _usual(
    default: Address,
    flag: str,
    other: Address | None,
    target: str | None,
    say: Callable[[str], None],
) -> Address:
    """Return the usual address, or the next free one but ``other`` and the app's, which is said."""
    app_port = port_here(target, default.host) if target is not None else None
    given_away = (other.port if other is not None else None, app_port)
    taken = frozenset(port for port in given_away if port is not None)
    address = next_free(default, flag, taken)
    if address != default:
        why = "the app's own" if default.port == app_port else "taken"
        say(f"port {default.port} is {why}: listening on {address} instead ({flag} chooses)")
    return address
