"""The verdicts in a redacted capture are replayed exactly, or refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from cookietrace import events as ev
from cookietrace.cookies import Cookie, Standing
from cookietrace.errors import FormatError
from cookietrace.fold.exchange import NoteKind
from cookietrace.fold.verdict_reading import ExchangeVerdicts, decode_record
from cookietrace.fold.verdict_record import VERSION, JarCookie, encode_record
from cookietrace.lesson.explain import Explainer, explanations
from cookietrace.lesson.sibling_cookies import siblings_of
from cookietrace.trace import Trace, fold
from tests.story import Story
from tests.trace.test_standing import standings
from tests.verdict_stories import anew, full, late, rich, settled, siblings


def with_verdicts(story: Story, trace: Trace) -> list[ev.Event]:
    """Return the story's events marked as redacted, each request followed by its verdicts."""
    explainer = Explainer(trace)
    events: list[ev.Event] = []
    for event in story.events:
        if isinstance(event, ev.Capture):
            event = msgspec.structs.replace(event, redacted=True)
        events.append(event)
        if isinstance(event, ev.Request):
            record = encode_record(explainer.record(trace.exchange(event.exchange_id)))
            events.append(
                ev.Verdicts(exchange_id=event.exchange_id, at=event.at, content=msgspec.Raw(record))
            )
    return events


@pytest.mark.parametrize("make", [rich, late, full, settled, anew, siblings])
def test_a_replay_equals_the_fold(make: Callable[[], Story]) -> None:
    """After JSON, every explanation, jar and jar change is the same."""
    story = make()
    first = story.trace()
    lines = [ev.encode(event) for event in with_verdicts(story, first)]
    second = fold(ev.decode(line) for line in lines)
    told = [list(explanations(trace, jar=True, all_withheld=True)) for trace in (first, second)]
    assert told[0] == told[1]
    rows = [
        [(row.kind, row.exchange_id, row.refutes, len(row.results)) for row in trace.rows]
        for trace in (first, second)
    ]
    assert rows[0] == rows[1]
    changes = [
        [
            (change.exchange_id, change.key, change.before, change.after, change.cause)
            for change in trace.jar_changes("c1")
        ]
        for trace in (first, second)
    ]
    assert changes[0] == changes[1]
    for true, copy in zip(first.exchanges, second.exchanges, strict=True):
        assert true.request.cookies == copy.request.cookies
        assert true.request.withheld == copy.request.withheld
        assert true.request.missing == copy.request.missing
        assert true.request.context == copy.request.context
        assert true.request.removed == copy.request.removed
        if true.response is not None and copy.response is not None:
            for ours, theirs in zip(
                true.response.set_cookies, copy.response.set_cookies, strict=True
            ):
                parsed = msgspec.structs.replace(ours.parsed, reasons=(), inner_tab=0)
                assert msgspec.structs.replace(ours, parsed=parsed) == theirs


@pytest.mark.parametrize("connections", [("1", "2"), (None, None)])
def test_a_replay_suspects_two_jars_where_the_fold_does(
    connections: tuple[str | None, str | None],
) -> None:
    """The same note, at the same request; written once more, the records are the same."""
    story = Story("https://shop.test")
    for turn, (carried, sets) in enumerate(
        [(None, "a=1"), ("a=1", None), (None, "a=2"), ("a=2", None), ("a=1", None), ("a=2", None)]
    ):
        connection = connections[turn in (2, 3, 5)]
        exchange_id = story.ask("/", carried, connection=connection)
        story.respond(exchange_id, *([] if sets is None else [f"{sets}; HttpOnly; Path=/"]))
    first = story.trace()
    events = with_verdicts(story, first)
    second = fold(ev.decode(ev.encode(event)) for event in events)
    told = [
        [
            (note.message, trace.exchanges[4].request.position - note.position)
            for note in trace.notes
            if note.kind is NoteKind.TWO_JARS
        ]
        for trace in (first, second)
    ]
    assert told[0] == told[1]
    assert [distance for _, distance in told[0]] == [0]
    assert ("on another connection" in told[0][0][0]) is (connections[0] is not None)
    assert with_verdicts(story, second) == events


