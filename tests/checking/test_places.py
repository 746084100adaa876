"""Where in the app's code a report points: at the line that set, deleted or read the cookie."""

from __future__ import annotations

import pytest

from cookietrace.checking import Severity
from cookietrace.checking.places import code_place
from cookietrace.events import CookieRead, CookieWrite, Server
from cookietrace.lesson.moments import Moment
from cookietrace.lesson.moments.grades import Grade
from cookietrace.lesson.table import Table
from tests.story import Story


def seen(exchange_id: str, file: str, *, wrote: str = "", read: str = "") -> Server:
    """What the witness saw: the lines (or ``-`` for outside of the view) that touch a cookie."""

    def line(text: str) -> int | None:
        return None if text == "-" else int(text)

    return Server(
        exchange_id=exchange_id,
        at=0.0,
        function="view",
        file=file or None,
        first_line=1,
        reads=tuple(
            CookieRead(name="user", value=None, where="view", line=line(each))
            for each in read.split()
        ),
        writes=tuple(
            CookieWrite(name="user", value="x", where="view", line=line(each))
            for each in wrote.split()
        ),
    )


SETS, DELETES, READS = (
    {"file": "set.py", "wrote": "5"},
    {"file": "own.py", "wrote": "7"},
    {"file": "own.py", "read": "9"},
)


@pytest.mark.parametrize(
    ("code", "before", "own", "place"),
    [
        ("path-mismatch", SETS, READS, "set.py:5"),
        ("path-mismatch", SETS, DELETES, "set.py:5"),
        ("path-mismatch", {"file": "set.py"}, READS, "own.py:9"),
        ("path-mismatch", {"file": "set.py"}, {"file": "own.py"}, "own.py:1"),
        ("path-mismatch", SETS, None, "set.py:5"),
        ("path-mismatch", {"file": "set.py"}, None, "set.py:1"),
        ("path-mismatch", {"file": "", "wrote": "5"}, None, None),
        ("path-mismatch", None, None, None),
        ("deleted-nothing", SETS, DELETES, "own.py:7"),
        ("deleted-nothing", SETS, {"file": "own.py"}, "set.py:5"),
        ("domain-mismatch", None, DELETES, "own.py:7"),
        ("not-read", SETS, READS, "own.py:9"),
        ("not-read", SETS, {"file": "own.py", "read": "- 9"}, "own.py:9"),
        ("not-read", SETS, {"file": "own.py", "read": "-"}, "own.py:1"),
    ],
)
def test_places(
    code: str, before: dict[str, str] | None, own: dict[str, str] | None, place: str | None
) -> None:
    """A lost cookie points at what set it; everything else at the request's own view first."""
    story = Story()
    for witnessed in (before, own):
        exchange_id = story.ask()
        server = None if witnessed is None else seen(exchange_id, **witnessed)
        story.respond(exchange_id, server=server)
    grade = Grade(severity=Severity.PROBLEM, code=code, cookies=("user",))
    moment = Moment("rule", "Why?", "So.", "", None, 2, (1, 2), 1, "x2", "shop.test", grade)
    found = code_place(Table(story.trace()), moment)
    assert (None if found is None else f"{found.file}:{found.line}") == place
