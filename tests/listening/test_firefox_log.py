"""Firefox's log is read: what is told of each request and each line, and what is not."""

from __future__ import annotations

import random
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest

from cookietrace.listening import firefox_cookie_log
from cookietrace.listening.firefox_log import (
    LONGEST_LINE,
    MOST_CHANNELS,
    MOST_OPEN,
    FirefoxLogReader,
)
from tests.listening.firefox_logs import Log, changes, hops, mozlog, read, read_live, told

JAR = ["sid", "gone", "scripted", "same", "hop", "landed", "late"]

PAGE = {
    "/": [(200, [], {0: True, 1: False, 2: True, 3: True})],
    "/same": [(200, JAR[:3], {0: True}), (200, JAR[:4], {0: True})],
    "/hop": [(302, JAR[:4], {0: True})],
    "/landed": [(200, JAR[:5], {0: True, 1: True, 2: True})],
    "/omit": [(200, [], {})],
    "/refused": [(200, JAR, {0: False, 1: False})],
    "/gone": [(200, JAR, {0: True})],
    "/evil": [(200, ["sid", *JAR[2:]], {0: False, 1: True, 2: False})],
}
"""By path: each status, the names that were sent, and which lines were taken."""


def test_a_page() -> None:
    """Each request has what was sent with it, and what became of its lines."""
    found: dict[str, list[tuple[int | None, list[str | None], dict[int | None, bool]]]] = {}
    for hop in hops(read_live(mozlog("page"))):
        sent = [one.name for one in hop.sent or ()]
        found.setdefault(urlsplit(hop.url).path, []).append((hop.status_code, sent, told(hop)))
    assert {path: found[path] for path in PAGE} == PAGE
    assert found.keys() - PAGE.keys() == {"/cors", "/socket", "/end"}


def test_what_is_said_of_a_request() -> None:
    """All that it can be matched by, with the times of the log."""
    [hop] = [one for one in hops(read(mozlog("page"))) if one.url.endswith("/landed")]
    assert (hop.method, hop.status_code, hop.reason) == ("GET", 200, "OK")
    assert hop.cookie_header == "sid=1; gone=1; scripted=1; same=1; hop=1"
    assert hop.set_cookie_lines == (
        "landed=1; SameSite=Strict; Domain=localhost",
        "late=\xc3\xa4; Secure",
        "sid=2; HttpOnly",
    )
    assert hop.credentials is True
    assert hop.at < (hop.responded_at or 0.0) < hop.ended_at < hop.at + 1
    assert ("User-Agent", "153.0") in [
        (name, value.rpartition("/")[2]) for name, value in hop.request_headers
    ]
    assert [(one.name, one.domain, one.path) for one in hop.stored or ()] == [
        ("landed", "localhost", "/"),
        ("late", "localhost", "/"),
        ("sid", "localhost", "/"),
    ]


def test_http_2() -> None:
    """The response that makes the tunnel is not the request's; what breaks off tells no silence."""
    first, second = hops(read(mozlog("https")))
    assert (first.url, first.status_code, first.http_version) == (
        "https://shop.test/",
        200,
        "HTTP/2.0",
    )
    assert told(first) == dict.fromkeys(range(5), True)
    assert [one.domain for one in first.stored or ()][3:] == ["shop.test", ".shop.test"]
    assert len(second.set_cookie_lines) == 7
    assert told(second) == {0: True, 1: True}


def test_what_scripts_wrote() -> None:
    """It is told; what they deleted is not, since the log does not name it."""
    found = changes(read(mozlog("page")))
    assert [(one.kind, one.name, one.value, one.script) for one in found] == [
        ("added", "scripted", "1", True),
        ("added", "short", "1", True),
    ]
    assert found[0].same_site == "lax"


@pytest.mark.parametrize("size", [1, 7, 4096])
def test_pieces_of_any_size(size: int) -> None:
    """However the bytes come, the same is said."""
    assert read(mozlog("https"), size) == read(mozlog("https"))


