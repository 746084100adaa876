"""Where values are hidden, nothing that the page gets repeats one, now or later."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from cookietrace.events import (
    SCHEMA,
    Body,
    Capture,
    Event,
    Failure,
    Local,
    Recorder,
    Request,
    Response,
    Server,
    ServerError,
)
from cookietrace.redact.sealing import Sealer, Tokens
from cookietrace.web.modes import BOARDS
from tests.redact.outputs import capture
from tests.redact.reader import survivors
from tests.redact.spellings import ROWS
from tests.story import START, Story
from tests.web.pages import Page, page_of

TOKENS = Tokens(b"key")
SEALER = Sealer(TOKENS)
SECRET = "Zq001k7f3aQ9xZq001e"


@pytest.fixture(autouse=True)
def _data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep tests away from the user's own data."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


async def everything(page: Page, every: int = 1) -> list[str]:
    """Return all that the page can get, with the modes at each ``every``-th step."""
    steps = len(page.live.table)
    paths = ["/api/story", "/api/problems", "/api/mode/quiz", "/api/mode/quiz?seed=3"]
    paths += [f"/api/rows?from={first}&to={first + 499}" for first in range(1, steps + 1, 500)]
    for slug in BOARDS:
        apart = (
            every if slug == "table" else min(4, steps) * every if slug == "flow" else steps // 8
        )
        paths += [f"/api/mode/{slug}?step={step}" for step in range(1, steps + 1, apart or 1)]
    return [(await page.get(path)).text for path in paths]


def found_in(texts: list[str]) -> set[int]:
    """Return the rows of the corpus that can be read in JSON texts; equal strings are read once."""
    unique: dict[str, None] = {}

    def collect(value: object) -> None:
        if isinstance(value, str):
            unique[value] = None
        elif isinstance(value, dict):
            for key, each in value.items():
                unique[key] = None
                collect(each)
        elif isinstance(value, list):
            for each in value:
                collect(each)

    for text in texts:
        collect(msgspec.json.decode(text))
    return survivors(msgspec.json.encode(list(unique)).decode())


async def test_the_corpus(tmp_path: Path) -> None:
    """No spelling of a secret that redaction knows survives anywhere on the page."""
    events = capture(dict(enumerate(ROWS)))
    async with page_of(tmp_path, events, redact=True) as page:
        assert page.live.sealed
        texts = await everything(page)
        assert "Values are hidden" in texts[0]
        assert found_in(texts) == set()


async def test_the_corpus_is_read(tmp_path: Path) -> None:
    """Without redaction the same reader finds the secrets: the test above means something."""
    events = capture(dict(enumerate(ROWS[:40])))
    async with page_of(tmp_path, events) as page:
        assert len(found_in(await everything(page, 4))) > 20


def before_it_is_known() -> Iterator[list[Event]]:
    """Yield events that hold a secret, each list with the secret in other places."""
    story = Story()
    asked = story.ask(f"/reset/{SECRET}?t={SECRET}&{SECRET}=1#{SECRET}")
    yield story.events[1:]
    story.events.clear()
    story.events.append(
        Server(
            exchange_id=asked, at=START + 1, function="reset", file="a.py", first_line=1,
            source=f"x = '{SECRET}'", lines=(1,),
            locals=(Local(name="x", value=repr(SECRET), line=1, text=SECRET),),
            error=ServerError(kind="ValueError", message=SECRET),
        )
    )  # fmt: skip
    story.respond(
        asked,
        headers=(
            ("Content-Type", f"text/html; a={SECRET}"),
            ("Location", f"https://{SECRET}@shop.test/{SECRET}/x?{SECRET}"),
            ("X-Any", SECRET),
            ("Cache-Control", f"private, x={SECRET}!\x80"),
            ("ETag", SECRET),
        ),
        status=302,
        body=f"<p>{SECRET}</p>",
    )
    yield list(story.events)
    story.events.clear()
    story.ask(f"/a/{SECRET}", headers=(("Referer", f"http://127.0.0.1:5000/{SECRET}"),))
    story.events.append(
        Failure(exchange_id="x2", at=START + 9, kind="upstream", message=f"bad field {SECRET}")
    )
    yield list(story.events)


SENSITIVE = Capture(capture_id="c0", schema=SCHEMA, at=START, producer="test")


async def test_what_is_only_later_a_secret(tmp_path: Path) -> None:
    """What is shown before anybody knows that it is a secret is not it either."""
    async with page_of(tmp_path, [SENSITIVE], redact=True) as page, page.read() as reader:
        streamed = b""
        for events in before_it_is_known():
            await page.append(events)
            streamed += await reader.body()
            assert all(SECRET not in text for text in await everything(page))
        late = Story()
        late.ask("/")
        late.visit("/", None, f"session={SECRET}; Path=/reset/{SECRET}")
        late.ask("/")
        late.visit("/", f"session={SECRET}")
        await page.append([each for each in late.events if getattr(each, "exchange_id", 0) != "x1"])
        assert SECRET.encode() not in streamed
        texts = await everything(page)
        assert all(SECRET not in text for text in texts)
        assert "'session'" in texts[-1] or any("'session'" in text for text in texts)


async def test_what_is_not_hidden(tmp_path: Path) -> None:
    """Nothing is hidden of a capture that holds no secrets; of others, equal values look equal."""
    story = Story()
    story.visit("/", None, f"a={SECRET}; Path=/", f"b={SECRET}; Path=/")
    for name, info in (("open", story.events[0]), ("sensitive", SENSITIVE)):
        folder = tmp_path / name
        folder.mkdir()
        async with page_of(folder, [info, *story.events[1:]], redact=True) as page:
            jar = await page.json("/api/mode/jar")
            first, second = jar["client"]["cookies"]
            assert first["value"] == second["value"]
            assert (first["value"] == SECRET) is (name == "open") is not page.live.sealed
            assert (first["size"] is None) is page.live.sealed


@pytest.mark.parametrize(
    ("address", "sealed"),
    [
        ("http://shop.test/", "http://shop.test/"),
        ("http://shop.test:8080/a/b-c/login.php", "http://shop.test:8080/a/b-c/login.php"),
        ("https://[::1]:3000/v2/users/12", "https://[::1]:3000/v2/users/12"),
        ("http://me:pw@shop.test/x", "http://shop.test/x"),
        ("/favicon.ico", "/favicon.ico"),
        ("", ""),
        ("/a?", "/a?"),
        ("/a?q", "/a?q"),
    ],
)
def test_addresses_that_are_kept(address: str, sealed: str) -> None:
    """A host and words of a path are kept; users never are."""
    assert SEALER.address(address) == sealed


@pytest.mark.parametrize(
    "address",
    [
        f"http://shop.test/{SECRET}",
        f"http://shop.test/a/{SECRET}/b",
        f"http://shop.test/a.{SECRET}",
        f"http://shop.test/?x={SECRET}",
        f"http://shop.test/?{SECRET}",
        f"http://shop.test/?{SECRET}=1",
        f"http://shop.test/?a=1&b={SECRET};c=2",
        f"http://shop.test/#{SECRET}",
        f"http://{SECRET}@shop.test/",
        f"http://shop.test@{SECRET}!/",
        f"//shop.test/{SECRET}",
        f"{SECRET}",
        f"{SECRET}://x/",
        f"javascript:{SECRET}",
    ],
)
def test_addresses_with_what_may_be_secret(address: str) -> None:
    """Any other piece stands as a token; equal pieces are equal, so addresses stay comparable."""
    sealed = SEALER.address(address)
    assert SECRET not in sealed
    assert SEALER.address(address) == sealed


def test_the_same_path_stays_a_prefix() -> None:
    """A cookie's Path still matches the requests that it matched."""
    line = SEALER._set_cookie(f"a=b; Path=/reset/{SECRET}; Secure; HttpOnly")
    path = line.partition("Path=")[2].partition(";")[0]
    assert SEALER.address(f"http://shop.test/reset/{SECRET}/done").endswith(f"{path}/done")
    assert line.startswith("a=b; ")
    assert line.endswith("; Secure; HttpOnly")