def test_a_replay_settles_at_the_same_request() -> None:
    """Until a request settles it, a result is unconfirmed; then its exchange has changed."""
    story = settled()
    first, second = story.trace(), Trace()
    for event in with_verdicts(story, first):
        before = standings(second)
        update = second.apply(event)
        if before != standings(second) and isinstance(event, ev.Request):
            assert "unconfirmed" in before
            assert len(update.exchanges) > 1
    assert standings(second) == standings(first)


def test_a_record_of_version_1_is_read() -> None:
    """Every result is certain there, and no cookie is unconfirmed."""
    record = put(2, "version", 1)
    for entry in record["set_cookies"]:
        del entry["standing"], entry["settled_by"], entry["rests_on"]
        if entry["cookie"] is not None:
            del entry["cookie"]["unconfirmed"]
    for entry in record["request_cookies"]:
        del entry["set_in"]
    verdicts = decoded(record)
    assert {result.standing for result in verdicts.set_cookies} == {Standing.CERTAIN}


def test_a_record_of_version_3_is_read() -> None:
    """It tells nothing of the values, so what is asked of them is asked of the tokens."""
    record = put(2, "version", 3)
    for entry in (record, *record["set_cookies"], *record["request_cookies"]):
        for name in ("header_size", "misread", "size", "looks"):
            entry.pop(name, None)
    assert decoded(record).told is None


@pytest.mark.parametrize("version", [1, 2, 3])
def test_records_that_list_the_cookies_of_other_hosts_are_read(version: int) -> None:
    """Up to version 3 they were listed as withheld; they are counted, as the fold counts them."""
    trace = siblings().trace()
    explainer = Explainer(trace)
    for exchange in trace.exchanges:
        part = exchange.request
        old = msgspec.structs.replace(
            exchange,
            request=msgspec.structs.replace(
                part, withheld=(*siblings_of(trace, exchange), *part.withheld)
            ),
        )
        record = json.loads(encode_record(explainer.record(old)))
        record["version"] = version
        del record["withheld_elsewhere"]
        verdicts = decoded(record)
        assert verdicts.withheld == part.withheld
        assert verdicts.withheld_elsewhere == part.withheld_elsewhere
    assert [exchange.request.withheld_elsewhere for exchange in trace.exchanges] == [0, 0, 2, 3, 2]


def test_a_record_contains_what_explain_prints() -> None:
    """Each key that ``explain --json`` prints is in the record, with the same content."""
    story = rich()
    trace = story.trace()
    explainer = Explainer(trace)

    def check(printed: Any, recorded: Any) -> None:
        if isinstance(printed, dict):
            for key, value in printed.items():
                check(value, recorded[key])
        elif isinstance(printed, list):
            for one, other in zip(printed, recorded, strict=True):
                check(one, other)
        else:
            assert printed == recorded

    for exchange in trace.exchanges:
        record = json.loads(encode_record(explainer.record(exchange)))
        check(explainer.explanation(exchange), record)
        assert record["version"] == VERSION == 4


def test_a_jar_cookie_has_every_field_of_a_cookie() -> None:
    """No field of the engine's cookie is lost in a file."""
    assert set(JarCookie.__struct_fields__) == set(Cookie.__struct_fields__)
    trace = rich().trace()
    printed = Explainer(trace).explanation(trace.exchanges[-1], jar=True)["jar"]
    assert printed
    assert set(printed[0]) < set(Cookie.__struct_fields__)


def decoded(record: Any) -> ExchangeVerdicts:
    """Return the verdicts in a record, through JSON."""
    return decode_record(msgspec.json.encode(record))


