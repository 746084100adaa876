"""What the witness reports of each framework: the same of the same views."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context
from http.client import HTTPConnection
from threading import Thread
from typing import NamedTuple

import pytest
import uvicorn
from msgspec import UNSET

from cookietrace.events import Server
from cookietrace.witness.report import REPORT_HEADER
from tests.ports import FreePort
from tests.processes import wait_until
from tests.witness.asking import marked, reported
from tests.witness.frameworks import SERVED, witnessed
from tests.witness.serving import ask_asgi, marks

COOKIE = "user=A; in=1"

ALL = frozenset({"bottle", "pyramid", "django-wsgi", "django-asgi", "starlette", "quart"})
"""The apps with all views."""

FAST = ALL | {"fastapi"}
DJANGO = frozenset({"django-wsgi", "django-asgi"})
REPLACING = DJANGO | {"bottle"}
"""Those that keep one cookie of a name in a response."""


class Shape(NamedTuple):
    """A request, and what its report must hold; lines are counted from the view's ``def``."""

    path: str
    of: frozenset[str]
    """The apps of which it is true."""
    function: str | None
    reads: str = ""
    """``name=value@where:line`` each, except a framework's own (session, CSRF)."""
    writes: str = ""
    lines: str = ""
    locals: str = ""
    """``name=value:line`` each, of those that are strings."""
    error: str = ""
    streamed: bool = False
    method: str = "GET"


