"""A real Chromium whose scripts are watched: each cookie that one wrote has its URL and line."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest

from cookietrace.events import Browser as Said
from cookietrace.events import BrowserChange
from cookietrace.formats import read_capture
from cookietrace.supervision.browsers import Browser, Listening, launch, listener_label
from cookietrace.supervision.proxy import ProxyOptions, RunningProxy
from cookietrace.trace import Trace, fold
from tests.processes import wait_until

pytestmark = pytest.mark.browser

PAGE = """<!doctype html><title>page</title><link rel="icon" href="data:,"><body><script>
document.cookie = "inline=1";
document.cookie = "inline=1";
document.cookie = "sid=stolen";
document.cookie = "__Host-odd=1; Path=/sub; Secure";
document.cookie = "never=; Max-Age=0";
</script>
<script>
(async () => {
  const seen = path => fetch(path).then(() => 0);
  const told = () => new Promise(done => addEventListener("message", done, {once: true}));
  await new Promise(done => {
    const app = document.createElement("script");
    app.src = "/app.js?token=s3cret-of-a-url";
    app.onload = done;
    document.body.append(app);
  });
  eval("document.cookie = 'evaluated=1'");
  eval("\\ndocument.cookie = 'mapped=1'\\n//# sourceURL=webpack:///./src/cart.js");
  await cookieStore.set("stored", "1");
  await cookieStore.set({name: "deep", value: "1", path: "/deep"});
  await cookieStore.delete("stored");
  document.cookie = "gone=1";
  document.cookie = "gone=; Expires=Thu, 01 Jan 1970 00:00:00 GMT";
  await seen("/written");
  const frame = document.createElement("iframe");
  frame.src = `http://127.0.0.1:${location.port}/frame`;
  document.body.append(frame);
  await told();
  open("/popup");
  await told();
  const empty = open("");
  empty.document.cookie = "empty=1";
  while (!await cookieStore.get("empty")) await told;
  await seen("/opened");
  await new Promise(done => {
    const inside = document.createElement("iframe");
    inside.src = "/hostile";
    inside.onload = done;
    document.body.append(inside);
  });
  const odd = Object.getOwnPropertyNames(window).filter(name => /cookietrace/i.test(name));
  const flags = [navigator.webdriver, odd.length, "Debugger" in window, navigator.plugins.length,
    document.referrer, Error.stackTraceLimit, "prepareStackTrace" in Error];
  await seen(`/flags?${new URLSearchParams({flags: JSON.stringify(flags)})}`);
  setTimeout(() => seen("/end"), 4000);
})();
</script>"""

APP = "\n// The app.\nfunction write(pair) {\n  document.cookie = pair;\n}\nwrite('external=1');\n"

FRAME = """<script>document.cookie = "framed=1; SameSite=None; Secure";
document.cookie = "plain=1";
opener?.postMessage(1, "*"); parent.postMessage(1, "*");</script>"""

POPUP = "<script>\ndocument.cookie = 'popped=1';\nopener.postMessage(1, '*');</script>"

HOSTILE = """<script>
const own = Object.getOwnPropertyDescriptor(Document.prototype, "cookie");
for (const name of Object.getOwnPropertyNames(window)) {
  if (/cookietrace/.test(name)) { window[name] = null; delete window[name]; }
}
Array.prototype.toJSON = String.prototype.toJSON = () => { throw new Error("toJSON") };
JSON.stringify = Date.now = Reflect.apply = () => { throw new Error("own") };
String.prototype.slice = Error.prepareStackTrace = () => { throw new Error("stack") };
document.cookie = "spoiled=1";
document.cookie = {toString: () => "object=1"};
try { document.cookie = {toString: () => { throw new Error("mine") }}; }
catch (error) { document.cookie = `thrown=${error.message}`; }
try { own.set.call({}, "never=1"); } catch (error) { document.cookie = `called=${error.name}`; }
Error.stackTraceLimit = 0;
Object.freeze(Error);
document.cookie = "frozen=1";
Object.defineProperty(Document.prototype, "cookie", {
  ...own, set(value) { own.set.call(this, value.replace("own", "other")); },
});
document.cookie = "own=1";
</script>"""

BODIES = {
    "/": PAGE,
    "/app.js": APP,
    "/frame": FRAME,
    "/popup": POPUP,
    "/hostile": HOSTILE,
}


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        assert isinstance(self.server, Origin)
        path = urlsplit(self.path).path
        self.server.seen.append((path, tuple(self.headers.items())))
        if path == "/flags":
            [flags] = parse_qs(urlsplit(self.path).query)["flags"]
            self.server.flags = msgspec.json.decode(flags)
        elif path == "/end":
            self.server.ended.set()
        self.send_response(200)
        if path == "/":
            self.send_header("Set-Cookie", "sid=1; HttpOnly")
        body = BODIES.get(path, "").encode()
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
        self.seen: list[tuple[str, tuple[tuple[str, str], ...]]] = []
        self.flags: object = None
        self.ended = threading.Event()


class Played(msgspec.Struct):
    """What a browser did in front of the app."""

    url: str
    wire: list[tuple[str, tuple[tuple[str, str], ...]]]
    flags: list[object]
    events: list[Said]
    trace: Trace
    warnings: list[str]

    def changes(self, kind: str = "added") -> dict[str, BrowserChange]:
        """Return the changes of the store that scripts made, by name."""
        return {
            each.name: each for event in self.events for each in event.changes if each.kind == kind
        }

    def where(self, change: BrowserChange) -> tuple[str | None, int | None]:
        """Return the script of a change, without the app's own address, and the line in it."""
        source = change.source
        if source is not None:
            source = source.replace(self.url, "/").replace(f":{urlsplit(self.url).port}/", ":*/")
        return source, change.line


