"""The pytest plugin: fixtures that record what a test's client does with an app's cookies.

pytest loads this module in every run, so it imports nothing of the core before a fixture is used.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

    from cookietrace.secret_names import Names
    from cookietrace.testing import Host, Ignore, Recorder, Recorders

_OPTION = "cookietrace_captures"
_LONGEST_NAME = 100


class Record:
    """What the fixtures return: call it with an app to put a recorder in front of that."""

    def __init__(self, recorders: Recorders, ignores: Sequence[Ignore], names: Names) -> None:
        self._recorders = recorders
        self._ignores = ignores
        self._names = names
        self.made: list[Recorder] = []

    def __call__(
        self,
        app: WSGIApplication | str,
        *,
        host: Host = "127.0.0.1",
        browser: str = "auto",
    ) -> Recorder:
        """Return a recorder in front of a WSGI app, or of a running app at a URL.

        Give its ``base_url`` to the test's client. ``host`` is the name by which the client
        reaches a WSGI app, ``127.0.0.1`` or ``localhost``; ``browser`` chooses the cookie rules.
        """
        recorder = self._recorders.record(
            app, host=host, browser=browser, ignores=self._ignores, names=self._names
        )
        self.made.append(recorder)
        return recorder

    def close(self) -> None:
        """Close every recorder."""
        for recorder in self.made:
            recorder.close()


_RECORDS: pytest.StashKey[list[Record]] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--cookietrace-captures``."""
    parser.getgroup("cookietrace").addoption(
        "--cookietrace-captures",
        metavar="DIR",
        dest=_OPTION,
        help="keep the captures of failed tests in this folder; they may hold live sessions",
    )


@pytest.fixture(scope="session")
def _cookietrace_recorders() -> Iterator[Recorders]:
    """The proxy of this run, which starts when a recorder is needed."""
    from cookietrace.testing import Recorders

    with Recorders() as recorders:
        yield recorders


@pytest.fixture(scope="session")
def _cookietrace_ignores(pytestconfig: pytest.Config) -> Sequence[Ignore]:
    """What the project's ``cookietrace.toml`` ignores."""
    from cookietrace.checking import find_project_file, read_ignores

    path = find_project_file(pytestconfig.rootpath)
    return () if path is None else read_ignores(path)


@pytest.fixture(scope="session")
def _cookietrace_names() -> Names:
    """What the user's settings change about which names are those of secrets."""
    from cookietrace.settings import read_settings, settings_path

    return read_settings(settings_path()).names


@pytest.fixture
def cookietrace(
    request: pytest.FixtureRequest,
    _cookietrace_recorders: Recorders,
    _cookietrace_ignores: Sequence[Ignore],
    _cookietrace_names: Names,
) -> Iterator[Record]:
    """Call it with a WSGI app or a URL to put a recorder in front of that app.

    Send the requests to ``recorder.base_url``, then ask ``recorder.assert_no_problems()``,
    ``problems()``, ``set_cookies()``, ``jar()`` or ``explain()``.
    """
    record = Record(_cookietrace_recorders, _cookietrace_ignores, _cookietrace_names)
    request.node.stash.setdefault(_RECORDS, []).append(record)
    yield record
    record.close()


@pytest.fixture(scope="session")
def cookietrace_session(
    request: pytest.FixtureRequest,
    _cookietrace_recorders: Recorders,
    _cookietrace_ignores: Sequence[Ignore],
    _cookietrace_names: Names,
) -> Iterator[Record]:
    """The same for a recorder that several tests share, such as one before a live server."""
    record = Record(_cookietrace_recorders, _cookietrace_ignores, _cookietrace_names)
    request.node.stash.setdefault(_RECORDS, []).append(record)
    yield record
    record.close()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Keep the captures of a test that failed, if the user named a folder for them."""
    outcome: Any = yield
    folder = item.config.getoption(_OPTION)
    report: pytest.TestReport = outcome.get_result()
    if folder is None or not report.failed or report.when == "teardown":
        return
    for number, recorder in enumerate(_recorders_of(item), 1):
        path = item.config.invocation_params.dir / folder / _file_name(item.nodeid, number)
        report.sections.append(("cookietrace", _kept(recorder, path)))


def _recorders_of(item: pytest.Item) -> list[Recorder]:
    """Return the recorders that a test used, those that it shares with others included."""
    records = item.stash.get(_RECORDS, [])
    if "cookietrace_session" in getattr(item, "fixturenames", ()):
        records = [*records, *item.session.stash.get(_RECORDS, [])]
    return [recorder for record in records for recorder in record.made]


def _kept(recorder: Recorder, path: Path) -> str:
    """Write a recorder's capture instead of the one of an earlier run; return what to say."""
    from cookietrace.errors import CookietraceError

    try:
        path.unlink(missing_ok=True)
        recorder.save(path)
    except (CookietraceError, OSError) as error:
        return f"The capture could not be kept: {error}"
    return f"The capture is {path}: open it with `cookietrace view {path}`"


def _file_name(nodeid: str, number: int) -> str:
    """Return a file name for a test: legible, and different for different tests."""
    legible = re.sub(r"[^\w.-]+", "-", nodeid, flags=re.ASCII).strip("-")[-_LONGEST_NAME:]
    digest = hashlib.sha256(nodeid.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{legible}-{digest}{f'-{number}' if number > 1 else ''}.cookietrace"