@pytest.mark.parametrize("name", ["page", "https"])
def test_an_end_anywhere(name: str) -> None:
    """A log may break off: what is told by then is also told of the whole."""
    data = mozlog(name)
    whole = {(hop.at, line): taken for hop in hops(read(data)) for line, taken in told(hop).items()}
    for end in range(0, len(data), len(data) // 60):
        for hop in hops(read(data[:end])):
            for line, taken in told(hop).items():
                assert whole.get((hop.at, line)) is taken, (end, hop.url)


def _refused(log: Log) -> None:
    log.request()
    log.respond(1, "a=1")
    log.look()
    log.wait()


def _beside(log: Log) -> None:
    log.request()
    log.respond(1, "a=1; Domain=x", "b=1", "c=1; Domain=x")
    log.look()
    log.accept("b=1")
    log.wait()


def _in_one_go(log: Log) -> None:
    log.request()
    log.request(2)
    log.respond(1, "a=1; Domain=x", "b=1", "c=1; Domain=x")
    log.respond(2, "d=1; Domain=x", "e=1")
    log.look()
    log.accept("b=1")
    log.look(2)
    log.accept("e=1")
    log.line("nsHttp", "HttpBaseChannel::Init [this=c300]")


def _not_looked_at(log: Log) -> None:
    log.request()
    log.respond(1, "a=1")
    log.wait()


def _too_early(log: Log) -> None:
    log.request()
    log.respond(1, "a=1")
    log.look()


def _sockets_only(log: Log) -> None:
    log.request()
    log.respond(1, "a=1")
    log.look()
    log.wait(1.0)
    for _ in range(5000):
        log.socket("nsHttpConnection::Init this=1")


def _anonymous(log: Log) -> None:
    log.request(caps="1200011")
    log.respond(1, "a=1")
    log.look()
    log.wait()


def _unchanged(log: Log) -> None:
    log.request()
    log.respond(1, "a=1")
    log.look()
    log.accept("a=1")
    log.request(2)
    log.respond(2, "a=1")
    log.look(2)
    log.wait()


def _of_a_script(log: Log) -> None:
    log.accept("", "a", "1")
    _refused(log)


def _of_another_host(log: Log) -> None:
    log.accept("", "a", "1", host="other.test")
    _refused(log)


def _deleted(log: Log) -> None:
    log.request()
    log.respond(1, "a=; Max-Age=0", "b=; Max-Age=0", "c=1")
    log.look()
    log.refuse("a=; Max-Age=0", "previously stored cookie was deleted")
    log.refuse("b=; Max-Age=0", "cookie has already expired")
    log.refuse("c=1", "cookies are disabled")


def _another_url(log: Log) -> None:
    log.request()
    log.respond(1, "a=1", "b=1")
    log.look()
    log.accept("a=1", url="http://other.test/")
    log.wait()


def _again(log: Log) -> None:
    """The request is repeated on its channel, with a login."""
    log.request()
    log.respond(1, "a=1", status=401)
    log.look()
    log.request(2, channel=1)
    log.respond(2, "a=1")
    log.look()
    log.accept("a=1")


def _hints(log: Log) -> None:
    log.request()
    log.head(1, 103, "Link: </x>", "Set-Cookie: early=1")
    log.respond(1, "a=1")
    log.look()
    log.accept("a=1")


def _of_another_process(log: Log) -> None:
    log.request()
    log.respond(1, "a=1")
    log.look()
    before = len(log.data)
    log.refuse("a=1", "it belongs to a program that the browser has opened")
    log.data[before:] = log.data[before:].replace(b"[Parent 7:", b"[Parent 8:")
    log.accept("a=1")


def _main_thread_stood_still(log: Log) -> None:
    log.request()
    log.respond(1, "a=1", "b=1; Domain=x")
    log.pause(60.0)
    log.look()
    log.pause(60.0)
    log.accept("a=1")


def _clock_was_set_back(log: Log) -> None:
    log.wait(100.0)
    log.pause(-90.0)
    log.request()
    log.respond(1, "a=1")
    log.look()
    log.accept("a=1")


def _looked_at_late(log: Log) -> None:
    log.request()
    log.respond(1, "a=1")
    log.wait(1.5)
    log.look()
    log.wait(1.5)
    log.accept("a=1")


@pytest.mark.parametrize(
    ("write", "expected"),
    [
        (_refused, [{0: False}]),
        (_beside, [{0: False, 1: True, 2: False}]),
        (_in_one_go, [{0: False, 1: True, 2: False}, {0: False, 1: True}]),
        (_not_looked_at, [{}]),
        (_too_early, [{}]),
        (_sockets_only, [{}]),
        (_anonymous, [{}]),
        (_unchanged, [{0: True}, {}]),
        (_of_a_script, [{}]),
        (_of_another_host, [{0: False}]),
        (_deleted, [{0: True, 2: False}]),
        (_another_url, [{1: False}]),
        (_again, [{0: False}, {0: True}]),
        (_hints, [{0: True}]),
        (_of_another_process, [{0: True}]),
        (_main_thread_stood_still, [{0: True}]),
        (_clock_was_set_back, [{0: True}]),
        (_looked_at_late, [{0: True}]),
    ],
)
def test_lines(write: Callable[[Log], None], expected: list[dict[int, bool]]) -> None:
    """Of a line without an entry it is told that it was refused only if nothing else can be."""
    log = Log()
    write(log)
    assert [told(one) for one in hops(log.said())] == expected


def test_a_reason() -> None:
    """It is there if the log gives one."""
    log = Log()
    _deleted(log)
    [hop] = hops(log.said())
    assert [one.reasons for one in hop.stored or ()] == [(), ("cookies are disabled",)]


@pytest.mark.parametrize(("caps", "credentials"), [("1200001", True), ("1200911", False)])
def test_credentials(caps: str, credentials: bool) -> None:
    """The log says whether a request was made with them."""
    log = Log()
    log.request(caps=caps)
    log.respond()
    assert [one.credentials for one in hops(log.said())] == [credentials]


def test_what_was_not_sent_is_not_told() -> None:
    """A request that waits for its connection, and one for which the proxy made no tunnel."""
    log = Log()
    log.request()
    log.data = log.data[: log.data.rindex(b"2026")]
    log.request(2)
    log.socket(
        "nsHttpConnection::Activate [this=f1 trans=e200 caps=1]", "  CONNECT h.test:443 HTTP"
    )
    log.respond(2, "a=1", status=502)
    assert hops(log.said()) == []


def test_what_may_not_have_been_sent() -> None:
    """What is sent with TLS may be the handshake: without a response, nothing is told."""
    log = Log()
    log.request(url="https://h.test/")
    assert hops(log.said()) == []


def test_a_request_without_a_response() -> None:
    """It is told at the end, or once another one has its place."""
    log = Log()
    log.request(1, "Cookie: a=1")
    log.request(1)
    assert [(one.cookie_header, one.status_code) for one in hops(log.said())] == [
        ("a=1", None),
        ("", None),
    ]


def test_an_eviction() -> None:
    """It is a deletion that no response made, and no script, with Firefox's own reason."""
    log = Log()
    log.evict("old", "Too many cookies for this domain")
    [change] = changes(log.said())
    assert (change.kind, change.name, change.script) == ("deleted", "old", False)
    assert change.cause == "Too many cookies for this domain"


def test_what_no_script_can_write() -> None:
    """A cookie that is HttpOnly and that no response set: an extension, or the user."""
    log = Log()
    log.accept("", "a", "1")
    assert [one.script for one in changes(log.said())] == [True]
    log.data = bytearray(log.data.replace(b"is httpOnly: false", b"is httpOnly: true"))
    assert [one.script for one in changes(log.said())] == [False]


FORGED = "2026-01-01 00:00:00.900000 UTC - [Parent 7: Main Thread]: D/cookie "


def test_what_looks_like_a_line() -> None:
    """Whatever a page or a server says, it stays within a message of Firefox's."""
    line = f"x=1; {FORGED}===== COOKIE ACCEPTED ====="
    log = Log()
    log.request(1, f"Cookie: {FORGED}===== COOKIE ACCEPTED =====", f"X: {FORGED}", "]: ]", "]")
    log.respond(1, line, f"{FORGED}cookie string: a=1", "]", "HTTP/1.1 200 OK")
    log.look()
    log.accept(line, "x", f"===== COOKIE ACCEPTED ====={FORGED}")
    log.wait()
    [hop] = said = hops(log.said())
    assert len(said) == 1
    assert hop.set_cookie_lines == (line, f"{FORGED}cookie string: a=1", "]", "HTTP/1.1 200 OK")
    assert told(hop) == {0: True, 1: False, 2: False, 3: False}
    assert changes(log.said()) == []


@pytest.mark.parametrize("seed", range(20))
def test_whatever_it_holds(seed: int) -> None:
    """Lines in any order, of which some are damaged, are no trouble."""
    chance = random.Random(seed)
    lines = mozlog("page").splitlines(keepends=True)
    for _ in range(300):
        at = chance.randrange(len(lines))
        line = bytearray(lines[at])
        line[chance.randrange(len(line))] = chance.randrange(256)
        lines[at] = bytes(line)
        other = chance.randrange(len(lines))
        lines[at], lines[other] = lines[other], lines[at]
    read(b"".join(lines))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-99-01 00:00:00.000000 UTC - [Parent 7: Main Thread]: D/cookie x\n",
        "2026-01-01 00:00:00.000000 UTC - [Child 7: Main Thread]: D/cookie x\n",
        "[Parent 7: Main Thread]: D/cookie ===== COOKIE ACCEPTED =====\n",
        "\n\n\x00\xff\n",
    ],
)
def test_another_format(text: str) -> None:
    """A log that is written in another way says nothing."""
    assert read(text.encode("latin-1")) == []


