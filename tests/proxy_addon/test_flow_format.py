"""The flow format: mitmproxy opens what we write, and we read what mitmproxy writes."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import pytest
from mitmproxy import flow as mitmproxy_flow
from mitmproxy import http
from mitmproxy.io import FlowReader, FlowWriter
from mitmproxy.test import tflow, tutils
from mitmproxy.version import FLOW_FORMAT_VERSION

from cookietrace.errors import FormatError, SchemaError
from cookietrace.events import (
    SCHEMA,
    Body,
    Capture,
    Client,
    CookieRead,
    Event,
    Failure,
    Recorder,
    Request,
    Response,
    Server,
    Session,
    encode,
)
from cookietrace.fold.verdict_record import VERSION
from cookietrace.formats import export, outgoing, read_capture, write_export
from cookietrace.formats.format import Export, Lost
from cookietrace.lesson.explain import explanations
from cookietrace.trace import fold
from proxy_addon.flows.extras import KEY
from proxy_addon.flows.format import FORMAT, is_flow_file
from tests.proxy_addon.nursery import Nursery
from tests.proxy_addon.proxies import PATIENCE, of_kind, only
from tests.story import Story
from tests.tui import captures
from tests.verdict_stories import late, rich

INFO = Capture(capture_id="ab", schema=SCHEMA, at=1.0, producer="test", sensitive=False)
INFO_SENSITIVE = msgspec.structs.replace(INFO, sensitive=True)
CLIENT = Client(
    client_id="c1", at=2.0, listen="127.0.0.1:8080", peer="127.0.0.1", user_agent="T\xe9", label="x"
)


def request(number: int, at: float, url: str, *headers: tuple[str, str]) -> Request:
    """Return a request of the one client."""
    return Request(
        exchange_id=f"x{number}",
        client_id="c1",
        connection=f"k{number}" if number % 2 else None,
        at=at,
        method="GET",
        url=url,
        upstream="http://127.0.0.1:5000",
        http_version="HTTP/1.1",
        headers=(("User-Agent", "T\xe9"), *headers),
    )


def response(number: int, at: float, *headers: tuple[str, str]) -> Response:
    """Return a response."""
    return Response(
        exchange_id=f"x{number}",
        at=at,
        status_code=200,
        reason="Fine\xe9",
        http_version="HTTP/1.1",
        headers=headers,
    )


def body(number: int, at: float, content: str | None, **fields: object) -> Body:
    """Return a response's body."""
    plain = Body(
        exchange_id=f"x{number}",
        at=at,
        of="response",
        content_type=None,
        size=len(content or ""),
        content=content,
        base64=None,
        truncated=False,
    )
    return msgspec.structs.replace(plain, **fields)


EVENTS: list[Event] = [
    INFO,
    CLIENT,
    request(1, 2.0, "https://shop.test/caf\xe9?a=b#c", ("Cookie", "a=1"), ("cookie", "b=\xff,2")),
    request(2, 2.5, "http://[::1]:8081/", ("Host", "[::1]:8081")),
    Server(
        exchange_id="x1",
        at=3.0,
        function="view",
        file="app.py",
        first_line=1,
        source="def view(): ...",
        lines=(1,),
        reads=(CookieRead(name="a", value="1", where="view"),),
        writes=(),
        locals=(),
    ),
    response(1, 3.0, ("Set-Cookie", "a=1, 2"), ("SET-cookie", "b"), ("Content-Type", "text/html")),
    body(1, 3.0, "Gr\xfc\xdfe", content_type="text/html", size=900_000, truncated=True),
    response(2, 3.5, ("Content-Encoding", "gzip"), ("Content-Type", "text/plain")),
    body(2, 3.5, "hello", content_type="text/plain"),
    request(3, 4.0, "http://down.test/", ("Host", "down.test")),
    Failure(
        exchange_id="x3", client_id="c1", at=4.5, host="down.test", kind="connect", message="no"
    ),
    request(4, 5.0, "http://shop.test/stream", ("Host", "shop.test")),
    response(4, 5.5, ("Content-Type", "text/event-stream")),
    request(5, 6.0, "http://shop.test/png", ("Host", "shop.test")),
    response(5, 6.5, ("Content-Type", "image/png")),
    body(5, 6.5, None, content_type="image/png", base64="iVBORw==", size=4),
    msgspec.structs.replace(CLIENT, client_id="c2", at=7.0),
    Session(client_id="c2", at=7.0, follows="c1"),
    msgspec.structs.replace(
        request(6, 7.0, "http://shop.test/", ("Host", "shop.test")), client_id="c2"
    ),
    response(6, 7.5),
]


