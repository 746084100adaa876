"""Changes on the wire, by hand: only towards named hosts, recorded, and told."""

from __future__ import annotations

from contextlib import closing, nullcontext
from pathlib import Path

import pytest
from mitmproxy.http import Headers
from mitmproxy.proxy.mode_specs import ProxyMode
from mitmproxy.test import tflow

from cookietrace.edits import KNOWN, HandEdit
from cookietrace.errors import FormatError, LaunchError
from cookietrace.events import Edited, Request, Response
from cookietrace.lesson.explain import Explainer
from cookietrace.lesson.row_marks import Mark
from cookietrace.lesson.table import Table
from cookietrace.lesson.transcript import transcript
from cookietrace.stores import create_capture
from cookietrace.trace import fold
from proxy_addon.hooks.editing import Editing
from proxy_addon.journal.journal import Journal
from tests.proxy_addon.browser import Wire
from tests.proxy_addon.conftest import StartProxy, StartUpstream
from tests.proxy_addon.journal.test_trouble import RecordedReports
from tests.proxy_addon.proxies import events_of, of_kind

LINE = b"sid=1; Path=/; HttpOnly"


def answer(*lines: bytes) -> bytes:
    """Return a response that sets cookies."""
    fields = b"".join(b"Set-Cookie: " + line + b"\r\n" for line in lines)
    return b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n" + fields + b"\r\nok"


def test_only_named_hosts_and_all_of_it_recorded(
    start_proxy: StartProxy, start_upstream: StartUpstream
) -> None:
    """The app and the browser get what the user chose; the capture has both, and every view."""
    apps = [start_upstream({"/": answer(LINE, b"other=2")}) for _ in range(2)]
    named = apps[0].url.partition("://")[2]
    proxy = start_proxy(
        f"--edit={named}", "--edit-response=sid: SameSite=None; Secure; -HttpOnly",
        "--edit-response=-other", "--edit-request=theme=dark", "--edit-request=-track",
    )  # fmt: skip
    heads = []
    for app in apps:
        asked = f"GET {app.url}/ HTTP/1.1\r\nHost: {named}\r\n".encode()
        with Wire(proxy.addresses[0]) as wire:  # what the Host says does not make it the named host
            wire.send(asked + b"Cookie: theme=light; track=9; sid=0\r\n\r\n")
            heads.append(wire.response()[0])
    assert b"Set-Cookie: sid=1; Path=/; SameSite=None; Secure\r\n" in heads[0]
    assert b"other=" not in heads[0]
    assert LINE in heads[1]
    assert b"other=2" in heads[1]
    assert apps[0].visits[0].headers("cookie") == [b"theme=dark; sid=0"]
    assert apps[1].visits[0].headers("cookie") == [b"theme=light; track=9; sid=0"]
    proxy.stop()
    events = events_of(proxy.capture)
    first, second = (each.exchange_id for each in of_kind(events, Request))
    edits = of_kind(events, Edited)
    assert [(each.of, each.name, each.before, each.after) for each in edits] == [
        ("request", "theme", "theme=light", "theme=dark"),
        ("request", "track", "track=9", None),
        ("response", "sid", LINE.decode(), "sid=1; Path=/; SameSite=None; Secure"),
        ("response", "other", "other=2", None),
    ]
    assert {each.exchange_id for each in edits} == {first}
    request = of_kind(events, Request)[0]
    assert ("Cookie", "theme=light; track=9; sid=0") in request.headers  # as the browser sent it
    response = next(each for each in of_kind(events, Response) if each.exchange_id == first)
    lines = [value for name, value in response.headers if name.lower() == "set-cookie"]
    assert lines == ["sid=1; Path=/; SameSite=None; Secure"]  # as the browser got it
    trace = fold(events)
    assert [Mark.EDITED in Table(trace).row(step).marks for step in (1, 3)] == [True, False]
    told = "\n".join(transcript(trace))
    assert "Changed by hand: 'theme' was given another value before the app got" in " ".join(
        told.split()
    )
    printed = Explainer(trace).explanation(trace.exchange(first))
    assert [(each["of"], each["name"], each["left_out"]) for each in printed["edited"]] == [
        ("request", "theme", False), ("request", "track", True),
        ("response", "sid", False), ("response", "other", True),
    ]  # fmt: skip
    assert "edited" not in Explainer(trace).explanation(trace.exchange(second))


