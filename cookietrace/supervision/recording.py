"""One recording: the proxy, the demo app behind it if wanted, and a browser in front of it."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from cookietrace.addresses import (
    Address,
    from_here,
    is_open,
    parse_address,
    parse_target,
    port_here,
)
from cookietrace.cutting.limits import Limits
from cookietrace.errors import LaunchError
from cookietrace.events import Listener
from cookietrace.protocol import Report
from cookietrace.scope import DEMO_HOSTS, LOOPBACK
from cookietrace.stores import give_up_capture_path, has_content, reserve_capture_path
from cookietrace.supervision.attached import Heard, attach, warning_of
from cookietrace.supervision.browser_profile import distrust
from cookietrace.supervision.browsers import (
    LISTENED_TO,
    WATCHED,
    Browser,
    Listening,
    find_browser,
    launch,
    listener_label,
    require_display,
)
from cookietrace.supervision.devtools_address import find_devtools
from cookietrace.supervision.limiter import Limiter
from cookietrace.supervision.ports import next_free, require_free, reserve_port
from cookietrace.supervision.proxy import ProxyOptions, RunningDemoApp, RunningProxy
from cookietrace.supervision.publishing import Destination, PublishingChild
from cookietrace.supervision.recording_end import CaptureInUse, RecordingEnd

DEFAULT_LISTEN = Address("127.0.0.1", 8080)
DEFAULT_REVERSE_LISTEN = Address("127.0.0.1", 8081)
LISTEN_FLAG, REVERSE_FLAG = "--listen", "--reverse-listen"


class RecordingOptions(msgspec.Struct, frozen=True, kw_only=True):
    """The user's options for a recording, as written on the command line; None is the default."""

    listen: str | None = None
    reverse_listen: str | None = None
    target: str | None = None
    """The URL of the user's own app."""
    capture: Path | None = None
    browser: str | None = None
    """``chromium``, ``firefox``, or None for no browser."""
    attach: Address | None = None
    """Where the DevTools of the user's own browser are, which is listened to."""
    headless: bool = False
    """Whether that browser opens without a window."""
    block_third_party_cookies: bool = False
    """Whether that browser blocks them, whatever its default."""
    watch_scripts: bool = False
    """Whether that browser's pages get a script that tells which scripts write cookies."""
    listen_browser: bool = False
    """Whether it is listened to even if pages can tell."""
    only: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    """Where we serve a page ourselves, as ``host:port``: what is sent there is not recorded."""
    upstream: str | None = None
    confdir: Path | None = None
    edit: tuple[str, ...] = ()
    """The hosts towards which cookies may be changed on the wire."""
    edit_responses: tuple[str, ...] = ()
    """What is changed from the start, as ``HandEdit.parse`` reads it."""
    edit_requests: tuple[str, ...] = ()
    start_from: Path | None = None
    """A file of cookies that the first client holds from the start."""
    bodies: bool = True
    limits: Limits = Limits()
    """Beyond them, the oldest exchanges are removed."""
    publish: Destination | None = None
    """Where to publish the capture while it is recorded."""
    demo: bool = False
    """Whether to put the demo app behind the reverse listener."""


class Recording(msgspec.Struct, frozen=True, kw_only=True):
    """A running recording."""

    proxy: RunningProxy
    capture: Path
    appending: bool
    """Whether the capture had content before, so that this recording is added to it."""
    listen: Address
    reverse_listen: Address | None
    in_use: CaptureInUse
    app: RunningDemoApp | None = None
    """The demo app, if it runs."""

    def end(self) -> RecordingEnd:
        """Return how the recording ended; call this once, after the block of ``recording``."""
        return self.in_use.end(self.proxy.reports)