def written(events: Sequence[Event], path: Path) -> Path:
    """Write events as a flow file."""
    assert FORMAT.writes is not None
    path.write_bytes(b"".join(FORMAT.writes(Export(events))))
    return path


def read(path: Path, lost: Lost | None = None) -> list[Event]:
    """Return the events of a flow file."""
    assert FORMAT.reads is not None
    return list(FORMAT.reads(path, lost))


def save(path: Path, *flows: mitmproxy_flow.Flow) -> Path:
    """Write flows as mitmproxy does."""
    with path.open("wb") as file:
        for flow in flows:
            FlowWriter(file).add(flow)  # type: ignore[no-untyped-call]
    return path


def test_written_files_are_read_back_unchanged(tmp_path: Path) -> None:
    """Event for event, in order, with odd bytes and the witness's report."""
    assert read(written(EVENTS, tmp_path / "a.flow")) == EVENTS


def test_events_without_an_exchange_are_left_out(tmp_path: Path) -> None:
    """The recorder's own events are left out, and nothing else."""
    extra: list[Event] = [Recorder(at=9.0, state="gap", message="x")]
    assert read(written([*EVENTS, *extra], tmp_path / "a.flow")) == EVENTS


def test_content_of_a_foreign_file_is_written(tmp_path: Path) -> None:
    """Characters beyond latin-1 become UTF-8, and invalid Base64 becomes an empty body."""
    odd = request(1, 3.0, "http://a.test/\u4e16", ("X-\u4e16", "\u754c"))
    spoiled = Body(
        exchange_id="x1", at=4.0, of="response", content_type="image/png", size=3, base64="***a"
    )
    path = written([INFO, CLIENT, odd, response(1, 4.0), spoiled], tmp_path / "a.flow")
    with path.open("rb") as file:
        (flow,) = FlowReader(file).stream()
    assert isinstance(flow, http.HTTPFlow)
    assert flow.request.data.path == "/\u4e16".encode()
    assert ("X-\u4e16".encode(), "\u754c".encode()) in flow.request.headers.fields
    assert flow.response is not None
    assert not flow.response.content


def test_mitmproxys_reader_opens_it(tmp_path: Path) -> None:
    """Raw headers, decoded content, times and errors are where mitmproxy expects them."""
    with written(EVENTS, tmp_path / "a.flow").open("rb") as file:
        flows = [flow for flow in FlowReader(file).stream() if isinstance(flow, http.HTTPFlow)]
    first, second, third, fourth, *_ = flows
    assert first.request.url.startswith("https://shop.test/")
    assert (b"cookie", b"b=\xff,2") in first.request.headers.fields
    assert first.response is not None
    assert first.response.headers.get_all("set-cookie") == ["a=1, 2", "b"]
    assert first.response.content == "Gr\xfc\xdfe".encode()
    assert first.response.timestamp_end == 3.0
    assert second.response is not None
    assert second.response.content == b"hello"
    assert second.response.raw_content != b"hello"
    assert third.error is not None
    assert third.error.msg == "no"
    assert fourth.response is not None
    assert fourth.response.raw_content is None
    assert first.server_conn.address == ("127.0.0.1", 5000)


