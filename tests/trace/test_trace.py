"""The fold as a whole: rows, clocks, clients, notes and the history of the jar."""

from __future__ import annotations

import msgspec
import pytest

from cookietrace import events as ev
from cookietrace.cookies import Cookie, SameSite
from cookietrace.fold.exchange import JarChange, NoteKind, RowKind, TraceUpdate
from cookietrace.fold.jar_history import CHECKPOINT_EVERY, JarHistory
from cookietrace.trace import Trace, fold, merge_updates
from tests.story import START, Story, seed_story, witness


def kinds(trace: Trace) -> list[str]:
    """Return the kinds of the rows."""
    return [row.kind.value for row in trace.rows]


@pytest.mark.parametrize(
    ("lines", "rows", "outcomes"),
    [
        (("a=1",), ["stores"], ["created"]),
        (("a=1", "b=2"), ["stores"], ["created", "created"]),
        (("a=1", "a=2"), ["stores"], ["created", "replaced"]),
        (("a=1", "a=1"), ["stores"], ["created", "refreshed"]),
        (("gone=; Max-Age=0",), [], ["ignored"]),
        (("a=1; Domain=x.test",), ["refused"], ["rejected"]),
        (
            ("a=1", "b=1; Domain=x.test", "c=1; Domain=y.test"),
            ["stores", "refused", "refused"],
            None,
        ),
        (("",), ["refused"], ["rejected"]),
    ],
)
def test_rows_of_a_response(
    lines: tuple[str, ...], rows: list[str], outcomes: list[str] | None
) -> None:
    """One storing row if the jar changed, then one row per refused Set-Cookie."""
    story = Story("http://shop.test")
    story.visit("/", None, *lines)
    trace = story.trace()
    assert kinds(trace) == ["exchange", *rows]
    response = trace.exchanges[0].response
    assert response is not None
    if outcomes is not None:
        assert [result.outcome.value for result in response.set_cookies] == outcomes


def test_the_parts_of_an_exchange_show_their_events() -> None:
    """A request and a response have the fields of the events that they were made from."""
    story = Story()
    visited = story.visit("/")
    exchange = story.trace().exchange(visited)
    request, response = exchange.request, exchange.response
    assert response is not None
    for part, names in (
        (request, ("at", "method", "url", "upstream", "http_version", "headers")),
        (response, ("at", "status_code", "reason", "http_version", "headers")),
    ):
        assert [getattr(part, name) for name in names] == [
            getattr(part.event, name) for name in names
        ]


def test_rows_are_in_the_order_of_the_events() -> None:
    """Even if two requests are in flight."""
    story = Story()
    a, b = story.ask("/a"), story.ask("/b")
    story.respond(b, "b=1")
    story.respond(a, "a=1")
    trace = story.trace()
    assert [(row.kind.value, row.exchange_id) for row in trace.rows] == [
        ("exchange", a),
        ("exchange", b),
        ("stores", b),
        ("stores", a),
    ]
    assert [row.index for row in trace.rows] == [0, 1, 2, 3]


def test_jar_at_any_position() -> None:
    """The jar is available as of every event, before and after each change."""
    story = Story()
    story.visit("/", None, "a=1; Path=/")
    story.visit("/", "a=1", "a=2; Path=/", "b=1; Path=/")
    story.visit("/", "a=2; b=1", "a=; Max-Age=0; Path=/")
    trace = story.trace()
    seen = [
        " ".join(cookie.pair for cookie in trace.jar_at("c1", position))
        for position in range(trace.position + 1)
    ]
    assert list(dict.fromkeys(seen)) == ["", "a=1", "a=2 b=1", "b=1"]


def test_jar_far_back_uses_checkpoints() -> None:
    """With more changes than a checkpoint covers, every earlier jar is still right."""
    story = Story()
    for number in range(CHECKPOINT_EVERY + 20):
        story.visit("/", f"n={number - 1}" if number else None, f"n={number}; Path=/")
    trace = story.trace()
    stores = [row for row in trace.rows if row.kind is RowKind.STORES]
    for number in (0, 1, 300, CHECKPOINT_EVERY - 1, CHECKPOINT_EVERY, CHECKPOINT_EVERY + 19):
        jar = trace.jar_at("c1", stores[number].position)
        assert [cookie.pair for cookie in jar] == [f"n={number}"]


