"""Mode 2, the execution sample: the source, the lines that ran, and their values."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cookietrace import events as ev
from cookietrace.fold.exchange import Exchange, RowKind
from cookietrace.lesson.mask import masked, unmasked
from cookietrace.lesson.row_marks import Mark
from cookietrace.lesson.sample import LINE_CELLS, WITNESS_LINES, Sample, sample
from cookietrace.witness.single_file import FILE_NAME, single_file
from tests.story import Story, seed_story

LOOP_SOURCE = """def total(limit):
    sum = 0
    for i in range(limit):
        sum += i
    return sum
"""


def exchange(**changes: Any) -> Exchange:
    """The seed's second exchange, with changes to its witness's report."""
    found = seed_story().trace().exchanges[1]
    assert found.server is not None
    return msgspec.structs.replace(found, server=msgspec.structs.replace(found.server, **changes))


def states(listing: Sample) -> list[tuple[int, bool, bool, list[str]]]:
    """Number, ran, current and values of each line."""
    return [
        (line.number, line.ran, line.current, [value.text for value in line.values])
        for line in listing.lines
    ]


def test_the_end_of_the_seed() -> None:
    """At the end, every line of the body has run and has its values, reads and sets."""
    listing = sample(exchange())
    assert listing.title == "index (home.py:10)"
    assert (listing.moments, listing.moment) == (4, 4)
    assert states(listing) == [
        (10, False, False, []),
        (11, False, False, []),
        (12, True, False, ["user = 'Alice'"]),
        (13, True, False, ["response = <Response 11 bytes [200 OK]>"]),
        (14, True, False, []),
        (15, True, True, []),
    ]
    assert listing.lines[2].text == '    user = request.cookies.get("user")'
    assert listing.lines[2].reads == ("'user': 'Alice'",)
    assert listing.lines[4].sets == ("'user'='Alice'",)
    assert [line.turns for line in listing.lines] == [(), (), (1,), (2,), (3,), (4,)]
    assert listing.notice == ()


@pytest.mark.parametrize(
    ("moment", "at", "ran"),
    [
        (0, None, []),
        (1, 12, [12]),
        (3, 14, [12, 13, 14]),
        (99, 15, [12, 13, 14, 15]),
        (-5, None, []),
    ],
)
def test_moments_inside_the_request(moment: int, at: int | None, ran: list[int]) -> None:
    """One line is current at each moment; later lines have not run yet."""
    listing = sample(exchange(), moment)
    assert (listing.current.number if listing.current else None) == at
    assert [line.number for line in listing.lines if line.ran] == ran
    assert any(line.sets for line in listing.lines) is (14 in ran)
    assert any(line.values for line in listing.lines) is (12 in ran)


def test_storing_row() -> None:
    """On a storing row the view has returned: no line is current, and a notice says so."""
    listing = sample(exchange(), 2, kind=RowKind.STORES)
    assert listing.current is None
    assert all(line.ran for line in listing.lines[2:])
    assert listing.notice == ("The view has returned; now the client handles its response.",)


def test_loop_gives_each_turn_its_value() -> None:
    """If a line runs several times, stepping shows one value per turn."""
    looped = exchange(
        first_line=1,
        source=LOOP_SOURCE,
        lines=(2, 3, 4, 3, 4, 3, 5),
        reads=(),
        writes=(),
        locals=(
            ev.Local(name="limit", value="2", line=1),
            ev.Local(name="sum", value="0", line=2),
            ev.Local(name="i", value="0", line=3),
            ev.Local(name="i", value="1", line=3),
            ev.Local(name="sum", value="1", line=4),
        ),
    )
    values = [
        {
            line.number: [value.text for value in line.values]
            for line in listing.lines
            if line.values
        }
        for listing in (sample(looped, moment) for moment in (0, 2, 4, 5, 7))
    ]
    assert values == [
        {1: ["limit = 2"]},
        {1: ["limit = 2"], 2: ["sum = 0"], 3: ["i = 0"]},
        {1: ["limit = 2"], 2: ["sum = 0"], 3: ["i = 1"]},
        {1: ["limit = 2"], 2: ["sum = 0"], 3: ["i = 1"], 4: ["sum = 1"]},
        {1: ["limit = 2"], 2: ["sum = 0"], 3: ["i = 1"], 4: ["sum = 1"]},
    ]
    assert [line.turns for line in sample(looped).lines] == [(), (1,), (2, 4, 6), (3, 5), (7,)]


def test_without_witness() -> None:
    """Without a witness it says so, with the two lines that add one to a Flask app."""
    story = Story()
    story.visit("/")
    listing = sample(story.trace().exchanges[0])
    assert listing.lines == ()
    assert "No witness reported on this request" in listing.notice[0]
    assert "a file made by an earlier cookietrace must be made again" in listing.notice[0]
    assert listing.advice == WITNESS_LINES
    assert "COOKIETRACE_WITNESS=1" in listing.notice[1]
    assert len(listing.notice) == 2


def test_an_error_that_bypassed_the_witness() -> None:
    """A 500 without a report can come from an app that has a witness: it says why."""
    found = exchange()
    assert found.response is not None
    event = msgspec.structs.replace(found.response.event, status_code=500)
    failed = msgspec.structs.replace(found.response, event=event)
    listing = sample(msgspec.structs.replace(found, server=None, response=failed))
    assert "COOKIETRACE_WITNESS=1" in listing.notice[1]
    assert listing.advice == WITNESS_LINES


def test_the_two_lines_are_those_of_the_witness(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The suggested lines run with the single file, and add a witness to a Flask app."""
    from flask import Flask

    app = Flask(__name__)
    before = app.wsgi_app
    (tmp_path / FILE_NAME).write_text(single_file("flask"))
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "cookietrace_witness", raising=False)
    exec("\n".join(WITNESS_LINES), {"app": app})
    monkeypatch.delitem(sys.modules, "cookietrace_witness")
    assert app.wsgi_app is not before