def test_mitmdump_opens_it(nursery: Nursery, tmp_path: Path) -> None:
    """``mitmdump -r`` itself lists every exchange."""
    path = written(EVENTS, tmp_path / "a.flow")
    process = nursery.start_mitmdump(["-n", "-r", str(path), "--set", f"confdir={tmp_path}"])
    with process.stderr:
        output = process.stderr.read().decode("latin-1")
    assert process.wait(PATIENCE) == 0
    for url in ("https://shop.test/", "http://down.test/", "http://shop.test/stream"):
        assert url in output
    assert "rror" not in output


def test_a_file_of_mitmproxy_becomes_events(tmp_path: Path) -> None:
    """Two clients, a comma in a Set-Cookie, a failure, a tunnel and a non-HTTP flow."""
    fields = ((b"Set-Cookie", b"a=1; Expires=Wed, 09 Jun 2038 10:18:14 GMT"), (b"Set-Cookie", b"b"))
    first = tflow.tflow(
        req=tutils.treq(timestamp_start=10.0, headers=http.Headers(((b"User-Agent", b"A"),))),
        resp=tutils.tresp(
            headers=http.Headers(fields), timestamp_start=12.0, timestamp_end=15.0, content=b"x"
        ),
    )
    second = tflow.tflow(req=tutils.treq(timestamp_start=11.0), err=True)
    assert second.error is not None
    second.error.timestamp = 13.0
    second.server_conn.timestamp_tcp_setup = None
    tunnel = tflow.tflow(req=tutils.treq(method=b"CONNECT"))
    events = read(save(tmp_path / "a", second, tunnel, tflow.ttcpflow(), first))
    assert [
        event.at for event in events if isinstance(event, Request | Response | Body | Failure)
    ] == [
        *(10.0, 10.0),  # a request and its body
        *(11.0, 11.0),
        13.0,
        *(15.0, 15.0),
    ]
    assert isinstance(events[0], Capture)
    assert only(events, Response).headers == tuple((n.decode(), v.decode()) for n, v in fields)
    clients = of_kind(events, Client)
    assert [client.user_agent for client in clients] == ["A", None]
    requests = of_kind(events, Request)
    assert [r.client_id for r in requests] == [c.client_id for c in clients]
    assert [r.connection for r in requests] == [f.client_conn.id for f in (first, second)]
    failure = only(events, Failure)
    assert (failure.kind, failure.client_id) == ("connect", clients[1].client_id)


def test_replayed_flows_are_separate_exchanges(tmp_path: Path) -> None:
    """A replay has the id of its original, but is an exchange of its own, on no connection."""
    flow = tflow.tflow(resp=True)
    replay = flow.copy()  # type: ignore[no-untyped-call]
    replay.id, replay.is_replay = flow.id, "request"
    events = read(save(tmp_path / "a", flow, replay))
    assert [event.connection for event in of_kind(events, Request)] == [flow.client_conn.id, None]
    ids = [event.exchange_id for event in of_kind(events, Request)]
    assert len(set(ids)) == 2
    assert [event.exchange_id for event in of_kind(events, Response)] == ids


@pytest.mark.parametrize("cut", [1, 10, 500, 2000])
def test_a_file_that_is_cut_off_says_where(tmp_path: Path, cut: int) -> None:
    """The error names the flow and ``--lenient``, which keeps the rest and says what is lost."""
    path = written(EVENTS, tmp_path / "a.flow")
    path.write_bytes(path.read_bytes()[:-cut])
    with pytest.raises(FormatError, match=r"flow \d: .*--lenient"):
        read(path)
    losses: list[str] = []
    assert len(of_kind(read(path, losses.append), Request)) >= 3
    assert len(losses) == 1
    assert re.search(r"a\.flow, flow \d: .* are lost$", losses[0])


@pytest.mark.parametrize(
    "data",
    [b"5:hello,", b"0:}", b"12:7:version;1:9#}", b"\xff\xfe", b"13:1:a;5:\xff\xfe\xff\xfe\xff,}"],
)
def test_a_file_without_flows_is_one_error_line(tmp_path: Path, data: bytes) -> None:
    """Whatever error mitmproxy raises becomes a ``FormatError``."""
    path = tmp_path / "bad.flow"
    path.write_bytes(data)
    with pytest.raises(FormatError) as raised:
        read(path)
    assert "\n" not in str(raised.value)
    assert [type(event) for event in read(path, print)] == [Capture]


