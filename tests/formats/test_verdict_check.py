"""Redacted files: the verdicts of the original; edited ones are named, never lost in silence."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cookietrace.errors import FormatError
from cookietrace.events import Capture, Event, Request, Response, Verdicts
from cookietrace.fold.verdict_replay import observed_header
from cookietrace.formats import export, read_capture
from cookietrace.formats.verdict_check import checked
from cookietrace.lesson.detail import detail
from cookietrace.lesson.explain import explanations
from cookietrace.lesson.table import Table
from cookietrace.lesson.transcript import transcript
from cookietrace.redact import redacted
from cookietrace.trace import Trace, fold
from tests.formats import awkward
from tests.lesson.random_traces import random_story
from tests.verdict_stories import anew, full, late, rich, settled

KEY = b"k" * 32

SOURCES: dict[str, Callable[[], Sequence[Event]]] = {
    "awkward": lambda: awkward.EVENTS,
    "rich": lambda: rich().events,
    "late": lambda: late().events,
    "full": lambda: full().events,
    "anew": lambda: anew().events,
} | {f"random {seed}": lambda seed=seed: random_story(seed).events for seed in range(12)}

TOKENS = frozenset(
    {"value", "raw", "url", "observed_cookie_header", "expected_cookie_header", "message"}
)
"""What redaction may change."""


def verdicts_in(printed: Any) -> Any:
    """What ``explain`` prints, without what redaction may change."""
    if isinstance(printed, dict):
        return {key: verdicts_in(each) for key, each in printed.items() if key not in TOKENS}
    return [verdicts_in(each) for each in printed] if isinstance(printed, list) else printed


@pytest.mark.parametrize("source", SOURCES)
def test_explain_prints_the_same_of_the_original_and_of_the_redacted_file(
    source: str, tmp_path: Path
) -> None:
    """Reading the copy changes nothing, and its verdicts are those on the true values."""
    original = SOURCES[source]()
    outgoing = list(redacted(original, key=KEY))
    path = tmp_path / "copy.jsonl"
    path.write_bytes(b"".join(export(outgoing, "jsonl", show_values=True)))
    read = list(read_capture(path))
    assert read == outgoing
    printed = list(explanations(fold(read), jar=True))
    assert printed == list(explanations(fold(outgoing), jar=True))
    assert verdicts_in(printed) == verdicts_in(list(explanations(fold(original), jar=True)))


# --- edited files

WRONG: tuple[Any, ...] = (None, 7, True, "nonsense", [], {})


def paths(content: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every place in a record."""
    if path:
        yield path
    items: Any = ()
    if isinstance(content, dict):
        items = content.items()
    elif isinstance(content, list):
        items = enumerate(content)
    for key, value in items:
        yield from paths(value, (*path, key))


def edited(record: Any, path: tuple[str | int, ...], value: Any) -> Any:
    """The record with another value in one place; without it for ``...``."""
    place = changed = copy.copy(record)
    for key in path[:-1]:
        place[key] = copy.copy(place[key])  # what is beside the path is shared
        place = place[key]
    if value is ...:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return changed


def shown(trace: Trace) -> None:
    """Draw all that a front end draws; it must not fail."""
    table = Table(trace)
    for step in range(1, len(table) + 1):
        table.row(step)
        detail(table.exchange(step), table.trace_row(step))
    assert list(transcript(trace))
    assert len(list(explanations(trace, jar=True))) == len(trace.exchanges)


def events_with(events: Sequence[Event], at: int, content: Any) -> list[Event]:
    """The events with other content for one ``verdicts`` event."""
    verdicts = events[at]
    assert isinstance(verdicts, Verdicts)
    raw = msgspec.Raw(msgspec.json.encode(content))
    return [*events[:at], msgspec.structs.replace(verdicts, content=raw), *events[at + 1 :]]


def assert_named(events: Sequence[Event], headers: Sequence[str]) -> bool:
    """Assert that events are accepted, or else named both ways; return whether accepted."""
    complaint = ""
    try:
        list(checked(events, "copy.jsonl"))
    except FormatError as error:
        complaint = str(error)
    if complaint:
        assert complaint.startswith("copy.jsonl: the verdicts on exchange ")
        assert "--lenient" in complaint
        assert "\n" not in complaint
    lost: list[str] = []
    trace = fold(checked(events, "copy.jsonl", lost.append))
    assert bool(lost) is bool(complaint)
    assert all(line.startswith("copy.jsonl: the verdicts on exchange ") for line in lost)
    assert [exchange.request.observed for exchange in trace.exchanges] == headers
    if not complaint:
        shown(trace)
    return not complaint


