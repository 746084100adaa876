"""Opening a store by path or URL."""

from __future__ import annotations

from pathlib import Path

import pytest

import cookietrace.stores
from cookietrace.errors import CaptureError
from cookietrace.stores import create_capture, open_store


@pytest.mark.parametrize("form", ["{}", "sqlite:{}", "sqlite://{}"])
def test_a_path_and_its_urls_open_the_same_capture(path: Path, form: str) -> None:
    """A path is an SQLite capture, and so are URLs of that scheme."""
    with create_capture(path) as created:
        pass
    store = open_store(form.format(path))
    assert store.info == created.info
    store.close()


def test_a_colon_in_a_file_name_is_not_a_scheme(tmp_path: Path) -> None:
    """An existing file is opened by its name, whatever the name looks like."""
    path = tmp_path / "sqlite:odd"
    create_capture(path).close()
    open_store(path).close()
    open_store(str(path)).close()


def test_an_unknown_scheme_lists_the_known(path: Path) -> None:
    """One line lists the stores."""
    known = "redis, redis[+]unix, rediss, sqlite, unix"
    with pytest.raises(CaptureError, match=f"no store is called kafka: there is {known}"):
        open_store("kafka://host/1")


def test_the_exported_names_are_sorted_and_exist() -> None:
    """``__all__`` is complete and in order."""
    names = cookietrace.stores.__all__
    assert names == sorted(names, key=lambda name: (not name.isupper(), name))
    assert all(hasattr(cookietrace.stores, name) for name in names)
