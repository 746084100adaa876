"""The execution table: rows, focus, actions and cells."""

from __future__ import annotations

import random

import pytest

from cookietrace import events as ev
from cookietrace.fold.exchange import TraceUpdate
from cookietrace.lesson.focus import Focus
from cookietrace.lesson.mask import masked
from cookietrace.lesson.row_marks import Mark
from cookietrace.lesson.table import Table, TableUpdate
from cookietrace.trace import Trace, merge_updates
from tests.story import CHROMIUM, Story, seed_story, witness


def actions(story: Story, focus: Focus | None = None) -> list[str]:
    """The Action column."""
    table = Table(story.trace(), focus)
    return [table.row(step).action for step in range(1, len(table) + 1)]


def shop() -> Story:
    """A sign-in on one host, an ad on another, an icon, and a refused cookie."""
    story = Story("https://shop.test")
    story.visit("/login", None, "sid=1; Path=/; Secure", "theme=dark; Path=/")
    story.visit("/account", "sid=1; theme=dark", "bad=1; Domain=other.test")
    story.visit("https://ads.test/banner", None, "ad=7; SameSite=None; Secure")
    story.visit("/favicon.ico", "sid=1; theme=dark")
    story.visit("/logout", "sid=1; theme=dark", "sid=; Max-Age=0; Path=/", "theme=light; Path=/")
    return story


def test_everything() -> None:
    """Without a focus every exchange makes a row, followed by its storing and refused rows."""
    assert actions(shop()) == [
        "GET shop.test/login (first request)",
        "Client stores cookies 'sid'='1' and 'theme'='dark'",
        "GET shop.test/account (second request)",
        "Client refuses cookie 'bad'='1': Domain=other.test does not cover shop.test",
        "GET ads.test/banner (third request)",
        "Client stores cookie 'ad'='7'",
        "GET shop.test/logout (fourth request)",
        "Client replaces cookie 'theme'='dark' with 'light'; deletes cookie 'sid'",
    ]


@pytest.mark.parametrize(
    ("focus", "kept"),
    [
        (Focus(host="ads.test"), ["/banner", "stores"]),
        (Focus(path="/login"), ["first", "stores"]),
        (Focus(path="/l/*"), []),
        (Focus(path="/*", host="ads.test"), ["/banner", "stores"]),
        (Focus(cookies=("bad",)), ["/account", "refuses"]),
        (Focus(cookies=("ad",)), ["/banner", "stores"]),
        (Focus(cookies=("nothing",)), []),
        (Focus(client_id="c2"), []),
        (Focus(host="shop.test", path="/favicon.ico"), []),
        (Focus(host="shop.test", path="/favicon.ico", housekeeping=True), ["(automatic)"]),
    ],
)
def test_focus(focus: Focus, kept: list[str]) -> None:
    """A focus keeps the exchanges that it covers, with their rows."""
    shown = actions(shop(), focus)
    assert len(shown) == len(kept)
    assert all(part in action for part, action in zip(kept, shown, strict=True))


def test_cookie_focus_shows_only_that_cookie() -> None:
    """With one cookie in focus, cells and storing rows leave the others out."""
    table = Table(shop().trace(), Focus(cookies=("theme",)))
    rows = [table.row(step) for step in range(1, len(table) + 1)]
    assert [row.action for row in rows] == [
        "GET /login (first request)",
        "Client stores cookie 'theme'='dark'",
        "GET /account (second request)",
        "GET /logout (third request)",
        "Client replaces cookie 'theme'='dark' with 'light'",
    ]
    assert [row.set_cookie for row in rows] == [
        "Set 'theme'='dark'",
        "N/A",
        "—",
        "Set 'theme'='light'",
        "N/A",
    ]
    assert rows[3].request_cookies == "{'theme': 'dark'}"
    assert rows[3].read_cookie == "≈ dark"


