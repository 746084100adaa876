"""Which requests are of the same client, also when recording into an existing capture."""

from __future__ import annotations

from pathlib import Path

import pytest
from mitmproxy.test import tflow

from cookietrace.errors import LaunchError
from cookietrace.events import SCHEMA, Capture, Client, Jar, Recorder, Request, Response, Session
from cookietrace.fold.exchange import CookieStatus
from cookietrace.stores import MemoryStore
from cookietrace.trace import fold
from proxy_addon.hooks.clients import Clients
from proxy_addon.hooks.listeners import Listeners
from proxy_addon.hooks.recorder import FlowRecorder
from proxy_addon.journal.journal import Journal
from tests.proxy_addon.browser import Wire
from tests.proxy_addon.conftest import StartProxy, StartUpstream
from tests.proxy_addon.journal.test_trouble import RecordedReports
from tests.proxy_addon.proxies import PATIENCE, SECRET, events_of, of_kind, wait_for
from tests.proxy_addon.upstream import Visit, plain


def ask(address: str, url: str, *agents: bytes) -> None:
    """Make one request for each User-Agent, each on a connection of its own."""
    for agent in agents:
        with Wire(address) as wire:
            wire.get(url, *([b"User-Agent: " + agent] if agent else []))
            wire.response()


def test_listener_address_and_user_agent_make_a_client(
    start_proxy: StartProxy, start_upstream: StartUpstream
) -> None:
    """Two listeners make two clients; connections, which are recorded, make no difference."""
    app = start_upstream({"/": plain(b"x")})
    proxy = start_proxy("--mode", "regular@127.0.0.1:0", "--mode", "regular@127.0.0.1:0")
    first, second = proxy.addresses
    ask(first, f"{app.url}/", b"A", b"B\xff", b"A", b"")
    ask(second, f"{app.url}/", b"A")
    proxy.stop()
    events = events_of(proxy.capture)
    assert [
        (client.client_id, client.listen, client.peer, client.user_agent)
        for client in of_kind(events, Client)
    ] == [
        ("c1", first, "127.0.0.1", "A"),
        ("c2", first, "127.0.0.1", "B\xff"),
        ("c3", first, "127.0.0.1", None),
        ("c4", second, "127.0.0.1", "A"),
    ]
    requests = of_kind(events, Request)
    assert [r.client_id for r in requests] == ["c1", "c2", "c1", "c3", "c4"]
    assert len({r.connection for r in requests} - {None}) == 5


def test_one_connection_may_serve_several_clients(
    start_proxy: StartProxy, start_upstream: StartUpstream
) -> None:
    """Each request belongs to its own User-Agent, even if another proxy shares a connection."""
    app = start_upstream({"/": plain(b"x")})
    proxy = start_proxy()
    with Wire(proxy.addresses[0]) as wire:
        for agent in (b"A", b"A", b"A", b"B", b"A", b"", b"", b"B"):
            wire.get(f"{app.url}/", *([b"User-Agent: " + agent] if agent else []))
            wire.response()
    proxy.stop()
    events = events_of(proxy.capture)
    assert [client.user_agent for client in of_kind(events, Client)] == ["A", "B", None]
    assert [r.client_id for r in of_kind(events, Request)] == (
        ["c1", "c1", "c1", "c2", "c1", "c3", "c3", "c2"]
    )
    (connection,) = {r.connection for r in of_kind(events, Request)}
    assert connection is not None


def test_a_closed_connection_is_forgotten() -> None:
    """Also for a replayed request, whose connection was closed long before and is not recorded."""
    store = MemoryStore([Capture(capture_id="0", schema=SCHEMA, at=0.0, producer="test")])
    recorder = FlowRecorder(
        Journal(store, RecordedReports()), Clients(), Listeners(), secret=SECRET
    )
    for replay in (None, None, "request"):
        flow = tflow.tflow()
        flow.is_replay = replay
        recorder.requestheaders(flow)
        if replay is None:
            recorder.requestheaders(tflow.tflow(client_conn=flow.client_conn))
            assert list(recorder._last_clients) == [flow.client_conn.id]
            recorder.client_disconnected(flow.client_conn)
        assert not recorder._last_clients
    connections = [event.connection for event in of_kind(store.read().events, Request)]
    assert connections[0] == connections[1] != connections[2] == connections[3] is not None
    assert connections[4] is None  # nothing is known about a replay's


def test_a_listener_at_run_time_labels_its_clients(
    start_proxy: StartProxy, start_upstream: StartUpstream
) -> None:
    """A launched browser gets its own labelled listener while the proxy runs."""
    app = start_upstream({"/": plain(b"x")})
    proxy = start_proxy()
    proxy.command(type="nonsense")
    proxy.command(type="listen", mode="regular@127.0.0.1:0", label="chromium")
    report = proxy.report("listening")
    assert [listener["label"] for listener in report["listeners"]] == [None, "chromium"]
    ask(proxy.addresses[0], f"{app.url}/", b"A")
    ask(proxy.addresses[1], f"{app.url}/", b"A")
    proxy.stop()
    events = events_of(proxy.capture)
    assert [client.label for client in of_kind(events, Client)] == [None, "chromium"]
    started = [e for e in of_kind(events, Recorder) if e.state == "started"]
    assert [len(event.listeners) for event in started] == [1, 2]