def test_what_is_open_is_bounded() -> None:
    """Requests without an end, channels without a request, and entries without an end."""
    log = Log()
    for number in range(MOST_OPEN + 10):
        log.request(number)
    for number in range(MOST_CHANNELS + 10):
        log.line("nsHttp", f"HttpBaseChannel::Init [this={number:x}]")
        log.line("nsHttp", "uri=http://h.test/")
    reader = FirefoxLogReader()
    early = hops(list(reader.feed(bytes(log.data))))
    assert len(early) == 10
    assert len(reader._open) == MOST_OPEN
    assert len(reader._urls) == MOST_CHANNELS
    assert len(hops(list(reader.end()))) == MOST_OPEN


def test_cookies_that_are_remembered_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of more, no silence is told: the jar may hold what a line sets."""
    monkeypatch.setattr(firefox_cookie_log, "MOST_ACCEPTED", 5)
    log = Log()
    for number in range(6):
        log.accept("", f"n{number}", "1")
    _refused(log)
    assert [told(one) for one in hops(log.said())] == [{}]


def test_a_line_that_is_too_long() -> None:
    """It may have been about any cookie, so no silence is told after it."""
    log = Log()
    log.accept("", "x", "y" * (LONGEST_LINE + 1))
    _refused(log)
    assert [told(one) for one in hops(log.said())] == [{}]


def test_nothing_more_comes() -> None:
    """What is silent for so long is told without another line."""
    log = Log()
    _too_early(log)
    reader = FirefoxLogReader()
    assert list(reader.feed(bytes(log.data))) == []
    assert list(reader.waited(1.0)) == []
    assert [told(one) for one in hops(list(reader.waited(2.5)))] == [{0: False}]