@pytest.mark.parametrize("seed", range(8))
def test_batches_do_not_matter(seed: int) -> None:
    """However events are batched, each focus has the same rows in the same places."""
    story = shop()
    a, b = story.ask("/slow", "theme=light"), story.ask("/fast", "theme=light")
    story.respond(b, "late=1; Path=/")
    story.respond(a, "late=2; Path=/")
    dice = random.Random(seed)
    trace = Trace()
    tables = [Table(trace, focus) for focus in (Focus(), Focus(cookies=("late",)))]
    waiting: list[TraceUpdate] = []
    before: list[list[int]] = [[], []]
    for event in story.events:
        waiting.append(trace.apply(event))
        if dice.random() < 0.4 or event is story.events[-1]:
            merged, waiting = merge_updates(waiting), []
            for index, table in enumerate(tables):
                table.update(merged)
                order = [table.trace_row(step).index for step in range(1, len(table) + 1)]
                assert order[: len(before[index])] == before[index]
                before[index] = order
    fresh = [Table(story.trace(), table.focus) for table in tables]
    for table, other in zip(tables, fresh, strict=True):
        assert len(table) == len(other)
        assert [table.row(n) for n in range(1, len(table) + 1)] == [
            other.row(n) for n in range(1, len(other) + 1)
        ]


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("focus", [Focus(cookies=("late",)), Focus(path="/slow")])
def test_a_table_that_catches_up_is_the_same(seed: int, focus: Focus) -> None:
    """Looking at one exchange at a time, while traffic arrives, places the same rows in order."""
    story = shop()
    a, b = story.ask("/slow", "theme=light"), story.ask("/fast", "theme=light")
    story.respond(b, "late=1; Path=/")
    story.respond(a, "late=2; Path=/")
    dice = random.Random(seed)
    trace, events = Trace(), iter(story.events)
    for _ in range(dice.randrange(len(story.events))):
        trace.apply(next(events))
    table = Table(trace, focus, gradually=True)
    for event in events:
        table.update(trace.apply(event))
        if dice.random() < 0.5:
            table.catch_up(1)
    while table.behind:
        table.catch_up(1)
    whole = Table(trace, focus)
    steps = range(1, len(whole) + 1)
    assert len(table) == len(whole)
    assert [table.row(step) for step in steps] == [whole.row(step) for step in steps]
    assert table.elsewhere == whole.elsewhere


@pytest.mark.parametrize(
    ("urls", "focus", "heading", "rows"),
    [
        (("http://a.test/", "http://a.test/x"), Focus(), "Action at a.test", ["GET /", "GET /x"]),
        (
            ("http://a.test/", "http://A.test:80/x"),
            Focus(),
            "Action at a.test",
            ["GET /", "GET /x"],
        ),
        (
            ("http://a.test:81/", "http://a.test:82/"),
            Focus(host="a.test"),
            "Action",
            ["GET a.test:81/", "GET a.test:82/"],
        ),
        (
            ("http://a.test/", "https://a.test/", "http://b.test/"),
            Focus(),
            "Action",
            ["GET http://a.test/", "GET https://a.test/", "GET b.test/"],
        ),
        (("http://a.test/", "http://a.test/"), Focus(path="/"), "Action", ["first", "second"]),
        (
            ("http://a.test/", "http://b.test/"),
            Focus(path="/"),
            "Action",
            ["first request to a.test", "second request to b.test"],
        ),
    ],
)
def test_a_host_that_is_always_the_same_stands_once(
    urls: tuple[str, ...], focus: Focus, heading: str, rows: list[str]
) -> None:
    """Rows name what differs between them; a host that they share is in the heading."""
    story = Story()
    for url in urls:
        story.visit(url)
    table = Table(story.trace(), focus)
    assert table.headings[1] == heading
    assert all(part in table.row(step).action for step, part in enumerate(rows, 1))
    assert (table.host is None) == any(host in part for part in rows for host in ("a.t", "b.t"))


def test_rows_name_their_hosts_from_the_second_host_on() -> None:
    """A new host changes what earlier rows say, and the update says so."""
    story = Story("http://a.test")
    story.visit("/", None, "a=1")
    table = Table(trace := story.trace())
    assert table.row(1).action == "GET / (first request)"
    story.visit("http://b.test/")
    updates = [trace.apply(event) for event in story.events[trace.position :]]
    assert table.update(merge_updates(updates)) == TableUpdate(3, frozenset({1, 2}))
    assert table.row(1).action == "GET a.test/ (first request)"