def test_checkpoints_of_a_large_jar_take_linear_space() -> None:
    """The history takes space linear in its changes, and every earlier jar is right."""
    history = JarHistory()
    cookies = [
        Cookie(
            name=f"n{number:05}",
            value="1",
            domain="shop.test",
            host_only=True,
            path="/",
            secure=False,
            http_only=False,
            same_site=SameSite.LAX,
            expires_at=None,
            created_at=START,
            last_access_at=START,
        )
        for number in range(20 * CHECKPOINT_EVERY)
    ]
    for position, cookie in enumerate(cookies, 1):
        history.add(JarChange(position, "x1", cookie.key, None, cookie, "stored"))
    sizes = [len(checkpoint.contents) for checkpoint in history._checkpoints]
    assert sum(sizes) <= 2 * len(cookies)
    for position in (0, 511, 512, 513, 5000, len(cookies)):
        assert history.at(position) == tuple(cookies[:position])


def test_the_clock_never_goes_back() -> None:
    """An event from the past is folded at the latest time; a long step back is noted once."""
    story = Story()
    story.visit("/", None, "a=1; Max-Age=100")
    story.now -= 500
    late = story.ask("/", "a=1", after=0)
    story.respond(late)
    trace = story.trace()
    assert [note.kind for note in trace.notes] == [NoteKind.CLOCK_STEP]
    assert "500" in trace.notes[0].message
    assert [cookie.status.value for cookie in trace.exchange(late).request.cookies] == ["sent"]


def test_a_small_step_back_gives_no_note() -> None:
    """Less than a second is jitter between threads."""
    story = Story()
    story.visit("/")
    story.ask("/", after=-0.5)
    assert story.trace().notes == []


def test_recorder_gaps_and_listeners() -> None:
    """The recorder's latest state is kept; a gap becomes a note."""
    story = Story()
    listener = ev.Listener(mode="regular", address="127.0.0.1:8080")
    story.events += [
        ev.Recorder(at=START, state="started", listeners=(listener,)),
        ev.Recorder(at=START + 1, state="gap", message="3 exchanges were not recorded"),
    ]
    trace = story.trace()
    assert trace.listeners == (listener,)
    assert trace.recorder is not None
    assert trace.recorder.state == "started"
    assert [(note.kind, note.message) for note in trace.notes] == [
        (NoteKind.GAP, "3 exchanges were not recorded")
    ]


def test_failures() -> None:
    """A failure belongs to its exchange; one before any exchange is a note with its host."""
    story = Story()
    exchange_id = story.ask("/")
    for owner, kind in ((exchange_id, "connect"), (None, "tls-client")):
        story.events.append(
            ev.Failure(
                exchange_id=owner,
                client_id="c1",
                at=story.now,
                host="bank.test",
                kind=kind,  # type: ignore[arg-type]
                message="went wrong",
            )
        )
    trace = story.trace()
    failure = trace.exchanges[0].failure
    assert failure is not None
    assert failure.kind == "connect"
    assert [(note.kind, note.host) for note in trace.notes] == [
        (NoteKind.CONNECTION_FAILURE, "bank.test")
    ]


def test_misplaced_events_are_ignored() -> None:
    """An event of an unknown exchange, or a repeated one, changes nothing."""
    story = seed_story()
    trace = story.trace()
    rows, exchanges = list(trace.rows), list(trace.exchanges)
    repeated: list[ev.Event] = [
        event for event in story.events if isinstance(event, ev.Request | ev.Response)
    ]
    unknown: list[ev.Event] = [
        ev.Response(
            exchange_id="ghost",
            at=START,
            status_code=200,
            reason="",
            http_version="HTTP/1.1",
            headers=(("Set-Cookie", "a=1"),),
        ),
        ev.Unknown(raw='{"type":"tomorrow"}'),
    ]
    for event in (*repeated, *unknown, story.events[0]):
        update = trace.apply(event)
        assert (update.exchanges, update.rows, update.clients) == ((), (), False)
    assert (list(trace.rows), list(trace.exchanges)) == (rows, exchanges)


def test_a_lost_client_event_is_replaced() -> None:
    """A request of an unknown client still has a client and a jar."""
    story = Story()
    story.visit("/", None, "a=1")
    events = [event for event in story.events if not isinstance(event, ev.Client)]
    trace = fold(events)
    assert [state.client_id for state in trace.clients] == ["c1"]
    assert [cookie.pair for cookie in trace.jar_at("c1", trace.position)] == ["a=1"]