def evicting() -> list[Event]:
    """The one line that fills a jar, and one of the cookies that it evicts; without the others.

    A record of hundreds of lines takes long to read, and each place in it is read ten times.
    """
    found: list[Event] = []
    for event in redacted(full().events, key=KEY):
        if isinstance(event, Verdicts):
            record = json.loads(bytes(event.content))
            (line,) = (one for one in record["set_cookies"] if one["evicted"])
            changes = [one for one in record["response_changes"] if one["cause"] == "evicted"]
            record |= {"set_cookies": [line], "response_changes": changes[:1]}
            record["removed"] = record["removed"][:1]
            line["evicted"] = line["evicted"][:1]
            event = msgspec.structs.replace(event, content=msgspec.Raw(msgspec.json.encode(record)))
        elif isinstance(event, Response):
            event = msgspec.structs.replace(event, headers=(("Set-Cookie", line["raw"]),))
        found.append(event)
    assert list(checked(found, "a")) == found
    return found


def edits() -> dict[str, tuple[list[Event], int, Any, tuple[str | int, ...]]]:
    """Every field of every kind of entry once, by its path in the record."""
    found: dict[str, tuple[list[Event], int, Any, tuple[str | int, ...]]] = {}
    stories = [list(redacted(tell().events, key=KEY)) for tell in (rich, late, settled)]
    for events in (*stories, evicting()):
        for at, event in enumerate(events):
            if isinstance(event, Verdicts):
                record = json.loads(bytes(event.content))
                for path in paths(record):
                    name = ".".join("*" if isinstance(key, int) else key for key in path)
                    found.setdefault(name, (events, at, record, path))
    return found


EDITS = edits()


def test_every_kind_of_entry_is_edited() -> None:
    """The stories have all that a record can hold."""
    nullable = {"request_cookies.*.cookie", "set_cookies.*.aimed", "failure"}
    lists = {"missing", "removed", "withheld", "set_cookies.*.evicted", "set_cookies.*.missed"}
    for name in (*nullable, *(f"{each}.*" for each in lists)):
        assert any(edit.startswith(f"{name}.") for edit in EDITS), name


@pytest.mark.parametrize("name", EDITS)
def test_an_edited_record_is_accepted_or_named(name: str) -> None:
    """Without a field, or with something else in it: one line, never a traceback or silence."""
    events, at, record, path = EDITS[name]
    headers = [observed_header(event) for event in events if isinstance(event, Request)]
    if isinstance(path[-1], str):
        accepted = assert_named(events_with(events, at, edited(record, path, ...)), headers)
        assert not accepted
    for value in WRONG:
        changed = edited(record, path, value)
        if assert_named(events_with(events, at, changed), headers):
            assert type(value) is not dict


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"version": 5}, "a newer cookietrace wrote them (version 5"),
        ({"profile": "spec", "observed": "", "cookies": []}, "an older cookietrace wrote them"),
        ([], "expected `object`"),
        ({"version": 1}, "lacks the field 'number'"),
        ({"version": 3}, "lacks the field 'number'"),
        ({"version": 2}, "lacks the field 'number'"),
    ],
)
def test_content_of_another_kind_is_named(content: Any, words: str) -> None:
    """A newer version, the records of older versions, and what is no record."""
    events = list(redacted(rich().events, key=KEY))
    at = next(index for index, event in enumerate(events) if isinstance(event, Verdicts))
    changed = events_with(events, at, content)
    with pytest.raises(FormatError) as refused:
        list(checked(changed, "a"))
    assert words in str(refused.value)
    assert "exchange 1 (x1)" in str(refused.value)
    lost: list[str] = []
    list(checked(changed, "a", lost.append))
    assert len(lost) == 1
    assert words in lost[0]