def test_second_client_is_named() -> None:
    """Rows of a second client are labelled, except in a focus on that client."""
    story = Story()
    story.visit("/", None, "a=1")
    story.client("c2", CHROMIUM)
    story.respond(story.ask("/", client_id="c2"), "b=2")
    assert actions(story, Focus(path="/"))[2:] == [
        "Client 2 sends first request",
        "Client 2 stores cookie 'b'='2'",
    ]
    assert actions(story, Focus(path="/", client_id="c2"))[0] == "Client sends first request"
    assert actions(story)[2] == "Client 2: GET / (first request)"


def test_method_is_named_even_if_the_path_is_pinned() -> None:
    """A POST in a focus on one path does not look like a GET."""
    story = Story()
    story.respond(story.ask("/", method="POST"))
    assert actions(story, Focus(path="/")) == ["Client sends first request: POST"]


def test_read_cell_without_witness_is_marked_as_inferred() -> None:
    """Without a witness, the header replaces the view's reads, and the cell says so."""
    story = Story()
    story.visit("/", "a=1; b=2")
    table = Table(story.trace())
    assert table.row(1).read_cookie == "≈ 'a'='1', 'b'='2'"
    assert Table(story.trace(), Focus(cookies=("a",))).row(1).read_cookie == "≈ 1"


def test_read_cell_with_witness() -> None:
    """With a witness, the cell shows what the app read, and ``None`` if it found none."""
    story = Story()
    exchange_id = story.ask("/", "other=1")
    story.respond(exchange_id, server=witness(exchange_id, None))
    assert Table(story.trace()).row(1).read_cookie == "'user'=None"
    assert Table(story.trace(), Focus(cookies=("other",))).row(1).read_cookie == "—"


def test_pending_and_failed() -> None:
    """Before the response the cells are pending; after a failure they show that nothing came."""
    story = Story()
    exchange_id = story.ask("/")
    row = Table(story.trace()).row(1)
    assert row.cells[3:] == ("…", "…", "…")
    assert row.marks == {Mark.PENDING}
    story.events.append(
        ev.Failure(
            exchange_id=exchange_id,
            client_id="c1",
            at=story.now,
            host="127.0.0.1",
            kind="connect",
            message="connection refused",
        )
    )
    row = Table(story.trace()).row(1)
    assert row.cells[3:] == ("—", "—", "[failed: connection refused]")
    assert row.marks == {Mark.FAILED}


def test_mask_hides_values_everywhere_in_a_row() -> None:
    """With a mask, no cell shows a value."""
    story = Story()
    story.visit("/", None, "sid=hunter2hunter2")
    story.visit("/", "sid=hunter2hunter2", "sid=secretsecret")
    table = Table(story.trace(), mask=masked)
    text = " ".join(cell for n in range(1, len(table) + 1) for cell in table.row(n).cells)
    assert "hunter2" not in text
    assert "secretsecret" not in text
    assert "'sid'='•••" in text


def test_hostile_text_is_shown_not_obeyed() -> None:
    """Escapes, markup and bidi controls from the wire are shown as visible text."""
    story = Story()
    story.visit("/\x1b[2J", None, "a=\xe2\x80\xae[red]x[/red]")
    cells = " ".join(Table(story.trace()).row(1).cells)
    assert "\x1b" not in cells
    assert "\u202e" not in cells
    assert "\\x1b[2J" in cells
    assert "\\u202e[red]x[/red]" in cells


def test_steps_of_and_unknown_steps() -> None:
    """An exchange has its steps; an unknown step raises IndexError."""
    table = Table(seed_story().trace())
    assert table.steps_of("x1") == (1, 2)
    assert table.steps_of("nobody") == ()
    for step in (0, 4, -1):
        with pytest.raises(IndexError):
            table.row(step)