def test_ids_continue_in_an_existing_capture() -> None:
    """A returning client keeps its id; a launched browser never returns."""
    info = Capture(capture_id="0", schema=SCHEMA, at=0.0, producer="test")
    known = Client(client_id="c1", at=0.0, listen="h:1", peer="p", user_agent="A")
    launched = Client(client_id="c7", at=0.0, listen="h:2", peer="p", user_agent="A", label="x")
    foreign = Client(client_id="someone", at=0.0, listen="h:3", peer="p", user_agent=None)
    endless = Client(client_id="c" + "9" * 5000, at=0.0, listen="h:4", peer="p", user_agent=None)
    clients = Clients.of_capture(MemoryStore([info, known, launched, foreign, endless]))
    assert clients.find("h:1", "p", "A", None, 1.0) == ("c1", ())
    assert clients.find("h:3", "p", None, None, 1.0) == ("someone", ())
    client_id, introduction = clients.find("h:2", "p", "A", "x", 1.0)
    assert client_id == "c8"
    assert clients.find("h:2", "p", "A", "x", 1.0)[0] == "c8"
    clients.recorded(introduction)
    assert clients.find("h:2", "p", "A", "x", 1.0) == ("c8", ())
    assert clients.find("h:9", "p", "A", None, 1.0)[0] == "c9"


def test_a_fresh_browser_goes_on_in_place_of_a_client(
    start_proxy: StartProxy, start_upstream: StartUpstream
) -> None:
    """On command, also on connections that are open; what is in progress keeps its client.

    A second command changes nothing until the fresh browser has made a request, and one that
    names a client that went before means the latest one.
    """
    app = start_upstream({"/": plain(b"x"), "/slow": lambda visit: hold(visit)})

    def hold(visit: Visit) -> None:
        app.released.wait(PATIENCE)
        visit.send(plain(b"y"))

    proxy = start_proxy()
    with Wire(proxy.addresses[0]) as kept, Wire(proxy.addresses[0]) as slow:
        kept.get(f"{app.url}/", b"User-Agent: A")
        kept.response()
        slow.get(f"{app.url}/slow", b"User-Agent: A")
        wait_for(proxy.capture, lambda event: "/slow" in getattr(event, "url", ""))
        ask(proxy.addresses[0], f"{app.url}/", b"B")
        replies = []
        for name in ("c1", "c1", "nobody"):
            proxy.command(type="session", client_id=name)
            replies.append(proxy.report("session").get("message", ""))
        app.released.set()
        slow.response()
        for agent in (b"A", b"B"):
            kept.get(f"{app.url}/", b"User-Agent: " + agent)
            kept.response()
        proxy.command(type="session", client_id="c1")
        replies.append(proxy.report("session").get("message", ""))
        kept.get(f"{app.url}/", b"User-Agent: A")
        kept.response()
    proxy.stop()
    assert [reply.partition(":")[0] for reply in replies] == [
        "",
        "it is already a fresh browser",
        "this client's browser has ended",
        "",
    ]
    events = events_of(proxy.capture)
    requests = of_kind(events, Request)
    assert [r.client_id for r in requests] == ["c1", "c1", "c2", "c3", "c2", "c4"]
    assert [(s.client_id, s.follows) for s in of_kind(events, Session)] == [
        ("c3", "c1"),
        ("c4", "c3"),
    ]
    for session in of_kind(events, Session):
        client = events[events.index(session) - 1]
        assert isinstance(client, Client)
        assert (client.client_id, client.user_agent) == (session.client_id, "A")
    late = [e for e in of_kind(events, Response) if e.exchange_id == requests[1].exchange_id]
    assert events.index(late[0]) > events.index(of_kind(events, Session)[0])


def test_a_fresh_browser_is_known_in_an_existing_capture() -> None:
    """Requests continue as those of the latest one; a launched browser of before never returns."""
    info = Capture(capture_id="0", schema=SCHEMA, at=0.0, producer="test")
    first = Client(client_id="c1", at=0.0, listen="h:1", peer="p", user_agent="A")
    fresh = Client(client_id="c2", at=0.0, listen="h:1", peer="p", user_agent="A")
    session = Session(client_id="c2", at=0.0, follows="c1")
    launched = Client(client_id="c3", at=0.0, listen="h:2", peer="p", user_agent="A", label="x")
    clients = Clients.of_capture(MemoryStore([info, first, fresh, session, launched]))
    for name in ("c1", "c2"):
        with pytest.raises(LaunchError, match="already a fresh browser"):
            clients.fresh(name, 1.0)
    assert clients.find("h:1", "p", "A", None, 1.0) == ("c2", ())
    client, follows = clients.fresh("c1", 1.0)
    assert client == Client(client_id="c4", at=1.0, listen="h:1", peer="p", user_agent="A")
    assert follows == Session(client_id="c4", at=1.0, follows="c2")
    with pytest.raises(LaunchError, match="has ended"):
        clients.fresh("c3", 1.0)


def test_cookies_from_before_the_recording(
    start_proxy: StartProxy, start_upstream: StartUpstream, tmp_path: Path
) -> None:
    """The first client holds them from the start, so what it sends is explained."""
    app = start_upstream({"/": plain(b"x")})
    file = tmp_path / "cookies.txt"
    file.write_text(
        "# Netscape HTTP Cookie File\n127.0.0.1\tFALSE\t/\tFALSE\t0\tsid\tabc\n", "utf-8"
    )
    proxy = start_proxy("--start-from", str(file))
    with Wire(proxy.addresses[0]) as wire:
        wire.get(f"{app.url}/", b"User-Agent: A", b"Cookie: sid=abc")
        wire.response()
    ask(proxy.addresses[0], f"{app.url}/", b"B")
    proxy.stop()
    events = events_of(proxy.capture)
    (jar,) = of_kind(events, Jar)
    assert (jar.client_id, [cookie.name for cookie in jar.cookies]) == ("c1", ["sid"])
    trace = fold(events)
    (cookie,) = trace.exchanges[0].request.cookies
    assert cookie.status is CookieStatus.SENT
    assert trace.jar_at("c2", trace.position) == ()