NOW = b"7:version;2:%d#" % FLOW_FORMAT_VERSION


@pytest.mark.parametrize(
    ("written_as", "words"),
    [
        (b"7:version;2:99#", rf"format 99.*reads up to {FLOW_FORMAT_VERSION}: upgrade mitmproxy"),
        (b"7:version;8:1:0#1:9#]", "too old: mitmproxy 0.9 wrote it.*record the traffic again"),
        (b"7:version;13:1:0#2:10#1:1#]", "too old: mitmproxy 0.10 wrote it"),
        (b"7:version,13:1:0#2:10#1:1#]", "too old: mitmproxy 0.10 wrote it"),
        (b"7:version;13:1:0#2:18#1:2#]", "cannot convert it from mitmproxy 0.18.*mitmdump -nr"),
        (b"7:version;1:3#", "cannot convert it from flow format 3.*mitmdump -nr"),
        (b"7:version;0:~", "cut off or damaged"),
        (b"7:version;4:what;", "cut off or damaged|not a flow"),
    ],
)
def test_a_flow_file_of_another_mitmproxy(tmp_path: Path, written_as: bytes, words: str) -> None:
    """The error says which mitmproxy wrote it, and only a newer one says to upgrade."""
    path = save(tmp_path / "a", tflow.tflow(), tflow.tflow())
    body = path.read_bytes()
    size, _, rest = body.partition(b":")
    first, second = rest[: int(size)], rest[int(size) + 1 :]
    changed = first.replace(NOW, written_as)
    path.write_bytes(b"%d:%s}" % (len(changed), changed) + second)
    with pytest.raises(FormatError, match=words) as raised:
        read(path)
    assert ("upgrade" in str(raised.value)) is ("99" in words)
    assert "lenient" not in str(raised.value)
    changed = second.partition(b":")[2][:-1].replace(NOW, written_as)
    path.write_bytes(b"%d:%s}" % (int(size), first) + b"%d:%s}" % (len(changed), changed))
    with pytest.raises(FormatError, match=rf"flow 2: .*{words}.*lenient reads the flows before"):
        read(path)


def test_a_flow_file_of_a_newer_schema(tmp_path: Path) -> None:
    """The error says to upgrade cookietrace."""
    newer = Capture(capture_id="ab", schema=SCHEMA + 1, at=1.0, producer="future")
    with pytest.raises(SchemaError, match="upgrade"):
        read(written([newer, *EVENTS[1:]], tmp_path / "a.flow"))


def test_extras_of_a_newer_schema_are_not_called_damaged(tmp_path: Path) -> None:
    """What this version cannot read of a newer file is no damage: it says to upgrade."""
    flow = tflow.tflow(resp=True)
    newer = encode(Capture(capture_id="ab", schema=SCHEMA + 1, at=1.0, producer="future"))
    flow.metadata[KEY] = f'{{"capture": {newer.decode()}, "client": 7}}'
    with pytest.raises(SchemaError, match="upgrade"):
        list(read_capture(save(tmp_path / "a", flow)))


@pytest.mark.parametrize(
    ("extras", "named"),
    [('{"client": 7, "url": "http://a.test/x"}', "client"), ("[]", "all of it"), ("\x00", "all")],
)
def test_damaged_extras_are_named(tmp_path: Path, extras: str, named: str) -> None:
    """Metadata that was edited is one line; leniently, the rest of the flow is read."""
    flow = tflow.tflow(resp=True)
    flow.metadata[KEY] = extras
    path = save(tmp_path / "a", flow)
    with pytest.raises(FormatError, match=rf"flow 1: .*\({named}.*--lenient"):
        list(read_capture(path))
    lost: list[str] = []
    events = list(read_capture(path, lenient=True, lost=lost.append))
    assert len(of_kind(events, Client)) == 1
    (request,) = of_kind(events, Request)
    assert (request.url == "http://a.test/x") is (named == "client")
    assert [f"({named}" in line for line in lost] == [True]


