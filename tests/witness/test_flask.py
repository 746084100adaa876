"""What the witness reports of each shape of view that a Flask app can have."""

from __future__ import annotations

import inspect
from typing import NamedTuple

import pytest
from flask import Flask

from cookietrace.events import Server
from cookietrace.witness.view_trace import LINES_LIMIT
from tests.witness import flask_app
from tests.witness.asking import ask


class Shape(NamedTuple):
    """A request, and what its report must hold; lines are counted from the view's first."""

    path: str
    function: str | None
    reads: str = ""
    """``name=value@where:line`` each, except Flask's own read of its session cookie."""
    writes: str = ""
    lines: str = ""
    locals: str = ""
    """``name=value:line`` each."""
    error: str = ""
    """``kind:line``"""
    cookie: str = ""
    method: str = "GET"
    streamed: bool = False


SHAPES = [
    Shape(
        "/",
        "hello",
        reads="user=None@view:3",
        writes="user=Alice@view:5",
        lines="3 4 5 6",
        locals="user=None:3 response=<Response 10 bytes [200 OK]>:4",
    ),
    Shape(
        "/",
        "hello",
        cookie="user=Alice",
        reads="user=Alice@view:3",
        writes="user=Alice@view:5",
        lines="3 4 5 6",
        locals="user='Alice':3 response=<Response 11 bytes [200 OK]>:4",
    ),
    Shape("/", None, method="OPTIONS"),
    Shape(
        "/",
        "hello",
        method="HEAD",
        reads="user=None@view:3",
        writes="user=Alice@view:5",
        lines="3 4 5 6",
        locals="user=None:3 response=<Response 10 bytes [200 OK]>:4",
    ),
    Shape("/decorated", "below_decorators", lines="4 5", locals="answer='ok':4"),
    Shape(
        "/reads",
        "reads",
        cookie="in=1; user=A; twice=x; twice=y",
        reads="in=1@view:4 user=A@view:5 twice=x@view:6 in=1@view:7 user=A@view:7 twice=x@view:7",
        lines="3 4 5 6 7 8",
        locals=(
            "cookies=RecordingCookies([('in', '1'), ('user', 'A'), ('twice', 'x'), ('twice', 'y')])"
            ":3 names=['in', 'user', 'twice']:7"
        ),
    ),
    Shape("/helper", "through_helper", reads="user=None@view:3", lines="3"),
    Shape(
        "/branch/2",
        "branch",
        lines="3 4 7 8 7 8 7 9",
        locals="number=2:1 kind='many':4 _=0:7 number=3:8 _=1:7 number=4:8",
    ),
    Shape("/session", "visits", writes="sid=*@session", lines="3 4"),
    Shape("/session-end", "forget", writes="sid=*@session", lines="3 4"),
    Shape(
        "/delete",
        "delete",
        writes="one=None@view:4 two=None@view:5 three=None@view:6",
        lines="3 4 5 6 7",
        locals="response=<Response 7 bytes [200 OK]>:3",
    ),
    Shape(
        "/raw",
        "raw",
        writes="first=1@view:4 =no-name@view:5",
        lines="3 4 5 6",
        locals="response=<Response 3 bytes [200 OK]>:3",
    ),
    Shape("/tuple", "in_tuple", writes="tuple=1@view", lines="3"),
    Shape(
        "/thrown-away",
        "thrown_away",
        lines="3 4 5",
        locals="response=<Response 10 bytes [200 OK]>:3",
    ),
    Shape(
        "/redirect",
        "elsewhere",
        writes="went=1@view:4",
        lines="3 4 5",
        locals="response=<Response 189 bytes [302 FOUND]>:3",
    ),
    Shape(
        "/fails",
        "fails",
        writes="failed=1@other",
        lines="3 4 5 6 7",
        locals="caught=True:6",
        error="KeyError:7",
    ),
    Shape("/abort", "aborts", lines="3", error="Forbidden:3"),
    Shape("/stream", "stream", lines="4 8", locals="bits=<function>:4", streamed=True),
    Shape(
        "/async",
        "later",
        cookie="user=A",
        reads="user=A@view:3",
        writes="user=Bob@view:6",
        lines="3 4 5 6 7",
        locals="user='A':3 response=<Response 7 bytes [200 OK]>:5",
    ),
    Shape("/hostile", "hostile", lines="4 8 9", locals="Hostile=<type>:4 value=<Hostile>:8"),
    Shape(
        "/after",
        "before_after",
        reads="asked=None@after_request",
        writes="asked=1@after_request",
        lines="3",
    ),
    Shape("/early", None, reads="early=None@before_request", writes="early=1@before_request"),
    Shape("/no-such-page", None),
    Shape("/", None, method="DELETE"),
    Shape("/class", "Profile.get", reads="user=None@view:2", lines="2", locals="self=<Profile>:0"),
    Shape("/class", "Profile.post", method="POST", lines="2", locals="self=<Profile>:0"),
    Shape("/plain-class", "Plain.dispatch_request", lines="2", locals="self=<Plain>:0"),
    Shape("/partial", "partially", lines="2", locals="given='given':0"),
]


