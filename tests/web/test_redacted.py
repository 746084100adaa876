"""Where values are hidden, nothing that the page gets repeats one, now or later."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from cookietrace.events import (
    SCHEMA,
    Capture,
    Event,
    Failure,
    Local,
    Server,
    ServerError,
)
from cookietrace.web.modes import BOARDS
from tests.redact.outputs import capture
from tests.redact.reader import survivors
from tests.redact.spellings import ROWS
from tests.story import START, Story
from tests.web.pages import Page, page_of

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
