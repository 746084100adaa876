"""The pytest plugin in runs of its own: light until it is used, and gone when the run ends."""

from __future__ import annotations

import stat
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from tests.processes import running_with, wait_until

pytest_plugins = ["pytester"]

MARK = "COOKIETRACE_PLUGIN_TEST"

APP = """
import urllib.request
from flask import Flask, Response, request
from cookietrace.witness.flask import witness


def make_app(same_site):
    app = Flask(__name__)
    witness(app)

    @app.get("/login")
    def login():
        response = Response("go to the provider")
        response.set_cookie("state", "secret-of-the-sign-in", httponly=True, samesite=same_site)
        return response

    @app.post("/callback")
    def callback():
        state = request.cookies.get("state")
        return Response("in" if state else "out", 200 if state else 403)

    return app


def sign_in(base_url, cookie=None):
    page = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    typed = {**page, "Sec-Fetch-Site": "none"}
    urllib.request.urlopen(urllib.request.Request(base_url + "/login", None, typed)).close()
    headers = {**page, "Sec-Fetch-Site": "cross-site", "Origin": "https://idp.test"}
    if cookie:
        headers["Cookie"] = cookie
    back = urllib.request.Request(base_url + "/callback", b"", headers)
    try:
        urllib.request.urlopen(back).close()
    except urllib.error.HTTPError as refusal:
        refusal.close()
"""

TESTS = """
import pytest
from app import make_app, sign_in
from cookietrace.testing import Ignore


def test_broken(cookietrace):
    recorder = cookietrace(make_app("Lax"))
    sign_in(recorder.base_url)
    recorder.assert_no_problems()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_working(cookietrace, host):
    recorder = cookietrace(make_app("Strict"), host=host)
    sign_in(recorder.base_url, "state=secret-of-the-sign-in")
    assert [cookie.name for cookie in recorder.jar()] == ["state"]
    assert recorder.set_cookies("state")[0].outcome == "created"


@pytest.fixture(scope="session")
def shared(cookietrace_session):
    return cookietrace_session(make_app("Lax"))


@pytest.mark.parametrize("turn", [1, 2])
def test_shared(shared, turn):
    sign_in(shared.base_url)
    assert len(shared.explain()) >= 2
    assert turn == 1


def test_ignored(cookietrace):
    recorder = cookietrace(make_app("Lax"), browser="chromium")
    sign_in(recorder.base_url)
    recorder.assert_no_problems(ignore=[Ignore(cookie="state", reason="known")])
"""

IGNORES = """
[[check.ignore]]
code = "same-site-lax"
host = "nowhere.test"
reason = "matches nothing"
"""


@pytest.fixture
def folder(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, data_folder: Path
) -> pytest.Pytester:
    """A folder with an app to test; every process started for it can be found by its mark."""
    monkeypatch.setenv(MARK, str(data_folder))
    monkeypatch.setenv("COOKIETRACE_WITNESS", "1")
    # Of the plugins that are installed here, a run loads only those that it names.
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTEST_PLUGINS", "cookietrace.pytest_plugin")
    pytester.makepyfile(app=APP)
    pytester.makefile(".ini", pytest="[pytest]\nfilterwarnings = error\npythonpath = .\n")
    pytester.makefile(".toml", cookietrace=IGNORES)
    return pytester


def test_pytest_finds_the_plugin() -> None:
    """Where cookietrace is installed, pytest loads the plugin by itself."""
    (found,) = entry_points(group="pytest11", name="cookietrace")
    assert found.value == "cookietrace.pytest_plugin"


def test_a_run(folder: pytest.Pytester, data_folder: Path) -> None:
    """A failure says why, its capture is kept, and every process has ended; here under xdist."""
    folder.makepyfile(test_shop=TESTS)
    result = folder.runpytest_subprocess("-p", "xdist", "-n", "1", "--cookietrace-captures", "kept")
    result.assert_outcomes(passed=4, failed=2)
    text = result.stdout.str()
    assert "problem  same-site-lax: 'state' at 127.0.0.1" in text
    assert "Code:  app.py:13 (login)" in text
    assert "secret-of-the-sign-in" not in text
    assert "unused ignore" not in text
    kept = sorted((folder.path / "kept").iterdir())
    assert [path.stem.rpartition("-")[0] for path in kept] == [
        "test_shop.py-test_broken",
        "test_shop.py-test_shared-2",
    ]
    for path in kept:
        assert f"The capture is {path}: open it with `cookietrace view {path}`" in text
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept[0].parent.stat().st_mode) == 0o700
    wait_until(lambda: not running_with(str(data_folder)), "every process ended")


LIGHT = """
import sys


def test_light():
    heavy = ("mitmproxy", "flask", "textual", "msgspec", "proxy_addon", "tui", "demo_app")
    loaded = {name.partition(".")[0] for name in sys.modules}
    assert not loaded & set(heavy)
    ours = {name for name in sys.modules if name.startswith("cookietrace.")}
    assert ours == {"cookietrace.pytest_plugin"}
"""


def test_it_is_light_until_it_is_used(folder: pytest.Pytester) -> None:
    """A run that uses no fixture of ours loads the plugin alone."""
    folder.makepyfile(test_light=LIGHT)
    folder.runpytest_subprocess().assert_outcomes(passed=1)


FULL_DISK = """
import resource
from app import make_app, sign_in


def test_that_asks_nothing(cookietrace, _cookietrace_recorders):
    recorder = cookietrace(make_app("Strict"))
    pid = _cookietrace_recorders._proxy.child.process.pid
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))
    sign_in(recorder.base_url)
"""


def test_a_run_with_a_gap(folder: pytest.Pytester) -> None:
    """It ends with an error that says what is missing, even if no test asked for a verdict."""
    folder.makepyfile(test_full_disk=FULL_DISK)
    result = folder.runpytest_subprocess()
    result.assert_outcomes(passed=1, errors=1)
    assert "the recording of these tests is not complete: 2 exchanges" in result.stdout.str()


CRASH = """
import os
from app import make_app, sign_in


def test_crash(cookietrace):
    sign_in(cookietrace(make_app("Lax")).base_url)
    os._exit(3)
"""


def test_a_run_that_ends_at_once(folder: pytest.Pytester, data_folder: Path) -> None:
    """If pytest itself is gone, so is the proxy."""
    folder.makepyfile(test_crash=CRASH)
    assert folder.runpytest_subprocess().ret == 3  # what the test said at its end
    wait_until(lambda: not running_with(str(data_folder)), "every process ended")


def test_a_bad_project_file(folder: pytest.Pytester) -> None:
    """A mistake in the project's ignores is an error of the test, in one line."""
    folder.makefile(".toml", cookietrace="[[check.ignore]]\ncode = 'x'\n")
    folder.makepyfile(test_shop="def test_it(cookietrace):\n    pass\n")
    result = folder.runpytest_subprocess()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*FormatError: *cookietrace.toml: ignore 1 has no reason*"])


def test_the_name_of_a_capture() -> None:
    """It is short enough for every file system, in whatever script a test is named."""
    from cookietrace.pytest_plugin import _file_name

    names = {_file_name(f"tests/test_a.py::test_{word}", 1) for word in ("试" * 200, "../x", "x")}
    assert len(names) == 3
    assert all(len(name.encode()) < 200 and "/" not in name for name in names)