def play(
    chromium: Browser, origin: Origin, folder: Path, confdir: Path, *, watched: bool
) -> Played:
    """Open the page in a fresh browser, and return what was recorded of it."""
    origin.forget()
    capture = folder / f"{watched}.cookietrace"
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
        label = listener_label("chromium", by_port=False, watched=watched)
        stack.enter_context(
            launch(
                chromium,
                proxy=proxy.listen(label).address,
                ca=proxy.ca,
                url=url,
                headless=True,
                listening=Listening(capture, proxy.commands_fd, warnings.append),
                watch_scripts=watched,
            )
        )
        assert origin.ended.wait(120), f"the page was left after {origin.seen[-1:]}"
        wait_until(lambda: _said_of(capture, "/flags"), "the last request but one is told")
    events = list(read_capture(capture))
    assert isinstance(origin.flags, list)
    said = [event for event in events if isinstance(event, Said)]
    return Played(url, origin.seen, origin.flags, said, fold(events), warnings)


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
    """The same page twice: with its scripts watched, and not."""
    folder = tmp_path_factory.mktemp("watching")
    # Nobody clicks here, and a popup that nobody asked for is blocked.
    program = folder / "chromium"
    program.write_text(f'#!/bin/sh\nexec {chromium.path} --disable-popup-blocking "$@"\n')
    program.chmod(0o755)
    chromium = Browser("chromium", str(program))
    with Origin() as origin:
        thread = threading.Thread(target=origin.serve_forever)
        thread.start()
        watched = play(chromium, origin, folder, confdir, watched=True)
        yield watched, play(chromium, origin, folder, confdir, watched=False)
        origin.shutdown()
        thread.join()


WHERE = {
    "inline": ("/", 3),
    "external": ("/app.js?token=s3cret-of-a-url", 4),
    "evaluated": ("/", 18),
    "mapped": ("webpack:///./src/cart.js", 2),
    "stored": ("/", 20),
    "deep": ("/", 21),
    "gone": ("/", 23),
    "framed": ("http://127.0.0.1:*/frame", 1),
    "popped": ("/popup", 2),
    "empty": ("/", 33),
    "spoiled": ("/hostile", 9),
    "object": ("/hostile", 10),
    "thrown": ("/hostile", 12),
    "called": ("/hostile", 13),
    "frozen": (None, None),
    "other": (None, None),
}
"""By name, the script of each cookie that is stored, and the line in it.

``evaluated`` is in the file that evaluates it, and ``mapped`` says itself where it is. A page that
has frozen ``Error`` hides where its scripts are.
"""


def test_every_cookie_of_a_script_has_its_line(played: tuple[Played, Played]) -> None:
    """In inline scripts and files, frames of other sites, popups, and pages that fight it."""
    watched, unwatched = played
    assert watched.warnings == []
    assert {name: watched.where(each) for name, each in watched.changes().items()} == WHERE
    lines = [
        watched.where(each)
        for event in watched.events
        for each in event.changes
        if each.name == "inline"
    ]
    assert lines == [("/", 2), ("/", 3)], "each of two equal writes"
    deleted = watched.changes("deleted")
    assert {name: watched.where(each) for name, each in deleted.items()} == {
        "stored": ("/", 22),
        "gone": ("/", 24),
    }
    assert unwatched.changes().keys() == watched.changes().keys()
    assert {each.source for each in unwatched.changes().values()} == {None}
    labels = [one.trace.clients[0].label for one in played]
    assert labels == ["chromium (scripts watched)", "chromium"], "the capture says so"


def test_what_the_browser_did_not_store(played: tuple[Played, Played]) -> None:
    """It is told with the line that tried it; a deletion that finds nothing is no refusal."""
    watched, unwatched = played
    tried = {each.name: each for event in watched.events for each in event.tried}
    assert {name: (*watched.where(each), each.cause) for name, each in tried.items()} == {
        "sid": ("/", 4, "REJECTED_HTTPONLY"),
        "__Host-odd": ("/", 5, None),
        "plain": ("http://127.0.0.1:*/frame", 2, None),
    }
    assert {each.value for each in tried.values()} == {""}
    assert [event for event in unwatched.events if event.tried] == []


def test_the_wire_is_equal(played: tuple[Played, Played]) -> None:
    """The app gets the same header fields in the same order; a page sees no automated browser.

    When the icon is requested is the browser's own affair: it is left out.
    """
    watched, unwatched = played
    assert watched.flags == unwatched.flags
    assert watched.flags[0] is False, "navigator.webdriver"
    assert watched.flags[1] == 0, "no name of ours is left in the page"
    wires = [
        [(path, _plain(fields)) for path, fields in one.wire if path != "/favicon.ico"]
        for one in played
    ]
    assert wires[0] == wires[1]


def _plain(fields: tuple[tuple[str, str], ...]) -> list[tuple[str, str]]:
    """Return header fields without the value that is new each time: our own mark."""
    return [(name, "" if name == "Cookietrace-Exchange" else value) for name, value in fields]
