"""Options of the whole suite."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

# What a property says must not depend on how busy the machine is.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--conformance DIR``: run the public cookie vectors of that folder too."""
    parser.addoption("--conformance", metavar="DIR", help="folder of the public cookie vectors")


def pytest_configure(config: pytest.Config) -> None:
    """Name the mark of the tests that need that folder."""
    config.addinivalue_line("markers", "conformance: needs the public cookie vectors")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without that folder its tests are not there, rather than skipped."""
    if config.getoption("--conformance") is not None:
        return
    kept = [item for item in items if item.get_closest_marker("conformance") is None]
    left_out = [item for item in items if item.get_closest_marker("conformance") is not None]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = kept
