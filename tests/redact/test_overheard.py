"""What a browser said holds no secret in any output, nor on a live view; its verdicts stay."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from cookietrace.events import Browser, Capture, Event, encode
from cookietrace.formats import FormatTable, export, outgoing, outgoing_explanations, writable
from cookietrace.lesson.browser_says import statements
from cookietrace.lesson.browser_says.wording import own_word_lines
from cookietrace.lesson.transcript import transcript
from cookietrace.redact.live import LiveRedactor
from cookietrace.redact.sealing import Sealer, Tokens
from cookietrace.trace import fold
from tests.verdict_stories import HIDDEN, overheard


def _events() -> list[Event]:
    return [
        msgspec.structs.replace(event, sensitive=True) if isinstance(event, Capture) else event
        for event in overheard().events
    ]


def _exported() -> str:
    return "".join(
        b"".join(export(_events(), form)).decode("utf-8", "replace")
        for form in writable(FormatTable())
    )


def _explained() -> str:
    return b"".join(outgoing_explanations(_events())).decode()


def _told() -> str:
    trace = fold(outgoing(_events()))
    return "\n".join([*transcript(trace), *own_word_lines(trace)])


def _published() -> str:
    redactor = LiveRedactor(b"key")
    events = _events()
    redactor.learn(events)
    made = [redactor.replaced(event) for event in events]
    return "\n".join(encode(event).decode() for event in made if event is not None)


def _sealed() -> str:
    sealer = Sealer(Tokens(b"key"))
    said = [sealer.event(event) for event in _events() if isinstance(event, Browser)]
    # Names and values of cookies are left, to be folded; they are hidden wherever they are shown.
    plain = [
        msgspec.structs.replace(
            event,
            changes=tuple(msgspec.structs.replace(one, value="") for one in event.changes),
        )
        for event in said
        if isinstance(event, Browser)
    ]
    return "\n".join(encode(event).decode() for event in plain)


@pytest.mark.parametrize("output", [_exported, _explained, _told, _published, _sealed])
def test_no_secret_is_left(output: Callable[[], str]) -> None:
    """Not in URLs, paths, reasons, values or sites."""
    text = output()
    assert text
    assert HIDDEN not in text
    assert HIDDEN.lower() not in text.lower()


def test_what_is_said_of_verdicts_stays() -> None:
    """Names are redacted as those of the wire are, so statements still find their verdicts."""
    real, redacted = fold(_events()), fold(outgoing(_events()))
    for one, other in zip(real.exchanges, redacted.exchanges, strict=True):
        before = [(each.of, each.word, each.line) for each in statements(one)]
        assert before == [(each.of, each.word, each.line) for each in statements(other)]
    assert any(statements(one) for one in real.exchanges)
    writers = [
        trace.browser.writer("c1", carried.name, carried.value, 2e9)
        for trace in (real, redacted)
        for carried in trace.exchanges[1].request.cookies
        if carried.name == "w"
    ]
    assert all(writers)
