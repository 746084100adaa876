"""A real Chromium that is listened to: what it says is recorded, and nobody can tell."""

from __future__ import annotations

import http.server
import stat
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest

from cookietrace.events import Browser as Said
from cookietrace.fold.exchange import CookieStatus
from cookietrace.formats import read_capture
from cookietrace.lesson.browser_says import Word, statements
from cookietrace.supervision.browser_profile import log_path
from cookietrace.supervision.browsers import Browser, Listening, launch
from cookietrace.supervision.proxy import ProxyOptions, RunningProxy
from cookietrace.trace import Trace, fold
from tests.processes import wait_until

pytestmark = pytest.mark.browser

PAGE = """<!doctype html><title>page</title><link rel="icon" href="/icon.ico"><body><script>
(async () => {
  document.cookie = "scripted=1";
  await fetch("/hop");
  await fetch("/omit", {credentials: "omit"});
  const other = `http://other.localhost:${location.port}/cors`;
  await fetch(other, {method: "PUT", credentials: "include"}).catch(() => 0);
  await new Promise(done => {
    const socket = new WebSocket(`ws://${location.host}/socket`);
    socket.onopen = socket.onerror = socket.onclose = done;
  });
  await navigator.serviceWorker.register("/worker.js");
  await navigator.serviceWorker.ready;
  await fetch("/gone");
  const flags = [navigator.webdriver, "Debugger" in window, navigator.plugins.length];
  await fetch(`/flags?${new URLSearchParams({flags: JSON.stringify(flags)})}`);
  await fetch("/end");
})();
</script>"""