def test_a_command_changes_what_is_changed(
    start_proxy: StartProxy, start_upstream: StartUpstream
) -> None:
    """The screen can change it while recording, for a named host only: the proxy refuses others."""
    app = start_upstream({"/": answer(LINE)})
    named = app.url.partition("://")[2]
    proxy = start_proxy(f"--edit={named}")
    heads = []
    changes: list[tuple[list[str], str]] = [
        ([], ""),
        (["sid: Path=/x"], ""),
        (
            ["sid: Colour=red"],
            f"not an attribute: Colour=red. The attributes are {', '.join(KNOWN)}",
        ),
        ([], ""),
    ]
    with Wire(proxy.addresses[0]) as wire:
        for responses, refused in changes:
            proxy.command(type="edit", host=named, responses=responses)
            report = proxy.report("edited")
            assert (report.get("message") or "").partition(" (")[0] == refused
            wire.get(f"{app.url}/")
            heads.append(b"Path=/x" in wire.response()[0])
    assert heads == [False, True, True, False]
    proxy.command(type="edit", host="elsewhere.test", responses=["-sid"])
    assert "start again with --edit elsewhere.test" in proxy.report("edited")["message"]


def test_without_a_named_host_nothing_can_be_changed(start_proxy: StartProxy) -> None:
    """The proxy itself refuses it."""
    proxy = start_proxy()
    proxy.command(type="edit", host="shop.test", requests=["-sid"])
    assert "start again with --edit shop.test" in proxy.report("edited")["message"]


def test_a_reverse_listener(start_proxy: StartProxy, start_upstream: StartUpstream) -> None:
    """The app behind it can be named by its own address. What is not changed stays as it is."""
    app = start_upstream({"/": answer(LINE)})
    named = app.url.partition("://")[2]
    proxy = start_proxy(
        "--mode", f"reverse:{app.url}@127.0.0.1:0", f"--edit={named}", "--edit-response=-sid",
        "--edit-request=-gone",
    )  # fmt: skip
    with Wire(proxy.addresses[0]) as wire:
        wire.get("/", b"Host: localhost", b"Cookie: a=1;b=2;  ;c")
        assert b"sid=" not in wire.response()[0]
    assert app.visits[0].headers("cookie") == [b"a=1;b=2;  ;c"]
    proxy.stop()
    assert len(of_kind(events_of(proxy.capture), Edited)) == 1


@pytest.mark.parametrize(
    ("named", "asked", "same"),
    [
        ("xn--bcher-kva.example", "b\u00fccher.example", True), ("a.test", "A.Test.:80", True),
        ("a.test:81", "a.test:81", True), ("a.test:81", "a.test:80", False),
        ("a.test:81", "a.test", False), ("a.test", "sub.a.test", False),
        ("a.test", "ba.test", False), ("[::1]:80", "[::1]:80", True), ("::1", "[::1]", True),
        ("::1", "[::]:1", False), ("a.test", "a.test.evil.test", False), ("a.test", "", False),
    ],
)  # fmt: skip
def test_which_host_is_named(tmp_path: Path, named: str, asked: str, same: bool) -> None:
    """No other host, no subdomain, no other port; as it is written makes no difference."""
    with closing(create_capture(tmp_path / "c")) as store:
        editing = Editing(Journal(store, RecordedReports()), lambda _: None, [named])
        with nullcontext() if same else pytest.raises(LaunchError):
            editing.set(asked, [HandEdit.parse("-sid", "request")])


@pytest.mark.parametrize(
    ("named", "said", "tls", "changed"),
    [
        ("app.test:5000", b"shop.test:9", False, True), ("shop.test", b"shop.test:9", True, True),
        ("shop.test:9", b"shop.test:9", True, True), ("shop.test:80", b"shop.test", False, True),
        ("shop.test:443", b"shop.test", True, True), ("shop.test:443", b"shop.test", False, False),
        ("shop.test:5000", b"shop.test", True, False), ("other.test", b"shop.test", True, False),
    ],
)  # fmt: skip
def test_the_names_of_an_app_behind_a_reverse_listener(
    tmp_path: Path, named: str, said: bytes, tls: bool, changed: bool
) -> None:
    """It is the host that it is connected to, and the one in the browser's address bar."""
    flow = tflow.tflow()
    flow.client_conn.proxy_mode = ProxyMode.parse("reverse:http://app.test:5000")
    flow.client_conn.tls = tls
    flow.request.host, flow.request.port = "app.test", 5000
    flow.request.headers = Headers([(b"Host", said), (b"Cookie", b"sid=1; a=2")])
    with closing(create_capture(tmp_path / "c")) as store:
        edits = [HandEdit.parse("-sid", "request")]
        journal = Journal(store, RecordedReports())
        Editing(journal, lambda _: "x1", [named], edits).request(flow)
        journal.close()
    assert flow.request.headers["cookie"] == ("a=2" if changed else "sid=1; a=2")


@pytest.mark.parametrize(
    ("of", "text"),
    [
        ("request", "sid"), ("request", "sid=1; b=2"), ("request", "=1"),
        ("request", "a=1\r\nX: y"),
        ("response", "sid"), ("response", "sid: Path=/\r\nX: y"), ("response", "sid: Path=/é€"),
        ("request", "-"),
    ],
)  # fmt: skip
def test_a_change_that_is_none(of: str, text: str) -> None:
    """What could be more than one cookie or one header field is refused."""
    with pytest.raises(FormatError):
        HandEdit.parse(text, "request" if of == "request" else "response")
