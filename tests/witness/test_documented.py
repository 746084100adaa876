"""The lines of docs/WITNESS.md work as they are written, through the real proxy."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from cookietrace.events import Server
from cookietrace.formats import read_capture
from tests.ports import FreePort
from tests.processes import wait_until
from tests.witness import ROOT
from tests.witness.asking import SECRET
from tests.witness.flask_alone import flask_alone
from tests.witness.frameworks import SERVED
from tests.witness.serving import marks


def blocks(language: str) -> list[str]:
    """Return the document's code blocks in one language."""
    text = (ROOT / "docs/WITNESS.md").read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


class Shell:
    """Runs the document's commands in a folder, with a home folder of their own."""

    def __init__(self, folder: Path, bare: Path) -> None:
        self._folder = folder
        kept = {name: os.environ[name] for name in ("LANG", "LC_ALL") if name in os.environ}
        self._environment = {**kept, "HOME": str(folder), "PATH": "/usr/bin:/bin"}
        self._programs = {
            "cookietrace": (sys.executable, "-m", "cookietrace"),
            "flask": (str(bare), "-m", "flask"),
        }

    def run(self, line: str) -> str:
        """Run a command to its end, with its redirection if it has one; return its output."""
        command, _, target = line.partition(" > ")
        with self.running(command) as process:
            output, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors
        if target:
            (self._folder / target).write_text(output, encoding="utf-8")
        return output

    @contextmanager
    def running(self, line: str) -> Iterator[subprocess.Popen[str]]:
        """Run a command, with the variables set before it, and end it with Ctrl-C."""
        words = shlex.split(line)
        variables = dict(word.split("=", 1) for word in words if re.match(r"[A-Z_]+=", word))
        program, *arguments = words[len(variables) :]
        environment = {**self._environment, **variables}
        if program == "cookietrace":
            environment["PYTHONPATH"] = str(ROOT)
        process = subprocess.Popen(
            [*self._programs[program], *arguments],
            cwd=self._folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        with process:
            try:
                yield process
            finally:
                if process.poll() is None:
                    process.send_signal(signal.SIGINT)
                    process.communicate(timeout=120)


def visit(port: int, cookie: str) -> str:
    """Return the body of the page at ``/``; empty while nothing listens."""
    connection = HTTPConnection("localhost", port, timeout=120)
    try:
        connection.request("GET", "/", headers={"Cookie": cookie} if cookie else {})
        return connection.getresponse().read().decode()
    except ConnectionRefusedError:
        return ""
    finally:
        connection.close()


def test_the_documented_lines(tmp_path: Path, free_port: FreePort) -> None:
    """An app with Flask alone, set up as documented, reports through the real proxy.

    App and proxy find the same secret by themselves: they share nothing but a home.
    """
    make_file, run_app, run_proxy, explain = (block.strip() for block in blocks("sh"))
    (app,) = blocks("python")
    (tmp_path / "app.py").write_text(app, encoding="utf-8")
    app_port, proxy_port, reverse_port = free_port(), free_port(), free_port()
    shell = Shell(tmp_path, flask_alone("newest"))
    shell.run(make_file)
    ports = f" --listen 127.0.0.1:{proxy_port} --reverse-listen 127.0.0.1:{reverse_port}"
    with (
        shell.running(run_app.replace("3000", str(app_port))),
        shell.running(run_proxy.replace("3000", str(app_port)) + ports),
    ):
        wait_until(lambda: visit(app_port, "") != "", "the app listens")
        wait_until(lambda: visit(reverse_port, "") == "Hello None", "the proxy listens")
        assert visit(reverse_port, "user=Alice") == "Hello Alice"
    events = read_capture(tmp_path / "shop.cookietrace")
    reports = [event for event in events if isinstance(event, Server)]
    assert [report.function for report in reports] == ["hello", "hello"]
    assert [[(r.name, r.value) for r in report.reads] for report in reports] == [
        [("user", None)],
        [("user", "Alice")],
    ]
    assert [[(w.name, w.value) for w in report.writes] for report in reports] == [
        [("user", "Alice")],
        [("user", "Alice")],
    ]
    assert reports[0].file == "app.py"
    assert "hello" in shell.run(explain)


def section(title: str) -> str:
    """Return the code of one framework in the document."""
    text = (ROOT / "docs/WITNESS.md").read_text(encoding="utf-8")
    after = text.partition(f"\n### {title}\n")[2].partition("\n#")[0]
    code = after.partition("```py\n")[2].partition("```")[0]
    assert code
    return code


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Django", "django-wsgi"),
        ("Starlette and FastAPI", "starlette"),
        ("Quart", "quart"),
        ("Bottle", "bottle"),
        ("Pyramid", "pyramid"),
        ("Any other app", "wsgi"),
    ],
)
def test_the_lines_for_each_framework(
    title: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lines of each framework, as they are written, make an app that reports."""
    served = SERVED[name]
    if name == "django-wsgi":
        served.make()  # the project's settings
    monkeypatch.setitem(sys.modules, "my_app", ModuleType("my_app"))
    monkeypatch.setattr(sys.modules["my_app"], "app", served.make(), raising=False)
    monkeypatch.setitem(sys.modules, "cookietrace_witness", served.module)
    monkeypatch.setenv("COOKIETRACE_WITNESS", "1")
    monkeypatch.setenv("COOKIETRACE_SECRET", SECRET)
    given: dict[str, Any] = {"__name__": __name__}
    exec(compile(section(title), "documented", "exec"), given)  # the code is our document's
    app = given.get("application", given.get("app"))
    assert served.asking(app)("GET", "/no-such-page", "", marks()).report.function is None
