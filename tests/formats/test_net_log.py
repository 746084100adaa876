"""A log of ``chrome://net-export``: exchanges in its order, with Chrome's verdicts beside ours."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from click.testing import CliRunner

from cookietrace.checking.checker import check
from cookietrace.cli import cookietrace_command
from cookietrace.errors import FormatError
from cookietrace.events import Browser, Capture, Failure, Recorder
from cookietrace.formats import outgoing, read_capture
from cookietrace.formats.net_log import SAID_BY
from cookietrace.lesson.browser_says import Word, statements
from cookietrace.lesson.stripped_cookies import LEFT_OUT
from cookietrace.trace import Trace, fold
from tests.listening.logs import FOLDER, hops, log


def told(name: str) -> Trace:
    """Return the trace of a log."""
    return fold(read_capture(FOLDER / f"{name}.netlog"))


@pytest.mark.parametrize("name", ["page", "deletions", "https"])
def test_the_exchanges(name: str) -> None:
    """One for each hop, in the order in which they were sent, on the wire's own bytes."""
    trace = told(name)
    sent = sorted(hops(name), key=lambda hop: hop.order)
    assert [one.request.method for one in trace.exchanges] == [hop.method for hop in sent]
    assert [one.request.observed for one in trace.exchanges] == [hop.cookie_header for hop in sent]
    codes = [one.response.status_code if one.response else None for one in trace.exchanges]
    assert codes == [hop.status_code for hop in sent]
    assert all(one.request.url.startswith("http") for one in trace.exchanges)
    assert {client.profile for client in trace.clients} == {"chromium"}
    assert trace.notes == []


@pytest.mark.parametrize("name", ["page", "deletions", "https"])
def test_chromes_own_verdicts(name: str) -> None:
    """They are beside ours, and say the same where ours are certain."""
    trace = told(name)
    found = [each for one in trace.exchanges for each in statements(one)]
    assert [each for each in found if each.word is Word.DISPUTED and not each.guess] == []
    assert {one.browser.said_by for one in trace.exchanges if one.browser} == {SAID_BY}
    assert any(each.word is Word.CONFIRMED for each in found)


def test_a_cookie_that_a_script_wrote() -> None:
    """No response set it, and Chrome says so."""
    trace = told("page")
    exchange = next(one for one in trace.exchanges if one.request.url.endswith("/redir"))
    part = exchange.request
    assert trace.browser.writer(part.client_id, "scripted", "1", part.at) is not None
    assert trace.browser.writer(part.client_id, "sid", "abc", part.at) is None


def test_a_log_without_cookies() -> None:
    """It says how to export one with them; what is left instead of them is no cookie."""
    events = list(read_capture(FOLDER / "stripped.netlog"))
    [note] = [event for event in events if isinstance(event, Recorder)]
    assert note.message == LEFT_OUT
    trace = fold(events)
    assert [one.request.observed for one in trace.exchanges] == ["", ""]
    assert all(not one.response.set_cookies for one in trace.exchanges if one.response)
    [unchecked] = check(events, source="log").unchecked
    assert unchecked == f"Nothing was checked: {LEFT_OUT}"


@pytest.mark.parametrize("options", [(), ("--problems",)])
def test_a_log_without_cookies_does_not_look_healthy(options: tuple[str, ...]) -> None:
    """The first words are that nothing can be said."""
    arguments = ["explain", str(FOLDER / "stripped.netlog"), *options]
    printed = CliRunner().invoke(cookietrace_command, arguments).stdout
    assert printed.startswith("Nothing can be said about cookies: Chrome has left the cookies out")
    assert "No problems" not in printed


def test_it_is_secret(tmp_path: Path) -> None:
    """What leaves the machine is redacted, as a capture is."""
    events = list(read_capture(FOLDER / "https.netlog"))
    [capture] = [event for event in events if isinstance(event, Capture)]
    assert capture.sensitive
    assert "Alice" not in str(list(outgoing(events)))
    packed = tmp_path / "log.json.gz"
    packed.write_bytes(gzip.compress(log("https")))
    assert len(list(read_capture(packed))) == len(events)


def test_a_log_that_ends_early(tmp_path: Path) -> None:
    """A request in progress has no response; whatever came before is there."""
    whole = log("page")
    path = tmp_path / "killed.json"
    path.write_bytes(whole[: whole.index(b"HTTP/1.1 302") - 20])
    events = list(read_capture(path))
    [failure] = [event for event in events if isinstance(event, Failure)]
    assert failure.exchange_id == "e2"
    assert sum(isinstance(event, Browser) for event in events) > 1


@pytest.mark.parametrize(
    "content",
    [b'{"constants":{"logEventTypes":[]},\n', b'{"constants":{"a":1}}', b'{"constants":{'],
    ids=["types", "one line", "cut"],
)
def test_what_is_none(tmp_path: Path, content: bytes) -> None:
    """It is one line that names the file."""
    path = tmp_path / "other.json"
    path.write_bytes(content)
    with pytest.raises(FormatError, match=r"other\.json is not a net log"):
        list(read_capture(path))