LINES = {
    "/": ["sid=1; HttpOnly", "bad=1; Domain=other.test", "sub=1; Path=/sub", "gone=1"],
    "/hop": ["hop=1"],
    "/landed": ["landed=1; SameSite=Strict"],
    "/omit": ["omitted=1"],
    "/socket": ["socket=1"],
    "/worker.js": ["worker=1"],
    "/gone": ["gone=; Max-Age=0", "never=; Max-Age=0"],
}


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_OPTIONS(self) -> None:
        self.do_GET()

    def do_PUT(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        assert isinstance(self.server, Origin)
        path = urlsplit(self.path).path
        self.server.seen.append((self.command, path, tuple(self.headers.items())))
        if path == "/flags":
            [flags] = parse_qs(urlsplit(self.path).query)["flags"]
            self.server.flags = msgspec.json.decode(flags)
        elif path == "/end":
            self.server.ended.set()
        self.send_response({"/hop": 302, "/socket": 400}.get(path, 200))
        if path == "/hop":
            self.send_header("Location", "/landed")
        if origin := self.headers.get("Origin"):
            self.send_header("Access-Control-Allow-Origin", origin)
            self.send_header("Access-Control-Allow-Credentials", "true")
            self.send_header("Access-Control-Allow-Methods", "PUT")
        for line in LINES.get(path, []):
            self.send_header("Set-Cookie", line)
        body = PAGE.encode() if path == "/" else b""
        self.send_header("Content-Type", "text/javascript" if path.endswith(".js") else "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Log nothing."""


class Origin(http.server.ThreadingHTTPServer):
    """The app: it keeps what it was sent, in order."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.forget()

    def forget(self) -> None:
        """Begin anew."""
        self.seen: list[tuple[str, str, tuple[tuple[str, str], ...]]] = []
        self.flags: object = None
        self.ended = threading.Event()


class Played(msgspec.Struct):
    """What a browser did in front of the app."""

    wire: dict[tuple[str, str], tuple[tuple[str, str], ...]]
    """By method and path, the header fields in their order."""
    flags: object
    events: list[Said]
    trace: Trace
    log_was_a_pipe: bool
    """One that nobody else may open."""
    files_of_its_log: list[str]
    """Other files in the profile with a name like the log's."""
    left: bool
    """Whether anything of the profile is left."""
    warnings: list[str]


def play(
    browser: Browser,
    origin: Origin,
    folder: Path,
    confdir: Path,
    *,
    heard: bool,
    by_port: bool = False,
) -> Played:
    """Open the page in a fresh browser, and return what was recorded of it."""
    origin.forget()
    capture = folder / f"{heard}-{by_port}.cookietrace"
    url = f"http://localhost:{origin.server_address[1]}/"
    warnings: list[str] = []
    with ExitStack() as stack:
        proxy = RunningProxy.start(
            ProxyOptions(
                capture=capture,
                modes=["regular@127.0.0.1:0"],
                confdir=confdir,
                only=["localhost", "127.0.0.1"],
            )
        )
        stack.callback(proxy.stop)
        proxy.wait_until_listening()
        listening = Listening(capture, proxy.commands_fd, warnings.append, by_port=by_port)
        launched = stack.enter_context(
            launch(
                browser,
                proxy=proxy.listen(browser.kind).address,
                ca=proxy.ca,
                url=url,
                headless=True,
                listening=listening if heard else None,
            )
        )
        log = log_path(browser.kind, launched.profile)
        assert origin.ended.wait(120), "the page was left before its end"
        pipe = log.is_fifo() and stat.S_IMODE(log.stat().st_mode) == 0o600
        like_it = [each.name for each in launched.profile.iterdir() if each.suffix == ".moz_log"]
        if heard:
            wait_until(lambda: _said_of(capture, "/flags"), "the last request but one is told")
    events = list(read_capture(capture))
    return Played(
        {(method, path): fields for method, path, fields in origin.seen},
        origin.flags,
        [event for event in events if isinstance(event, Said)],
        fold(events),
        pipe,
        [name for name in like_it if name != log.name],
        launched.profile.exists(),
        warnings,
    )


def _said_of(capture: Path, path: str) -> bool:
    """Return whether the browser has said something about a request."""
    trace = fold(read_capture(capture))
    return any(
        urlsplit(one.request.url).path == path and one.browser is not None
        for one in trace.exchanges
    )


@pytest.fixture(scope="module")
def played(
    chromium: Browser, tmp_path_factory: pytest.TempPathFactory, confdir: Path
) -> Iterator[tuple[Played, Played]]:
    """The same page twice: listened to, and not."""
    folder = tmp_path_factory.mktemp("listening")
    with Origin() as origin:
        thread = threading.Thread(target=origin.serve_forever)
        thread.start()
        heard = play(chromium, origin, folder, confdir, heard=True)
        yield heard, play(chromium, origin, folder, confdir, heard=False)
        origin.shutdown()
        thread.join()


def test_the_wire_is_equal(played: tuple[Played, Played]) -> None:
    """The app gets the same header fields in the same order, and the page sees the same browser.

    When the icon is requested is the browser's own affair: it is left out.
    """
    heard, unheard = played
    assert heard.flags == unheard.flags
    assert isinstance(heard.flags, list)
    assert heard.flags[0] is False, "navigator.webdriver"
    for one in (heard, unheard):
        one.wire.pop(("GET", "/icon.ico"), None)
    assert heard.wire.keys() == unheard.wire.keys()
    for key, fields in heard.wire.items():
        assert plain(fields) == plain(unheard.wire[key]), key


def plain(fields: tuple[tuple[str, str], ...]) -> list[tuple[str, str]]:
    """Return header fields without the values that are new each time: a key, and our own mark."""
    new = ("Sec-WebSocket-Key", "Cookietrace-Exchange")
    return [(name, "" if name in new else value) for name, value in fields]


def test_what_it_says_is_recorded(played: tuple[Played, Played]) -> None:
    """Of every exchange: redirects, preflights, WebSockets, workers and icons.

    The browser is closed during the last request: of that, it may have had no time to speak.
    """
    heard, unheard = played
    silent = {urlsplit(one.request.url).path for one in heard.trace.exchanges if not one.browser}
    assert silent <= {"/end"}
    assert [event.url for event in heard.events if event.unmatched is not None] == []
    assert heard.warnings == []
    found = [each for one in heard.trace.exchanges for each in statements(one)]
    disputes = [each for each in found if each.word is Word.DISPUTED and not each.guess]
    assert disputes == []
    assert sum(each.word is Word.CONFIRMED for each in found) > 20
    assert unheard.events == []


def test_a_cookie_of_a_script_is_explained(played: tuple[Played, Played]) -> None:
    """No response set it: the browser says that a script wrote it."""
    trace = played[0].trace
    [odd, *_] = [
        (one, carried)
        for one in trace.exchanges
        for carried in one.request.cookies
        if carried.status is CookieStatus.UNEXPLAINED and carried.name == "scripted"
    ]
    exchange, carried = odd
    part = exchange.request
    written = trace.browser.writer(part.client_id, carried.name, carried.value, part.at)
    assert written is not None
    assert written.change.script


def test_nothing_of_it_is_on_the_disk(played: tuple[Played, Played]) -> None:
    """The log is a pipe, and it is gone with the profile."""
    heard, unheard = played
    assert heard.log_was_a_pipe
    assert not unheard.log_was_a_pipe
    assert not heard.left
    assert not unheard.left
