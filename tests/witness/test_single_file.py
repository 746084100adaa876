"""The witness as one file: ``cookietrace witness flask``, in an environment with Flask alone."""

from __future__ import annotations

import ast
import importlib.util
import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest
from click.testing import CliRunner

import cookietrace
from cookietrace.addresses import is_this_machine
from cookietrace.cli import cookietrace_command
from cookietrace.witness import arrival, secret, trust
from cookietrace.witness import mark as mark_module
from cookietrace.witness.mark import PROTOCOL
from cookietrace.witness.single_file import FILE_NAME, FRAMEWORKS, single_file
from tests.witness import ROOT, flask_app
from tests.witness.asking import KEY, SECRET, reported
from tests.witness.flask_alone import OLDEST, flask_alone, oldest_python
from tests.witness.frameworks import SERVED
from tests.witness.test_flask import SHAPES, Shape, shape_of

ASK = """
import json, sys, time
sys.path[:0] = sys.argv[1:3]
import cookietrace_witness as made, flask_app
app = flask_app.make_app()
made.witness(app, secret=sys.argv[3], ports=[5173])
client = app.test_client(use_cookies=False)
for method, path, headers in json.loads(sys.argv[4]):
    key = made.mark_key(sys.argv[3])
    headers[made.MARK_HEADER] = made.mark("e1", "localhost:5173", time.time(), key)
    print(client.open(path, method=method, headers=headers).headers["Cookietrace-Witness"])
assert made.REPORT_HEADER not in client.open(path, method=method, headers=headers).headers
"""


IMPORTED = {
    "flask": "flask werkzeug",
    "django": "asgiref django",
    "bottle": "bottle",
    "pyramid": "pyramid webob",
    "starlette": "starlette",
    "quart": "quart werkzeug",
}
"""What the file for each framework imports besides the standard library."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the file, as the command prints it."""
    result = CliRunner().invoke(cookietrace_command, ["witness", "flask"])
    assert result.exit_code == 0
    (tmp_path / FILE_NAME).write_text(result.stdout, encoding="utf-8")
    return tmp_path


def test_fastapi_is_starlette() -> None:
    """The file for FastAPI is that for Starlette, which it is built on."""
    one, other = (
        CliRunner().invoke(cookietrace_command, ["witness", name]).stdout
        for name in ("fastapi", "starlette")
    )
    assert one == other != ""


@pytest.fixture
def module(folder: Path) -> ModuleType:
    """The file, imported into this process."""
    spec = importlib.util.spec_from_file_location("cookietrace_witness", folder / FILE_NAME)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_it_says_what_it_is(framework: str) -> None:
    """The first lines name the program, its version and the protocol's, and the command."""
    docstring = ast.get_docstring(ast.parse(single_file(framework)))
    assert docstring is not None
    assert f"Made by cookietrace {cookietrace.__version__}, protocol {PROTOCOL}." in docstring
    assert f"cookietrace witness {framework} > {FILE_NAME}" in docstring


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_it_can_be_joined(framework: str) -> None:
    """It parses as the oldest Python's, defines no name twice, and imports nothing else of ours."""
    tree = ast.parse(single_file(framework), feature_version=OLDEST)
    names: Counter[str] = Counter()
    modules: set[str] = set()
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names[node.name] += 1
        elif isinstance(node, ast.Assign):
            names.update(target.id for target in node.targets if isinstance(target, ast.Name))
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names[node.target.id] += 1
        elif isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
            modules.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            names.update(alias.name for alias in node.names)
            modules.add(node.module or "")
    assert [name for name, count in names.items() if count > 1] == []
    roots = {module.partition(".")[0] for module in modules}
    assert roots - sys.stdlib_module_names == set(IMPORTED.get(framework, "").split())
    ours = {
        alias.name
        for part in FRAMEWORKS[framework].parts
        for node in ast.walk(ast.parse(source_of(part.module)))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("cookietrace.")
        for alias in node.names
        if not part.names
    }
    assert ours - names.keys() == set()


def source_of(module: str) -> str:
    """Return the source of one of our modules."""
    return (ROOT / (module.replace(".", "/") + ".py")).read_text(encoding="utf-8")