@pytest.mark.parametrize(
    ("start", "ours"),
    [(b'{"log": {}}', False), (b"", False), (b'{"type":"capture"}', False), (b"12:hello", False)],
)
def test_other_files_are_not_recognised(start: bytes, ours: bool) -> None:
    """Only files that start like mitmproxy's."""
    assert is_flow_file(start) is ours


def test_both_kinds_of_file_are_recognised(tmp_path: Path) -> None:
    """Ours, and mitmproxy's own."""
    for path in (written(EVENTS, tmp_path / "a"), save(tmp_path / "b", tflow.tflow())):
        assert is_flow_file(path.read_bytes()[:4096])


def test_mitmproxy_can_save_the_recorders_metadata() -> None:
    """What the recorder stores in a flow's metadata can be written to a file by mitmproxy."""
    flow = tflow.tflow(resp=True)
    flow.metadata["cookietrace_exchange"] = "x1"
    FlowWriter(io.BytesIO()).add(flow)  # type: ignore[no-untyped-call]


def test_a_redacted_file_reads_as_the_same_story(tmp_path: Path) -> None:
    """Verdicts are not computed from tokens: those on the true values are in the file."""
    true = [INFO_SENSITIVE, *captures.rich()]
    file = tmp_path / "redacted.flow"
    write_export(file, export(true, "flow"))
    expected = b"".join(export(outgoing(true), "markdown"))
    assert expected.count(b" request)") > 5
    assert b"".join(export(read_capture(file), "markdown")) == expected


@pytest.mark.parametrize("story", [rich, late])
def test_a_redacted_file_is_explained_as_the_original(
    tmp_path: Path, story: Callable[[], Story]
) -> None:
    """``explain --json`` prints the same verdicts, whichever of the two it reads."""
    events = [INFO_SENSITIVE, *story().events[1:]]
    file = tmp_path / "redacted.flow"
    write_export(file, export(events, "flow"))
    printed = list(explanations(fold(read_capture(file)), jar=True))
    assert printed == list(explanations(fold(outgoing(events)), jar=True))
    assert any(each["withheld"] for each in printed) or story is late


def test_edited_verdicts_of_a_redacted_file_are_named(tmp_path: Path) -> None:
    """A fact that was dropped, a reason that does not exist, or none of it: a line each."""
    file = tmp_path / "redacted.flow"
    write_export(file, export([INFO_SENSITIVE, *rich().events[1:]], "flow"))
    with file.open("rb") as saved:
        flows = list(FlowReader(saved).stream())
    for old, new, words in (
        ('"reason_facts":[{"cookie":', '"reason_facts":[{"cake":', "lacks its fact 'cookie'"),
        ('"path-mismatch"', '"path-mish"', "there is no reason 'path-mish'"),
        (f'"version":{VERSION}', f'"version":{VERSION + 1}', "a newer cookietrace wrote them"),
        ('"verdicts":{"type"', '"other":{"type"', "they are missing"),
        ('"verdicts":{"type":"verdicts"', '"verdicts":{"type":"x"', "recorded with it"),
    ):
        edited = [flow.copy() for flow in flows]  # type: ignore[no-untyped-call]
        for flow, true in zip(edited, flows, strict=True):
            flow.id = true.id
            flow.metadata = {KEY: str(true.metadata[KEY]).replace(old, new)}
        path = save(tmp_path / "edited", *edited)
        with pytest.raises(FormatError, match=f"{words}.*--lenient"):
            list(read_capture(path))
        lost: list[str] = []
        trace = fold(read_capture(path, lenient=True, lost=lost.append))
        assert any(words in line for line in lost)
        assert [exchange.request.observed for exchange in trace.exchanges] == [
            exchange.request.observed for exchange in fold(read_capture(file)).exchanges
        ]