def put_in(trace: Trace, number: int, path: str, value: Any) -> dict[str, Any]:
    """Return the record of one exchange with the value at a path such as ``withheld.0.reasons``."""
    original = Explainer(trace).record(trace.exchanges[number - 1])
    record: dict[str, Any] = json.loads(encode_record(original))
    *parents, last = path.split(".")
    place: Any = record
    for key in parents:
        place = place[int(key)] if key.isdigit() else place[key]
    place[int(last) if last.isdigit() else last] = value
    return record


def put(number: int, path: str, value: Any) -> dict[str, Any]:
    """Do the same for the rich story."""
    return put_in(rich().trace(), number, path, value)


@pytest.mark.parametrize(
    ("number", "path", "value", "words"),
    [
        (1, "version", None, "have no version"),
        (1, "version", "1", "not a number"),
        (1, "version", True, "not a number"),
        (1, "version", 0, "not a number"),
        (1, "version", 5, "newer cookietrace"),
        (1, "version", 3, ""),
        (1, "version", 2, ""),
        (1, "version", 1, ""),
        (2, "set_cookies.1.standing", "refuted", "set_cookies[1].settled_by: this does not fit"),
        (2, "set_cookies.1.standing", "unconfirmed", "set_cookies[1].rests_on: this does not fit"),
        (2, "set_cookies.1.standing", "sure", "set_cookies[1].standing: invalid enum"),
        (2, "set_cookies.1.settled_by", "x3", "set_cookies[1].settled_by: this does not fit"),
        (1, "at", 0, ""),
        (1, "withheld_elsewhere", -1, "withheld_elsewhere: expected `int` >= 0"),
        (1, "withheld_elsewhere", 2**60, "withheld_elsewhere: expected `int` <="),
        (1, "withheld_elsewhere", True, "withheld_elsewhere: expected `int`"),
        (1, "profile", "netscape", "profile: there is no profile 'netscape'"),
        (1, "number", "1", "number: expected `int`, got `str`"),
        (2, "request_cookies.0.status", "missing", "request_cookies[0].status: invalid enum"),
        (2, "request_cookies.0.status", "overlapping", "request_cookies[0]: an overlapping"),
        (2, "request_cookies.0.cookie", None, "request_cookies[0]: an overlapping"),
        (2, "request_cookies.0.value", "2", "request_cookies[0].cookie: this is another"),
        (2, "withheld.0.reasons", [], "withheld[0]: there is no reason"),
        (2, "withheld.0.reasons", ["no"], "withheld[0].reasons: there is no reason 'no'"),
        (2, "withheld.0.reasons", ["expired"] * 2, "withheld[0].reasons: there are facts for 1 of"),
        (2, "withheld.0.reason_facts", [{}], "withheld[0].reasons: path-mismatch lacks its fact"),
        (2, "request_cookies.0.looks", None, "cookie 0: it does not say what the value looks"),
        (2, "header_size", -1, "header_size: expected `int` >= 0"),
        (3, "set_cookies.0.outcome", "created", "set_cookies[0].cookie: this does not fit"),
        (2, "set_cookies.1.outcome", "created", "set_cookies[1].previous: this does not fit"),
        (3, "set_cookies.0.reasons", [], "set_cookies[0]: there is no reason"),
        (2, "set_cookies.1.warnings.0", "shadow", "set_cookies[1].warnings: there is no reason"),
        (2, "response_changes.0.after", None, ""),
        (2, "response_changes.0.key", None, ""),
        (1, "response_changes.0.after", None, "response_changes[0]: before and after are not"),
        (2, "response_changes.0.after.path", "/x", "response_changes[0]: before and after are not"),
    ],
)
def test_an_inconsistent_record_is_refused(number: int, path: str, value: Any, words: str) -> None:
    """Every contradiction is named in one line; harmless changes are accepted."""
    record = put(number, path, value)
    if not words:
        assert decoded(record).exchange_id == record["exchange_id"]
        return
    with pytest.raises(FormatError, match=r"^[^\n]+$") as refused:
        decoded(record)
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"[]", "the record: expected `object`"),
        (b'"x"', "the record: expected `object`"),
        (b"{", "the record: "),
        (b'{"version": 1}', "the record lacks the field 'number'"),
        (b'{"version": 1, "a": "\xff"}', ""),
        (b'{"version":' + b"[" * 10_000 + b"]" * 10_000 + b"}", "nested too deeply"),
        (b'{"profile": "spec", "observed": ""}', "an older cookietrace wrote them"),
    ],
)
def test_content_that_is_not_a_record_is_refused(content: bytes, words: str) -> None:
    """Other JSON, damaged JSON and records of older versions give an error of one line."""
    with pytest.raises(FormatError, match=r"^[^\n]+$") as refused:
        decode_record(content)
    assert words in str(refused.value)