SHAPES = [
    Shape(
        "/hello",
        ALL - {"bottle"},
        "hello",
        reads="user=A@view:2",
        writes="user=Alice@view:4",
        lines="2 3 4 5",
        locals="user='A':2",
    ),
    Shape(
        "/hello",
        frozenset({"bottle", "fastapi"}),
        "hello",
        reads="user=A@view:2",
        writes="user=Alice@view:4",
        lines="2 3 4 5",
        locals="user='A':2 body='Hello A':3",
    ),
    Shape("/helper", ALL, "helper", reads="user=A@view:2", lines="2"),
    Shape(
        "/reads",
        ALL,
        "reads",
        reads="in=1@view:3 user=A@view:4 user=A@view:5 in=1@view:5",
        lines="2 3 4 5 6",
        locals="names='user,in':5",
    ),
    Shape(
        "/delete", ALL - {"bottle", "pyramid"}, "delete", writes="one=None@view:3", lines="2 3 4"
    ),
    Shape(
        "/delete", frozenset({"bottle", "pyramid"}), "delete", writes="one=None@view:2", lines="2 3"
    ),
    Shape("/raw", ALL - {"bottle", "pyramid"}, "raw", writes="first=1@view:3", lines="2 3 4"),
    Shape("/raw", frozenset({"bottle", "pyramid"}), "raw", writes="first=1@view:2", lines="2 3"),
    Shape("/returned", frozenset({"bottle"}), "returned", writes="tuple=1@view:2", lines="2"),
    Shape(
        "/returned",
        ALL - DJANGO - {"bottle"},
        "returned",
        writes="tuple=1@view",
        lines="2",
    ),
    Shape("/lost", ALL - {"starlette"}, "lost", lines="2 3 4"),
    Shape("/lost", frozenset({"starlette"}), "lost", writes="inner=1@middleware", lines="2 3 4"),
    Shape(
        "/fails",
        frozenset({"bottle", "quart", *DJANGO}),
        "fails",
        lines="2 3 4 5 6",
        locals="caught='yes':5",
        error="KeyError:6",
    ),
    Shape(
        "/fails",
        frozenset({"starlette"}),
        "fails",
        writes="failed=1@other",
        lines="2 3 4 5 6",
        locals="caught='yes':5",
        error="KeyError:6",
    ),
    Shape(
        "/fails",
        frozenset({"fastapi"}),
        "fails",
        lines="2 3 4 5 6",
        locals="caught='yes':5",
        error="HTTPException:6",
    ),
    Shape("/aborts", frozenset({"bottle"}), "aborts", lines="2", error="HTTPError:2"),
    Shape("/aborts", frozenset({"pyramid"}), "aborts", lines="2", error="HTTPForbidden:2"),
    Shape("/aborts", DJANGO, "aborts", lines="2", error="PermissionDenied:2"),
    Shape("/aborts", frozenset({"starlette"}), "aborts", lines="2", error="HTTPException:2"),
    Shape("/aborts", frozenset({"quart"}), "aborts", lines="2", error="Forbidden:2"),
    Shape("/elsewhere", frozenset({"bottle"}), "elsewhere", writes="went=1@view:2", lines="2 3"),
    Shape("/elsewhere", ALL - {"bottle"}, "elsewhere", writes="went=1@view:3", lines="2 3 4"),
    Shape("/stream", ALL - {"bottle"}, "stream", lines="2", streamed=True),
    Shape("/stream", frozenset({"bottle"}), "stream", lines="2", streamed=True),
    Shape(
        "/twice", ALL - REPLACING, "twice", writes="twice=1@view:3 twice=2@view:4", lines="2 3 4 5"
    ),
    Shape("/twice", DJANGO, "twice", writes="twice=2@view:4", lines="2 3 4 5"),
    Shape("/twice", frozenset({"bottle"}), "twice", writes="twice=2@view:3", lines="2 3 4"),
    Shape(
        "/signed",
        DJANGO,
        "signed",
        reads="signed=None@view:2",
        writes="signed=*@view:3",
        lines="2 3 4",
    ),
    Shape(
        "/signed",
        frozenset({"bottle"}),
        "signed",
        reads="signed=None@view:3",
        writes="signed=*@view:2",
        lines="2 3",
    ),
    Shape(
        "/later",
        DJANGO | {"starlette", "quart"},
        "later",
        reads="user=A@view:2",
        writes="user=Bob@view:5",
        lines="2 3 4 5 6",
        locals="user='A':2",
    ),
    Shape(
        "/later",
        frozenset({"fastapi"}),
        "later",
        reads="user=A@view:2",
        writes="user=Bob@view:5",
        lines="2 3 4 5 6",
        locals="user='A':2 body='later A':4",
    ),
    Shape(
        "/mounted/hello",
        frozenset({"starlette"}),
        "hello",
        reads="user=A@view:2",
        writes="user=Alice@view:4",
        lines="2 3 4 5",
        locals="user='A':2",
    ),
    Shape(
        "/mounted/later",
        frozenset({"fastapi"}),
        "later",
        reads="user=A@view:2",
        writes="user=Bob@view:5",
        lines="2 3 4 5 6",
        locals="user='A':2 body='later A':4",
    ),
    Shape(
        "/parameter",
        frozenset({"fastapi"}),
        "parameter",
        reads="user=A@dependency",
        lines="2",
        locals="user='A':0",
    ),
    Shape(
        "/dependency",
        frozenset({"fastapi"}),
        "dependency",
        reads="user=A@other",
        lines="2",
        locals="found='A':0",
    ),
    Shape("/visits", ALL - {"bottle"}, "visits", writes="sid=*@session", lines="2 3"),
    Shape("/class", ALL - {"bottle", "pyramid"}, "Profile.get", reads="user=A@view:2", lines="2"),
    Shape("/class", ALL - {"bottle", "pyramid"}, "Profile.post", lines="2", method="POST"),
    Shape("/class", frozenset({"pyramid"}), "Profile.show", reads="user=A@view:2", lines="2"),
    Shape("/class", frozenset({"pyramid"}), "Profile.save", lines="2", method="POST"),
    Shape(
        "/early",
        frozenset({"bottle", "quart"}),
        None,
        reads="early=None@before_request",
        writes="early=None-text@before_request",
    ),
    Shape(
        "/early",
        DJANGO | {"starlette", "fastapi"},
        None,
        reads="early=None@middleware",
        writes="early=None-text@middleware",
    ),
    Shape(
        "/early",
        frozenset({"pyramid"}),
        None,
        reads="early=None@other",
        writes="early=None-text@other",
    ),
    Shape("/no-such-page", FAST, None),
]

ROWS = [
    pytest.param(name, shape, id=f"{name} {shape.method} {shape.path}")
    for shape in SHAPES
    for name in sorted(shape.of)
]
assert len({row.id for row in ROWS}) == len(ROWS)


def shape_of(server: Server, shape: Shape) -> Shape:
    """Return a report in the form of the table's rows."""
    source = (server.source or "").splitlines()
    first = (server.first_line or 0) + next(
        (n for n, line in enumerate(source) if line.lstrip().startswith(("def ", "async def "))), 0
    )

    def at(line: int | None) -> str:
        return "" if line is None else f":{line - first}"

    def text(value: str | None, name: str) -> str:
        if name in ("sid", "signed") and value:
            return "*"
        return "None-text" if value == "None" else str(value)

    own = {"sid", "csrftoken"}
    writes = [f"{w.name}={text(w.value, w.name)}@{w.where}{at(w.line)}" for w in server.writes]
    error = server.error
    return shape._replace(
        function=server.function,
        reads=" ".join(
            f"{r.name}={r.value}@{r.where}{at(r.line)}" for r in server.reads if r.name not in own
        ),
        writes=" ".join(writes),
        lines=" ".join(str(line - first) for line in server.lines),
        locals=" ".join(
            f"{item.name}={item.value}{at(item.line)}" for item in server.locals if item.text
        ),
        error="" if error is None else f"{error.kind}{at(error.line)}",
        streamed=server.streamed,
    )


@pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume")
@pytest.mark.parametrize(("name", "shape"), ROWS)
def test_shapes(name: str, shape: Shape) -> None:
    """Each shape of view is reported as its row says, of each framework that has it."""
    ask = SERVED[name].asking(witnessed(name))
    response = ask(shape.method, shape.path, COOKIE, marks())
    server = response.report
    assert response.raised == ""
    assert shape_of(server, shape) == shape
    assert server.dropped == ()
    assert server.framework == SERVED[name].witness
    if shape.function is not None:
        assert server.file == f"tests/witness/apps/{SERVED[name].app}.py"


@pytest.mark.parametrize("name", ["wsgi", "asgi"])
@pytest.mark.parametrize("path", ["/hello", "/delete", "/no-such-page"])
def test_any_app(name: str, path: str) -> None:
    """Of any other app the cookies that it sets are reported; that reads are unknown is said."""
    response = SERVED[name].asking(witnessed(name))("GET", path, COOKIE, marks())
    server = response.report
    assert server.dropped == ("reads",)
    assert server.framework is UNSET
    assert (server.function, server.reads, server.lines, server.locals) == (None, (), (), ())
    set_here = {"/hello": [("user", "Alice", "other")], "/delete": [("one", None, "other")]}
    assert [(w.name, w.value, w.where) for w in server.writes] == set_here.get(path, [])


@pytest.mark.parametrize("name", [name for name in SERVED if SERVED[name].is_async])
def test_many_tasks(name: str) -> None:
    """Requests whose tasks take turns in one thread are not mixed up, marked or not."""
    app = witnessed(name)
    path = "/later" if name in ("fastapi", "asgi", "django-asgi") else "/together"

    async def visit(number: int) -> None:
        is_marked = number % 3 != 0
        headers = marks() if is_marked else {}
        cookie = f"user=u{number}"
        response = await ask_asgi(app, "GET", path, cookie, headers)
        assert f"u{number}" in response.body.decode()
        if not is_marked:
            assert response.bare == response
        elif name != "asgi":
            server = response.report
            values = [read.value for read in server.reads if read.name == "user"]
            assert values == [f"u{number}"]
            assert [item.text for item in server.locals if item.name == "user"] == values

    async def all_at_once() -> None:
        await asyncio.gather(*map(visit, range(24)))

    Context().run(asyncio.run, all_at_once())


def test_a_real_server(free_port: FreePort) -> None:
    """A server tells where a request came from and arrived, and streams are not delayed."""
    port = free_port()
    server = uvicorn.Server(
        uvicorn.Config(witnessed("starlette"), port=port, log_level="critical", lifespan="off")
    )
    thread = Thread(target=server.run)
    thread.start()
    try:
        wait_until(lambda: server.started, "the app listens")
        reports = []
        for path in ("/hello", "/stream"):
            connection = HTTPConnection("127.0.0.1", port, timeout=120)
            connection.request("GET", path, headers={**marked(port), "Cookie": "user=A"})
            response = connection.getresponse()
            reports.append(reported(response.getheader(REPORT_HEADER, "")))
            response.read()
            connection.close()
    finally:
        server.should_exit = True
        thread.join()
    assert [(each.function, each.streamed) for each in reports] == [
        ("hello", False),
        ("stream", True),
    ]


@pytest.mark.parametrize("name", ["bottle", "pyramid", "django-wsgi"])
def test_many_threads(name: str) -> None:
    """Requests that run at the same time in several threads are not mixed up."""
    ask = SERVED[name].asking(witnessed(name))

    def visit(number: int) -> None:
        is_marked = number % 2 == 0
        headers = marks() if is_marked else {}
        response = ask("GET", "/together", f"user=u{number}", headers)
        assert response.body.decode() == f"u{number}"
        if is_marked:
            server = response.report
            reads = [read.value for read in server.reads if read.name == "user"]
            assert reads == [f"u{number}"]
            assert [item.text for item in server.locals if item.name == "user"] == reads
        else:
            assert response.bare == response

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(visit, range(8)))