def test_missing_verdicts_are_named() -> None:
    """At the response, or at the end where there is none; leniently once for all."""
    events = list(redacted(rich().events, key=KEY))
    bare = [event for event in events if not isinstance(event, Verdicts)]
    with pytest.raises(FormatError, match=r"exchange 1 \(x1\) cannot be used: they are missing"):
        list(checked(bare, "a"))
    lost: list[str] = []
    assert list(checked(bare, "a", lost.append)) == bare
    assert lost == [
        "a: the verdicts on 8 exchanges (exchange 1 (x1) first) are lost: they are missing"
    ]
    last = [event for event in events if getattr(event, "exchange_id", "") != "x6"]
    last += [event for event in bare if getattr(event, "exchange_id", "") == "x6"]
    with pytest.raises(FormatError, match=r"exchange 8 \(x6\) cannot be used: they are missing"):
        list(checked(last, "a"))


def test_verdicts_in_the_wrong_place_are_named() -> None:
    """Twice, after the response, on another exchange, or on none."""
    events = list(redacted(rich().events, key=KEY))
    places = [index for index, event in enumerate(events) if isinstance(event, Verdicts)]
    first, second = events[places[0]], events[places[1]]
    assert isinstance(first, Verdicts)
    assert isinstance(second, Verdicts)
    ghost = msgspec.structs.replace(first, exchange_id="gh\x1bost")
    swapped = msgspec.structs.replace(first, content=second.content)
    headers = [exchange.request.observed for exchange in fold(events).exchanges]
    for changed, words in (
        ([*events, first], "exchange 1 (x1) cannot be used: they are repeated, or come after"),
        ([*events, ghost], "exchange gh\\x1bost cannot be used: there is no such exchange"),
        ([swapped if event is first else event for event in events], "belong to exchange x2"),
    ):
        with pytest.raises(FormatError) as refused:
            list(checked(changed, "copy.jsonl"))
        assert words in str(refused.value)
        assert not assert_named(changed, headers)


def test_verdicts_on_other_lines_are_named() -> None:
    """A record without one of the response's Set-Cookie lines, or with another Cookie header."""
    events = list(redacted(rich().events, key=KEY))
    places = [index for index, event in enumerate(events) if isinstance(event, Verdicts)]
    headers = [exchange.request.observed for exchange in fold(events).exchanges]
    record = json.loads(bytes(msgspec.json.encode(events[places[1]])))["content"]
    for path in (("set_cookies", 0), ("observed_cookie_header",)):
        changed = events_with(events, places[1], edited(record, path, ... if path[1:] else "a=b"))
        assert not assert_named(changed, headers)


def test_an_exchange_that_is_not_there_is_named() -> None:
    """Verdicts that name another exchange need it in the file."""
    events = list(redacted(late().events, key=KEY))
    places = [index for index, event in enumerate(events) if isinstance(event, Verdicts)]
    headers = [exchange.request.observed for exchange in fold(events).exchanges]
    record = json.loads(bytes(msgspec.json.encode(events[places[1]])))["content"]
    record["response_changes"][0]["exchange_id"] = "x9"
    changed = events_with(events, places[1], record)
    with pytest.raises(FormatError, match=r"exchange 2 \(x2\).*is not there \(x9\)"):
        list(checked(changed, "a"))
    assert not assert_named(changed, headers)


def test_verdicts_in_a_capture_that_is_not_redacted_are_named() -> None:
    """Tokens are not folded as values without a word."""
    events = list(redacted(rich().events, key=KEY))
    capture = events[0]
    assert isinstance(capture, Capture)
    changed = [msgspec.structs.replace(capture, redacted=False), *events[1:]]
    with pytest.raises(FormatError, match="does not say that it is redacted"):
        list(checked(changed, "a"))
    lost: list[str] = []
    kept = list(checked(changed, "a", lost.append))
    assert not any(isinstance(event, Verdicts) for event in kept)
    assert len(lost) == 1


def test_a_second_request_or_response_changes_nothing() -> None:
    """What the fold passes over is passed over here."""
    events = list(redacted(rich().events, key=KEY))
    asked = next(event for event in events if isinstance(event, Request))
    answer = next(event for event in events if isinstance(event, Response))
    doubled = [*events, asked, answer, Response(exchange_id="ghost", at=1.0, status_code=200)]
    assert list(checked(doubled, "a")) == doubled