@pytest.mark.parametrize(
    "event",
    [
        Request(exchange_id="x", client_id="c", at=1.0, method="GET", url="http://a.test/",
                headers=(("Authorization", SECRET), ("X-Token", SECRET), ("User-Agent", "U"))),
        Request(exchange_id="x", client_id="c", at=1.0, method=SECRET, url="http://a.test/"),
        Response(exchange_id="x", at=1.0, status_code=200, reason=SECRET,
                 headers=(("Set-Cookie", f"a=b; x={SECRET}"), ("Set-Cookie", f"a=b; {SECRET}"))),
        Body(exchange_id="x", at=1.0, of="response", content_type=f"a/b;{SECRET}", size=3,
             content=SECRET, base64=None),
        Body(exchange_id="x", at=1.0, of="request", content_type=None, size=3, content=None,
             base64=SECRET),
        Failure(at=1.0, kind="connect", message=SECRET, host="a.test"),
        Recorder(at=1.0, state="started", listeners=()),
    ],
)  # fmt: skip
def test_events_without_what_may_be_secret(event: Event) -> None:
    """Nothing but cookie fields keeps a value; the same event always becomes the same."""
    sealed = SEALER.event(event)
    assert SECRET not in repr(sealed)
    assert type(sealed) is type(event)
    assert SEALER.event(event) == sealed


def test_tokens_need_the_key() -> None:
    """Equal values have equal tokens; with another key they have others, and nothing stays so."""
    assert TOKENS(SECRET) == TOKENS(SECRET) != Tokens(b"other")(SECRET)
    assert TOKENS("") == ""
    assert SECRET not in TOKENS(SECRET)