def test_before_the_response_and_after_a_failure() -> None:
    """Without a response there is nothing to suggest."""
    story = Story()
    exchange_id = story.ask("/")
    assert sample(story.trace().exchanges[0]).title == "no response yet"
    story.events.append(
        ev.Failure(
            exchange_id=exchange_id,
            client_id="c1",
            at=story.now,
            host="h",
            kind="connect",
            message="refused \x1b[31m",
        )
    )
    listing = sample(story.trace().exchanges[0])
    assert listing.notice == ("The request failed: refused \\x1b[31m",)
    assert listing.advice == ()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"dropped": ("all",)}, "too large"),
        ({"source": None, "dropped": ("locals", "source")}, "view's source was left out"),
        ({"source": None, "function": None}, "No view handled"),
        ({"dropped": ("locals",)}, "variables' values were left out"),
        ({"source": None}, "could not be found"),
    ],
)
def test_reports_that_lack_something(changes: dict[str, Any], words: str) -> None:
    """What the witness left out is named."""
    assert any(words in line for line in sample(exchange(**changes)).notice)


def test_elsewhere_and_errors() -> None:
    """Reads outside the view are listed separately, and an error is on its line."""
    listing = sample(
        exchange(
            reads=(
                ev.CookieRead(name="lang", value="en", where="before_request"),
                ev.CookieRead(name="session", value=None, where="session"),
            ),
            writes=(ev.CookieWrite(name="seen", value=None, where="after_request"),),
            error=ev.ServerError(kind="KeyError", message="'x'", line=15),
        )
    )
    assert listing.elsewhere == (
        "before_request read 'lang': 'en'",
        "after_request deleted 'seen'",
        "the session looked for its cookie once and found none",
    )
    assert listing.lines[-1].raised == "KeyError: 'x'"
    assert (
        sample(exchange(error=ev.ServerError(kind="E", message="", line=15)), 2).lines[-1].raised
        == ""
    )


@pytest.mark.parametrize(
    ("fields", "label", "mark", "found_nothing"),
    [
        ({"reads": ("'user': 'Alice'",)}, "reads 'user': 'Alice'", Mark.SENT, False),
        ({"reads": ("'user': None",)}, "reads 'user': None", Mark.SENT, True),
        ({"sets": ("'user'='Alice'",)}, "sets 'user'='Alice'", Mark.CHANGED, False),
        ({"sets": ("'user' deleted",)}, "'user' deleted", Mark.CHANGED, False),
        ({"raised": "KeyError: 'x'"}, "raises KeyError: 'x'", Mark.FAILED, False),
    ],
)
def test_actions(fields: dict[str, Any], label: str, mark: Mark, found_nothing: bool) -> None:
    """What a line did with cookies, each as a label with a mark."""
    line = msgspec.structs.replace(
        sample(exchange()).lines[0], **({"reads": (), "sets": ()} | fields)
    )
    (action,) = line.actions
    assert (action.label, action.mark, action.found_nothing) == (label, mark, found_nothing)


def test_mask_and_hostile_text() -> None:
    """Cookie values are masked everywhere; source and names are made safe."""
    hidden = sample(exchange(), mask=masked)
    beside = [(line.values, line.reads, line.sets) for line in hidden.lines]
    assert "Alice" not in repr(beside)
    secret = ev.Local(name="password", value="'hunter2'", line=12, text="hunter2")
    shown = [sample(exchange(locals=(secret,)), mask=mask) for mask in (masked, unmasked)]
    assert ["hunter2" in repr(listing.lines) for listing in shown] == [False, True]
    evil = sample(exchange(source="x = '\u202e'\x1b\n", function="f\x1b"))
    assert "\x1b" not in evil.title + evil.lines[0].text
    assert "\u202e" not in evil.lines[0].text


def test_a_line_of_any_length_is_cut() -> None:
    """A forged report, or generated code, does not fill hundreds of rows with one line."""
    changed = exchange(source="x = '" + "y" * 65_536 + "'\nz = 1\n", first_line=1, lines=(1,))
    long, short = (line.text for line in sample(changed).lines)
    assert len(long) == LINE_CELLS
    assert long.endswith("…")
    assert short == "z = 1"