@contextlib.contextmanager
def recording(
    options: RecordingOptions,
    say: Callable[[str], None],
    *,
    echo: bool = False,
    served: bool = False,
    starting: Callable[[RunningProxy], None] | None = None,
) -> Iterator[Recording]:
    """Start everything that the options ask for; stop all of it when the block is left.

    ``say`` is called with each line that the user should read before the screen opens,
    such as a port other than the default. ``echo`` copies the proxy's stderr to ours once
    it runs. ``served`` means that there is no screen to show reports. ``starting`` is called
    while the proxy starts, to use that time. Raises ``LaunchError``, with nothing left
    running, if a part cannot be started.
    """
    browser = _requested_browser(options)
    notices = notices_of(options, browser)
    for line in notices:
        say(line)
    if browser is not None and not echo and (problem := distrust(browser.kind)) is not None:
        say(problem)  # the screen gets it as well, once the browser opens
    if options.attach is not None:
        find_devtools(options.attach)  # before anything is started
    target = parse_target(options.target) if options.target is not None else None
    listen, reverse_listen = choose_addresses(options, target, say)
    capture = options.capture or reserve_capture_path(time.time())
    appending = has_content(capture)
    modes = [listen.mode("regular")]
    movable = modes[:] if options.listen is None else []
    with contextlib.ExitStack() as stack:
        if options.capture is None:
            stack.callback(give_up_capture_path, capture)
        app_url = target
        app = None
        if options.demo:
            # App and proxy start at the same time, so the port is chosen beforehand.
            port = reserve_port()
            app = RunningDemoApp.start(port)
            stack.callback(app.stop)
            app_url = f"http://127.0.0.1:{port}"
        if reverse_listen is not None:
            modes.append(reverse_listen.mode(f"reverse:{app_url}"))
            movable += modes[1:] if options.reverse_listen is None else []
        proxy = RunningProxy.start(
            ProxyOptions(
                capture=capture,
                modes=modes,
                movable=movable,
                demo_app=app_url if options.demo else None,
                bodies=options.bodies,
                only=options.only,
                ignore=options.ignore,
                own=options.own,
                upstream=options.upstream,
                confdir=options.confdir,
                edit=options.edit,
                edit_responses=options.edit_responses,
                edit_requests=options.edit_requests,
                start_from=options.start_from,
            )
        )
        publishing = _Publishing(proxy, say, echo=echo)
        stack.callback(publishing.stop)
        stack.callback(proxy.stop)
        if starting is not None:
            starting(proxy)
        if app is not None:
            app.wait_until_listening()
        proxy.wait_until_listening()
        in_use = CaptureInUse(capture)
        if options.publish is not None:
            publishing.start(capture, options.publish)
        if options.limits:
            limiter = Limiter(capture, options.limits)
            limiter.start()
            stack.callback(limiter.stop)
        proxy.child.echo = echo
        if notices and not (echo or served):
            # What was said before is under the screen.
            proxy.reports.tell(Report(type="notice", message="; ".join(notices)))
        wanted = listen, reverse_listen
        listen, reverse_listen = _opened(proxy.listeners, reverse_listen)
        _say_moved(wanted, (listen, reverse_listen), say)
        warn_if_open(proxy.listeners, say)
        if browser is not None:
            url = options.target or ("http://shop.test/" if options.demo else None)
            label = listener_label(
                browser.kind, by_port=options.listen_browser, watched=options.watch_scripts
            )
            listener = proxy.listen(label)
            launched = launch(
                browser,
                proxy=listener.address,
                ca=proxy.ca,
                url=url,
                headless=options.headless,
                block_third_party_cookies=options.block_third_party_cookies,
                watch_scripts=options.watch_scripts,
                listening=Listening(
                    capture,
                    proxy.commands_fd,
                    _warning(proxy, say, echo=echo),
                    by_port=options.listen_browser,
                ),
            )
            stack.callback(launched.close)
        if options.attach is not None:
            heard = _heard(options, proxy, capture)
            tell = _attached(proxy, say, says=echo or served)
            stack.callback(attach(options.attach, heard, tell).close)
        yield Recording(
            proxy=proxy,
            capture=capture,
            appending=appending,
            listen=listen,
            reverse_listen=reverse_listen,
            in_use=in_use,
            app=app,
        )


def notices_of(options: RecordingOptions, browser: Browser | None) -> list[str]:
    """Return what the user should know about the browser that is to be listened to."""
    found = []
    if browser is not None and options.listen_browser:
        found.append(LISTENED_TO[browser.kind])
    if browser is not None and options.watch_scripts:
        found.append(f"scripts are watched: {WATCHED}")
    if options.attach is not None and (warning := warning_of(options.attach)) is not None:
        found.append(warning)
    return found


def _heard(options: RecordingOptions, proxy: RunningProxy, capture: Path) -> Heard:
    """Return what is recorded of what the user's own browser says.

    Browsers that we open have listeners of their own.
    """
    only = options.only or ((*sorted(DEMO_HOSTS), *LOOPBACK) if options.demo else ())
    listeners = [each.address for each in proxy.listeners if each.label is None]
    return Heard(
        capture=capture,
        commands_fd=proxy.commands_fd,
        proxy=from_here(proxy.listeners[0].address),
        listeners=listeners,
        only=only,
        ignore=options.ignore,
        own=options.own,
    )


def _attached(
    proxy: RunningProxy, say: Callable[[str], None], *, says: bool
) -> Callable[[Report], None]:
    """Return what shows whether the user's browser is heard: on the screen, or on stderr."""
    if not says:
        return proxy.reports.tell

    def tell(report: Report) -> None:
        say(report.message or f"listening to the {report.label}")

    return tell


def _warning(
    proxy: RunningProxy, say: Callable[[str], None], *, echo: bool
) -> Callable[[str], None]:
    """Return what shows a line where the user looks: on the screen, or on stderr."""
    if echo:
        return say
    return lambda line: proxy.reports.tell(Report(type="warning", message=line))