def shape_of(server: Server, path: str, cookie: str, method: str) -> Shape:
    """Return a report in the form of the table's rows."""
    first = server.first_line or 0

    def at(line: int | None) -> str:
        return "" if line is None else f":{line - first}"

    reads = [f"{r.name}={r.value}@{r.where}{at(r.line)}" for r in server.reads if r.name != "sid"]
    writes = [
        f"{w.name}={'*' if w.name == 'sid' else w.value}@{w.where}{at(w.line)}"
        for w in server.writes
    ]
    error = server.error
    return Shape(
        path=path,
        cookie=cookie,
        method=method,
        function=server.function,
        reads=" ".join(reads),
        writes=" ".join(writes),
        lines=" ".join(str(line - first) for line in server.lines),
        locals=" ".join(f"{item.name}={item.value}{at(item.line)}" for item in server.locals),
        error="" if error is None else f"{error.kind}{at(error.line)}",
        streamed=server.streamed,
    )


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: f"{shape.method} {shape.path}")
def test_shapes(app: Flask, shape: Shape) -> None:
    """Each shape of view is reported as its row says."""
    _, server = ask(app, shape.path, shape.cookie, shape.method)
    assert shape_of(server, shape.path, shape.cookie, shape.method) == shape


def test_source(app: Flask) -> None:
    """The source is the view's own text with its decorators, and its file a relative path."""
    _, server = ask(app, "/decorated")
    assert server.source is not None
    assert server.source.startswith('@views.get("/decorated")\n@decorated\ndef below_decorators')
    assert server.file in ("tests/witness/flask_app.py", "witness/flask_app.py")
    lines, _ = inspect.getsourcelines(flask_app)
    assert server.first_line is not None
    assert lines[server.first_line - 1] == '@views.get("/decorated")\n'


def test_text_of_locals(app: Flask) -> None:
    """A local that is a string is also reported as it is, so that it compares with cookies."""
    _, server = ask(app, "/", "user=Alice")
    assert [(item.name, item.text) for item in server.locals] == [
        ("user", "Alice"),
        ("response", None),
    ]


def test_session_rotates(app: Flask) -> None:
    """Flask's session cookie is read before the view, and written after it, with its value."""
    first, server = ask(app, "/session")
    value = first.headers["Set-Cookie"].partition(";")[0].partition("=")[2]
    assert [(r.name, r.value, r.where) for r in server.reads] == [("sid", None, "session")]
    assert [(w.name, w.value, w.where) for w in server.writes] == [("sid", value, "session")]
    _, server = ask(app, "/session", f"sid={value}")
    assert [(r.name, r.value, r.where) for r in server.reads] == [("sid", value, "session")]
    _, server = ask(app, "/session-end", f"sid={value}")
    assert [(w.name, w.value, w.where) for w in server.writes] == [("sid", None, "session")]


def test_long_loops(app: Flask) -> None:
    """Lines are reported up to the limit; the view runs to its end anyway."""
    response, server = ask(app, "/loop")
    assert response.text == str(sum(range(5000)))
    assert len(server.lines) == LINES_LIMIT
