"""No secret reaches Redis, whatever comes later: neither its memory, nor its files."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from cookietrace import events as ev
from cookietrace.publishing.options import PublishingOptions
from cookietrace.redact import LiveRedactor, live, redacted, shared_key
from cookietrace.redact.key import SHARED_KEY
from cookietrace.stores.redis_streams.address import parse_redis_url
from cookietrace.stores.redis_streams.keys import events_key, start_key, state_key
from cookietrace.trace import fold
from tests.publishing.conftest import Recorded
from tests.publishing.local import Local
from tests.redact.outputs import capture
from tests.redact.reader import survivors
from tests.redact.spellings import ROWS
from tests.redis_server import RedisServer
from tests.story import CHROMIUM, TYPED, Story

SECRET = "Xk29-Qm7_ZpT4vLr8"
URL = "https://shop.test/"
WORDY = "correcthorsebattery"


def dumped(server: RedisServer, local: Local) -> bytes:
    """Return everything that Redis has: each key's content, and the bytes of its files."""
    name = parse_redis_url(local.url).name
    found: list[bytes] = []
    with server.client() as client:
        found += [b"\n".join([*each]) for each in _pairs(client, name)]
        client.save()
    found.append(server.stored())
    return b"\n".join(found)


def _pairs(client: Any, name: str) -> Iterator[list[bytes]]:
    for key in (start_key(name), state_key(name)):
        for field, value in dict(client.hgetall(key)).items():
            yield [field, value]
    for _, fields in client.xrange(events_key(name)):
        for field, value in fields.items():
            yield [field, value]


def as_story(events: list[ev.Event]) -> Story:
    """Return a story of these events."""
    story = Story()
    story.events = events
    return story


def test_nothing_of_the_corpus_survives(own_redis_server: RedisServer, recorded: Recorded) -> None:
    """Each way in which an app may hide a cookie's value: none can be read in Redis."""
    events = capture(dict(enumerate(ROWS)))
    local = recorded(as_story(events), server=own_redis_server)
    while local.record(40):
        assert local.publish()
    read = "\n".join(ev.encode(event).decode() for event in local.read())
    assert [ROWS[number].name for number in sorted(survivors(read))] == []
    with own_redis_server.client() as client:
        name = parse_redis_url(local.url).name
        content = b"\n".join(b"\n".join(pair) for pair in _pairs(client, name))
    assert survivors(content.decode("utf-8", "backslashreplace")) == set()
    assert len(local.trace().exchanges) >= len(ROWS)


def places(secret: str) -> list[ev.Event]:
    """Return a story that has a value everywhere before a cookie shows that it is a secret."""
    story = Story("https://shop.test")
    first = story.events[0]
    assert isinstance(first, ev.Capture)
    story.events[0] = ev.Capture(
        capture_id="5ec2e7", schema=first.schema, at=first.at, producer="story"
    )
    headers = (
        *TYPED,
        ("User-Agent", CHROMIUM),
        ("Referer", f"https://{secret}:x@shop.test/a?ticket={secret}#{secret}"),
        ("X-Trace", secret),
        ("Authorization", f"Bearer {secret}"),
        ("If-None-Match", f'"{secret}"'),
    )
    one = story.ask(f"/login;id={secret}?next=/x&code={secret}&{secret}=1", None, headers=headers)
    server = ev.Server(
        exchange_id=one, at=story.now, function="login", file=f"/home/{secret}/app.py",
        first_line=1, source=f"key = '{secret}'", lines=(1,),
        reads=(ev.CookieRead(name="a", value=secret, where="view"),),
        locals=(ev.Local(name="v", value=repr(secret), line=1, text=secret),),
        error=ev.ServerError(kind="KeyError", message=secret),
    )  # fmt: skip
    story.respond(
        one,
        status=302,
        headers=(
            ("Location", f"/welcome?token={secret}"),
            ("Link", f"</{secret}>"),
            ("Content-Type", f"text/html; boundary={secret}"),
            ("Set-Cookie2", secret),
        ),
        body=f"<p>{secret}</p>",
        server=server,
    )
    story.events.append(
        ev.Failure(at=story.now, host="shop.test", kind="connect", message=f"no {secret} here")
    )
    story.events.append(ev.Recorder(at=story.now, state="gap", message=f"lost {secret}"))
    return story.events


def shows(secret: str) -> list[ev.Event]:
    """Return events in which that value turns out to be a cookie's."""
    story = Story("https://shop.test")
    story.now += 1000
    story.client("c1")
    story.events.clear()
    exchange_id = story.ask("/later", None)
    story.respond(exchange_id, f"session={secret}; Path=/")
    story.respond(story.ask(f"/mine/{secret}", f"session={secret}"), body=secret)
    changed = [ev.decode(ev.encode(one).replace(b'"x', b'"late-x')) for one in story.events]
    return list(changed)