class _Publishing:
    """The process that publishes a recording. It ends after the proxy, whose last events it has."""

    def __init__(self, proxy: RunningProxy, say: Callable[[str], None], *, echo: bool) -> None:
        self._proxy = proxy
        self._say = say
        self._echo = echo
        self._child: PublishingChild | None = None
        self._trouble: str | None = None
        self._published = ""

    def start(self, capture: Path, destination: Destination) -> None:
        """Start it. Raises ``LaunchError``."""
        self._child = PublishingChild(capture, destination, self._reported)

    def stop(self) -> None:
        """Wait until the rest is published, for a few seconds; say how much is published then."""
        if self._child is None:
            return
        if self._child.stop() == 0:
            self._say(f"published to {self._published}, complete")
            return
        line = self._trouble or "the publisher ended early"
        if self._published:
            line = f"{self._published}; {line}"
        self._say(
            f"not everything was published ({line}): `cookietrace publish` publishes the rest"
        )

    def _reported(self, report: Report) -> None:
        """Show a line where the user looks: on the screen, or on stderr."""
        line = report.message
        if report.type == "published":
            self._published = line or ""
            return
        self._trouble = line
        if self._echo:
            if line is not None:
                self._say(line)
        else:
            self._proxy.reports.tell(report)


def _opened(
    listeners: tuple[Listener, ...], reverse_listen: Address | None
) -> tuple[Address, Address | None]:
    """Return the addresses that were opened: with the port that was found for port 0."""
    addresses = [parse_address(from_here(listener.address), "") for listener in listeners]
    return addresses[0], None if reverse_listen is None else addresses[1]


def _say_moved(
    wanted: tuple[Address, Address | None],
    opened: tuple[Address, Address | None],
    say: Callable[[str], None],
) -> None:
    """Say for each listener if another process took its port while the proxy started."""
    flags = (LISTEN_FLAG, REVERSE_FLAG)
    for first, now, flag in zip(wanted, opened, flags, strict=True):
        if first is not None and first.port not in (0, now.port if now is not None else 0):
            say(_moved(first, now, "taken", flag))


def _moved(first: Address, now: Address | None, why: str, flag: str) -> str:
    return f"port {first.port} is {why}: listening on {now} instead ({flag} chooses)"


def warn_if_open(listeners: tuple[Listener, ...], say: Callable[[str], None]) -> None:
    """Say for each listener that other machines can reach what they could do there."""
    for listener in listeners:
        if is_open(listener.address):
            flag = REVERSE_FLAG if listener.mode == "reverse" else LISTEN_FLAG
            reach = "your app" if listener.mode == "reverse" else "whatever this machine can reach"
            say(
                f"warning: {listener.address} is open to other machines, without a password: "
                f"whoever can connect can use it to reach {reach}, and what they do is recorded. "
                f"For this machine only: {flag} 127.0.0.1:{listener.address.rpartition(':')[2]}"
            )


def _requested_browser(options: RecordingOptions) -> Browser | None:
    """Return the browser to open, before anything is started; may raise ``LaunchError``."""
    if options.browser is None:
        return None
    browser = find_browser(options.browser)
    if not options.headless:
        require_display()
    return browser


def choose_addresses(
    options: RecordingOptions, target: str | None, say: Callable[[str], None]
) -> tuple[Address, Address | None]:
    """Return the proxy's and the reverse listener's address (None without an app).

    An address from the options must be free; by default it is the default port or the
    next free one. Neither may be the address of the app at ``target``, or the proxy
    would connect to itself. Raises ``LaunchError``.
    """
    reverse = options.demo or target is not None
    requested_reverse = None
    if options.reverse_listen is not None:
        if not reverse:
            raise LaunchError(f"{REVERSE_FLAG} needs the URL of the app behind it")
        requested_reverse = _requested_address(options.reverse_listen, REVERSE_FLAG, target)
    listen = (
        _requested_address(options.listen, LISTEN_FLAG, target)
        if options.listen is not None
        else _default_address(DEFAULT_LISTEN, LISTEN_FLAG, requested_reverse, target, say)
    )
    if not reverse:
        return listen, None
    return listen, requested_reverse or _default_address(
        DEFAULT_REVERSE_LISTEN, REVERSE_FLAG, listen, target, say
    )


def _requested_address(text: str, flag: str, target: str | None) -> Address:
    """Return the address given with a flag, which must be free and not the app's."""
    address = parse_address(text, flag)
    if target is not None and port_here(target, address.host) == address.port:
        raise LaunchError(
            f"{target} is where cookietrace itself would listen ({flag}): "
            f"give the app's own port, or another {flag}"
        )
    return require_free(address, flag)


def _default_address(
    default: Address,
    flag: str,
    other: Address | None,
    target: str | None,
    say: Callable[[str], None],
) -> Address:
    """Return the default address, or the next free one except ``other`` and the app's.

    ``say`` is called if it is not the default.
    """
    app_port = port_here(target, default.host) if target is not None else None
    reserved = (other.port if other is not None else None, app_port)
    taken = frozenset(port for port in reserved if port is not None)
    address = next_free(default, flag, taken)
    if address != default:
        why = "the app's own" if default.port == app_port else "taken"
        say(_moved(default, address, why, flag))
    return address
