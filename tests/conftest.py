"""Options of the whole suite."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from cookietrace.errors import LaunchError
from cookietrace.supervision.browsers import Browser, find_browser
from tests.ports import FreePort, held_ports
from tests.redis_server import RedisServer

# What a property says must not depend on how busy the machine is.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


OPTIONAL = {
    "conformance": "folder of the public cookie vectors",
    "axe": "the checker axe-core's axe.min.js",
}
"""What some tests need and the project does not hold: the option and mark, and what it names."""

_LONGEST_ID = 60
"""Characters of a text that stands for itself in the name of a test."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--conformance=DIR`` and ``--axe=FILE``: run what needs them, too."""
    for name, what in OPTIONAL.items():
        parser.addoption(f"--{name}", metavar="PATH", help=what)


def pytest_configure(config: pytest.Config) -> None:
    """Name the marks of those tests, and let Ctrl-C reach the processes that tests start.

    A shell starts what it runs in the background with interrupts ignored, and all that is started
    from there would ignore them too.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    for name, what in OPTIONAL.items():
        config.addinivalue_line("markers", f"{name}: needs the {what}")


BROWSERS = frozenset({"chromium", "driven_chromium", "firefox"})
"""The fixtures that need a real browser."""

LONGEST = ("tests/judge/", "tests/e2e/", "tests/tui/")
"""The folders whose files take longest. They start first; quick files fill up every worker then."""


def pytest_xdist_auto_num_workers() -> int:
    """Run one worker more than there are cores: many tests wait for processes and browsers."""
    return len(os.sched_getaffinity(0)) + 1 if hasattr(os, "sched_getaffinity") else 3


def pytest_make_parametrize_id(val: object) -> str | None:
    """Name a long text by how it begins: thousands of characters would be the test's name."""
    if not isinstance(val, str | bytes) or len(val) <= _LONGEST_ID:
        return None
    begins = val if isinstance(val, str) else val.decode("latin-1")
    return f"{begins[:_LONGEST_ID].encode('unicode_escape').decode('ascii')}..."


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark the browser tests, put the longest first, and leave out tests that lack what they need.

    The judge waits two minutes for a rule that depends on time; everything else runs meanwhile.
    """
    for item in items:
        if BROWSERS.intersection(getattr(item, "fixturenames", ())):
            item.add_marker("browser")
    items.sort(key=lambda item: [not item.nodeid.startswith(folder) for folder in LONGEST])
    absent = [name for name in OPTIONAL if config.getoption(f"--{name}") is None]
    kept: list[pytest.Item] = []
    left_out: list[pytest.Item] = []
    for item in items:
        needs = any(item.get_closest_marker(name) for name in absent)
        (left_out if needs else kept).append(item)
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = kept


@pytest.fixture(scope="session", autouse=True)
def no_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the developer's own settings from tests and from the processes that they start."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("config")))
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture
def free_port() -> Iterator[FreePort]:
    """Give ports that nobody else is given until the test is over."""
    with held_ports() as give:
        yield give


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """One Redis server for all tests of a worker that do not end it; each takes its own names."""
    with RedisServer(keeps=True) as server:
        yield server


@pytest.fixture
def own_redis_server() -> Iterator[RedisServer]:
    """A Redis server that a test may kill. What was added to it survives."""
    with RedisServer(keeps=True) as server:
        yield server


@pytest.fixture(scope="session")
def firefox() -> Browser:
    """The machine's Firefox; without one the test fails and says how to install it."""
    try:
        return find_browser("firefox")
    except LaunchError as error:
        pytest.fail(f"this test needs a real browser: {error}", pytrace=False)