@pytest.mark.parametrize("secret", [SECRET, "0123456789ab", "YWxpY2U6c2VjcmV0"])
def test_a_secret_that_shows_later(
    secret: str, own_redis_server: RedisServer, recorded: Recorded
) -> None:
    """What was published before a cookie had that value does not hold it either."""
    local = recorded(as_story(places(secret)), server=own_redis_server)
    while local.record(1):
        assert local.publish()
    local.store.append(shows(secret))
    assert local.publish()
    local.publisher.beat()
    content = dumped(own_redis_server, local)
    assert secret.encode() not in content
    assert b"redacted-" in content
    assert len(local.trace().exchanges) == 3


@pytest.mark.parametrize("restarts", [False, True])
def test_a_word_that_is_known_to_be_a_secret(
    restarts: bool, recorded: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is replaced as soon as a cookie has it, in other words too, also after a restart."""
    local = recorded(as_story(places("x")))
    local.record()
    local.store.append(shows(WORDY))
    story = Story("https://shop.test")
    story.now += 2000
    story.client("c1")
    story.events.clear()
    exchange_id = story.ask(
        f"/a/x{WORDY.title()}y/{WORDY}.html", None if restarts else f"session={WORDY}"
    )
    story.respond(exchange_id, headers=(("Location", f"/to/{WORDY}"),))
    late = [ev.decode(ev.encode(one).replace(b'"x', b'"last-x', 1)) for one in story.events]
    if restarts:
        assert local.publish()
        local.restart()
        monkeypatch.setattr("cookietrace.publishing.publisher._is_running", lambda _: False)
    local.store.append(late)
    assert local.publish()
    assert WORDY not in "\n".join(ev.encode(one).decode().lower() for one in local.read())


def test_tokens_are_those_of_an_export_and_stay(recorded: Recorded) -> None:
    """A cookie's value has one token, in Redis and in every export of this owner."""
    events = places("x") + shows(SECRET)
    local = recorded(as_story(events))
    local.record()
    assert local.publish()
    found = [_cookies(local.read()), _cookies(list(redacted(events)))]
    assert found[0] == found[1]
    assert found[0]


def _cookies(events: list[ev.Event]) -> list[str]:
    return [
        value
        for event in events
        if isinstance(event, ev.Request | ev.Response)
        for name, value in event.headers
        if name in ("Cookie", "Set-Cookie")
    ]


def test_a_shared_key_makes_equal_tokens(
    recorded: Recorded, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Of two captures, with the key from a file or from the environment."""
    file = tmp_path / "key"
    file.write_text("a key that a team shares\n")
    monkeypatch.setenv(SHARED_KEY, "a key that a team shares")
    assert shared_key() == shared_key(file) is not None
    found = []
    for capture_id in ("one", "two"):
        events = places("x") + shows(SECRET)
        first = events[0]
        assert isinstance(first, ev.Capture)
        events[0] = ev.Capture(
            capture_id=capture_id, schema=first.schema, at=first.at, producer="story"
        )
        local = recorded(as_story(events), PublishingOptions(key=shared_key(file)))
        local.record()
        assert local.publish()
        found.append(_cookies(local.read()))
    assert found[0] == found[1]
    assert found[0] != _cookies(list(redacted(events)))


def test_base64_without_a_name_is_no_name(recorded: Recorded) -> None:
    """Equals signs that only pad a value do not make a name of it; a name with a value stays."""
    padded = "kJ8dh2LmQ9xT7Zp4vLr8Xk"
    named = "remember_59ba36addc2b2f9401580f014c7f58ea"
    story = Story("https://shop.test")
    story.respond(story.ask("/a", None), f"{padded}==; Path=/", f"{named}=1; Path=/")
    story.respond(story.ask("/b", f"{padded}==; {named}=1"), f"{named}=; Max-Age=0; Path=/")
    story.respond(story.ask("/c", f"{padded}=="))
    local = recorded(story)
    local.record()
    assert local.publish()
    read = "\n".join(ev.encode(one).decode() for one in local.read())
    assert padded not in read
    assert named in read
    assert len(local.trace().exchanges) == 3
    assert [row.kind for row in local.trace().rows] == [row.kind for row in fold(story.events).rows]


@pytest.mark.parametrize(
    ("text", "stays"),
    [
        ("/account/settings", True),
        ("/static/app.v2.min.js", True),
        ("/jquery-3.6.1.js", True),
        ("/blog/2026/11/my-first-post", True),
        ("/users/42", True),
        ("/API/v1/userProfile", True),
        ("/verify/482913", False),
        ("/reset/kJ8dh2LmQ9", False),
        ("/u/550e8400-e29b-41d4-a716-446655440000", False),
        ("/f/aGVsbG8gd29ybGQ", False),
        ("/x/a%40b.test", False),
        ("/x/kqxzvbnmwp", False),
        ("/x/deadbeefcafe", False),
        ("/x/AbCdEfGhIjKl", False),
        ("/XMLHttpRequest/getElementById", True),
    ],
)
def test_what_stays_of_a_path(text: str, stays: bool) -> None:
    """Words and small numbers; nothing that could be a token, a code or an address."""
    redactor = LiveRedactor(b"key")
    assert (redactor.field(f"https://shop.test{text}") == f"https://shop.test{text}") is stays


@pytest.mark.parametrize(
    ("name", "field", "published"),
    [
        ("Location", "http://bob:pa@sunshine@shop.test/a", "http://TOKEN@shop.test/a"),
        ("Location", "//bob:sunshine@shop.test/a", "//TOKEN@shop.test/a"),
        ("Location", " http://bob:sunshine@shop.test/", " http://TOKEN@shop.test/"),
        ("Location", "search?q=my+sunshine+words", "search?q=TOKEN"),
        ("Location", "?next=/u/sunshine&x=1", "?next=TOKEN&x=TOKEN"),
        ("Location", "#sunshine", "#TOKEN"),
        ("Refresh", "0; url=/later?q=a/sunshine", "0; url=/later?q=TOKEN"),
        ("Refresh", "5; //bob:sunshine@shop.test/?pin=1", "5; //TOKEN@shop.test/?pin=TOKEN"),
        ("Sec-WebSocket-Protocol", "chat, sunshine", "TOKEN"),
        ("WWW-Authenticate", 'Digest nonce="sunshine"', 'Digest nonce="TOKEN"'),
        ("Authorization", "kJ8dh2LmQ9 sunshine", "TOKEN TOKEN"),
        ("Set-Cookie", 'a=b; Path=/x y="sunshine"', 'a=TOKEN; Path=/x y="TOKEN"'),
    ],
)
def test_what_stays_of_a_field(name: str, field: str, published: str) -> None:
    """A value looks like a word, and no cookie has shown that it is a secret: its place does."""
    event = ev.Response(exchange_id="x", at=1.0, status_code=200, headers=((name, field),))
    replaced = LiveRedactor(b"key").event(event)
    assert isinstance(replaced, ev.Response)
    (found,) = replaced.headers
    assert (found[0], re.sub("redacted-[0-9a-f]{10}", "TOKEN", found[1])) == (name, published)


@pytest.mark.parametrize(
    ("name", "stays"),
    [
        ("X-B3-TraceId", True),
        ("Set-Cookie", True),
        ("X-XSS-Protection", True),
        (f"X-{SECRET}", False),
        ("X-9f8e7d6c5b4a39281706", False),
    ],
)
def test_what_stays_of_a_fields_name(name: str, stays: bool) -> None:
    """What is no name is a value, wherever it stands; cookies stay, even if one is called so."""
    redactor = LiveRedactor(b"key")
    headers = (("Cookie", "a=cookie; b=set-cookie"), (name, "a=b"))
    replaced = redactor.event(
        ev.Request(exchange_id="x", client_id="c", at=1.0, method="GET", url=URL, headers=headers)
    )
    assert isinstance(replaced, ev.Request)
    assert [found == name for found, _ in replaced.headers] == [False, stays]


def test_what_is_searched_for_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Values that are forgotten leave nothing behind, nor do their parts."""
    monkeypatch.setattr(live, "_MOST_VALUES", 10)
    redactor = LiveRedactor(b"key")
    sizes = []
    for number in range(60):
        field = f"session=part{number:05}alpha.part{number:05}omega"
        redactor.event(
            ev.Request(
                exchange_id=f"x{number}", client_id="c", at=1.0, method="GET", url=URL,
                headers=(("Cookie", field),),
            )
        )  # fmt: skip
        sizes.append((len(redactor._tokens), len(redactor._folded)))
    assert sizes[-1] == sizes[20]


def test_the_sentences_of_a_browser_stay() -> None:
    """The fields that say what a browser is and wants are as they were."""
    redactor = LiveRedactor(b"key")
    headers = (
        ("Host", "127.0.0.1:5000"),
        ("User-Agent", CHROMIUM),
        ("Accept", "text/html,application/xhtml+xml;q=0.9,image/avif,*/*;q=0.8"),
        ("Accept-Language", "en-GB,en;q=0.9"),
        ("Accept-Encoding", "gzip, deflate, br, zstd"),
        ("Sec-CH-UA", '"Chromium";v="156", "Not_A Brand";v="24"'),
        ("Sec-Fetch-Site", "same-origin"),
        ("Cache-Control", "max-age=31536000"),
        ("Date", "Mon, 30 Nov 2026 09:40:00 GMT"),
        ("Content-Length", "123456"),
        ("Origin", "http://127.0.0.1:5000"),
    )
    event = ev.Request(
        exchange_id="x", client_id="c", at=1.0, method="GET", url="http://127.0.0.1:5000/",
        headers=headers,
    )  # fmt: skip
    assert redactor.event(event) == event


def test_a_listing_tells_no_secret(redis_server: RedisServer, recorded: Recorded) -> None:
    """The recorder's message of a gap is redacted as well."""
    local = recorded(as_story(places(SECRET)))
    local.record()
    assert local.publish()
    local.publisher.beat()
    with closing(redis_server.client()) as client:
        state = client.hgetall(state_key(parse_redis_url(local.url).name))
    assert state[b"lost"] == b"1"
    assert b"lost redacted-" in state[b"lost_message"]
    assert SECRET not in json.dumps({str(k): str(v) for k, v in state.items()})