def test_a_redacted_request_without_verdicts_keeps_its_header() -> None:
    """Tokens are never folded: without verdicts a request has only its header."""
    story = rich()
    events = [
        event for event in with_verdicts(story, story.trace()) if not isinstance(event, ev.Verdicts)
    ]
    trace = fold(events)
    for true, copy in zip(story.trace().exchanges, trace.exchanges, strict=True):
        assert copy.request.observed == true.request.observed
        assert copy.request.pairs == true.request.pairs
        assert (copy.request.cookies, copy.request.expected) == ((), "")
        assert copy.request.profile == "chromium"
        assert copy.response is None or not copy.response.set_cookies


def lost_notes(trace: Trace) -> list[str]:
    """Return the messages about verdicts that could not be used."""
    return [note.message for note in trace.notes if note.kind is NoteKind.VERDICTS_LOST]


def test_verdicts_that_cannot_be_used_are_noted() -> None:
    """Verdicts that are damaged, misplaced, repeated or late change nothing."""
    story = rich()
    true = story.trace()
    events = with_verdicts(story, true)
    places = [index for index, event in enumerate(events) if isinstance(event, ev.Verdicts)]
    second, third = (events[places[number]] for number in (1, 2))
    assert isinstance(second, ev.Verdicts)
    assert isinstance(third, ev.Verdicts)

    bad = msgspec.structs.replace(second, content=msgspec.Raw(b'{"version": 7}'))
    trace = fold([bad if event is second else event for event in events])
    assert lost_notes(trace) == [
        "The verdicts on exchange 2 cannot be used: a newer cookietrace wrote them (version 7, "
        "this one reads up to 4): upgrade cookietrace."
    ]
    assert trace.exchanges[1].request.observed == "a=1"

    other = msgspec.structs.replace(second, content=third.content)
    trace = fold([other if event is second else event for event in events])
    assert "they belong to exchange x3" in lost_notes(trace)[0]

    asked = put(2, "method", "POST")
    changed = msgspec.structs.replace(second, content=msgspec.Raw(msgspec.json.encode(asked)))
    trace = fold([changed if event is second else event for event in events])
    assert "another client, method or URL" in lost_notes(trace)[0]

    status = put(2, "status_code", 404)
    changed = msgspec.structs.replace(second, content=msgspec.Raw(msgspec.json.encode(status)))
    trace = fold([changed if event is second else event for event in events])
    assert "another status code" in lost_notes(trace)[0]

    header = put(2, "observed_cookie_header", "a=2")
    changed = msgspec.structs.replace(second, content=msgspec.Raw(msgspec.json.encode(header)))
    trace = fold([changed if event is second else event for event in events])
    assert "another Cookie header" in lost_notes(trace)[0]

    lines = put(2, "set_cookies.0.raw", "d=5")
    changed = msgspec.structs.replace(second, content=msgspec.Raw(msgspec.json.encode(lines)))
    trace = fold([changed if event is second else event for event in events])
    assert "do not belong to the Set-Cookie lines" in lost_notes(trace)[0]
    response = trace.exchanges[1].response
    assert response is not None
    assert response.set_cookies == ()

    trace = fold([*events, second])
    assert "they are repeated" in lost_notes(trace)[0]
    assert list(explanations(trace)) == list(explanations(true))

    trace = fold([*(event for event in events if event is not second), second])
    assert "after the response" in lost_notes(trace)[0]

    ghost = ev.Verdicts(exchange_id="ghost", at=1.0, content=msgspec.Raw(b"{}"))
    assert lost_notes(fold([*events, ghost])) == []
    assert fold([*story.events, bad]).exchanges == true.exchanges