@pytest.mark.parametrize("environment", ["oldest", "newest"])
def test_shapes_with_flask_alone(folder: Path, environment: str) -> None:
    """With Flask and nothing else, each shape of view is reported as the package reports it."""
    # An async view needs more than Flask: its extra of that name.
    shapes = [shape for shape in SHAPES if shape.path != "/async"]
    requests = [
        (shape.method, shape.path, {"Cookie": shape.cookie} if shape.cookie else {})
        for shape in shapes
    ]
    app_folder = Path(flask_app.__file__).parent
    result = subprocess.run(
        [
            *(flask_alone(environment), "-I", "-c", ASK),
            *(folder, app_folder, SECRET, json.dumps(requests)),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    reports = [reported(line) for line in result.stdout.splitlines()]
    assert [
        without_sizes(shape_of(server, shape.path, shape.cookie, shape.method))
        for server, shape in zip(reports, shapes, strict=True)
    ] == [without_sizes(shape) for shape in shapes]


def without_sizes(shape: Shape) -> Shape:
    """Return the shape without response sizes: each Flask writes its own page of a redirect."""
    return shape._replace(locals=re.sub(r"<Response \d+ bytes", "<Response", shape.locals))


@pytest.mark.parametrize("platform", ["linux", "darwin"])
@pytest.mark.parametrize("data_home", ["", "relative", "/elsewhere"])
def test_the_secret_is_the_same_file(
    module: ModuleType, monkeypatch: pytest.MonkeyPatch, platform: str, data_home: str
) -> None:
    """The file and the package look for the shared secret in the same place."""
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setenv("XDG_DATA_HOME", data_home)
    monkeypatch.setenv("HOME", "/home/of/someone")
    assert module.secret_path() == secret.secret_path()


@pytest.mark.parametrize(
    "peer", ["127.0.0.1", "127.3.2.1", "::1", "::ffff:127.0.0.1", "192.0.2.7", "2001:db8::1", ""]
)
def test_the_same_marks_are_trusted(module: ModuleType, peer: str) -> None:
    """The file has the package's one test for marks, and for loopback addresses."""
    mark = mark_module.mark("e1", "localhost:80", 100.0, KEY)
    environ = {"REMOTE_ADDR": peer, "SERVER_PORT": "80"}
    verdicts = [
        each.Trust(SECRET, clock=lambda: 100.0).judge(mark, arrived(environ)).name
        for each, arrived in ((module, module.wsgi_arrival), (trust, arrival.wsgi_arrival))
    ]
    assert verdicts in (["FOLLOW"] * 2, ["REFUSE"] * 2)
    assert (verdicts[0] == "FOLLOW") is is_this_machine(peer)


EACH = """
import importlib, json, sys
sys.path[:0] = sys.argv[1:3]
from tests.witness.frameworks import SERVED
from tests.witness.serving import marks
for name, served in SERVED.items():
    made = importlib.import_module(f"made_{served.witness}")
    app = made.witness(served.make(), secret=sys.argv[3])
    server = served.asking(app)("GET", "/hello", "user=A", marks()).report
    reads = [each.value for each in server.reads if each.name == "user"]
    writes = [each.value for each in server.writes]
    print(json.dumps([name, server.function, reads, writes, list(server.dropped)]))
assert not any(module.startswith("cookietrace.witness.w") for module in sys.modules)
"""


def test_each_framework(tmp_path: Path) -> None:
    """The file for each framework reports what the package does, without the package's witness."""
    for framework in FRAMEWORKS:
        (tmp_path / f"made_{framework}.py").write_text(single_file(framework), encoding="utf-8")
    result = subprocess.run(
        [sys.executable, "-c", EACH, str(ROOT), str(tmp_path), SECRET],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    reports = [json.loads(line) for line in result.stdout.splitlines()]
    assert len(reports) == len(SERVED)
    for name, *report in reports:
        known = ["hello", ["A"], ["Alice"], []]
        assert report == ([None, [], ["Alice"], ["reads"]] if name in ("wsgi", "asgi") else known)


BARE = """
import asyncio, importlib, sys, time
sys.path.insert(0, sys.argv[1])
def wsgi_app(environ, start):
    start("200 OK", [("Set-Cookie", "a=1")])
    return [b"ok"]
async def asgi_app(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": [[b"set-cookie", b"a=1"]]})
    await send({"type": "http.response.body", "body": b"ok"})
def mark(made):
    key = made.mark_key(sys.argv[2])
    return made.mark("e1", "localhost:80", time.time(), key)
made = importlib.import_module("wsgi")
seen = []
environ = {
    "REQUEST_METHOD": "GET", "REMOTE_ADDR": "127.0.0.1", "SERVER_PORT": "80",
    "HTTP_COOKIETRACE_EXCHANGE": mark(made),
}
made.witness(wsgi_app, secret=sys.argv[2])(environ, lambda status, headers: seen.extend(headers))
print(dict(seen)["Cookietrace-Witness"])
made = importlib.import_module("asgi")
scope = {
    "type": "http", "method": "GET", "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
    "headers": [(b"cookietrace-exchange", mark(made).encode())],
}
sent = []
async def send(message):
    sent.append(message)
asyncio.run(made.witness(asgi_app, secret=sys.argv[2])(scope, None, send))
print(dict(map(tuple, sent[0]["headers"]))[b"cookietrace-witness"].decode())
"""


def test_any_app_on_the_oldest_python(tmp_path: Path) -> None:
    """The files for any app work with the standard library alone."""
    for framework in ("wsgi", "asgi"):
        (tmp_path / f"{framework}.py").write_text(single_file(framework), encoding="utf-8")
    result = subprocess.run(
        [oldest_python(), "-I", "-c", BARE, str(tmp_path), SECRET],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    for line in result.stdout.splitlines():
        server = reported(line)
        assert [(w.name, w.value) for w in server.writes] == [("a", "1")]
        assert server.dropped == ("reads",)


def test_an_unknown_framework(folder: Path) -> None:
    """One line names the frameworks that there are."""
    result = subprocess.run(
        [sys.executable, "-m", "cookietrace", "witness", "rails"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(Path(cookietrace.__file__).parents[1])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 2
    assert "Choose one of flask, django" in result.stderr
    assert len(result.stderr.splitlines()) == 1