def test_an_aborted_exchange_explains_nothing() -> None:
    """Only a response explains a difference; a failed request is no longer open."""
    story = Story()
    story.visit("/", None, "a=1")
    slow = story.ask("/slow", "a=1")
    story.events.append(
        ev.Failure(
            exchange_id=slow,
            client_id="c1",
            at=story.now,
            host=None,
            kind="aborted",
            message="the client went away",
        )
    )
    early = story.ask("/", "a=2")
    story.respond(slow, "a=2; Path=/")
    (cookie,) = story.trace().exchange(early).request.cookies
    assert cookie.status.value == "unexplained"


def test_forced_profile() -> None:
    """A profile can be forced; by default the User-Agent chooses it, and without one it is spec."""
    assert Story(user_agent=None).trace().clients == []
    story = Story()
    story.visit("/")
    without_agent = Story(user_agent=None)
    without_agent.visit("/")
    assert story.trace().clients[0].profile == "chromium"
    assert story.trace("firefox").clients[0].profile == "firefox"
    assert without_agent.trace().clients[0].profile == "spec"
    with pytest.raises(KeyError):
        Trace("netscape")


def test_a_merged_update_combines_all() -> None:
    """It has every exchange, row and note of the updates."""
    story = seed_story()
    trace = Trace()
    updates = [trace.apply(event) for event in story.events]
    merged = merge_updates(updates)
    assert merged.exchanges == ("x1", "x2")
    assert list(merged.rows) == list(trace.rows)
    assert merged.clients
    assert merged.position == trace.position == len(story.events)
    assert merge_updates([]) == TraceUpdate(0)
    assert merge_updates(updates[-1:]) is updates[-1]


def test_folding_is_deterministic() -> None:
    """The same events give the same trace."""
    story = seed_story()
    one, two = story.trace(), story.trace()
    assert (one.exchanges, list(one.rows), one.notes) == (two.exchanges, list(two.rows), two.notes)


def test_a_restarted_recorder_forgets_what_was_open() -> None:
    """Requests that a killed recorder left open explain nothing after a restart."""
    story = Story()
    story.visit("/", None, "a=1")
    slow = story.ask("/slow", "a=1")
    story.events.append(ev.Recorder(at=story.now, state="started"))
    early = story.ask("/", "a=2")
    story.respond(slow, "a=2; Path=/")
    (cookie,) = story.trace().exchange(early).request.cookies
    assert cookie.status.value == "unexplained"


def test_a_stopped_recorder_keeps_its_listeners() -> None:
    """After a stop, the addresses where the proxy listened are still available."""
    story = Story()
    listener = ev.Listener(mode="regular", address="127.0.0.1:8080")
    story.events += [
        ev.Recorder(at=START, state="started", listeners=(listener,)),
        ev.Recorder(at=START + 1, state="stopped"),
    ]
    trace = story.trace()
    assert trace.recorder is not None
    assert (trace.recorder.state, trace.listeners) == ("stopped", (listener,))


def test_evictions_are_reported_and_leave_the_jar() -> None:
    """A jar over its limit evicts cookies; the response and the history have them."""
    story = Story("https://shop.test")
    lines = [f"c{number}={number}; Path=/" for number in range(200)]
    story.visit("/", None, *lines)
    trace = story.trace()
    evicted = [
        cookie
        for exchange in trace.exchanges
        if exchange.response is not None
        for result in exchange.response.set_cookies
        for cookie in result.evicted
    ]
    left = trace.jar_at("c1", trace.position)
    assert evicted
    assert {cookie.key for cookie in left}.isdisjoint(cookie.key for cookie in evicted)
    causes = {change.cause for change in trace.jar_changes("c1")}
    assert "evicted" in causes


def test_unknown_ids_raise_key_errors() -> None:
    """Requesting an unknown client or exchange is the caller's mistake."""
    trace = seed_story().trace()
    with pytest.raises(KeyError):
        trace.client("nobody")
    with pytest.raises(KeyError):
        trace.exchange("nothing")


def test_bodies_belong_to_their_side() -> None:
    """Request and response bodies are kept separately; one of an unknown exchange is ignored."""
    story = Story()
    exchange_id = story.visit("/")
    (response,) = [event for event in story.events if isinstance(event, ev.Body)]
    request = msgspec.structs.replace(response, of="request", content="q=1")
    ghost = msgspec.structs.replace(response, exchange_id="ghost")
    seen = witness("ghost", None)
    trace = fold([*story.events, request, ghost, seen])
    exchange = trace.exchange(exchange_id)
    assert exchange.request_body == request
    assert exchange.response_body == response
    assert exchange.server is None


def test_a_client_announced_twice_is_one() -> None:
    """A second announcement changes nothing."""
    story = Story()
    story.client("c1")
    story.client("c1")
    assert len(story.trace().clients) == 1