def test_late_verdicts_do_not_turn_the_jar_back() -> None:
    """If another request came in between, the jar changes at the position of the verdicts."""
    story = Story("https://shop.test")
    story.ask("/", "a=1")
    story.ask("/", "a=1; b=1")
    capture, client, first, first_verdicts, second, second_verdicts = with_verdicts(
        story, story.trace()
    )
    trace = fold([capture, client, first, second, second_verdicts, first_verdicts])
    assert [change.position for change in trace.jar_changes("c1")] == [4, 4]
    assert [cookie.name for cookie in trace.jar_at("c1", 4)] == ["a", "b"]


def test_references_to_unknown_exchanges_are_dropped() -> None:
    """No front end is sent to an exchange that does not exist."""
    story = Story("https://shop.test")
    story.visit("/", None, "a=1; Domain=other.test", "b=1")
    story.visit("/", "a=1; b=1")
    true = story.trace()
    assert true.exchanges[1].request.cookies[0].refused_in == "x1"
    record = msgspec.json.encode(put_in(true, 2, "request_changes.0.exchange_id", "x9")).replace(
        b'"x1"', b'"x9"'
    )
    events = [
        msgspec.structs.replace(event, content=msgspec.Raw(record))
        if isinstance(event, ev.Verdicts) and event.exchange_id == "x2"
        else event
        for event in with_verdicts(story, true)
    ]
    assert decode_record(record).named == {"x9"}
    trace = fold(events)
    assert trace.exchanges[1].request.cookies[0].refused_in is None
    assert {change.exchange_id for change in trace.jar_changes("c1")} == {"x1", "x2"}


def revised(event: ev.Event) -> ev.Verdicts:
    """Return verdicts as they take the place of earlier ones."""
    assert isinstance(event, ev.Verdicts)
    return msgspec.structs.replace(event, revised=True)


def test_a_revised_record_takes_the_place_of_the_one_before() -> None:
    """Before the response and after it; what the request did to the jar is not done again."""
    story = settled()
    events = with_verdicts(story, story.trace())
    again = [one for event in events for one in _twice(event)]
    ends = [event for event in events if isinstance(event, ev.Verdicts)]
    told = [
        list(explanations(fold(each), jar=True))
        for each in (events, again, [*events, *map(revised, ends)])
    ]
    assert told[0] == told[1] == told[2]


def _twice(event: ev.Event) -> list[ev.Event]:
    return [event, revised(event)] if isinstance(event, ev.Verdicts) else [event]


def test_a_revised_record_needs_an_earlier_one_that_it_fits() -> None:
    """Otherwise the earlier verdicts stay, and one note says why."""
    story = rich()
    events = with_verdicts(story, story.trace())
    records = [event for event in events if isinstance(event, ev.Verdicts)]
    alone = [revised(one) if one is records[0] else one for one in events]
    assert "there were none before" in lost_notes(fold(alone))[0]
    other = msgspec.structs.replace(revised(records[1]), exchange_id=records[0].exchange_id)
    trace = fold([*events, other])
    assert len(lost_notes(trace)) == 1
    assert list(explanations(trace)) == list(explanations(fold(events)))
